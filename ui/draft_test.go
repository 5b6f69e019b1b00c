package ui

import (
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestTypedTextSurvivesACrash(t *testing.T) {
	for _, c := range []struct {
		name string
		id   uuid.UUID
		open string
		want string // on screen after the crash
		told string // at the start
	}{
		{"add", uuid.Nil, "a", "half a thought", "An unsaved todo is kept · a goes on with it"},
		{"edit", fakeID(0), "e", "Buy milk half a thought", "1 unsaved edit is kept · S shows where"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newFakeBackend(t, "Buy milk")
			play(t, b, func(d *driver) {
				d.press(c.open)
				d.typing(" half a thought")
				if len(b.alice().drafts) != 0 {
					t.Error("every key is written")
				}
				d.wait(time.Second)
				if b.alice().drafts[c.id] == "" {
					t.Fatal("the text is not kept")
				}
			})
			play(t, b, func(d *driver) { // a new process
				d.sees(c.told, "1 draft")
				d.press(c.open)
				d.sees(c.want, "not saved yet")
				d.press("enter")
				if n := len(b.alice().drafts); n != 0 {
					t.Errorf("%d drafts are left after saving", n)
				}
			})
		})
	}
}

func TestDroppedTextLeavesNoDraft(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("a")
		d.typing("never mind")
		d.press("esc")
		d.sees("a goes on with it")
		if got := b.alice().drafts[uuid.Nil]; got != "never mind" {
			t.Errorf("kept %q", got)
		}
		d.press("a")
		d.sees("add never mind", "esc drop it")
		d.press("esc")
		d.press("a", "esc") // nothing was typed: nothing is kept
		d.press("e")
		d.typing("!")
		d.wait(time.Second)
		d.press("esc", "d")
		if n := len(b.alice().drafts); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		d.sees("[ ] Buy milk")
		d.seesNot("Buy milk!")
	})
}

// TestTextDroppedWhileItIsKept: typing comes to rest, and is kept, while the question stands open.
func TestTextDroppedWhileItIsKept(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("e")
		d.typing("!")
		d.press("esc")
		d.wait(time.Second)
		if b.alice().drafts[fakeID(0)] == "" {
			t.Error("nothing is kept while the question stands")
		}
		d.press("d")
		if n := len(b.alice().drafts); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		d.seesNot("draft")
	})
}

// TestACompletedNameIsKeptToo: tab changes a text that was kept as much as any key does.
func TestACompletedNameIsKeptToo(t *testing.T) {
	b := newFakeBackend(t, "Paint +home")
	play(t, b, func(d *driver) {
		d.press("a")
		d.typing("Call +ho")
		d.press("esc", "a", "tab")
		d.wait(time.Second)
		if got := b.alice().drafts[uuid.Nil]; got != "Call +home " {
			t.Errorf("kept %q", got)
		}
		d.press("esc")
		if got := b.alice().drafts[uuid.Nil]; got != "Call +home " {
			t.Errorf("after esc: kept %q", got)
		}
	})
}

func TestEditTellsOfChangesElsewhere(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	play(t, b, func(d *driver) {
		d.press("e")
		f.put(fakeItem(0, "Buy oat milk"))
		f.ring()
		d.settle()
		d.sees("Buy oat milk") // nothing was typed yet: it follows
		d.typing(" and eggs")
		f.put(fakeItem(0, "Buy soy milk"))
		f.ring()
		d.settle()
		d.sees("Changed elsewhere: Buy soy milk", "Buy oat milk and eggs")
		d.press("enter")
		op := f.undo[0].Ops[0]
		if op.Base.Title != "Buy oat milk" || op.Want.Title != "Buy oat milk and eggs" {
			t.Errorf("saved %q over %q: the guard must be what the person saw", op.Want.Title, op.Base.Title)
		}
	})
}

func TestAddGoesOnWhereMoreIsToBeAdded(t *testing.T) {
	b := newFakeBackend(t)
	play(t, b, func(d *driver) {
		d.press("a")
		d.typing("one")
		d.press("ctrl+j")
		d.typing("two")
		d.press("enter")
		d.sees("▌ [ ] two", "[ ] one")
		if n := len(b.alice().items); n != 2 {
			t.Errorf("%d todos, want 2", n)
		}
	})
}

func TestRecurringTodoComesAgain(t *testing.T) {
	b := newFakeBackend(t, "Water the tomatoes rec:+2d due:2026-11-25")
	play(t, b, func(d *driver) {
		d.press("space")
		d.sees("[x] Water the tomatoes", "[ ] Water the tomatoes", "fri")
		d.press("u")
		d.sees("[ ] Water the tomatoes", "today")
		d.seesNot("[x]", "fri")
	})
}

func TestClearCompletedIsOneStep(t *testing.T) {
	b := newFakeBackend(t, "one", "x two", "x three")
	play(t, b, func(d *driver) {
		d.press("D")
		d.sees("Deleted 2 completed todos · u undo", "[ ] one")
		d.seesNot("two", "three")
		d.press("u")
		d.sees("[x] two", "[x] three")
		d.press("f", "f", "/")
		d.typing("two")
		d.press("enter", "D")
		d.sees("Deleted 1 completed todo")
	})
}

func TestDetailsGoOnWithUnsavedTexts(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Call Bob")
	b.alice().drafts = map[uuid.UUID]string{uuid.Nil: "half a todo", fakeID(1): "Call Bobby", fakeID(9): "of a todo that is gone"}
	play(t, b, func(d *driver) {
		d.sees("An unsaved todo and 2 unsaved edits are kept · S shows where", "3 drafts", "* draft")
		d.size(40, 12)
		d.sees("[ ] Call Bob", " *")
		d.size(120, 40)
		d.press("j")
		d.sees("draft    Call Bobby")
		d.size(80, 24)
		d.press("S")
		d.sees("Not saved yet 3", "▌   add      half a todo", "edit     Call Bobby", "enter go on with it")
		d.press("j", "enter")
		d.sees("Call Bobby", "not saved yet")
		d.press("enter")
		d.sees("Not saved yet 2")
		d.press("j", "enter")
		if d.copied != "of a todo that is gone" {
			t.Errorf("copied %q", d.copied)
		}
		d.press("g", "enter")
		d.sees("add half a todo")
		d.press("enter")
		d.sees("1 draft", "[ ] half a todo", "[ ] Call Bobby")
	})
}
