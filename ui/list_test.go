package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// some are todos of every kind.
var some = []string{
	"(A) Call the dentist @phone due:2026-11-24",
	"Buy milk +home @shop due:2026-11-25",
	"Write the report +work due:2026-11-26 https://example.com/report",
	"(C) Plant the trees +home",
	"Just some words",
	"x Return the book +home",
}

func TestListShowsTodos(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.sees("[ ] (A) Call the dentist @phone", "1 day late", "Buy milk +home @shop", "today", "tomorrow", "[x] Return the book")
	})
}

func TestToggleIsShownAtOnceSavedAndSynced(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Call Bob")
	play(t, b, func(d *driver) {
		d.press("space")
		d.sees("[x] Buy milk", "↑ waiting", `Completed "Buy milk" · u undo`, "1 waiting")
		if it := b.alice().items[fakeID(0)]; !it.Done.Bool() {
			t.Error("it was not saved")
		}
		d.wait(changeDelay * 2)
		d.seesNot("↑ waiting", "1 waiting")
	})
}

func TestUndoAndRedoSayWhat(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Call Bob")
	play(t, b, func(d *driver) {
		d.press("d")
		d.seesNot("[ ] Buy milk")
		d.press("u")
		d.sees("[ ] Buy milk", `Taken back: delete "Buy milk"`)
		d.press("U")
		d.seesNot("[ ] Buy milk")
		d.sees(`Done again: delete "Buy milk"`)
		d.press("u", "u")
		d.sees("Nothing to undo")
	})
}

func TestAddReadsDatesAndShowsThemFirst(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("a")
		d.typing("Call Bob tomorrow")
		d.sees("→ Call Bob due:2026-11-26", "ctrl+l keeps “tomorrow” as typed")
		d.press("enter")
		d.sees("[ ] Call Bob", "tomorrow", `Added "Call Bob`)
		d.press("a")
		d.typing("Call Bob tomorrow")
		d.press("ctrl+l", "enter")
		d.sees("[ ] Call Bob tomorrow")
	})
}

func TestAddCompletesNames(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.press("a")
		d.typing("Paint +ho")
		d.sees("+home")
		d.press("tab", "enter")
		d.sees("[ ] Paint +home")
	})
}

func TestPasteOfManyLinesIsPreviewed(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.feed(tea.PasteMsg{Content: "- one\n* two\n\n- [x] three\n1. four due:2026-12-01\n"})
		d.sees("Add 4 todos?", "[ ] one", "[ ] two", "[x] three", "[ ] four due:2026-12-01")
		d.press("enter")
		d.sees("[ ] one", "Added 4 todos", "[x] three")
		if n := len(b.alice().items); n != 5 {
			t.Errorf("%d todos, want 5", n)
		}
	})
}

// TestCtrlUClearsALineThatFinds: where text is typed over rows, pages are turned by other keys.
func TestCtrlUClearsALineThatFinds(t *testing.T) {
	for _, open := range []string{"/", ":"} {
		play(t, newFakeBackend(t, some...), func(d *driver) {
			d.press(open)
			d.typing("milk")
			d.press("ctrl+u")
			d.typing("undo")
			d.sees(open + " undo")
			d.seesNot("milkundo")
		})
	}
}

// TestCompletionDoesNotHideTheReadingOfDates: enter saves nothing that was not shown.
func TestCompletionDoesNotHideTheReadingOfDates(t *testing.T) {
	play(t, newFakeBackend(t, "Paint +home"), func(d *driver) {
		d.press("a")
		d.typing("Call Bob tomorrow +ho")
		d.sees("“tomorrow” → 2026-11-26 · tab +home")
	})
}

func TestAddSaysWhatIsNoDate(t *testing.T) {
	play(t, newFakeBackend(t), func(d *driver) {
		d.press("a")
		d.typing("Call Bob due:someday")
		d.sees("due:someday is not a date yet")
		d.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace")
		d.typing("fri")
		d.seesNot("not a date")
	})
}

// TestNoAdviceWhereKeysAreText: esc and f mean something else while a filter is typed.
func TestNoAdviceWhereKeysAreText(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.press("f", "/") // the completed ones
		d.typing("zzz")
		d.sees("No completed todo matches zzz.")
		d.seesNot("clears the filter")
		d.press("enter")
		d.sees("esc clears the filter, f shows open, all or done.")
	})
}

func TestFilterFollowsTheTyping(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.press("/")
		d.typing("+home")
		d.sees("Buy milk", "Plant the trees", "3 matches")
		d.seesNot("dentist")
		d.press("enter")
		d.sees("/ +home · 3 of 6 · esc clears · F keeps it")
	})
}

func TestFiltersAreKeptOnTheKeyThatIsChosen(t *testing.T) {
	s := DefaultSettings()
	s.Filters = []string{"due:today"}
	b := newFakeBackend(t, some...)
	playWith(t, b, Options{Settings: s}, func(d *driver) {
		save := func(key string, want ...string) {
			d.t.Helper()
			d.press("F")
			d.sees("Keep “+home” on which number key?")
			d.press(key)
			if got := d.root.shared.settings.Filters; !slices.Equal(got, want) {
				t.Errorf("%s keeps %q, want %q", key, got, want)
			}
		}
		d.press("/")
		d.typing("+home")
		d.press("enter", "F")
		d.sees("  1 instead of due:today", "▌ 2 free", "  9 free", "enter choose it")
		d.press("esc")
		save("enter", "due:today", "+home")
		d.sees("Kept: 2 filters by “+home”", "esc clears · F kept on 2")
		save("5", "due:today", "", "", "", "+home")
		save("1", "+home")
		d.press("esc")
		d.sees("dentist")
		d.press("1")
		d.seesNot("dentist")
		d.press("F")
		d.sees("▌ 1 kept here: let it go")
		d.press("esc")
		save("1")
		d.sees("1 is free again")
		d.press("1")
		d.sees("No filter is saved on 1 · filter, then F")
	})
}

