package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
)

// Undo takes the last step back, by ops through the same outbox, and returns
// the step that did it; ErrNothing when there is none, or when everything it
// changed was changed elsewhere since. The conflict that a decision ended is open again.
func (s *Store) Undo(ctx context.Context) (Step, error) {
	step, err := s.turn(ctx, 0, func(l *ledger, p past) (did []Op, err error) {
		for _, op := range slices.Backward(p.Ops) {
			one, err := l.takeBack(op)
			if err != nil {
				return nil, err
			}
			did = append(did, one...)
		}
		named, err := l.reopen(p)
		return append(named, did...), err
	})
	return step, wrap("undo", err)
}

// Redo does the last undone step again, and returns the step that did it; ErrNothing
// as for Undo.
func (s *Store) Redo(ctx context.Context) (Step, error) {
	step, err := s.turn(ctx, 1, func(l *ledger, p past) (did []Op, err error) {
		if p.choice != 0 {
			return l.decideAgain(p)
		}
		ended, err := l.endedBy(p.Ops)
		if err != nil {
			return nil, err
		}
		for _, op := range p.Ops {
			one, err := l.again(op)
			if err != nil {
				return nil, err
			}
			did = append(did, one...)
		}
		return did, l.keepSettled(p.n, 0, ended)
	})
	return step, wrap("redo", err)
}

// turn runs do on the nearest step that is undone or not, and turns that around.
func (s *Store) turn(ctx context.Context, undone int, do func(*ledger, past) ([]Op, error)) (step Step, err error) {
	stale := false
	err = s.change(ctx, func(l *ledger) error {
		p, err := l.past(undone)
		if err != nil {
			return err
		}
		step.Name = p.Name
		if step.Ops, err = do(l, p); err != nil {
			return err
		}
		stale = len(step.Ops) == 0
		return l.exec("UPDATE steps SET undone = ? WHERE n = ?", 1-undone, p.n)
	})
	if err == nil && stale {
		err = fmt.Errorf("%w: %q was changed elsewhere since", ErrNothing, step.Name)
	}
	return step, err
}

// past reads the step that undo (0) or redo (1) would turn around.
func (c *conn) past(undone int) (p past, err error) {
	order := "DESC"
	if undone == 1 {
		order = "ASC"
	}
	found := false
	err = c.each("SELECT n, name, ops FROM steps WHERE undone = ? ORDER BY n "+order+" LIMIT 1", []any{undone},
		func(s *sqlite3.Stmt) (err error) {
			found, p.n, p.Name = true, s.ColumnInt64(0), s.ColumnText(1)
			p.Ops, err = unpackOps(string(s.ColumnRawBlob(2)))
			return err
		})
	switch {
	case err != nil:
		return p, err
	case !found:
		return p, ErrNothing
	}
	return p, c.recall(&p)
}

// takeBack does the opposite of an op, where its result still stands, and
// returns the ops that did it.
func (l *ledger) takeBack(op Op) ([]Op, error) {
	switch op.Kind {
	case Add:
		return l.withShown(op, func(e *entry, t Todo) (Op, bool) { return Remove(t), true })
	case Delete:
		return l.restore(op.Base)
	}
	return l.withShown(op, func(e *entry, t Todo) (Op, bool) { return turned(op.Kind, t, op.Want, op.Base) })
}

// again does an op once more, where what it changed is as it was before.
func (l *ledger) again(op Op) ([]Op, error) {
	switch op.Kind {
	case Add:
		return l.restore(op.Want)
	case Delete:
		return l.withShown(op, func(e *entry, t Todo) (Op, bool) { return Remove(t), true })
	}
	return l.withShown(op, func(e *entry, t Todo) (Op, bool) { return turned(op.Kind, t, op.Base, op.Want) })
}

// turned makes the op that leads t from one side of a change to the other, in
// those columns alone that still are as from.
func turned(k Kind, t, from, to Todo) (Op, bool) {
	want := t
	if t.Title == from.Title {
		want.Title = to.Title
	}
	if t.Done.Bool() == from.Done.Bool() && from.Done != to.Done {
		want.Done = to.Done
	}
	if t.Created == from.Created {
		want.Created = to.Created
	}
	return Op{ID: t.ID, Kind: k, Base: t, Want: want}, want != t
}

// withShown enqueues what make says of the todo that op was about, if it is shown.
func (l *ledger) withShown(op Op, make func(*entry, Todo) (Op, bool)) ([]Op, error) {
	e, err := l.find(op.ID)
	if err != nil || e.was == nil {
		return nil, err
	}
	back, ok := make(e, e.was.Todo)
	if !ok {
		return nil, nil
	}
	did, err := l.enqueue(back)
	if err != nil || !did {
		return nil, err
	}
	return []Op{back}, nil
}

// restore brings a todo back: by taking its delete out of the outbox, where
// that was never sent, else under a new id for which the old one stands.
func (l *ledger) restore(t Todo) ([]Op, error) {
	e, err := l.find(t.ID)
	if err != nil || e.was != nil {
		return nil, err
	}
	if n := len(e.ops); n > 0 && e.ops[n-1].Kind == Delete && e.ops[n-1].pristine() {
		return l.cancelDelete(e)
	}
	if did, err := l.enqueueAdd(e, AddTodo(t)); err != nil || !did {
		return nil, err
	}
	if t.ID, err = l.follow(t.ID); err != nil {
		return nil, err
	}
	return []Op{AddTodo(t)}, nil
}

// cancelDelete shows a todo again whose delete was never sent, with the edits
// that it dropped. They keep their own base: what others wrote since stays.
func (l *ledger) cancelDelete(e *entry) ([]Op, error) {
	last := e.ops[len(e.ops)-1]
	if err := l.remove(e, last.seq); err != nil {
		return nil, err
	}
	if _, err := l.enqueueEdit(e, Op{Kind: SetTitle, Base: last.Base, Want: last.Want}); err != nil {
		return nil, err
	}
	it, _ := e.view()
	return []Op{AddTodo(it.Todo)}, l.save(e)
}
