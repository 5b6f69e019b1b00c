package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

const keptTombstones = 24 * time.Hour

const (
	saidLate  = "sent again after an unknown outcome"
	saidWeak  = "too long to guard exactly: only its beginning was compared as it was written"
	saidBack  = "came back: a late write landed"
	saidWhere = "no todo of yours was in the answer, so it is asked again"
	saidGone  = "not found; it is looked for once more before that is believed"
)

// settle writes down what a reply means for its op.
func (l *ledger) settle(r reply) error {
	e, err := l.load(r.op.ID)
	if err != nil {
		return err
	}
	o := r.op
	switch r.fate() {
	case carried:
		err = l.carry(e, r)
	case refusing:
		err = l.park(e, o, r.err)
	case doubtful:
		err = l.doubt(e, r)
	default:
		err = l.update(e, o) // as it was before
	}
	if err != nil {
		return err
	}
	return l.save(e)
}

// park sets an op aside that the project refused for good. What was changed since it was
// sent is taken anew: it may be just what puts that right.
func (l *ledger) park(e *entry, o outgoing, why error) error {
	o.state, o.reason, o.next = parked, oneLine(why), time.Time{}
	o.attempts++
	if err := l.update(e, o); err != nil || !o.pristine() {
		return err
	}
	later := slices.Clone(e.ops)
	later = later[1+slices.IndexFunc(later, func(k outgoing) bool { return k.seq == o.seq }):]
	if slices.ContainsFunc(later, func(k outgoing) bool { return k.state != waiting || !k.pristine() }) {
		return nil
	}
	for _, k := range later {
		if err := l.remove(e, k.seq); err != nil {
			return err
		}
	}
	for _, k := range later {
		if err := l.enqueueAgain(e, k.Op); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) enqueueAgain(e *entry, op Op) (err error) {
	if op.Kind == Delete {
		_, err = l.enqueueDelete(e, op)
	} else {
		_, err = l.enqueueEdit(e, op)
	}
	return err
}

// doubt keeps an op whose outcome is unknown, to be repeated.
func (l *ledger) doubt(e *entry, r reply) error {
	o := r.op
	o.state = unknown
	o.attempts++
	switch {
	case r.err != nil:
		o.doubt, o.reason, o.absent = r.ended, oneLine(r.err), time.Time{}
	case r.alone: // a definite miss, and an absence to be confirmed
		o.reason = saidGone
		if o.absent.IsZero() || o.absent.After(r.ended) { // the clock was wrong
			o.absent = r.ended
		}
		o.next = o.absent.Add(hold)
	default:
		o.doubt, o.reason = r.ended, saidWhere
	}
	return l.update(e, o)
}

// carry takes a definite answer.
func (l *ledger) carry(e *entry, r reply) error {
	switch {
	case r.op.Kind == Delete && r.row == nil:
		return l.deleted(e, r)
	case r.op.Kind == Delete:
		return l.undeleted(e, r)
	case r.hit, r.op.Kind == Add && r.row != nil:
		return l.landed(e, r)
	case r.row != nil:
		return l.merge(e, r)
	case r.op.Kind == Add && r.op.doubt.IsZero():
		return l.rename(e, r.op)
	}
	return l.lost(e, r)
}

// finish takes an op out of the outbox. Where an attempt of it may still land,
// what follows on its todo waits until that cannot be.
func (l *ledger) finish(e *entry, o outgoing) error {
	if until := o.doubt.Add(hold); !o.doubt.IsZero() && until.After(l.now) {
		err := l.exec("INSERT INTO holds VALUES (?, ?) ON CONFLICT DO UPDATE SET until = max(until, excluded.until)", e.id, until)
		if err != nil {
			return err
		}
	}
	return l.remove(e, o.seq)
}

// landed takes the row as the project now holds it.
func (l *ledger) landed(e *entry, r reply) error {
	switch {
	case r.hit && !r.op.doubt.IsZero() && r.ended.Sub(r.op.doubt) > lateRepeat:
		e.note = saidLate
	case r.op.Kind != Add && weakGuard(r.op.Base, changed(r.op.Base, r.op.Want)):
		e.note = saidWeak
	}
	if err := l.confirm(e, r.row); err != nil {
		return err
	}
	return l.finish(e, r.op)
}

// bury remembers for a day that a todo is gone: its id is not used again, and
// when a late insert of ours brings it back, that is said.
func (l *ledger) bury(id uuid.UUID) error {
	return l.exec("INSERT INTO tombstones VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at", id, l.now)
}

// deleted takes that a todo we deleted is gone.
func (l *ledger) deleted(e *entry, r reply) error {
	if err := l.bury(e.id); err != nil {
		return err
	}
	if err := l.dropConflicts(e); err != nil {
		return err
	}
	if err := l.confirm(e, nil); err != nil {
		return err
	}
	return l.finish(e, r.op)
}

// undeleted meets a todo that is not as it was when it was deleted here.
func (l *ledger) undeleted(e *entry, r reply) error {
	if err := l.confirm(e, r.row); err != nil {
		return err
	}
	o := r.op
	if same(*r.row, o.Base, titleCol) && same(*r.row, o.Base, isComplete) {
		o.Base = *r.row
		return l.resend(e, o)
	}
	if err := l.dropConflicts(e); err != nil {
		return err
	}
	if err := l.finish(e, o); err != nil {
		return err
	}
	return l.addConflict(e, conflict{col: deleted, base: o.Base, theirs: r.row})
}

// resend puts an op back that a definite answer showed to need another guard.
func (l *ledger) resend(e *entry, o outgoing) error {
	o.state, o.absent, o.next = waiting, time.Time{}, time.Time{}
	if !o.doubt.IsZero() {
		o.state = unknown
	}
	o.attempts++
	return l.update(e, o)
}

// same compares one column by its meaning: NULL is not done.
func same(a, b Todo, c column) bool {
	switch c {
	case titleCol:
		return a.Title == b.Title
	case isComplete:
		return a.Done.Bool() == b.Done.Bool()
	}
	return a.Created == b.Created
}

// merge compares the three sides column by column: what already is as wanted is
// done, what is as before is sent again, the rest is a conflict.
func (l *ledger) merge(e *entry, r reply) error {
	o, theirs := r.op, *r.row
	if err := l.confirm(e, r.row); err != nil {
		return err
	}
	want := theirs
	for _, c := range changed(o.Base, o.Want) {
		switch {
		case same(theirs, o.Want, c):
		case same(theirs, o.Base, c):
			want = set(want, o.Want, c)
		default:
			if err := l.differ(e, o, c, theirs); err != nil {
				return err
			}
		}
	}
	if want == theirs {
		return l.finish(e, o)
	}
	o.Base, o.Want = theirs, want
	return l.resend(e, o)
}

func set(t, from Todo, c column) Todo {
	switch c {
	case titleCol:
		t.Title = from.Title
	case isComplete:
		t.Done = from.Done
	default:
		t.Created = from.Created
	}
	return t
}

// differ keeps both sides of a column. Later edits of it are part of our side.
func (l *ledger) differ(e *entry, o outgoing, c column, theirs Todo) error {
	mine := o.Want
	for _, k := range slices.Clone(e.ops) {
		if k.seq <= o.seq || k.Kind == Add || k.Kind == Delete || !k.pristine() || same(k.Base, k.Want, c) {
			continue
		}
		mine = set(mine, k.Want, c)
		k.Want = set(k.Want, k.Base, c)
		if err := l.shrink(e, k); err != nil {
			return err
		}
	}
	return l.addConflict(e, conflict{col: c, base: o.Base, mine: &mine, theirs: &theirs})
}

// shrink stores an edit that changes fewer columns now, if any.
func (l *ledger) shrink(e *entry, k outgoing) error {
	if k.Base == k.Want {
		return l.remove(e, k.seq)
	}
	return l.update(e, k)
}

// lost meets the delete of a todo that was changed here, with all its changes.
// Where it was deleted here too, that is all there is to it.
func (l *ledger) lost(e *entry, r reply) error {
	o := r.op
	it, shown := e.view()
	if err := l.confirm(e, nil); err != nil {
		return err
	}
	if err := l.finish(e, o); err != nil || !shown {
		return err
	}
	for _, k := range slices.Clone(e.ops) {
		if k.Kind == Delete || !k.pristine() {
			continue
		}
		if err := l.remove(e, k.seq); err != nil {
			return err
		}
	}
	base := o.Base
	if o.Kind == Add {
		base = o.Want
	}
	if err := l.bury(e.id); err != nil {
		return err
	}
	return l.addConflict(e, conflict{col: deleted, base: base, mine: &it.Todo})
}

// rename gives a todo another id, for its own belongs to somebody else.
func (l *ledger) rename(e *entry, o outgoing) error {
	next, err := l.succeed(e.id)
	if err != nil {
		return err
	}
	for _, sql := range []string{"UPDATE ops SET id = ? WHERE id = ?", "UPDATE OR REPLACE drafts SET id = ? WHERE id = ?"} {
		if err := l.exec(sql, next.id, e.id); err != nil {
			return err
		}
	}
	e.ops = nil
	if next.ops, err = l.opsOf(next.id); err != nil {
		return err
	}
	o.Op = o.under(next.id)
	if err := l.resend(next, o); err != nil {
		return err
	}
	return l.save(next)
}

// settleDenied decides about ops that row-level security refused: where others
// went through it is their own fault, else it concerns everything.
func (p *pusher) settleDenied(ctx context.Context) error {
	if len(p.denied) == 0 || p.stop != nil {
		return nil
	}
	if p.sent == 0 {
		return p.why
	}
	return p.change(context.WithoutCancel(ctx), func(l *ledger) error {
		for _, o := range p.denied {
			e, err := l.load(o.ID)
			if err != nil {
				return err
			}
			if err := l.park(e, o, p.why); err != nil {
				return err
			}
			if err := l.save(e); err != nil {
				return err
			}
		}
		return nil
	})
}