// TestChoicesAreScrolledAndClicked asks on a screen that has no room for all answers.
func TestChoicesAreScrolledAndClicked(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.size(20, 6)
		d.press("/")
		d.typing("+home")
		d.press("enter", "F", "down", "down", "down", "down", "down", "down", "down")
		d.sees("▌ 8 free")
		d.size(80, 24)
		for y, line := range strings.Split(d.text(), "\n") {
			if x := strings.Index(line, "3 free"); x >= 0 {
				d.feed(tea.MouseClickMsg{X: width(line[:x]), Y: y, Button: tea.MouseLeft})
			}
		}
		d.sees("Kept: 3 filters by “+home”")
	})
}

func TestSelectionActsOnAll(t *testing.T) {
	b := newFakeBackend(t, "one", "two", "three", "four")
	play(t, b, func(d *driver) {
		d.press("v", "j", "j")
		d.sees("3 selected")
		d.press("space")
		d.sees("Completed 3 todos", "[x] one", "[x] two", "[x] three", "[ ] four")
		d.press("u")
		d.sees("[ ] one", "[ ] two", "[ ] three")
		d.press("ctrl+a", "d")
		d.sees("Nothing to do yet.", "Deleted 4 todos")
	})
}

func TestEditSavesByteForByte(t *testing.T) {
	b := newFakeBackend(t, "Buy  milk\t+home ")
	play(t, b, func(d *driver) {
		d.press("enter")
		d.sees("Edit", "projects", "home")
		d.press("home")
		d.typing("! ")
		d.press("enter")
		if got := b.alice().items[fakeID(0)].Title; got != "! Buy  milk\t+home " {
			t.Errorf("saved %q", got)
		}
	})
}

func TestEditFieldsChangeTheirPartOnly(t *testing.T) {
	b := newFakeBackend(t, "Buy  milk +home")
	play(t, b, func(d *driver) {
		d.press("e", "tab", "space", "tab")
		d.typing("b")
		d.press("tab")
		d.typing("fri")
		d.sees("→ 2026-11-27")
		d.press("enter")
		it := b.alice().items[fakeID(0)]
		if it.Title != "(B) Buy  milk +home due:2026-11-27" || !it.Done.Bool() {
			t.Errorf("saved %q %v", it.Title, it.Done)
		}
	})
}

func TestEditAsksBeforeItDropsText(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("e")
		d.typing(" and eggs")
		d.press("esc")
		d.sees("is not saved", "save", "draft", "drop")
		d.press("k")
		d.sees("[ ] Buy milk")
		d.press("e")
		d.sees("Buy milk and eggs", "was not saved yet")
		d.press("esc", "s")
		d.sees("[ ] Buy milk and eggs")
		if n := len(b.alice().drafts); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
	})
}

func TestPaletteRunsWhatItFinds(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.press(":")
		d.typing("group")
		d.press("enter")
		d.sees("grouped by due", "Late 1", "Today 1", "Done 1")
	})
}

// What is done is not late any more: its due date is told plainly.
func TestADoneTodoIsNotLate(t *testing.T) {
	play(t, newFakeBackend(t, "one due:2026-11-20", "two due:2025-12-31", "x three due:2026-11-20", "x four due:2025-12-31", "x five due:2026-11-27"), func(d *driver) {
		d.sees("[ ] one", "5 days late", "[ ] two", "329 days late")
		for title, want := range map[string]string{"[x] three": " 20 nov", "[x] four": " 31 dec 2025", "[x] five": " fri"} {
			for line := range strings.Lines(d.text()) {
				if strings.Contains(line, title) && !strings.HasSuffix(strings.TrimRight(line, "\n"), want) {
					t.Errorf("%q, want it to end with %q", line, want)
				}
			}
		}
	})
}

// Many todos are arranged behind the typing: the cursor goes to them all the same.
func TestTheCursorGoesToTheFirstOfManyPasted(t *testing.T) {
	play(t, newFakeBackend(t, "one", "two", "three"), func(d *driver) {
		d.press("G")
		d.feed(tea.PasteMsg{Content: manyLines(500)})
		d.press("enter")
		d.sees("▌ [ ] todo 0", "  [ ] todo 1", "2/503")
	})
}

// The watch may bring what an undo of our own did before the undo says so.
func TestWhatThisSessionTakesBackIsNotFromElsewhere(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("space")
		d.wait(time.Second)
		b.alice().undoTakes = time.Second
		d.press("u")
		b.alice().do(inverse(b.alice().undo[0]))
		b.alice().ring()
		d.wait(3 * time.Second)
		d.press("e")
		d.sees("Taken back")
		d.seesNot("elsewhere")
	})
}
