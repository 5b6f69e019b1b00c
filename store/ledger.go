package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

// ledger is one write transaction over the todos. It numbers what it changes
// with one new Rev, and counts the shown todos as it goes.
type ledger struct {
	*conn
	now        time.Time
	rev        int64
	open, done int // change of the numbers of shown todos
	tell       func(Progress)
	saved      int // todos
}

// toldEach is after how many todos a long change tells how far it is.
const toldEach = 10_000

// change runs do in one durable transaction with a Rev of its own.
func (s *Store) change(ctx context.Context, do func(*ledger) error) error {
	err := s.db.write(ctx, func(c *conn) error {
		rev, err := c.meta("rev")
		if err != nil {
			return err
		}
		l := &ledger{conn: c, now: s.o.Now(), rev: rev + 1, tell: s.o.Progress}
		if err := do(l); err != nil {
			return err
		}
		return l.close()
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (l *ledger) close() error {
	if err := l.setMeta("rev", l.rev); err != nil {
		return err
	}
	for name, by := range map[string]int{"open": l.open, "done": l.done} {
		if by == 0 {
			continue
		}
		n, err := l.meta(name)
		if err != nil {
			return err
		}
		if err := l.setMeta(name, n+int64(by)); err != nil {
			return err
		}
	}
	return nil
}

// meta reads a number kept under a name, 0 when there is none.
func (c *conn) meta(name string) (int64, error) {
	return c.integer("SELECT value FROM meta WHERE name = ?", name)
}

func (c *conn) setMeta(name string, value any) error {
	return c.exec("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value)
}

// entry is all that is known of one id.
type entry struct {
	id        uuid.UUID
	row       *Todo // the server's, nil when it has none
	ops       []outgoing
	conflicts []conflict
	note      string
	tracked   bool  // row stands in base, not in todos
	was       *Item // as shown before this transaction
}

// view is what is shown of an entry.
func (e *entry) view() (it Item, shown bool) {
	row := e.row
	if c, ok := e.letGo(); ok {
		row = c.mine
	}
	ops := make([]Op, len(e.ops))
	it.Note = e.note
	for i, op := range e.ops {
		ops[i] = op.Op
		it.State = max(it.State, Waiting)
		if op.state == parked {
			it.State, it.Note = Parked, op.reason
		}
	}
	if len(e.conflicts) > 0 {
		it.State, it.Note = Conflicted, e.conflicts[0].say()
	}
	it.Todo, shown = replay(row, ops)
	return it, shown
}

// find reads all that is known of a todo, by its id or one that it had before.
func (l *ledger) find(id uuid.UUID) (*entry, error) {
	id, err := l.follow(id)
	if err != nil {
		return nil, err
	}
	return l.load(id)
}

// load reads all that is known of an id.
func (l *ledger) load(id uuid.UUID) (*entry, error) {
	e := &entry{id: id}
	err := l.each(selectItem+" WHERE id = ?", []any{id}, func(s *sqlite3.Stmt) error {
		it := scanItem(s)
		e.was = &it
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := l.loadBase(e); err != nil {
		return nil, err
	}
	if !e.tracked && e.was != nil {
		row := e.was.Todo
		e.row, e.note = &row, e.was.Note
	}
	return e, nil
}

func (l *ledger) loadBase(e *entry) error {
	err := l.each("SELECT row, note FROM base WHERE id = ?", []any{e.id}, func(s *sqlite3.Stmt) (err error) {
		e.tracked, e.note = true, s.ColumnText(1)
		e.row, err = columnTodo(s, 0, e.id)
		return err
	})
	if err != nil || !e.tracked {
		return err
	}
	if e.ops, err = l.opsOf(e.id); err != nil {
		return err
	}
	e.conflicts, err = l.conflictsOf(e.id)
	return err
}

// columnTodo reads a packed todo, nil where it is NULL.
func columnTodo(s *sqlite3.Stmt, i int, id uuid.UUID) (*Todo, error) {
	if s.ColumnType(i) == sqlite3.NULL {
		return nil, nil
	}
	t, err := unpack(id, s.ColumnText(i))
	return &t, err
}

func packed(t *Todo) any {
	if t == nil {
		return nil
	}
	return t.pack()
}

// save writes an entry back: what is shown of it, and the server's side while
// that may differ.
func (l *ledger) save(e *entry) error {
	var err error
	switch {
	case len(e.ops)+len(e.conflicts) > 0:
		err = l.exec("INSERT INTO base VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET row = excluded.row, note = excluded.note",
			e.id, packed(e.row), e.note)
	case e.tracked:
		err = l.exec("DELETE FROM base WHERE id = ?", e.id)
	}
	if err != nil {
		return err
	}
	e.tracked = len(e.ops)+len(e.conflicts) > 0
	if l.saved++; l.tell != nil && l.saved%toldEach == 0 {
		l.tell(Progress{Phase: "saving", Done: l.saved})
	}
	it, shown := e.view()
	it.ID = e.id
	if !shown {
		return l.hide(e)
	}
	return l.show(e, it)
}

// show makes it the shown todo of e.
func (l *ledger) show(e *entry, it Item) error {
	if e.was != nil && *e.was == it {
		return nil
	}
	if e.was != nil {
		if err := l.drop(*e.was); err != nil {
			return err
		}
	} else if err := l.exec("DELETE FROM gone WHERE id = ?", e.id); err != nil {
		return err
	}
	l.count(it, 1)
	e.was = &it
	return l.exec("INSERT INTO todos VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		b2i(it.Done.Bool()), int64(^it.Created), it.ID, it.Title, int(it.Done), int(it.State), it.Note, l.rev)
}

// hide takes the todo of e off the list, if it was there.
func (l *ledger) hide(e *entry) error {
	if e.was == nil {
		return nil
	}
	if err := l.drop(*e.was); err != nil {
		return err
	}
	e.was = nil
	return l.gone(e.id)
}

// gone tells readers that nothing is shown under an id any more.
func (l *ledger) gone(id uuid.UUID) error {
	return l.exec("INSERT INTO gone VALUES (?, ?) ON CONFLICT DO UPDATE SET rev = excluded.rev", id, l.rev)
}

func (l *ledger) drop(it Item) error {
	l.count(it, -1)
	return l.exec("DELETE FROM todos WHERE closed = ? AND ord = ? AND id = ?",
		b2i(it.Done.Bool()), int64(^it.Created), it.ID)
}

func (l *ledger) count(it Item, by int) {
	if it.Done.Bool() {
		l.done += by
	} else {
		l.open += by
	}
}

// confirm takes what the server now holds for an entry. Pages that were read
// before no longer say what the server holds.
func (l *ledger) confirm(e *entry, row *Todo) error {
	e.row = row
	return l.exec("DELETE FROM pages WHERE first <= ? AND last >= ?", e.id, e.id)
}

// follow returns the id that stands for an old one, unless the old one is shown.
func (c *conn) follow(id uuid.UUID) (uuid.UUID, error) {
	shown, err := c.integer("SELECT count(*) FROM todos WHERE id = ?", id)
	if err != nil || shown > 0 {
		return id, err
	}
	err = c.each("SELECT id FROM aliases WHERE old = ?", []any{id}, func(s *sqlite3.Stmt) error {
		id = columnID(s, 0)
		return nil
	})
	return id, err
}

// alias makes successor stand for old, wherever old is named.
func (l *ledger) alias(old, successor uuid.UUID) error {
	if err := l.exec("UPDATE aliases SET id = ? WHERE id = ?", successor, old); err != nil {
		return err
	}
	return l.exec("INSERT INTO aliases VALUES (?, ?) ON CONFLICT DO UPDATE SET id = excluded.id", old, successor)
}

// conflict is one column that both sides changed; nil is a todo that is not there.
type conflict struct {
	id           uuid.UUID
	col          column
	base         Todo
	mine, theirs *Todo
}

// deleted is the column of conflicts between a change and a delete.
const deleted = createdAt + 1

func (c conflict) say() string {
	switch {
	case c.col != deleted:
		return "changed here and elsewhere: " + columnNames[c.col]
	case c.mine == nil:
		return "deleted here, changed elsewhere"
	}
	return "changed here, deleted elsewhere"
}

func (c *conn) conflictsOf(id uuid.UUID) ([]conflict, error) {
	return c.conflictsWhere("WHERE id = ? ORDER BY col", id)
}

func (c *conn) conflictsWhere(where string, args ...any) (all []conflict, err error) {
	err = c.each("SELECT id, col, base, mine, theirs FROM conflicts "+where, args, func(s *sqlite3.Stmt) error {
		one, err := scanConflict(s)
		all = append(all, one)
		return err
	})
	return all, err
}

func scanConflict(s *sqlite3.Stmt) (c conflict, err error) {
	c.id, c.col = columnID(s, 0), column(s.ColumnInt(1))
	if c.base, err = unpack(c.id, s.ColumnText(2)); err != nil {
		return c, err
	}
	if c.mine, err = columnTodo(s, 3, c.id); err != nil {
		return c, err
	}
	c.theirs, err = columnTodo(s, 4, c.id)
	return c, err
}

// addConflict keeps a conflict with the entry; a newer one on the same column
// takes the older one's place, but keeps its base. What of ours is only what theirs
// was is no side of its own: then the older one's stays.
func (l *ledger) addConflict(e *entry, c conflict) error {
	c.id = e.id
	for i, old := range e.conflicts {
		if old.col == c.col {
			c.base = old.base
			if c.mine != nil && old.theirs != nil && same(*c.mine, *old.theirs, c.col) {
				c.mine = old.mine
			}
			e.conflicts = append(e.conflicts[:i], e.conflicts[i+1:]...)
			break
		}
	}
	e.conflicts = append(e.conflicts, c)
	if c.col > deleted {
		return fmt.Errorf("keep conflict: no such column %d", c.col)
	}
	return l.exec("INSERT OR REPLACE INTO conflicts VALUES (?, ?, ?, ?, ?, ?)",
		e.id, int(c.col), c.base.pack(), packed(c.mine), packed(c.theirs), l.now)
}

// dropConflicts forgets the conflicts of an entry.
func (l *ledger) dropConflicts(e *entry) error {
	e.conflicts = nil
	return l.exec("DELETE FROM conflicts WHERE id = ?", e.id)
}
