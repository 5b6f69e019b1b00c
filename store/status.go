package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

const longestRetryAfter = 24 * time.Hour

// Status reads the account's state from the cache.
func (s *Store) Status(ctx context.Context) (st Status, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		st, err = s.status(c)
		return err
	})
	return st, wrap("read status", err)
}

func (s *Store) status(c *conn) (Status, error) {
	st, err := c.status(s.o.Now())
	if err != nil {
		return st, err
	}
	rev, err := c.meta("rev")
	st.LastSync = s.lastSync(calm{st.LastSync, rev})
	return st, err
}

func (c *conn) status(now time.Time) (st Status, err error) {
	meta, err := c.allMeta()
	if err != nil {
		return st, err
	}
	st.Open, st.Completed = int(meta["open"].n), int(meta["done"].n)
	st.LastSync = moment(meta["last_sync"].n)
	st.Checking = meta["doubted"].n == doubtEmpty
	st.LastError, st.LastErrorAt = meta["last_error"].text, moment(meta["last_error_at"].n)
	if st.NextTry = moment(meta["next_try"].n); st.NextTry.Sub(now) > longestRetryAfter {
		st.NextTry = time.Time{} // of a clock that was wrong
	}
	if err := c.countOutbox(&st); err != nil {
		return st, err
	}
	if n, err := c.integer("SELECT count(*) FROM drafts"); err != nil {
		return st, err
	} else {
		st.Drafts = int(n)
	}
	if n, err := c.integer("SELECT count(DISTINCT id) FROM conflicts " + ofShown); err != nil {
		return st, err
	} else {
		st.Conflicts = int(n)
	}
	if st.CanUndo, _, err = c.text(lastDone); err != nil {
		return st, err
	}
	st.CanRedo, _, err = c.text(firstUndone)
	return st, err
}

func (c *conn) countOutbox(st *Status) error {
	return c.each("SELECT state, count(*) FROM ops GROUP BY state", nil, func(s *sqlite3.Stmt) error {
		n := s.ColumnInt(1)
		switch opState(s.ColumnInt(0)) {
		case parked:
			st.Parked += n
		case unknown:
			st.Unknown += n
			st.Waiting += n
		default:
			st.Waiting += n
		}
		return nil
	})
}

type metaValue struct {
	n    int64
	text string
}

func (c *conn) allMeta() (map[string]metaValue, error) {
	all := map[string]metaValue{}
	err := c.each("SELECT name, value FROM meta", nil, func(s *sqlite3.Stmt) error {
		all[s.ColumnText(0)] = metaValue{s.ColumnInt64(1), s.ColumnText(1)}
		return nil
	})
	return all, err
}

// Outbox lists what is not yet at the server, in order.
func (s *Store) Outbox(ctx context.Context) (all []Pending, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		ops, err := c.pendingOps("ORDER BY seq")
		if err != nil {
			return err
		}
		conflicts, err := c.pendingConflicts()
		all = append(ops, conflicts...)
		return err
	})
	return all, wrap("read outbox", err)
}

// OutboxHead lists the first n changes that are not yet at the server, those that
// a person has to decide about before those that wait, and says how many more there are.
func (s *Store) OutboxHead(ctx context.Context, n int) (first []Pending, more int, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		for _, part := range []func() ([]Pending, error){
			func() ([]Pending, error) { return c.pendingOps("WHERE state = ? ORDER BY seq LIMIT ?", int(parked), n) },
			c.pendingConflicts,
			func() ([]Pending, error) {
				return c.pendingOps("WHERE state <> ? ORDER BY seq LIMIT ?", int(parked), n)
			},
		} {
			some, err := part()
			if err != nil {
				return err
			}
			first = append(first, some...)
		}
		first = first[:min(len(first), n)]
		all, err := c.integer("SELECT (SELECT count(*) FROM ops) + (SELECT count(*) FROM conflicts " + ofShown + ")")
		more = int(all) - len(first)
		return err
	})
	return first, more, wrap("read outbox", err)
}

// Parked lists the changes that the project refused for good, in order.
func (s *Store) Parked(ctx context.Context) (all []Pending, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		all, err = c.pendingOps("WHERE state = ? ORDER BY seq", int(parked))
		return err
	})
	return all, wrap("read refused changes", err)
}

func (c *conn) pendingOps(where string, args ...any) (all []Pending, err error) {
	ops, err := c.opsWhere(where, args...)
	if err != nil {
		return nil, err
	}
	holds, err := c.holds()
	for _, o := range ops {
		all = append(all, o.pending(holds[o.ID]))
	}
	return all, err
}

func (c *conn) pendingConflicts() (all []Pending, err error) {
	err = c.each("SELECT id, col, base, mine, theirs, at FROM conflicts "+ofShown+" ORDER BY at, id, col", nil, func(st *sqlite3.Stmt) error {
		k, err := scanConflict(st)
		all = append(all, k.pending(moment(st.ColumnInt64(5))))
		return err
	})
	return all, err
}

func (o outgoing) pending(hold time.Time) Pending {
	p := Pending{Op: o.Op, State: o.state.String(), Reason: o.reason, Attempts: o.attempts, Since: o.saved, NextTry: o.next}
	if hold.After(p.NextTry) && o.state == waiting {
		p.NextTry, p.Reason = hold, "waits until an earlier change of unknown outcome cannot land any more"
	}
	return p
}

// pending shows a conflict as the op that met it.
func (c conflict) pending(at time.Time) Pending {
	op := Op{ID: c.id, Kind: SetTitle, Base: c.base}
	switch {
	case c.mine == nil:
		op.Kind = Delete
	case c.col == isComplete:
		op.Kind, op.Want = SetDone, *c.mine
	default:
		op.Want = *c.mine
	}
	return Pending{Op: op, State: Conflicted.String(), Reason: c.say(), Since: at}
}

func (c *conn) holds() (map[uuid.UUID]time.Time, error) {
	all := map[uuid.UUID]time.Time{}
	err := c.each("SELECT id, until FROM holds", nil, func(s *sqlite3.Stmt) error {
		all[columnID(s, 0)] = moment(s.ColumnInt64(1))
		return nil
	})
	return all, err
}
