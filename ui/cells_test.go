package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/bidi"
)

// byCodePoints makes the terminal one that knows no whole characters, for a test.
func byCodePoints(t testing.TB) { countAs(t, false) }

func countAs(t testing.TB, whole bool) {
	was := wholeCharacters.Swap(whole)
	t.Cleanup(func() { wholeCharacters.Store(was) })
}

// hard are texts that terminals count differently. The columns are those in which a
// terminal without mode 2027 put its cursor behind what is drawn: tmux 3.3a on glibc.
var hard = []struct {
	name, text string
	drawn      string // where it goes by code points
	columns    int    // there
	whole      int    // where it goes by whole characters
}{
	{"Chinese", "日本語", "日本語", 6, 6},
	{"family", "👩\u200d👩\u200d👧", "👩👩👧", 6, 2},
	{"kiss", "👩\u200d❤\ufe0f\u200d💋\u200d👨", "👩❤💋👨", 7, 2},
	{"rainbow flag", "🏳\ufe0f\u200d🌈", "🏳🌈", 3, 2},
	{"flag", "🇩🇪🇫🇷", "🇩🇪🇫🇷", 4, 4},
	{"flag of tags", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2, 2},
	{"skin", "👍🏽", "👍", 2, 2},
	{"skin and joiner", "👩🏽\u200d🚀", "👩🚀", 4, 2},
	{"skin of a narrow hand", "☝🏽", "☝", 1, 1},
	{"skin alone", "🏽", "\ufffd", 1, 1},
	{"keycap", "1\ufe0f\u20e3", "1\u20e3", 1, 2},
	{"heart as emoji", "❤\ufe0f", "❤", 1, 2},
	{"watch as text", "⌚\ufe0e", "⌚", 2, 2},
	{"combining", "e\u0301\u0323", "e\u0301\u0323", 1, 1},
	{"Hebrew", "שָׁלוֹם", "שָׁלוֹם", 4, 4},
	{"Arabic", "مَرْحَبًا", "مَرْحَبًا", 5, 5},
	{"tab", "a\tb", "a b", 3, 3},
	{"joiner alone", "\u200d", "", 0, 0},
	{"joiner in Chinese", "日\u200d本", "日本", 4, 4},
	{"joiner in Sinhala", "ශ\u0dca\u200dර\u0dd3", "ශ\u0dca\u0dbb\u0dd3", 2, 2},
	{"non-joiner", "a\u200cb", "a\u200cb", 2, 2},
	{"soft hyphen", "a\u00adb", "a-b", 3, 3},
	{"number sign", "\u0600١", "\ufffd١", 2, 2},
	{"Thai", "ที่นี่น้ำ", "ที่นี่น้ำ", 4, 3},
	{"Devanagari", "नमस्ते", "नमस्ते", 4, 3},
	{"Devanagari vowels", "का नि", "का नि", 5, 3},
	{"Bengali", "বাংলা", "বাংলা", 5, 2},
	{"Korean in parts", "\u1112\u1161\u11ab", "한", 2, 2},
}

func TestHardTextsHaveTheCellsOfTheTerminal(t *testing.T) {
	for _, h := range hard {
		t.Run(h.name, func(t *testing.T) {
			byCodePoints(t)
			if got := clean(h.text); got != h.drawn {
				t.Errorf("drawn as %+q, want %+q", got, h.drawn)
			}
			if got := width(clean(h.text)); got != h.columns {
				t.Errorf("%d columns, the terminal has %d", got, h.columns)
			}
			countAs(t, true)
			if got := width(clean(h.text)); got != h.whole {
				t.Errorf("%d columns by whole characters, want %d", got, h.whole)
			}
		})
	}
}

