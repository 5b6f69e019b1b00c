package store

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

// opState is how far an op of the outbox is.
type opState uint8

const (
	waiting  opState = iota // never attempted, or its attempts were definitely not carried out
	inFlight                // marked before it is sent; what a crash leaves so is unknown
	unknown                 // attempted, and it may have been carried out, or still be
	parked                  // refused for good
)

func (s opState) String() string {
	return [...]string{"unsent", "in-flight", "unknown", "parked"}[s]
}

// outgoing is an op in the outbox.
type outgoing struct {
	Op
	seq      int64
	state    opState
	attempts int
	saved    time.Time
	tried    time.Time // begin of the last attempt
	doubt    time.Time // when the last attempt of unknown outcome ended; zero: there was none
	absent   time.Time // when its row was first not found with no witness
	next     time.Time // not to be sent before
	reason   string
}

// pristine reports whether the server has certainly never carried out o, so
// that o may still be changed.
func (o outgoing) pristine() bool {
	return o.doubt.IsZero() && (o.state == waiting || o.state == parked)
}

const selectOps = "SELECT seq, id, kind, base, want, state, attempts, saved, tried, doubt, absent, next, reason FROM ops o "

func scanOp(s *sqlite3.Stmt) (o outgoing, err error) {
	o.seq, o.ID, o.Kind = s.ColumnInt64(0), columnID(s, 1), Kind(s.ColumnInt(2))
	if o.Base, err = unpack(o.ID, s.ColumnText(3)); err != nil {
		return o, err
	}
	if o.Want, err = unpack(o.ID, s.ColumnText(4)); err != nil {
		return o, err
	}
	o.state, o.attempts = opState(s.ColumnInt(5)), s.ColumnInt(6)
	for i, t := range []*time.Time{&o.saved, &o.tried, &o.doubt, &o.absent, &o.next} {
		*t = moment(s.ColumnInt64(7 + i))
	}
	o.reason = s.ColumnText(12)
	return o, nil
}

func (c *conn) opsWhere(where string, args ...any) (all []outgoing, err error) {
	err = c.each(selectOps+where, args, func(s *sqlite3.Stmt) error {
		o, err := scanOp(s)
		all = append(all, o)
		return err
	})
	return all, err
}

func (c *conn) opsOf(id uuid.UUID) ([]outgoing, error) {
	return c.opsWhere("WHERE id = ? ORDER BY seq", id)
}

// push puts an op at the end of an entry's queue.
func (l *ledger) push(e *entry, op Op) error {
	op.ID = e.id
	err := l.exec("INSERT INTO ops (id, kind, base, want, state, saved) VALUES (?, ?, ?, ?, ?, ?)",
		op.ID, int(op.Kind), op.Base.pack(), op.Want.pack(), int(waiting), l.now)
	e.ops = append(e.ops, outgoing{Op: op, seq: l.LastInsertRowID(), saved: l.now})
	return err
}

// rewrite stores a changed op.
func (c *conn) rewrite(o outgoing) error {
	return c.exec(`UPDATE ops SET kind = ?, base = ?, want = ?, state = ?, attempts = ?, tried = ?, doubt = ?,
		absent = ?, next = ?, reason = ? WHERE seq = ?`,
		int(o.Kind), o.Base.pack(), o.Want.pack(), int(o.state), o.attempts, o.tried, o.doubt, o.absent, o.next, o.reason, o.seq)
}

// update stores a changed op of an entry.
func (l *ledger) update(e *entry, o outgoing) error {
	for i := range e.ops {
		if e.ops[i].seq == o.seq {
			e.ops[i] = o
		}
	}
	return l.rewrite(o)
}

// remove takes an op out of an entry's queue.
func (l *ledger) remove(e *entry, seq int64) error {
	for i := range e.ops {
		if e.ops[i].seq == seq {
			e.ops = append(e.ops[:i:i], e.ops[i+1:]...)
			break
		}
	}
	return l.exec("DELETE FROM ops WHERE seq = ?", seq)
}

// enqueue takes one op into the outbox and reports whether it changes anything.
func (l *ledger) enqueue(op Op) (did bool, err error) {
	e, err := l.find(op.ID)
	if err != nil {
		return false, err
	}
	switch op.Kind {
	case Add:
		return l.enqueueAdd(e, op)
	case Delete:
		did, err = l.enqueueDelete(e, op)
	default:
		did, err = l.enqueueEdit(e, op)
	}
	if err != nil || !did {
		return did, err
	}
	e.note = ""
	return true, l.save(e)
}

