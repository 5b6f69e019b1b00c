package store

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// replayAll is the whole list from scratch: what is shown for the rows that the server
// confirmed and the ops that are not yet there, in the default order. The cache, which
// is kept up to date row by row, is held against it.
func replayAll(rows []Todo, ops []Op) []Item {
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
