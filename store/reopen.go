package store

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

// past is a step as it is kept, to be taken back or done again. It has with it the
// conflicts that it ended: those of one todo, by a choice, or those of the todos that it
// deleted, by none.
type past struct {
	n int64
	Step
	choice  Choice
	settled []conflict
}

// endedBy returns the open conflicts of the todos that ops delete.
func (l *ledger) endedBy(ops []Op) (all []conflict, err error) {
	for _, op := range ops {
		if op.Kind != Delete {
			continue
		}
		id, err := l.follow(op.ID)
		if err != nil {
			return nil, err
		}
		some, err := l.conflictsOf(id)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// resolve decides the conflicts of e as a step.
func (l *ledger) resolve(e *entry, c Choice) error {
	it, _ := e.view()
	n, err := l.remember(Step{Name: fmt.Sprintf(`resolve the conflict of "%s"`, plain(it.Title, 40))})
	if err != nil {
		return err
	}
	_, err = l.decide(n, e, c)
	return err
}

// decide ends the conflicts of e, does what was chosen, and keeps both with step n.
func (l *ledger) decide(n int64, e *entry, c Choice) (ops []Op, err error) {
	it, _ := e.view()
	if c != Theirs {
		ops = chosen(e.conflicts, it.Todo, c)
	}
	if err := l.exec("DELETE FROM settled WHERE n = ?", n); err != nil {
		return nil, err
	}
	if err := l.keepSettled(n, c, e.conflicts); err != nil {
		return nil, err
	}
	if err := l.dropConflicts(e); err != nil {
		return nil, err
	}
	e.note = ""
	if err := l.save(e); err != nil {
		return nil, err
	}
	if _, err := l.enqueueAll(ops); err != nil {
		return nil, err
	}
	return ops, l.exec("UPDATE steps SET ops = ? WHERE n = ?", packOps(ops), n)
}

// keepSettled keeps with step n the conflicts that it ended, and what was chosen.
func (l *ledger) keepSettled(n int64, c Choice, settled []conflict) error {
	for _, k := range settled {
		err := l.exec("INSERT OR REPLACE INTO settled VALUES (?, ?, ?, ?, ?, ?, ?)",
			n, int(c), k.id, int(k.col), k.base.pack(), packed(k.mine), packed(k.theirs))
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetSettled forgets what keepSettled kept of one todo.
func (l *ledger) forgetSettled(n int64, id uuid.UUID) error {
	return l.exec("DELETE FROM settled WHERE n = ? AND id = ?", n, id)
}

// recall reads the decision that a step was, if it was one.
func (c *conn) recall(p *past) error {
	return c.each("SELECT id, col, base, mine, theirs, choice FROM settled WHERE n = ? ORDER BY id, col", []any{p.n}, func(s *sqlite3.Stmt) error {
		k, err := scanConflict(s)
		p.settled, p.choice = append(p.settled, k), Choice(s.ColumnInt(5))
		return err
	})
}

// reopen puts the conflicts back that a step ended and that was taken back, against the
// todos as they are now. It returns for each todo an op that names it and changes nothing more.
func (l *ledger) reopen(p past) (named []Op, err error) {
	for settled := p.settled; len(settled) > 0; {
		n := 1
		for n < len(settled) && settled[n].id == settled[0].id {
			n++
		}
		some, err := l.reopenOne(p, settled[:n])
		if err != nil {
			return nil, err
		}
		named, settled = append(named, some...), settled[n:]
	}
	return named, nil
}

// reopenOne puts the conflicts of one todo back. Where that cannot be, the step is one
// like others from now on.
func (l *ledger) reopenOne(p past, settled []conflict) ([]Op, error) {
	id := settled[0].id
	e, err := l.find(id)
	if err == nil && e.was == nil {
		e, err = l.load(id)
	}
	if err != nil {
		return nil, err
	}
	if err := l.forgetSettled(p.n, id); err != nil || len(e.conflicts) > 0 { // another one came since
		return nil, err
	}
	was := e.was
	for _, k := range e.open(settled) {
		if err := l.addConflict(e, k); err != nil {
			return nil, err
		}
	}
	if err := l.keepSettled(p.n, p.choice, e.conflicts); err != nil || len(e.conflicts) == 0 {
		return nil, err
	}
	if err := l.save(e); err != nil {
		return nil, err
	}
	if was == nil {
		return []Op{AddTodo(e.was.Todo)}, nil
	}
	return []Op{naming(e.was.Todo)}, nil
}

// naming makes an op that says which todo a step was about, and changes nothing.
func naming(t Todo) Op { return Op{ID: t.ID, Kind: SetTitle, Base: t, Want: t} }

// open returns what of settled conflicts is one again, with e as it is now.
func (e *entry) open(settled []conflict) (all []conflict) {
	now, shown := e.view()
	switch {
	case shown:
		for _, k := range settled {
			all = append(all, k.with(now.Todo)...)
		}
	case e.row == nil && len(e.ops) == 0:
		return withNothing(settled)
	}
	return all
}

// with returns what a conflict is where the other side holds theirs. Where it had
// deleted the todo, which came back since, each column that differs is one.
func (c conflict) with(theirs Todo) (all []conflict) {
	cols := []column{c.col}
	if c.col == deleted && c.mine != nil {
		cols = changed(theirs, *c.mine)
	}
	for _, col := range cols {
		if c.mine == nil || !same(*c.mine, theirs, col) {
			all = append(all, conflict{col: col, base: c.base, mine: c.mine, theirs: &theirs})
		}
	}
	return all
}

// withNothing returns what conflicts are where the todo is gone: mine against the delete.
func withNothing(settled []conflict) []conflict {
	last := settled[len(settled)-1]
	switch {
	case last.col == deleted && last.mine == nil:
		return nil // both sides deleted it
	case last.col == deleted:
		return settled
	}
	mine := *last.theirs
	for _, k := range settled {
		mine = set(mine, *k.mine, k.col)
	}
	return []conflict{{col: deleted, base: last.base, mine: &mine}}
}

// decideAgain makes a decision again that was taken back, where its conflicts are open
// as they were.
func (l *ledger) decideAgain(p past) ([]Op, error) {
	e, err := l.find(p.settled[0].id)
	if err != nil || !slices.EqualFunc(e.conflicts, p.settled, conflict.asMine) {
		return nil, err
	}
	was := e.was.Todo
	ops, err := l.decide(p.n, e, p.choice)
	switch {
	case err != nil || len(ops) > 0:
		return ops, err
	case e.was == nil:
		return []Op{Remove(was)}, nil
	}
	return []Op{naming(was)}, nil
}

// asMine reports whether two conflicts are about the same column and text of ours.
func (c conflict) asMine(o conflict) bool {
	return c.col == o.col && (c.mine == nil) == (o.mine == nil) && (c.mine == nil || *c.mine == *o.mine)
}
