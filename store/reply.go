package store

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const lateRepeat = 60 * time.Second // after which a repeat is worth a word to the person

// reply is what the project said to one op.
type reply struct {
	op      outgoing // as it was before it was marked in flight
	skipped bool     // not sent after all
	err     error
	hit     bool  // the write was carried out, and row is the todo after it
	row     *Todo // nil: there is none
	looked  bool  // the write hit nothing, and row is what a look then found
	sure    bool  // an absence seen by the look can be believed
	alone   bool  // there was no witness; identity was verified instead
	ended   time.Time
}

// fate is what a reply means for its op.
type fate uint8

const (
	spared   fate = iota // it never left; as if nothing had been tried
	held                 // the same, and nothing else is worth sending now
	carried              // a definite answer about the row
	refusing             // refused for good, on its own account
	denied               // refused by row-level security: all of them, or this one
	doubtful             // it may have been carried out, or still be
)

func (r reply) fate() fate {
	switch {
	case r.skipped:
		return spared
	case r.err != nil && r.op.Kind == Add && tooLarge(r.err):
		return held
	case r.err != nil:
		return fateOf(r.err)
	case r.hit, r.looked && (r.row != nil || r.sure):
		return carried
	}
	return doubtful
}

// tooLarge reports a 431. An insert names no row in its address, so that it is about the
// token or what stands before the project, and not about this todo.
func tooLarge(err error) bool {
	api, ok := errors.AsType[*APIError](err)
	return ok && api.Status == http.StatusRequestHeaderFieldsTooLarge
}

func fateOf(err error) fate {
	if _, looked := errors.AsType[doubt](err); looked {
		return doubtful
	}
	switch outcomeOf(err) {
	case notSent:
		return held
	case uncertain:
		return doubtful
	}
	api, _ := errors.AsType[*APIError](err)
	switch {
	case api != nil && api.Code == "42501" && api.Status == http.StatusForbidden:
		return denied
	case errors.Is(err, ErrSignIn), errors.Is(err, ErrRefused), errors.Is(err, ErrNoTable):
		return held
	}
	return refusing
}

// quit reports that nothing more is to be sent.
func (p *pusher) quit(ctx context.Context) bool { return ctx.Err() != nil || p.halt.Load() }

// send sends an edit or a delete; where it hits nothing, it looks why.
func (p *pusher) send(ctx context.Context, o outgoing, others []uuid.UUID) (r reply) {
	r = reply{op: o}
	defer func() { r.ended = p.o.Now() }()
	if p.quit(ctx) {
		r.skipped = true
		return r
	}
	if o.Kind == Delete {
		r.hit, r.err = p.api.remove(ctx, o.Base)
	} else {
		var row Todo
		row, r.hit, r.err = p.api.update(ctx, o.Base, o.Want)
		r.row = &row
	}
	if r.err != nil || r.hit {
		return r
	}
	p.look(ctx, []*reply{&r}, others)
	return r
}

// insert sends adds in one request, and looks for those that were not created.
// A refusal is for all of them, so it is sought out by halves.
func (p *pusher) insert(ctx context.Context, adds []outgoing, others []uuid.UUID) []reply {
	if p.quit(ctx) {
		return replyAll(adds, reply{skipped: true})
	}
	rows := make([]Todo, len(adds))
	for i, o := range adds {
		rows[i] = o.Want
	}
	made, err := p.api.insert(ctx, rows)
	if f := fateOf(err); err != nil && len(adds) > 1 && (f == refusing || f == denied) {
		half := len(adds) / 2
		return append(p.insert(ctx, adds[:half], others), p.insert(ctx, adds[half:], others)...)
	}
	if err != nil {
		return replyAll(adds, reply{err: err, ended: p.o.Now()})
	}
	return p.inserted(ctx, adds, made, others)
}

func replyAll(ops []outgoing, r reply) []reply {
	all := make([]reply, len(ops))
	for i, o := range ops {
		all[i] = r
		all[i].op = o
	}
	return all
}

// inserted matches what was created with what was sent. What was created is as
// good a witness as any.
func (p *pusher) inserted(ctx context.Context, adds []outgoing, made map[uuid.UUID]Todo, others []uuid.UUID) []reply {
	all := replyAll(adds, reply{ended: p.o.Now()})
	var missing []*reply
	for i := range all {
		if row, ok := made[adds[i].ID]; ok {
			all[i].hit, all[i].row = true, &row
			if len(others) < 2*witnesses {
				others = append(others[:len(others):len(others)], row.ID)
			}
		} else {
			missing = append(missing, &all[i])
		}
	}
	p.look(ctx, missing, others)
	return all
}

// look finds out what became of the rows that a write did not hit. A row is
// believed to be absent where a witness came with the same answer: an answer to
// nobody has neither.
func (p *pusher) look(ctx context.Context, missing []*reply, others []uuid.UUID) {
	for len(missing) > 0 {
		n := min(len(missing), lookAtOnce-2*witnesses)
		p.lookOnce(ctx, missing[:n], others)
		missing = missing[n:]
	}
}

func (p *pusher) lookOnce(ctx context.Context, missing []*reply, others []uuid.UUID) {
	alone := len(others) == 0
	ids := others[:len(others):len(others)]
	for _, r := range missing {
		ids = append(ids, r.op.ID)
	}
	found, err := p.lookVerified(ctx, ids, alone)
	seen := false
	for _, id := range others {
		_, ok := found[id]
		seen = seen || ok
	}
	now := p.o.Now()
	for _, r := range missing {
		r.looked, r.alone, r.ended = true, alone, now
		r.row, r.err = nil, err
		if row, ok := found[r.op.ID]; ok {
			r.row = &row
		}
		r.sure = seen || alone && !r.op.absent.IsZero() && now.Sub(r.op.absent) >= hold
	}
}

// lookVerified looks; without a witness it makes sure before and after that the
// project takes us for ourselves. The write before it was definite: a failed
// look leaves open what it found, not whether something will land.
func (p *pusher) lookVerified(ctx context.Context, ids []uuid.UUID, alone bool) (map[uuid.UUID]Todo, error) {
	if !alone {
		found, err := p.api.look(ctx, ids...)
		return found, unlooked(err)
	}
	if err := p.verify(ctx); err != nil {
		return nil, unlooked(err)
	}
	found, err := p.api.look(ctx, ids...)
	if err == nil {
		err = p.verify(ctx)
	}
	return found, unlooked(err)
}

// unlooked makes any failure of a look one of unknown outcome.
func unlooked(err error) error {
	if err == nil {
		return nil
	}
	return doubt{err}
}

// doubt marks an error after which it is not known what a row holds.
type doubt struct{ error }

func (d doubt) Unwrap() error { return d.error }
