package store

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Replay returns what is shown for the rows that the server confirmed and the
// ops that are not yet there, in the default order: open before done, newest
// first. It is pure. What the cache shows is its result, kept up to date row by
// row; a todo that carries an op is Waiting, every other one Synced.
func Replay(rows []Todo, ops []Op) []Item {
	byID := make(map[uuid.UUID][]Op, len(ops))
	for _, op := range ops {
		byID[op.ID] = append(byID[op.ID], op)
	}
	shown := make([]Item, 0, len(rows)+len(ops))
	add := func(row *Todo, ops []Op) {
		if t, ok := replay(row, ops); ok {
			it := Item{Todo: t}
			if len(ops) > 0 {
				it.State = Waiting
			}
			shown = append(shown, it)
		}
	}
	for i := range rows {
		ops, pending := byID[rows[i].ID]
		add(&rows[i], ops)
		if pending {
			delete(byID, rows[i].ID)
		}
	}
	for _, ops := range byID {
		add(nil, ops)
	}
	slices.SortFunc(shown, func(a, b Item) int { return compareShown(a.Todo, b.Todo) })
	return shown
}

// compareShown orders todos as they are shown by default.
func compareShown(a, b Todo) int {
	if c := cmp.Compare(b2i(a.Done.Bool()), b2i(b.Done.Bool())); c != 0 {
		return c
	}
	if c := cmp.Compare(b.Created, a.Created); c != 0 {
		return c
	}
	return slices.Compare(a.ID[:], b.ID[:])
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// replay applies ops to one row; row is nil where the server has none.
func replay(row *Todo, ops []Op) (t Todo, shown bool) {
	if row != nil {
		t, shown = *row, true
	}
	for _, op := range ops {
		t, shown = op.apply(t, shown)
	}
	return t, shown
}

// apply makes the change of op. An add of what is there changes nothing, since
// it landed; an edit of what is not there shows what was typed.
func (op Op) apply(t Todo, there bool) (Todo, bool) {
	switch {
	case op.Kind == Delete:
		return t, false
	case !there:
		return op.Want, true
	case op.Kind != Add:
		t = t.with(op.Base, op.Want)
	}
	return t, true
}

// with returns t with each column in which want differs from base as in want.
func (t Todo) with(base, want Todo) Todo {
	if want.Title != base.Title {
		t.Title = want.Title
	}
	if want.Done != base.Done {
		t.Done = want.Done
	}
	if want.Created != base.Created {
		t.Created = want.Created
	}
	return t
}
