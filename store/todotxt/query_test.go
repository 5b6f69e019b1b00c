package todotxt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kindling/store"
	"kindling/store/todotxt"
)

var monday = time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)

func item(title string) *store.Item { return &store.Item{Todo: store.Todo{Title: title}} }

func mustQuery(t testing.TB, text string) todotxt.Query {
	t.Helper()
	q, err := todotxt.ParseQuery(text, monday)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestQueryMatch(t *testing.T) {
	done := &store.Item{Todo: store.Todo{Title: "done", Done: store.True}}
	null := &store.Item{Todo: store.Todo{Title: "null", Done: store.Null}, State: store.Parked}
	const milk = "(B) Buy Milk +Home/kitchen @Shop due:2026-11-24"
	for _, c := range []struct {
		query string
		it    *store.Item
		want  bool
	}{
		{"", item("x"), true}, {"  ", item(""), true}, {"-", item("x"), true}, {`""`, item("x"), true},

		{"milk", item(milk), true}, {"mlk", item(milk), true}, {"bumi", item(milk), true}, {"bm", item(milk), true},
		{"uil", item(milk), false}, {"klim", item(milk), false}, {"milks", item("milk"), false},
		{"milk", item("mail the blacklist"), false}, {"milk", item("mail it like kings"), true},
		{"Milk", item(milk), true}, {"MILK", item(milk), false}, {"bMilk", item(milk), false}, {"BMilk", item(milk), true},
		{"milk buy", item(milk), true}, {"milk tea", item(milk), false}, {"-milk", item(milk), false}, {"-tea", item(milk), true},
		{"cafe", item("Café"), true}, {"café", item("CAFE"), true}, {"Café", item("Cafe"), false}, {"ＴＯＤＯ", item("todo"), false},
		{"todo", item("ＴＯＤＯ"), true}, {"fi", item("ﬁne"), true}, {"über", item("UBER"), true}, {"e\u0301", item("É"), true},
		{"家", item("大家好"), true}, {"家", item("宩家"), true}, {"家", item("宩宷"), false}, {"a@b.c", item("ask a@b.c"), true},
		{strings.Repeat("a", 65), item(strings.Repeat("a", 65)), true}, {strings.Repeat("a", 65), item(strings.Repeat("a", 64)), false},
		{strings.Repeat("a", 64), item("b" + strings.Repeat("a ", 64)), true},
		{"http://a", item("see http://a.b"), true}, {"foo:bar", item("foo:bar"), true}, {"11:00", item("at 11:00"), true},

		{`"buy milk"`, item(milk), true}, {`"y mi"`, item(milk), true}, {`"Buy milk"`, item(milk), false}, {`"buy  milk"`, item(milk), false},
		{`"buy mi`, item(milk), true}, {`-"buy milk"`, item(milk), false}, {`"b`, item("a"), false},

		{"+home", item(milk), true}, {"+HO", item(milk), true}, {"+kitchen", item(milk), false}, {"@shop", item(milk), true},
		{"+", item(milk), true}, {"+", item("2 + 2"), false}, {"@", item("a@b.c"), false}, {"-@", item("x"), true}, {"-+home", item(milk), false},
		{"+b", item("2+b c++b +b"), true}, {"+b", item("2+b"), false}, {"+b", item("x\u3000+b"), true},

		{"is:open", item("x"), true}, {"is:open", done, false}, {"is:done", done, true}, {"is:done", null, false}, {"is:open", null, true},
		{"-is:done", done, false}, {"is:parked", null, true}, {"is:waiting", null, false}, {"IS:open", item("IS:open"), true},
		{"is:Conflict", &store.Item{State: store.Conflicted}, true}, {"is:synced", item(""), true},

		{"pri:b", item(milk), true}, {"pri:A-C", item(milk), true}, {"pri:C-Z", item(milk), false}, {"pri:none", item(milk), false},
		{"pri:none", item("x"), true}, {"pri:any", item("x pri:Q"), true}, {"-pri:B", item(milk), false},

		{"due:tomorrow", item(milk), true}, {"due:today", item(milk), false}, {"due:2026-11-24", item(milk), true}, {"due:=tmr", item(milk), true},
		{"due:<fri", item(milk), true}, {"due:<tomorrow", item(milk), false}, {"due:<=tomorrow", item(milk), true}, {"due:>today", item(milk), true},
		{"due:>tomorrow", item(milk), false}, {"due:>=tomorrow", item(milk), true}, {"due:<+3d", item(milk), true}, {"due:<3d", item(milk), true},
		{"due:none", item(milk), false}, {"due:none", item("x due:soon"), true}, {"due:any", item(milk), true}, {"due:late", item(milk), false},
		{"due:late", item("due:2026-11-22"), true}, {"due:<fri", item("x"), false}, {"-due:any", item("x"), true}, {"due:NONE", item("x"), true},
		{"due:<next month milk", item(milk), true}, {`due:<"next month" tea`, item(milk), false}, {"due:in 1 day", item(milk), true},
	} {
		if got := mustQuery(t, c.query).Match(c.it, nil); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.query, c.it.Title, got, c.want)
		}
	}
}

