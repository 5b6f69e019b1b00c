package store

import (
	"errors"
	"strings"
	"testing"
)

var nastyTitles = []string{
	"a,b", `say "hi"`, "it's", "(x)", "a)b(", `back\slash`, `\`, "100%", "%41", "%2541", "%", "a&b", "a=b", "1+1", "#tag", "why?", "*", "_", "a_b%c",
	"eq.x", "null", "is.null", "in.(a,b)", "not.eq.x", "[a]", "{a}", "or(a,b)", " leading", "trailing ", "  ", "a\r\nb", "a\tb", "a\u0001b", "\ufeffbom",
	"zero\u200bwidth", "e\u0301 as NFD", "\u00e9 as NFC", "👩‍👩‍👧‍👦 family", "שלום עולם", "a\u202eb bidi", "\u2067x\u2069", "日本語", "ｆｕｌｌ", "\u00a0", "a;b", "a:b", "a.b", "/path/..", "http://x.y/z?q=1&r=2#f",
	"'; drop table todos; --", "$1", "${x}", "`cmd`", "<script>alert(1)</script>", "~", "^a$", "|", strings.Repeat("long ", 200),
}

func TestNastyTitles(t *testing.T) {
	b := newBench(t, "witness")
	var ops []Op
	for _, title := range nastyTitles {
		if strings.TrimSpace(title) != "" {
			ops = append(ops, NewAdd(title, b.clock.Now()))
		}
	}
	did(t, b.store, ops...)
	b.sync()
	sameLists(t, b.project, b.store)
	for _, it := range items(t, b.store) {
		if it.Title != "witness" {
			did(t, b.store, Retitle(it.Todo, it.Title+"!"))
		}
	}
	if r := b.sync(); r.Sent != len(ops) || r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
	for _, it := range items(t, b.store) {
		if it.Title != "witness" {
			did(t, b.store, Remove(it.Todo))
		}
	}
	if r := b.sync(); r.Sent != len(ops) || r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

func TestTitlesTooLongForAURL(t *testing.T) {
	long := strings.Repeat("ü(*) ", 3000)
	b := newBench(t, long, "witness")
	did(t, b.store, Retitle(b.item(long).Todo, "short"))
	b.sync()
	b.expectState("short", Synced, saidWeak)
	sameLists(t, b.project, b.store)

	b = newBench(t, long, "witness")
	row, _ := b.row(long)
	b.web(row, func(t *Todo) { t.Title = long + "changed at its end" })
	did(t, b.store, Retitle(b.item(long).Todo, "short"))
	b.sync()
	b.expectState(long+"changed at its end", Conflicted, "")

	b = newBench(t, long, "witness")
	did(t, b.store, Remove(b.item(long).Todo))
	b.sync()
	sameLists(t, b.project, b.store)
}

func TestTitlesThatCannotBeStored(t *testing.T) {
	b := newBench(t, "one")
	for _, title := range []string{"", " ", "\t\n", "\u00a0", "a\x00b", "a\xffb"} {
		ops := []Op{NewAdd(title, b.clock.Now()), Retitle(b.item("one").Todo, title)}
		for _, op := range ops {
			if err := b.store.Save(t.Context(), Step{Name: "test", Ops: []Op{NewAdd("good", b.clock.Now()), op}}); !errors.Is(err, ErrTitle) {
				t.Errorf("%q: %v", title, err)
			}
		}
	}
	if st := b.status(); st.Waiting != 0 || st.Open != 1 {
		t.Errorf("a step was taken in part: %+v", st)
	}
	row, _ := b.row("one") // what is there already may be completed, whatever its title
	b.web(row, func(t *Todo) { t.Title = " " })
	b.sync()
	did(t, b.store, Complete(b.item(" ").Todo, true))
	b.sync()
	sameLists(t, b.project, b.store)
}

func FuzzUnpack(f *testing.F) {
	for _, s := range []string{"", "1 0 title", "2 -5 ", "0 9223372036854775807 a b", "3 0 x", "1 x y", "1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		todo, err := unpack([16]byte{1}, s)
		if err != nil {
			return
		}
		if back, err := unpack(todo.ID, todo.pack()); err != nil || back != todo {
			t.Errorf("%q: %+v became %+v, %v", s, todo, back, err)
		}
	})
}

func FuzzUnpackOps(f *testing.F) {
	f.Add("")
	f.Add(string(packOps([]Op{Retitle(Todo{ID: [16]byte{1}, Title: "a:b"}, "12:c"), Remove(Todo{ID: [16]byte{2}})})))
	f.Add("0123456789abcdef\x0199999999999999999999:")
	f.Fuzz(func(t *testing.T, s string) {
		ops, err := unpackOps(s)
		if err != nil {
			return
		}
		again, err := unpackOps(string(packOps(ops)))
		if err != nil || len(again) != len(ops) {
			t.Fatalf("%q: %v, %v", s, again, err)
		}
		for i := range ops {
			if again[i] != ops[i] {
				t.Errorf("%q: %v became %v", s, ops[i], again[i])
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"", "a", "abc", "6ae6783f-4fbd-491b-aeb8-8b73a48ed247", "-", "xyz", "0x1", strings.Repeat("f", 33)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		low, high, ok := idRange(s)
		if ok && strings.Compare(low.String(), high.String()) > 0 {
			t.Errorf("%q: from %s to %s", s, low, high)
		}
	})
}