// enqueueAdd adds a todo, unless it is there. An id that was ever deleted is
// not used again: a late delete could take it.
func (l *ledger) enqueueAdd(e *entry, op Op) (bool, error) {
	if _, shown := e.view(); shown {
		return false, l.renamed(op.ID, e.id)
	}
	spent, err := l.spent(e)
	if err != nil {
		return false, err
	}
	if spent {
		if e, err = l.succeed(e.id); err != nil {
			return false, err
		}
	}
	if err := l.push(e, op.under(e.id)); err != nil {
		return false, err
	}
	if err := l.renamed(op.ID, e.id); err != nil {
		return false, err
	}
	return true, l.save(e)
}

// renamed tells whoever shows a todo under the id that was asked for that it goes by another.
func (l *ledger) renamed(asked, now uuid.UUID) error {
	if asked == now {
		return nil
	}
	return l.gone(asked)
}

// succeed makes a new entry that stands for an old id from now on.
func (l *ledger) succeed(old uuid.UUID) (*entry, error) {
	e := &entry{id: uuid.New()}
	return e, l.alias(old, e.id)
}

// under returns op for another id.
func (op Op) under(id uuid.UUID) Op {
	op.ID, op.Base.ID, op.Want.ID = id, id, id
	return op
}

// spent reports whether an id was used before and may meet a late write.
func (l *ledger) spent(e *entry) (bool, error) {
	if len(e.ops) > 0 || e.row != nil {
		return true, nil
	}
	n, err := l.integer(`SELECT (SELECT count(*) FROM tombstones WHERE id = ?1) + (SELECT count(*) FROM vanished WHERE id = ?1)
		+ (SELECT count(*) FROM holds WHERE id = ?1)`, e.id)
	return n > 0, err
}

// enqueueEdit folds an edit into an op that was never carried out, where there is one.
// Who edits a todo that he deleted and others changed has decided to keep it.
func (l *ledger) enqueueEdit(e *entry, op Op) (bool, error) {
	op = op.under(e.id)
	if op.Base == op.Want {
		return false, nil
	}
	if e.undecided() {
		if err := l.dropConflicts(e); err != nil {
			return false, err
		}
	}
	if c, ok := e.letGo(); ok && len(e.ops) == 0 {
		mine := c.mine.with(op.Base, op.Want)
		c.mine = &mine
		return true, l.addConflict(e, c)
	}
	into, ok := e.foldable(op)
	if !ok {
		return true, l.push(e, op)
	}
	into.Want = into.Want.with(op.Base, op.Want)
	into.state, into.reason, into.next = waiting, "", time.Time{}
	if into.Kind != Add && into.Want == into.Base {
		return true, l.remove(e, into.seq)
	}
	return true, l.update(e, into)
}

// foldable returns the op that an edit can be made part of: the last one about the same
// columns, where that was never carried out and led to what the edit began with. An edit
// that began with something else comes from a window that had not seen it: both are sent,
// and the second meets the first as it would meet anybody's.
func (e *entry) foldable(op Op) (outgoing, bool) {
	cols := changed(op.Base, op.Want)
	for _, o := range slices.Backward(e.ops) {
		switch {
		case !o.pristine() || o.Kind == Delete:
			return o, false
		case o.Kind == Add, o.Kind == op.Kind:
			return o, len(changedOf(o.Want, op.Base, cols)) == 0
		case len(changedOf(o.Base, o.Want, cols)) > 0:
			return o, false
		}
	}
	return outgoing{}, false
}

// letGo returns the conflict of a todo that is only shown because it was
// changed here when it was deleted elsewhere.
func (e *entry) letGo() (conflict, bool) {
	for _, c := range e.conflicts {
		if c.col == deleted && c.mine != nil && e.row == nil {
			return c, true
		}
	}
	return conflict{}, false
}

// undecided reports whether the todo was deleted here and changed elsewhere.
// That is then its only conflict.
func (e *entry) undecided() bool {
	return slices.ContainsFunc(e.conflicts, func(c conflict) bool { return c.col == deleted && c.mine == nil })
}

// enqueueDelete drops edits that were never carried out, and an add with them, as far as
// they led to what is deleted; what the server may hold is deleted by an op, whose Want is
// the todo with those edits: an undo makes them again.
func (l *ledger) enqueueDelete(e *entry, op Op) (bool, error) {
	if _, shown := e.view(); !shown {
		return false, nil
	}
	base := op.Base
	for n := len(e.ops); n > 0 && e.ops[n-1].pristine() && e.ops[n-1].ledTo(base); n = len(e.ops) {
		last := e.ops[n-1]
		if err := l.remove(e, last.seq); err != nil {
			return false, err
		}
		if last.Kind == Add {
			return true, nil
		}
		base = base.with(last.Want, last.Base)
	}
	if e.row == nil && len(e.ops) == 0 {
		return true, l.dropConflicts(e)
	}
	return true, l.push(e, Op{Kind: Delete, Base: base, Want: op.Base}.under(e.id))
}

// ledTo reports whether t holds what op wanted.
func (op Op) ledTo(t Todo) bool {
	return len(changedOf(op.Want, t, changed(op.Base, op.Want))) == 0
}
