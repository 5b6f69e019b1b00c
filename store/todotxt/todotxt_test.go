package todotxt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kindling/store/todotxt"
)

// show writes spans as class{text}, and text without braces.
func show(text string) string {
	names := map[todotxt.Class]string{
		todotxt.Space: "_", todotxt.Priority: "pri", todotxt.Project: "+", todotxt.Context: "@",
		todotxt.Tag: "tag", todotxt.URL: "url", todotxt.Date: "date",
	}
	var b strings.Builder
	for _, s := range todotxt.Parse(text).Spans {
		part := text[s.Start:s.End]
		switch s.Class {
		case todotxt.Text:
			fmt.Fprintf(&b, "[%s]", part)
		case todotxt.Space:
			b.WriteString(part)
		default:
			fmt.Fprintf(&b, "%s{%s}", names[s.Class], part)
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{" ", " "},
		{"Buy milk", "[Buy milk]"},
		{"(A) Buy milk", "pri{(A)} [Buy milk]"},
		{"(A)", "[(A)]"},
		{"(b) x", "[(b) x]"},
		{"(B)->x", "[(B)->x]"},
		{"text (A) more", "[text (A) more]"},
		{" (A) x", " [(A) x]"},
		{"(A) 2026-01-02 call", "pri{(A)} date{2026-01-02} [call]"},
		{"2026-01-03 2026-01-02 call", "date{2026-01-03} date{2026-01-02} [call]"},
		{"2026-01-03 2026-01-02 2026-01-01 call", "date{2026-01-03} date{2026-01-02} [2026-01-01 call]"},
		{"2026-02-30 call", "[2026-02-30 call]"},
		{"2026-01-02", "[2026-01-02]"},
		{"call 2026-01-02 now", "[call 2026-01-02 now]"},
		{"x done", "[x done]"},
		{"plan +trip @home", "[plan] +{+trip} @{@home}"},
		{"+trip", "+{+trip}"},
		{"plan  +a\t+b", "[plan]  +{+a}\t+{+b}"},
		{"2+2 a@b.c", "[2+2 a@b.c]"},
		{"C++ + @ +- a", "[C++ + @ +- a]"},
		{"+ü @家 +🎄", "+{+ü} @{@家} +{+🎄}"},
		{"due:2026-12-24", "tag{due:2026-12-24}"},
		{"due:2026-02-29 due:someday due: due:2026-1-1", "[due:2026-02-29 due:someday due: due:2026-1-1]"},
		{"due:2028-02-29", "tag{due:2028-02-29}"},
		{"Due:2026-12-24 xdue:2026-12-24", "[Due:2026-12-24 xdue:2026-12-24]"},
		{"due:2026-12-24, x", "[due:2026-12-24, x]"},
		{"due:0000-01-01", "[due:0000-01-01]"},
		{"t:2026-12-01 rec:+1w pri:B h:1 note:log.md", "tag{t:2026-12-01} tag{rec:+1w} tag{pri:B} tag{h:1} tag{note:log.md}"},
		{"rec:w rec:0d rec:10000d rec:1x rec:+ rec:-1d", "tag{rec:w} [rec:0d rec:10000d rec:1x rec:+ rec:-1d]"},
		{"pri:b pri:AB h:2 note: note:a:b", "[pri:b pri:AB h:2 note: note:a:b]"},
		{"at 11:00 11:00am 3:2", "[at 11:00 11:00am 3:2]"},
		{"id:7 link:x key:value", "[id:7 link:x key:value]"},
		{"see https://a.b/c?d=e:f#g now", "[see] url{https://a.b/c?d=e:f#g} [now]"},
		{"(see http://a.b/c).", "[(see] url{http://a.b/c}[).]"},
		{"http://a.b/c_(d)", "url{http://a.b/c_(d)}"},
		{"<https://a.b> link:https://a.b,", "[<]url{https://a.b}[> link:]url{https://a.b}[,]"},
		{"http:// https://. http:x HTTP://A.B", "[http:// https://. http:x] url{HTTP://A.B}"},
		{"mailto:a@b.c mailto:a mailto:@b", "url{mailto:a@b.c} [mailto:a mailto:@b]"},
		{"ftp://h/x http://[::1]:80/ http://localhost", "url{ftp://h/x} url{http://[::1]:80/} url{http://localhost}"},
		{"http://a.b/\x1b]0;x", "url{http://a.b/}[\x1b]0;x]"},
		{"javascript://a file://b shttp://c", "[javascript://a file://b shttp://c]"},
		{"a\ndue:2026-01-01\nb", "[a]\ntag{due:2026-01-01}\n[b]"},
		{"a\u3000+b\u00a0@c", "[a]\u3000+{+b}\u00a0@{@c}"},
		{"\xff\xfe +\xff @a\xff", "[\xff\xfe +\xff] @{@a\xff}"},
	} {
		if got := show(c.text); got != c.want {
			t.Errorf("Parse(%q)\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestAccessors(t *testing.T) {
	p := todotxt.Parse("(C) 2026-01-02 plan +a @x +b +a due:2026-03-29 due:2026-04-01 t:2026-03-01 rec:+2b pri:D")
	if pri, ok := p.Priority(); pri != 'C' || !ok {
		t.Errorf("Priority = %c, %v", pri, ok)
	}
	loc := zone(t, "Europe/Berlin")
	if due, ok := p.Due(loc); !ok || due.Format(time.RFC3339) != "2026-03-29T00:00:00+01:00" {
		t.Errorf("Due = %v, %v", due, ok)
	}
	if th, ok := p.ThresholdDay(); !ok || th.String() != "2026-03-01" {
		t.Errorf("ThresholdDay = %v, %v", th, ok)
	}
	if r, ok := p.Recurrence(); !ok || r != (todotxt.Recurrence{Strict: true, N: 2, Unit: 'b'}) {
		t.Errorf("Recurrence = %v, %v", r, ok)
	}
	if got := p.Projects(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("Projects = %q", got)
	}
	if got := p.Contexts(); !slices.Equal(got, []string{"x"}) {
		t.Errorf("Contexts = %q", got)
	}
	if got := p.Dates(); len(got) != 1 || got[0].String() != "2026-01-02" {
		t.Errorf("Dates = %v", got)
	}
	if pri, ok := todotxt.Parse("a pri:D").Priority(); pri != 'D' || !ok {
		t.Errorf("Priority of pri:D = %c, %v", pri, ok)
	}
	plain := todotxt.Parse("plain")
	_, ok1 := plain.Priority()
	_, ok2 := plain.Due(time.UTC)
	_, ok3 := plain.ThresholdDay()
	_, ok4 := plain.Recurrence()
	if ok1 || ok2 || ok3 || ok4 || plain.Projects() != nil || plain.Contexts() != nil || plain.Dates() != nil {
		t.Error("a plain title has parts")
	}
}

func TestWithPriority(t *testing.T) {
	for _, c := range []struct {
		text string
		p    byte
		want string
	}{
		{"milk", 'A', "(A) milk"}, {"(A) milk", 'B', "(B) milk"}, {"(A) milk", 0, "milk"}, {"milk", 0, "milk"},
		{"(A)  milk", 0, " milk"}, {"2026-01-01 milk", 'C', "(C) 2026-01-01 milk"}, {"milk", 'a', "milk"}, {"", 'A', "(A) "},
		{"milk pri:A", 'B', "milk pri:B"}, {"milk pri:A", 0, "milk"}, {"(A) pri:B milk", 0, "milk"}, {"(A)milk", 'A', "(A) (A)milk"},
	} {
		if got := todotxt.Parse(c.text).WithPriority(c.p); got != c.want {
			t.Errorf("Parse(%q).WithPriority(%q) = %q, want %q", c.text, c.p, got, c.want)
		}
	}
}

func TestWithTag(t *testing.T) {
	for _, c := range []struct{ text, key, value, want string }{
		{"milk", "due", "2026-01-01", "milk due:2026-01-01"},
		{"milk  due:2026-01-01  now", "due", "2026-02-02", "milk  due:2026-02-02  now"},
		{"a due:2026-01-01 b due:2026-01-02", "due", "2026-02-02", "a due:2026-02-02 b due:2026-01-02"},
		{"a due:2026-01-01 b due:2026-01-02", "due", "", "a b"},
		{"due:2026-01-01", "due", "", ""},
		{"due:2026-01-01 a", "due", "", "a"},
		{"a  due:2026-01-01  b", "due", "", "a   b"},
		{"(A) due:2026-01-01", "due", "", "(A) "},
		{"(A) due:2026-01-01 a", "due", "", "(A) a"},
		{"milk", "due", "tomorrow", "milk"},
		{"milk", "due", "2026-02-30", "milk"},
		{"milk", "nope", "1", "milk"},
		{"milk", "note", "a b", "milk"},
		{"due:someday", "due", "2026-01-01", "due:someday due:2026-01-01"},
		{"milk\nnotes", "due", "2026-01-01", "milk due:2026-01-01\nnotes"},
		{"milk\r\n", "rec", "+1w", "milk rec:+1w\r\n"},
		{"", "h", "1", "h:1"},
		{"milk ", "h", "1", "milk h:1"},
	} {
		if got := todotxt.Parse(c.text).WithTag(c.key, c.value); got != c.want {
			t.Errorf("Parse(%q).WithTag(%q, %q) = %q, want %q", c.text, c.key, c.value, got, c.want)
		}
	}
}

func TestWithNames(t *testing.T) {
	for _, c := range []struct {
		text  string
		names []string
		want  string
	}{
		{"a +x b +y c", []string{"x", "y"}, "a +x b +y c"},
		{"a +x b +y c", []string{"y"}, "a b +y c"},
		{"a +x b +x", nil, "a b"},
		{"a", []string{"x", "x", "", "no name", "+"}, "a +x"},
		{"+x a @home", []string{"z"}, "a @home +z"},
		{"a\nb", []string{"z"}, "a +z\nb"},
	} {
		if got := todotxt.Parse(c.text).WithProjects(c.names); got != c.want {
			t.Errorf("Parse(%q).WithProjects(%q) = %q, want %q", c.text, c.names, got, c.want)
		}
	}
	if got := todotxt.Parse("a @x +x").WithContexts([]string{"y"}); got != "a +x @y" {
		t.Errorf("WithContexts = %q", got)
	}
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"milk", 10, "milk"}, {"\n milk \nnotes", 10, "milk"}, {"a\x1b[2Jb\u202e", 10, "a[2Jb"}, {"abcdef", 4, "abc…"}, {"", 3, ""},
	} {
		if got := todotxt.Headline(c.text, c.n); got != c.want {
			t.Errorf("Headline(%q, %d) = %q, want %q", c.text, c.n, got, c.want)
		}
	}
}

var seeds = []string{
	"", "(A) 2026-01-02 plan +trip @home due:2026-12-24 rec:+1m t:2026-12-01 pri:B h:1 note:x",
	"see (https://a.b/c_(d)). mailto:a@b.c link:https://x 11:00 a@b.c 2+2", "a\r\ndue:2026-01-01\n+b",
	"due:2026-01-01", "\xff+\xc2\x85@é due:2026-02-30", "(A) ", "2026-01-01 2026-01-02 x", "http:http://:http://a))))",
	"(A) (B) +x", "\u3000+b\u00a0due:2026-01-01\u00a0",
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := todotxt.Parse(text)
		at := 0
		for _, s := range p.Spans {
			if s.Start != at || s.End <= s.Start {
				t.Fatalf("span %v begins at %d, want %d", s, s.Start, at)
			}
			at = s.End
		}
		if at != len(text) || p.String() != text {
			t.Fatalf("spans end at %d of %d", at, len(text))
		}
		d, ok := p.DueDay()
		if d2, ok2 := todotxt.DueOf(text); d != d2 || ok != ok2 {
			t.Fatalf("DueOf = %v, %v; Parse says %v, %v", d2, ok2, d, ok)
		}
		pri, ok := p.Priority()
		if pri2, ok2 := todotxt.PriorityOf(text); pri != pri2 || ok != ok2 {
			t.Fatalf("PriorityOf = %v, %v; Parse says %v, %v", pri2, ok2, pri, ok)
		}
	})
}

