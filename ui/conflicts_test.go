package ui

import (
	"slices"
	"testing"

	"kindling/store"
)

// contestedTodos is a machine whose todos were changed on both sides.
func contestedTodos(t *testing.T) *fakeBackend {
	b := newFakeBackend(t, "Buy oat milk", "Call Bob", "Water the plants")
	a := b.alice()
	it := func(n int) store.Item { return a.items[fakeID(n)] }
	a.conflicts = []store.Conflict{
		{ID: fakeID(0), Column: "title", Base: "Buy milk", Mine: "Buy oat milk", Theirs: "Buy soy milk +shop", Item: it(0)},
		{ID: fakeID(0), Column: "is_complete", Base: "open", Mine: "done", Theirs: "open", Item: it(0)},
		{ID: fakeID(1), Column: "deleted", Base: "Call Rob", Mine: "Call Bob", Theirs: "", Item: it(1)},
		{ID: fakeID(2), Column: "deleted", Base: "Water plants", Mine: "", Theirs: "Water the plants", Item: it(2)},
	}
	return b
}

func TestConflictsShowBothSides(t *testing.T) {
	play(t, contestedTodos(t), func(d *driver) {
		d.press("c")
		d.sees("1 of 3", "Mine", "Theirs", "Buy ‹oat› milk", "Buy ‹soy› milk‹ +shop›", "‹done›", "‹open›", "before: Buy milk",
			"Mine  m keep mine", "Theirs  t take theirs", "b keep both, as two todos")
		d.press("n")
		d.sees("2 of 3", "it was deleted elsewhere", "✗ deleted", "Mine  m restore it", "Theirs  t let it go")
		d.seesNot("b keep both")
		d.press("n")
		d.sees("3 of 3", "You deleted this todo", "Mine  m delete it", "Theirs  t keep it")
		d.press("n")
		d.sees("1 of 3")
		d.press("p")
		d.sees("3 of 3")
		d.press("k")
		d.sees("2 of 3")
	})
}

func TestConflictsNarrowStacksTheSides(t *testing.T) {
	play(t, contestedTodos(t), func(d *driver) {
		d.press("c")
		d.size(40, 12)
		d.sees("m mine   Buy ‹oat› milk", "t theirs Buy ‹soy› milk", "         ‹done›", "before: Buy milk", "m keep mine · t take theirs")
	})
}

// TestConflictsShowTheirKeysOnTheSmallestScreens asks for the keys on the screen itself, not in help alone.
func TestConflictsShowTheirKeysOnTheSmallestScreens(t *testing.T) {
	b := contestedTodos(t)
	b.alice().conflicts = slices.Delete(b.alice().conflicts, 1, 2)
	play(t, b, func(d *driver) {
		d.press("c")
		for _, size := range [][2]int{{20, 6}, {80, 6}} {
			d.size(size[0], size[1])
			d.sees("m ", "t ", "b keep both")
		}
		d.press("n")
		d.size(20, 6)
		d.sees("m mine   Call Bob", "t theirs ✗ deleted")
	})
}

func TestConflictsAreResolved(t *testing.T) {
	for key, c := range map[string]struct {
		choice store.Choice
		toast  string
	}{
		"m": {store.Mine, "Kept mine: “Buy oat milk” · u undo"},
		"t": {store.Theirs, "Took theirs"},
		"b": {store.Both, "Kept both, as two todos"},
	} {
		b := contestedTodos(t)
		play(t, b, func(d *driver) {
			d.press("c", key)
			d.sees("1 of 2", c.toast)
			if got := b.alice().resolved[fakeID(0)]; got != c.choice {
				t.Errorf("%s chose %d", key, got)
			}
		})
	}
}

func TestConflictsOfDeletedTodosHaveNoBoth(t *testing.T) {
	b := contestedTodos(t)
	play(t, b, func(d *driver) {
		d.press("c", "n", "b")
		d.sees("2 of 3")
		d.press("m")
		d.sees("Restored: “Call Bob”", "2 of 2", "You deleted this todo")
		d.press("t")
		d.sees("Kept: “Water the plants”", "1 of 1")
		d.press("t")
		d.sees("Took theirs: “Buy oat milk”", "? help · space")
		d.seesNot("Conflicts") // that was the last one
	})
}

func TestConflictsOfHostileTextStayTheirs(t *testing.T) {
	b := newFakeBackend(t, "x")
	b.alice().conflicts = []store.Conflict{{ID: fakeID(0), Column: "title", Mine: "a\x1b[2J\x00", Theirs: "b\u202e\ue000‹", Item: b.alice().items[fakeID(0)]}}
	play(t, b, func(d *driver) {
		d.press("c")
		d.sees("␛[2J␀")
		d.seesNot("\u202e", "\ue000")
	})
}
