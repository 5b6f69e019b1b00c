package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

// ofShown are the conflicts that a person has to decide. One of a todo that is not shown
// was decided by deleting that, and is there again if the delete is taken back before it is sent.
const ofShown = "WHERE EXISTS (SELECT 1 FROM todos WHERE todos.id = conflicts.id)"

// Conflicts lists what a person has to decide.
func (s *Store) Conflicts(ctx context.Context) (all []Conflict, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		kept, err := c.conflictsWhere(ofShown + " ORDER BY at, id, col")
		if err != nil {
			return err
		}
		gone := map[uuid.UUID]bool{} // todos that the other side deleted
		for _, k := range kept {
			gone[k.id] = gone[k.id] || k.col == deleted && k.mine != nil
		}
		for _, k := range kept {
			shown, err := c.items(selectItem+" WHERE id = ?", k.id)
			if err != nil {
				return err
			}
			if gone[k.id] {
				k.theirs = nil
			}
			all = append(all, k.tell(shown))
		}
		return nil
	})
	return all, wrap("read conflicts", err)
}

// tell puts a conflict into words. A side that is not there is "".
func (c conflict) tell(shown []Item) Conflict {
	k := Conflict{ID: c.id, Column: "deleted", Base: c.base.Title}
	if c.col != deleted {
		k.Column, k.Base = columnNames[c.col], spell(&c.base, c.col)
	}
	k.Mine, k.Theirs = spell(c.mine, c.col), spell(c.theirs, c.col)
	if len(shown) > 0 {
		k.Item = shown[0]
		if c.theirs != nil { // it may have been changed again since
			k.Theirs = spell(&k.Item.Todo, c.col)
		}
	}
	return k
}

func spell(t *Todo, c column) string {
	switch {
	case t == nil:
		return ""
	case c == isComplete && t.Done.Bool():
		return "done"
	case c == isComplete:
		return "open"
	case c == createdAt:
		return t.Created.String()
	}
	return t.Title
}

// Resolve decides all conflicts of one todo; it is a step that can be undone.
// ErrNotFound when it has none.
func (s *Store) Resolve(ctx context.Context, id uuid.UUID, c Choice) error {
	err := s.change(ctx, func(l *ledger) error {
		e, err := l.find(id)
		if err != nil {
			return err
		}
		if len(e.conflicts) == 0 || e.was == nil {
			return fmt.Errorf("%w: it has no conflict", ErrNotFound)
		}
		return l.resolve(e, c)
	})
	return wrap("resolve conflict", err)
}

// chosen makes the ops that a choice means. t is what was shown.
func chosen(conflicts []conflict, t Todo, c Choice) []Op {
	mine := t
	for _, k := range conflicts {
		switch {
		case k.col == deleted && k.mine == nil && c == Mine:
			return []Op{Remove(t)}
		case k.col == deleted && k.mine == nil:
			return nil // both: it is kept
		case k.col == deleted && mine != t: // it was in conflict before it was deleted elsewhere
			mine.ID = uuid.New()
			return []Op{AddTodo(t), AddTodo(mine)}
		case k.col == deleted:
			return []Op{AddTodo(t)}
		}
		mine = set(mine, *k.mine, k.col)
	}
	if mine == t {
		return nil
	}
	if c == Both {
		mine.ID = uuid.New()
		return []Op{AddTodo(mine)}
	}
	return []Op{{ID: t.ID, Kind: SetTitle, Base: t, Want: mine}}
}

// Retry sends the parked ops of a todo again with the next sync. ErrNotFound when it
// has none.
func (s *Store) Retry(ctx context.Context, id uuid.UUID) error {
	return wrap("retry", s.eachParked(ctx, id, func(l *ledger, e *entry, o outgoing) error {
		o.state, o.reason = waiting, ""
		if !o.doubt.IsZero() {
			o.state = unknown
		}
		return l.update(e, o)
	}))
}

// Discard drops the parked ops of a todo: what the server holds is shown again.
// ErrNotFound when it has none.
func (s *Store) Discard(ctx context.Context, id uuid.UUID) error {
	return wrap("discard", s.eachParked(ctx, id, (*ledger).finish))
}

func (s *Store) eachParked(ctx context.Context, id uuid.UUID, do func(*ledger, *entry, outgoing) error) error {
	return s.change(ctx, func(l *ledger) error {
		e, err := l.find(id)
		if err != nil {
			return err
		}
		n := 0
		for _, o := range slices.Clone(e.ops) {
			if o.state != parked {
				continue
			}
			n++
			if err := do(l, e, o); err != nil {
				return err
			}
		}
		if n == 0 {
			return fmt.Errorf("%w: nothing of it was refused", ErrNotFound)
		}
		return l.save(e)
	})
}

// Vanished lists the last 100 todos that a pull no longer found, newest first.
func (s *Store) Vanished(ctx context.Context) (all []Vanished, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		return c.each("SELECT id, row, at FROM vanished ORDER BY n DESC LIMIT ?", []any{keptVanished}, func(st *sqlite3.Stmt) error {
			t, err := unpack(columnID(st, 0), st.ColumnText(1))
			all = append(all, Vanished{Todo: t, At: moment(st.ColumnInt64(2))})
			return err
		})
	})
	return all, wrap("read vanished todos", err)
}

// Restore adds a vanished todo again, under an id of its own: a late delete
// could take the old one. ErrNotFound when it is not listed any more.
func (s *Store) Restore(ctx context.Context, id uuid.UUID) error {
	err := s.change(ctx, func(l *ledger) error {
		text, found, err := l.text("SELECT row FROM vanished WHERE id = ?", id)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		t, err := unpack(id, text)
		if err != nil {
			return err
		}
		if err := l.take(Step{Name: "restore " + t.Title, Ops: []Op{AddTodo(t)}}); err != nil {
			return err
		}
		return l.exec("DELETE FROM vanished WHERE id = ?", id)
	})
	return wrap("restore", err)
}

// Drafts returns the texts that were typed but not saved, by the todo they are for,
// uuid.Nil for a new one.
func (s *Store) Drafts(ctx context.Context) (map[uuid.UUID]string, error) {
	all := map[uuid.UUID]string{}
	err := s.db.read(ctx, func(c *conn) error {
		return c.each("SELECT id, text FROM drafts", nil, func(s *sqlite3.Stmt) error {
			all[columnID(s, 0)] = s.ColumnText(1)
			return nil
		})
	})
	return all, wrap("read drafts", err)
}

// SaveDraft keeps unsaved text through a crash; "" drops it.
func (s *Store) SaveDraft(ctx context.Context, id uuid.UUID, text string) error {
	err := s.db.write(ctx, func(c *conn) error {
		if text == "" {
			return c.exec("DELETE FROM drafts WHERE id = ?", id)
		}
		return c.exec("INSERT INTO drafts VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text", id, text)
	})
	return wrap("keep draft", err)
}
