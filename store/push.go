package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sync/errgroup"
)

const (
	pushWorkers   = 8       // requests at a time
	insertsAtOnce = 500     // rows in one request
	insertBytes   = 4 << 20 // of titles in one request
	addsARound    = 4 * insertsAtOnce
	othersARound  = 8 * pushWorkers
	mostTries     = 3 // of one op in one sync, where its guard was overtaken
	mostDoubts    = 3 // attempts in a row that end unknown or denied before a push gives up
	witnesses     = 3 // other rows of ours in a look
	hold          = 30 * time.Second
)

// pusher is one push. Its ops are marked in flight before they leave, and what
// came of each is written down as it comes in.
type pusher struct {
	*Store
	tell     func(Progress)
	progress Progress
	tries    map[int64]int
	sent     int
	doubts   int         // in a row
	halt     atomic.Bool // set with stop, for the workers
	denied   []outgoing
	why      error // of denied
	stop     error // nothing more is to be sent
}

// push sends every op that may go. Ops on one todo go one after the other.
func (s *Store) push(ctx context.Context, o SyncOptions, r *Report) error {
	p := &pusher{Store: s, tell: o.Progress, tries: map[int64]int{}, progress: Progress{Phase: "sending"}}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	n, err := p.countReady(ctx)
	if err != nil || n == 0 {
		return err
	}
	p.progress.Total = n
	for again := true; again && p.stop == nil && err == nil; {
		again, err = p.pass(ctx)
	}
	r.Sent = p.sent
	if err == nil {
		err = p.settleDenied(ctx)
	}
	return cmp.Or(ctx.Err(), err, p.stop)
}