// FuzzEdit holds that an edit does what it says and leaves every other tag as it was.
func FuzzEdit(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "2026-05-05", "x")
	}
	f.Fuzz(func(t *testing.T, text, due, name string) {
		p := todotxt.Parse(text)
		if old, ok := p.Tag("due"); ok && p.WithTag("due", old) != text {
			t.Fatal("setting the same due date changes the text")
		}
		if p.WithProjects(p.Projects()) != text || p.WithContexts(p.Contexts()) != text {
			t.Fatal("setting the same names changes the text")
		}
		set := todotxt.Parse(p.WithTag("due", due))
		if _, ok := todotxt.ParseDay(due); ok {
			if got, _ := set.Tag("due"); got != due {
				t.Fatalf("WithTag(due, %q) of %q gives %q", due, text, set)
			}
			if _, had := p.Tag("due"); !had && len(set.String())-len(text) > len(" due:")+len(due) {
				t.Fatalf("WithTag adds too much: %q to %q", text, set)
			}
		} else if due != "" && set.String() != text {
			t.Fatalf("an invalid date changes %q to %q", text, set)
		}
		gone := todotxt.Parse(p.WithTag("due", ""))
		if _, ok := gone.Tag("due"); ok {
			t.Fatalf("removing due: from %q leaves %q", text, gone)
		}
		if len(p.Dates()) == len(gone.Dates()) && !slices.Equal(p.Projects(), gone.Projects()) {
			t.Fatalf("removing due: changes projects: %q to %q", text, gone)
		}
		named := todotxt.Parse(p.WithProjects([]string{name}))
		for _, n := range named.Projects() {
			if n != name {
				t.Fatalf("WithProjects(%q) of %q gives %q", name, text, named)
			}
		}
		if lead := p.WithPriority('Z'); !strings.HasSuffix(lead, text) && len(lead) != len(text) {
			t.Fatalf("WithPriority of %q gives %q", text, lead)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		todotxt.Parse("(B) Call Mum about the trip +family @phone due:2026-12-24")
	}
}

func BenchmarkDueOf(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		todotxt.DueOf("(B) Call Mum about the trip +family @phone due:2026-12-24")
	}
}