// TestCountingFollowsTheTerminal holds that the mode is read as the renderer reads it.
func TestCountingFollowsTheTerminal(t *testing.T) {
	countAs(t, false)
	for _, c := range []struct {
		mode  ansi.Mode
		value ansi.ModeSetting
		whole bool
	}{
		{ansi.ModeUnicodeCore, ansi.ModeReset, true}, {ansi.ModeUnicodeCore, ansi.ModeSet, true}, {ansi.ModeUnicodeCore, ansi.ModePermanentlySet, true},
		{ansi.ModeUnicodeCore, ansi.ModeNotRecognized, false}, {ansi.ModeUnicodeCore, ansi.ModePermanentlyReset, false},
		{ansi.ModeSynchronizedOutput, ansi.ModeReset, false},
	} {
		r := idleRoot(t)
		wholeCharacters.Store(false)
		r.Update(tea.ModeReportMsg{Mode: c.mode, Value: c.value})
		if wholeCharacters.Load() != c.whole {
			t.Errorf("mode %v %v: whole characters %v", c.mode, c.value, !c.whole)
		}
	}
}

func TestANewProgramCountsCodePointsFirst(t *testing.T) {
	countAs(t, true)
	if _, err := newRoot(t.Context(), Options{Themes: map[string][]byte{}}); err == nil || wholeCharacters.Load() {
		t.Error("what an earlier terminal said is kept")
	}
}

// TestCellsAreCountedInOnePlace holds that nothing counts, cuts or breaks by a way of
// its own: the library's have other ideas of a terminal.
func TestCellsAreCountedInOnePlace(t *testing.T) {
	own := regexp.MustCompile(`\bansi\.(StringWidth|Truncate|Wrap|Wordwrap|Hardwrap|Cut|FirstGraphemeCluster|DecodeSequence|GraphemeWidth|WcWidth)|lipgloss\.(Width|JoinHorizontal|PlaceHorizontal)|runewidth|uniseg`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if name == "cells.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := own.FindString(string(text)); found != "" {
			t.Errorf("%s uses %s: count with what cells.go has", name, found)
		}
	}
}

// hardTitles are todos whose due dates must stand in one column.
func hardTitles() []string {
	titles := []string{"plain due:2026-11-26"}
	for _, h := range hard {
		titles = append(titles, h.text+" due:2026-11-26", "x "+h.text+" +"+h.text+" due:2026-11-26")
	}
	return titles
}

func TestColumnsStandStraight(t *testing.T) {
	for _, whole := range []bool{false, true} {
		play(t, newFakeBackend(t, hardTitles()...), func(d *driver) {
			countAs(t, whole)
			for _, w := range []int{60, 130} { // alone, and beside the preview
				d.size(w, 80)
				columns := map[int]int{}
				for _, line := range strings.Split(d.text(), "\n") {
					if before, _, ok := strings.Cut(line, "tomorrow"); ok {
						columns[width(before)]++
					}
				}
				if len(columns) != 1 {
					t.Errorf("at %d columns, whole %v, the dates stand in %v:\n%s", w, whole, columns, d.text())
				}
			}
		})
	}
}

// TestLinesOfTextKeepTheirCursor types hard texts where text is typed.
func TestLinesOfTextKeepTheirCursor(t *testing.T) {
	for _, h := range hard {
		byCodePoints(t)
		l := newLine("")
		l.paste(tea.PasteMsg{Content: h.text})
		if _, c := l.view("add ", ink{}, 60); c.X != 4+h.columns {
			t.Errorf("%s: the cursor of a line stands at %d, want %d", h.name, c.X-4, h.columns)
		}
		e := newEditor(h.text)
		if _, x, _ := e.view(ink{}, 60, 3); x != h.columns {
			t.Errorf("%s: the cursor of an editor stands at %d, want %d", h.name, x, h.columns)
		}
	}
}