// sweep forgets holds and tombstones whose time is over.
func (s *Store) sweep(ctx context.Context) error {
	n := int64(0)
	now := s.o.Now()
	err := s.db.read(ctx, func(c *conn) (err error) {
		n, err = c.integer("SELECT (SELECT count(*) FROM holds WHERE until <= ?) + (SELECT count(*) FROM tombstones WHERE at <= ?)",
			now, now.Add(-keptTombstones))
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	return s.db.write(ctx, func(c *conn) error {
		if err := c.exec("DELETE FROM holds WHERE until <= ?", now); err != nil {
			return err
		}
		return c.exec("DELETE FROM tombstones WHERE at <= ?", now.Add(-keptTombstones))
	})
}

func (p *pusher) countReady(ctx context.Context) (n int, err error) {
	err = p.db.read(ctx, func(c *conn) error {
		all, err := c.integer("SELECT count(*) FROM ops WHERE state IN (?, ?)", int(waiting), int(unknown))
		n = int(all)
		return err
	})
	return n, err
}

// pass goes through the outbox once, and reports whether another pass may find more.
func (p *pusher) pass(ctx context.Context) (again bool, err error) {
	for after := int64(0); p.stop == nil; {
		batch, err := p.pick(ctx, after)
		if err != nil || batch.last == after {
			return again, err
		}
		after = batch.last
		before := p.sent + len(p.tries)
		if err := p.round(ctx, batch); err != nil {
			return false, err
		}
		again = again || p.sent+len(p.tries) > before
	}
	return false, nil
}

// batch is what goes in one round, in flight by now.
type batch struct {
	adds, others []outgoing
	witnesses    []uuid.UUID
	last         int64 // seq up to which the outbox was gone through
}

// ready are the ops at the head of their todo's queue whose time has come. A
// parked add holds up what follows it, for there is nothing to change yet, and a parked
// edit what is of its kind, so that of two texts the older meets others first.
// A moment further away than any wait is one of a clock that was wrong.
const ready = `WHERE state IN (0, 2) AND seq > ?2 AND next NOT BETWEEN ?1 + 1 AND ?1 + 120000000
	AND NOT EXISTS (SELECT 1 FROM ops b WHERE b.id = o.id AND b.seq < o.seq AND (b.state <> 3 OR b.kind IN (1, o.kind) OR b.doubt <> 0))
	AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = o.id AND h.until BETWEEN ?1 + 1 AND ?1 + 120000000)
	ORDER BY seq LIMIT 2000`

// pick marks the next ops in flight, durably, before any of them is sent.
func (p *pusher) pick(ctx context.Context, after int64) (b batch, err error) {
	now := p.o.Now()
	b.last = after
	err = p.db.write(ctx, func(c *conn) error {
		heads, err := c.opsWhere(ready, now, after)
		if err != nil {
			return err
		}
		p.sort(heads, &b)
		for _, o := range append(b.adds[:len(b.adds):len(b.adds)], b.others...) {
			if err := c.exec("UPDATE ops SET state = ?, attempts = attempts + 1, tried = ? WHERE seq = ?", int(inFlight), now, o.seq); err != nil {
				return err
			}
		}
		b.witnesses, err = c.witnesses()
		return err
	})
	return b, err
}

// sort takes as many heads as fit a round.
func (p *pusher) sort(heads []outgoing, b *batch) {
	for _, o := range heads {
		if p.tries[o.seq] < mostTries && (p.tries[o.seq] == 0 || o.state == waiting) {
			switch {
			case o.Kind == Add && len(b.adds) < addsARound:
				b.adds = append(b.adds, o)
			case o.Kind != Add && len(b.others) < othersARound:
				b.others = append(b.others, o)
			default:
				return
			}
		}
		b.last = o.seq
	}
}

// witnesses are a few todos known to be at the server, found from a random id on.
func (c *conn) witnesses() (ids []uuid.UUID, err error) {
	const some = `SELECT id, state FROM (SELECT id, state FROM todos INDEXED BY todos_id WHERE id >= ? ORDER BY id LIMIT 200) WHERE state = 0 LIMIT 3`
	for _, from := range []uuid.UUID{uuid.New(), uuid.Nil} {
		err := c.each(some, []any{from}, func(s *sqlite3.Stmt) error {
			if id := columnID(s, 0); len(ids) < witnesses && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// round sends a batch and writes down each answer as it comes in.
func (p *pusher) round(ctx context.Context, b batch) error {
	var g errgroup.Group
	g.SetLimit(p.workers)
	var writing sync.Mutex
	settle := func(replies ...reply) error {
		for i := range replies {
			replies[i].err = inTime(ctx, replies[i].err)
		}
		writing.Lock()
		defer writing.Unlock()
		return p.settle(context.WithoutCancel(ctx), replies)
	}
	for _, adds := range chunks(b.adds) {
		g.Go(func() error { return settle(p.insert(ctx, adds, b.witnesses)...) })
	}
	for _, o := range b.others {
		g.Go(func() error { return settle(p.send(ctx, o, b.witnesses)) })
	}
	return g.Wait()
}

// chunks cuts adds so that each request stays small.
func chunks(adds []outgoing) (all [][]outgoing) {
	from, size := 0, 0
	for i, o := range adds {
		if i-from == insertsAtOnce || i > from && size+len(o.Want.Title) > insertBytes {
			all, from, size = append(all, adds[from:i]), i, 0
		}
		size += len(o.Want.Title)
	}
	if from < len(adds) {
		all = append(all, adds[from:])
	}
	return all
}

// settle writes down what came of some ops, in one transaction.
func (p *pusher) settle(ctx context.Context, replies []reply) error {
	err := p.change(ctx, func(l *ledger) error {
		for _, r := range replies {
			if err := l.settle(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range replies {
		p.note(r)
	}
	p.progress.Done = p.sent
	p.tell(p.progress)
	return nil
}

// note counts an answer and decides whether it is worth going on.
func (p *pusher) note(r reply) {
	f := r.fate()
	switch f {
	case carried:
		p.sent, p.doubts = p.sent+1, 0
	case denied:
		p.denied, p.why = append(p.denied, r.op), r.err
		p.doubts++
	case doubtful:
		p.doubts++
	}
	p.tries[r.op.seq]++
	if f == held || r.err != nil && (p.doubts >= mostDoubts && p.sent == 0 || errors.Is(r.err, ErrForeign)) {
		p.stop = r.err
		p.halt.Store(true)
	}
}
