package cli

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kindling/store"
)

// fuzzImport decodes anything without a panic, and hands records on that can be stored.
func fuzzImport(f *testing.F, format string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		records, _, err := decodeAll(t, text, "-", format)
		if err != nil && len(records) > 0 {
			t.Fatalf("%d records beside %v", len(records), err)
		}
		for _, rec := range records {
			if err := store.CheckTitle(rec.title); err != nil || rec.at == "" {
				t.Fatalf("%+v: %v", rec, err)
			}
		}
	})
}

func FuzzReadTodoTxt(f *testing.F) {
	fuzzImport(f, "todo.txt", "x 2026-01-02 2026-01-01 a\r\n(A) b\n\ufeffc", "\xff\xfe", "x \nx x a")
}

func FuzzReadJSON(f *testing.F) {
	fuzzImport(f, "json", `[{"id":"a","title":"b","is_complete":true,"created_at":"2026-01-02T00:00:00+00:00"}]`,
		`{"uuid":"u","description":"d","due":"20260102T000000Z","recur":"2wks","priority":"H","tags":["a b"],"project":"+ +"}`, `[[]]`, `[{"title":null}]`, "{}{}")
}

func FuzzReadCSV(f *testing.F) {
	fuzzImport(f, "csv", "title,due,tags\na,2026-01-02,\"x, y\"\n", "task;done\n\"a\nb\";x", "\ufefftitle\n\"", "title\ttitle\na\tb")
}

func FuzzReadMarkdown(f *testing.F) {
	fuzzImport(f, "md", "- [ ] a\n      b\n\n      c\n1. [x] d\n```\n- [ ] e\n```", "* [X]", "-\t[ ]\tx")
}

func FuzzFormatOfContent(f *testing.F) {
	f.Add("[ {")
	f.Add("title,done")
	f.Fuzz(func(t *testing.T, text string) {
		if formatOfContent([]byte(text)).write == nil {
			t.Fatal("no format")
		}
		_, _, _ = decodeAll(t, text, "-", "")
	})
}

// FuzzRoundTrip holds that what is exported comes back: byte for byte from JSON,
// but for line breaks from todo.txt, but for carriage returns before them from CSV.
func FuzzRoundTrip(f *testing.F) {
	f.Add("(A) a +b", true)
	f.Add("x ray\r\n\"q\", ;\r- [ ] c", false)
	f.Add("@,0 +a,b", true)
	f.Add(" lead\\n\ttab\u2028\x1b ", true)
	f.Fuzz(func(t *testing.T, title string, done bool) {
		if store.CheckTitle(title) != nil {
			return
		}
		it := todo(title, done, "2026-01-02T03:04:05.6+00:00")
		for format, want := range map[string]string{"json": title, "csv": strings.ReplaceAll(title, "\r\n", "\n")} {
			text, _ := encode(t, format, writeOptions{}, it)
			back, _, err := decodeAll(t, text, "-", format)
			if err != nil || len(back) != 1 || back[0].title != want || back[0].done != done || back[0].created != it.Created || back[0].source != it.ID.String() {
				t.Fatalf("%s: %q became %+v, %v", format, title, back, err)
			}
		}
		line, _ := oneLine(title)
		text, said := encode(t, "todo.txt", writeOptions{}, it)
		if len(said) > 0 || strings.HasPrefix(text, "\ufeff") {
			return
		}
		back, _, err := decodeAll(t, text, "-", "todo.txt")
		if err != nil || len(back) != 1 || back[0].title != line || back[0].done != done {
			t.Fatalf("todo.txt: %q became %+v, %v", title, back, err)
		}
	})
}

// FuzzWriteCalendar holds the file to its grammar: lines of at most 75 bytes, whole
// characters, and a name before each first colon.
func FuzzWriteCalendar(f *testing.F) {
	f.Add("(A) a, b; c\\ +d @e due:2026-01-02 t:2025-01-01")
	f.Add(strings.Repeat("é", 60) + "\n" + strings.Repeat("x", 300))
	f.Fuzz(func(t *testing.T, title string) {
		if store.CheckTitle(title) != nil {
			return
		}
		text, _ := encode(t, "ics", writeOptions{now: time.Unix(0, 0)}, todo(title, false, ""))
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			name, _, ok := strings.Cut(line, ":")
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") || !ok && !strings.HasPrefix(line, " ") || ok && name == "" {
				t.Fatalf("%q gives the line %q", title, line)
			}
		}
	})
}

func BenchmarkImport(b *testing.B) {
	var items []store.Item
	for i := range 100_000 {
		items = append(items, todo(fmt.Sprintf("(B) 2026-01-02 todo number %d of many +project%d @context due:2026-12-24", i, i%20), i%2 == 0, "2026-01-02T03:04:05+00:00"))
	}
	for _, f := range fileFormats {
		var buf strings.Builder
		b.Run("write/"+f.name, func(b *testing.B) {
			for b.Loop() {
				buf.Reset()
				out := bufio.NewWriter(&buf)
				if err := f.write(out, seq(items), writeOptions{}, new(remarks)); err != nil {
					b.Fatal(err)
				}
				_ = out.Flush()
			}
		})
		if f.read == nil {
			continue
		}
		b.Run("read/"+f.name, func(b *testing.B) {
			b.SetBytes(int64(buf.Len()))
			for b.Loop() {
				if records, _, err := decodeAll(b, buf.String(), "-", f.name); err != nil || len(records) != len(items) {
					b.Fatal(len(records), err)
				}
			}
		})
	}
}
