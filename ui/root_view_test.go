package ui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

func TestMouse(t *testing.T) {
	b := newFakeBackend(t, "one", "two", "three")
	play(t, b, func(d *driver) {
		d.feed(tea.MouseClickMsg{X: 10, Y: 4, Button: tea.MouseLeft})
		d.sees("▌ [ ] three")
		d.feed(tea.MouseClickMsg{X: 3, Y: 3, Button: tea.MouseLeft})
		d.sees("[x] two")
		if d.view().MouseMode != tea.MouseModeCellMotion {
			t.Error("the mouse is not asked for")
		}
		d.press("M")
		d.sees("Mouse off")
		if d.view().MouseMode != tea.MouseModeNone || b.settings.Mouse {
			t.Error("the mouse is still asked for")
		}
	})
}

func TestWheelKeepsTheCursorOnScreen(t *testing.T) {
	play(t, newFakeBackend(t, manyTitles(200)...), func(d *driver) {
		for range 10 {
			d.feed(tea.MouseWheelMsg{Button: tea.MouseWheelDown})
		}
		d.sees("▌")
		if d.root.list.offset != 30 {
			t.Errorf("scrolled to %d, want 30", d.root.list.offset)
		}
	})
}

func TestManners(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncErr = store.ErrOffline
	play(t, b, func(d *driver) {
		d.press("y")
		if d.copied != "Buy milk" {
			t.Errorf("copied %q", d.copied)
		}
		d.press("ctrl+z")
		if !d.suspend {
			t.Error("ctrl+z does not suspend")
		}
		d.press("space")
		v := d.view()
		if v.WindowTitle != "Kindling · alice@example.com · 1 waiting" {
			t.Errorf("window title %q", v.WindowTitle)
		}
		if !v.AltScreen || !v.ReportFocus || !v.KeyboardEnhancements.ReportAlternateKeys {
			t.Error("the view does not ask the terminal for what it needs")
		}
		d.press("a")
		if c := d.view().Cursor; c == nil || c.Y != 21 || c.X != 4 {
			t.Errorf("the cursor stands at %+v", c)
		}
	})
}

func TestEmptyStatesTeach(t *testing.T) {
	never := newFakeBackend(t)
	never.alice().syncErr = store.ErrOffline
	for _, c := range []struct {
		name string
		b    *fakeBackend
		keys []string
		want []string
	}{
		{"nothing yet", newFakeBackend(t), nil, []string{"Nothing to do yet.", "a adds the first todo"}},
		{"never synced", never, nil, []string{"Not synced yet", "R syncs now"}},
		{"all done", newFakeBackend(t, "x one"), []string{"f", "f"}, []string{"Everything is done.", "f shows"}},
		{"nothing done", newFakeBackend(t, "one"), []string{"f"}, []string{"Nothing is completed yet."}},
		{"no match", newFakeBackend(t, "one"), []string{"/", "z", "z", "enter"}, []string{"No todo matches zz.", "esc clears"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			play(t, c.b, func(d *driver) {
				d.press(c.keys...)
				d.sees(c.want...)
			})
		})
	}
}

func TestHelpAndPaletteCloseByTheirKey(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk"), func(d *driver) {
		d.press("?", "?")
		d.sees("[ ] Buy milk")
		d.press("ctrl+p", "ctrl+p")
		d.sees("[ ] Buy milk")
	})
}

func TestFooterTellsThePlaceInALongList(t *testing.T) {
	play(t, newFakeBackend(t, manyTitles(100)...), func(d *driver) {
		d.press("j", "j")
		d.sees("3/100")
	})
}

// A toast hides neither the keys nor a todo; where there is no room for both, it wins.
func TestAToastLeavesTheKeys(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk", "Call Bob"), func(d *driver) {
		for _, size := range [][2]int{{80, 24}, {200, 60}, {120, 40}, {80, 14}} {
			d.size(size[0], size[1])
			d.press("g", "space")
			d.sees("Completed \"Buy milk\" · u undo", "? help · space done", "[x] Buy milk", "[ ] Call Bob", "1 open, 1 done")
			d.press("u")
			d.wait(11 * time.Second)
		}
		d.size(40, 12)
		d.press("g", "space")
		d.sees("Completed \"Buy milk\" · u undo", "[x] Buy milk", "[ ] Call Bob")
		d.seesNot("? help")
	})
}
