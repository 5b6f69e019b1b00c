package store

// replay returns what is shown of one todo: the row that the server confirmed, nil where
// it has none, with the ops that are not yet there applied. It is pure. The cache keeps
// its result beside the row, in the default order: open before done, newest first.
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

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