func TestParseQueryErrors(t *testing.T) {
	for query, parts := range map[string][]string{
		"milk is:later":      {"is:later", "is:open"},
		"is:":                {"is:", "is:done"},
		"-is:x":              {"is:x"},
		"pri:AB":             {"pri:AB", "pri:A-C"},
		"pri:C-A":            {"pri:C-A"},
		"pri:1":              {"pri:1"},
		"due:soon +x":        {"due:soon", "due:<fri"},
		"due:":               {"due:", "due:none"},
		"due:<":              {"due:<"},
		"due:<none":          {"due:<none"},
		"due:<>fri":          {"due:<>fri"},
		"due:<2026-02-30 \"": {"due:<2026-02-30"},
	} {
		_, err := todotxt.ParseQuery(query, monday)
		if err == nil {
			t.Errorf("%q is no error", query)
			continue
		}
		for _, part := range parts {
			if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v does not name %s", query, err, part)
			}
		}
	}
}

// mark puts brackets around the characters that a query found.
func mark(t *testing.T, query, title string) string {
	t.Helper()
	pos := []int{-1}
	if !mustQuery(t, query).Match(item(title), &pos) {
		t.Fatalf("%q does not match %q", query, title)
	}
	var b strings.Builder
	for i, r := range title {
		if slices.Contains(pos[1:], i) {
			fmt.Fprintf(&b, "[%c]", r)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.ReplaceAll(b.String(), "][", "")
}

func TestQueryPositions(t *testing.T) {
	for _, c := range []struct{ query, title, want string }{
		{"milk", "Buy Milk", "Buy [Milk]"},
		{"mlk", "Buy Milk", "Buy [M]i[lk]"},
		{"bumi", "b Buy Milk", "b [Bu]y [Mi]lk"},
		{"in", "win in", "win [in]"},
		{"in", "win", "w[in]"},
		{"buy +ho", "Buy it +Home", "[Buy] it [+Ho]me"},
		{`"y m"`, "Buy Milk", "Bu[y M]ilk"},
		{"-tea milk", "milk", "[milk]"},
		{"cafe", "ein Café!", "ein [Café]!"},
		{"ff", "oﬀ", "o[ﬀ]"},
		{"É", "é É", "é [É]"},
		{"家好", "大家好", "大[家好]"},
		{"milk lk", "milk", "[milk]"},
		{"pri:A due:any", "(A) due:2026-01-01", "(A) due:2026-01-01"},
	} {
		if got := mark(t, c.query, c.title); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.query, c.title, got, c.want)
		}
	}
}

func TestQueryNarrows(t *testing.T) {
	for _, c := range []struct {
		old, new string
		want     bool
	}{
		{"", "x", true}, {"x", "", false}, {"mi", "mil", true}, {"mil", "mi", false}, {"ilk", "milk", true}, {"milk", "milk tea", true},
		{"milk te", "tea milk", true}, {"m", "M", false}, {"-mi", "-mil", false}, {"-mil", "-mi", true}, {"+ho", "+home", true}, {"+home", "+ho", false},
		{`"a b`, `"a b c"`, true}, {"is:open", "is:open x", true}, {"is:open", "is:done", false}, {"due:<fri", "due:<thu", true},
		{"due:<thu", "due:<fri", false}, {"-due:<thu", "-due:<fri", true}, {"pri:A-C", "pri:B", true}, {"due:none", "due:any", false}, {"mi", `"mi"`, false},
	} {
		if got := mustQuery(t, c.new).Narrows(mustQuery(t, c.old)); got != c.want {
			t.Errorf("%q narrows %q: %v, want %v", c.new, c.old, got, c.want)
		}
	}
	if !mustQuery(t, "-is:done x").PicksDone() || mustQuery(t, "is:waiting").PicksDone() {
		t.Error("PicksDone is wrong")
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{
		`milk -"buy milk" +home @x is:open`, `due:<"next month" pri:A-C`, `"`, "-", "- -", "due:>=in 3 days x", "+ @ -+", "É家 ＴＯ", "is:", "\xff\x80 a",
	} {
		f.Add(s, "(B) Buy Milk +Home @Shop due:2026-11-24")
		f.Add(s, s)
		f.Add(s, "Café \x80\xff 大家好\u3000+ﬁ")
	}
	f.Fuzz(func(t *testing.T, query, title string) {
		q, err := todotxt.ParseQuery(query, monday)
		if err != nil {
			return
		}
		it := item(title)
		pos := []int{}
		match := q.Match(it, &pos)
		for i, p := range pos {
			if p < 0 || p >= len(title) || i > 0 && p <= pos[i-1] || !match {
				t.Fatalf("%q in %q: positions %v", query, title, pos)
			}
		}
		if !q.Narrows(q) {
			t.Fatalf("%q does not narrow itself", query)
		}
		for i := range min(len(query), 100) {
			if old, err := todotxt.ParseQuery(query[:i], monday); err == nil && match && q.Narrows(old) && !old.Match(it, nil) {
				t.Fatalf("%q matches %q, but %q, which it narrows, does not", query, title, query[:i])
			}
		}
	})
}
