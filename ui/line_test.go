package ui

import (
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

func TestLineGoesByWhatAPersonSees(t *testing.T) {
	const family = "👨\u200d👩\u200d👧"
	for _, c := range []struct {
		name, text string
		keys       []string
		want       string
		x          int // of the cursor, in cells
	}{
		{"wide", "日本語", []string{"left"}, "日本語", 4},
		{"emoji", "a" + family + "b", []string{"left", "left"}, "a" + family + "b", 1},
		{"emoji deleted", "a" + family, []string{"ctrl+h"}, "a", 1},
		{"emoji deleted forward", family + "b", []string{"home", "delete"}, "b", 0},
		{"flag deleted", "🇩🇪🇫🇷", []string{"backspace"}, "🇩🇪", 2},
		{"combining", "cafe\u0301", []string{"left"}, "cafe\u0301", 3},
		{"right to left", "שלום", []string{"left", "left"}, "שלום", 2},
		{"word", "one two", []string{"alt+b", "ctrl+w"}, "two", 0},
		{"rest", "one two", []string{"alt+b", "ctrl+k"}, "one ", 4},
		{"start", "one two", []string{"ctrl+b", "ctrl+u"}, "o", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(c.text)
			for _, k := range c.keys {
				l.press(keyPress(k))
			}
			if _, cursor := l.view("", ink{}, 40); l.text() != c.want || cursor.X != c.x {
				t.Errorf("%q with the cursor at %d, want %q and %d", l.text(), cursor.X, c.want, c.x)
			}
		})
	}
}

func TestLineEditsOnANonLatinLayout(t *testing.T) {
	l := newLine("один два")
	if !l.press(tea.KeyPressMsg{Code: 'ц', BaseCode: 'w', Mod: tea.ModCtrl}) || l.text() != "один " {
		t.Errorf("ctrl+w by its place left %q", l.text())
	}
}

func TestLineTakesAPasteOnOneLine(t *testing.T) {
	l := newLine("ab")
	l.press(keyPress("left"))
	l.paste(tea.PasteMsg{Content: "1\r\n2\x1b[31m\t3\n"})
	if l.text() != "a1 2[31m 3b" {
		t.Errorf("pasted: %q", l.text())
	}
}

// FuzzLine holds that a line draws no control and no turning character, fits its
// width, and keeps its cursor where the text before it ends.
func FuzzLine(f *testing.F) {
	for i, text := range odd {
		f.Add(text, []byte{byte(i), 3, 7, 12}, 10)
	}
	keys := []string{"left", "right", "ctrl+left", "ctrl+right", "home", "end", "backspace", "delete", "ctrl+w", "x", "ctrl+k"}
	f.Fuzz(func(t *testing.T, text string, pressed []byte, w int) {
		l := newLine("")
		l.paste(tea.PasteMsg{Content: text})
		w = 1 + unsigned(w)%100
		for _, k := range pressed {
			l.press(keyPress(keys[int(k)%len(keys)]))
			drawn, c := l.view("> ", ink{}, w)
			if strings.ContainsFunc(drawn, func(r rune) bool { return unicode.IsControl(r) || isBidi(r) }) {
				t.Fatalf("%q is drawn as %q", l.text(), drawn)
			}
			if width(drawn) > w || c.X < 0 || c.X >= w {
				t.Fatalf("%q with the cursor at %d, in %d cells", drawn, c.X, w)
			}
			if full, all := l.view("> ", ink{}, 1000); len(l.text()) < 200 && all.X != min(2+width(clean(l.head())), 999) {
				t.Fatalf("the cursor stands at %d of %q", all.X, full)
			}
		}
	})
}