// TestRightToLeftTurnsNothingElse reads rows as a terminal shows them that turns
// right-to-left text around: the box stays at the left, the date at the right.
func TestRightToLeftTurnsNothingElse(t *testing.T) {
	titles := []string{"שלום עולם due:2026-11-20", "مرحبا ١٢ due:2026-11-20", "abc שלום 12 due:2026-11-20", "\u202eevil\u2066 due:2026-11-20", "שלום \u200f! due:2026-11-20"}
	for _, w := range []int{60, 130} {
		play(t, newFakeBackend(t, titles...), func(d *driver) {
			d.size(w, 30)
			rows := 0
			for _, line := range strings.Split(d.text(), "\n") {
				row := asTurned(t, line)
				if !strings.Contains(line, "days late") || !strings.Contains(line, "[ ]") {
					continue
				}
				rows++
				if i := strings.Index(row, "[ ]"); i < 0 || width(row[:i]) > boxAt || !strings.Contains(row, " 5 days late") {
					t.Errorf("%q is shown as %q", line, row)
				}
				if at, was := strings.Index(row, "│"), strings.Index(line, "│"); was >= 0 && width(row[:at]) != width(line[:was]) {
					t.Errorf("the preview moves: %q is shown as %q", line, row)
				}
			}
			if rows != len(titles) {
				t.Errorf("%d rows:\n%s", rows, d.text())
			}
		})
	}
}

// asTurned is a line in the order of its cells, by the Unicode bidirectional algorithm.
func asTurned(t *testing.T, line string) string {
	t.Helper()
	var p bidi.Paragraph
	if line == "" {
		return ""
	}
	if _, err := p.SetString(line, bidi.DefaultDirection(bidi.LeftToRight)); err != nil {
		t.Fatal(err)
	}
	order, err := p.Order()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for i := range order.NumRuns() {
		run := order.Run(i)
		if run.Direction() == bidi.RightToLeft {
			b.WriteString(bidi.ReverseString(run.String()))
			continue
		}
		b.WriteString(run.String())
	}
	return b.String()
}

func TestWhatShowsNothingIsSaid(t *testing.T) {
	play(t, newFakeBackend(t, "\u200d", "\u200b \u2060"), func(d *driver) {
		if n := strings.Count(d.text(), "(no text)"); n != 2 {
			t.Errorf("%d rows say that they are empty:\n%s", n, d.text())
		}
	})
}

// FuzzCells holds that what is cut, filled and broken has the cells it should, in
// both ways of counting, and that a text has no more cells than its characters have together.
func FuzzCells(f *testing.F) {
	for i, h := range hard {
		f.Add(h.text+" a "+h.text, 1+i%12, i%2 == 0)
	}
	for i, text := range odd {
		f.Add(text, 1+i, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, w int, whole bool) {
		countAs(t, whole)
		w = 1 + unsigned(w)%100
		drawn := clean(text)
		if n := width(chop(drawn, w)); n > w || chop(drawn, n) != chop(drawn, w) {
			t.Fatalf("%q chopped to %d has %d cells", drawn, w, n)
		}
		if n := width(clip(drawn, w)); n > w {
			t.Fatalf("%q cut to %d has %d cells", drawn, w, n)
		}
		for _, line := range wrap(drawn, w) {
			if n := width(line); n > w {
				t.Fatalf("%q broken at %d has %d cells in %q", drawn, w, n, line)
			}
		}
		if n := width(pad(drawn, w)); n != w {
			t.Fatalf("%q filled to %d has %d cells", drawn, w, n)
		}
		if all, n := width(drawn), width(behind(drawn, w)); n != max(0, all-w) {
			t.Fatalf("%q has %d cells behind %d, want %d", drawn, n, w, max(0, all-w))
		}
		if clean(drawn) != drawn {
			t.Fatalf("%q is drawn once as %q and again as %q", text, drawn, clean(drawn))
		}
		sum := 0
		for rest := strings.ToValidUTF8(text, "\ufffd"); rest != ""; {
			n, cells := cluster(rest)
			sum, rest = sum+cells, rest[n:]
		}
		if n := width(clean(strings.ToValidUTF8(text, "\ufffd"))); sum < n {
			t.Fatalf("%s: the characters have %d cells, the text %d", fmt.Sprintf("%+q", text), sum, n)
		}
	})
}
