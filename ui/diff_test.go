package ui

import (
	"strings"
	"testing"
)

// told writes pieces with their marks.
func told(all []piece) string {
	var b strings.Builder
	for _, p := range all {
		if p.differs {
			b.WriteString("‹" + p.text + "›")
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func TestDifferences(t *testing.T) {
	for _, c := range []struct{ a, b, wantA, wantB string }{
		{"Buy milk", "Buy milk", "Buy milk", "Buy milk"},
		{"Buy oat milk", "Buy soy milk", "Buy ‹oat› milk", "Buy ‹soy› milk"},
		{"Buy milk", "Buy milk +shop", "Buy milk", "Buy milk‹ +shop›"},
		{"", "new", "", "‹new›"},
		{"one two three four", "one 2 3 four", "one ‹two three› four", "one ‹2 3› four"},
		{"牛乳を買う", "豆乳を買う", "‹牛›乳を買う", "‹豆›乳を買う"},
		{"call 👩‍👩‍👧 now", "call 👩‍👩‍👦 now", "call ‹👩‍👩‍👧› now", "call ‹👩‍👩‍👦› now"},
		{"due:2026-11-25", "due:2026-11-26", "due:2026-11-‹25›", "due:2026-11-‹26›"},
		{"Cafe\u0301", "Café", "‹Cafe\u0301›", "‹Café›"},
	} {
		a, b := differences(c.a, c.b)
		if told(a) != c.wantA || told(b) != c.wantB {
			t.Errorf("%q and %q: %q and %q, want %q and %q", c.a, c.b, told(a), told(b), c.wantA, c.wantB)
		}
	}
}

func TestMarkedLinesFitAndBeginNearTheDifference(t *testing.T) {
	long := strings.Repeat("word ", 500)
	a, _ := differences(long+"mine", long+"theirs")
	lines := markedLines(a, ink{}, ink{}, 30, 4)
	if len(lines) > 4 {
		t.Fatalf("%d lines", len(lines))
	}
	text := strings.Join(lines, "\n")
	if !strings.HasPrefix(text, "…") || !strings.Contains(text, "‹mine›") {
		t.Errorf("the difference is not shown:\n%s", text)
	}
}

// TestATinyLineShowsTheDifference: what both texts share gives way to what differs.
func TestATinyLineShowsTheDifference(t *testing.T) {
	for _, shared := range []string{"", "to ", "seventh ", "second +work ", "a much longer beginning "} {
		for _, w := range []int{12, 14, 20} {
			_, b := differences(shared+"MINE+", shared+"theirs")
			if got := strings.Join(markedLines(b, ink{}, ink{}, w, 1), "\n"); !strings.Contains(got, "‹their") {
				t.Errorf("%q in %d cells is %q", shared, w, got)
			}
		}
	}
}

func FuzzDifferences(f *testing.F) {
	f.Add("Buy oat milk", "Buy soy milk", 20, 3)
	f.Add("\ue000 hostile \ue001 ‹", "\x1b[2J\u202e\x00", 1, 1)
	f.Add("牛乳を買う", "a\u0301\u0301\u0301", 2, 2)
	f.Fuzz(func(t *testing.T, a, b string, w, h int) {
		if len(a) > 2000 || len(b) > 2000 {
			return
		}
		x, y := differences(a, b)
		for _, side := range []struct {
			text   string
			pieces []piece
		}{{a, x}, {b, y}} {
			var whole strings.Builder
			for _, p := range side.pieces {
				whole.WriteString(p.text)
			}
			if whole.String() != side.text {
				t.Fatalf("the pieces of %q make %q", side.text, whole.String())
			}
			w, h := 1+abs(w)%80, 1+abs(h)%20
			lines := markedLines(side.pieces, ink{"\x1b[31m"}, ink{"\x1b[1m"}, w, h)
			if len(lines) > h {
				t.Fatalf("%d lines of %d", len(lines), h)
			}
			for _, line := range lines {
				if n := width(line); n > w && w > 1 {
					t.Fatalf("a line of %q has %d cells, not %d: %q", side.text, n, w, line)
				}
				if strings.ContainsAny(line, openPlace+closePlace) {
					t.Fatalf("a mark was left in %q", line)
				}
			}
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
