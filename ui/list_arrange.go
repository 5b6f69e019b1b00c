package ui

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"kindling/store/todotxt"
)

// arrangement is a view of the rows: what is shown, in which order. Small changes are worked in
// at once; whatever costs more than a moment is done over a snapshot in a command.
type arrangement struct {
	spec    spec
	query   todotxt.Query
	text    string  // of the query, "" for none
	sorted  listing // all that the spec shows
	shown   listing // of these, what the query lets through
	lent    bool    // a running command reads the listings: copy before writing
	stale   bool    // the order is not right any more; a command makes it anew
	version int     // of the rows; an answer about an older one is not used
	run     int     // the latest command: only its answer counts
	running bool
	stop    context.CancelFunc
}

// bulk is the number of changed rows from which on arranging anew is cheaper.
const bulk = 64

// arranged is the answer of an arranging command.
type arranged struct {
	run     int
	version int
	spec    spec
	query   todotxt.Query
	text    string
	sorted  listing
	shown   listing
	stopped bool
}

// arrangeRows computes a view of rows; where only the query changed, from the
// listing that is sorted already, or from a result that the new query narrows.
func arrangeRows(ctx context.Context, r *rows, a arrangement, want spec, query todotxt.Query, text string) arranged {
	res := arranged{run: a.run, version: a.version, spec: want, query: query, text: text, sorted: a.sorted}
	from := a.sorted
	switch {
	case a.stale || a.spec != want:
		res.sorted = want.sorted(r)
		from = res.sorted
	case a.text != "" && query.Narrows(a.query):
		from = a.shown
	}
	res.shown = from
	if text != "" {
		res.shown, res.stopped = filtered(ctx, r, from, query)
	}
	if ctx.Err() != nil {
		res.stopped = true
	}
	return res
}

// filtered keeps what the query matches, in order and in its groups. It shares
// the work between the processors.
func filtered(ctx context.Context, r *rows, from listing, q todotxt.Query) (listing, bool) {
	workers := max(1, min(runtime.GOMAXPROCS(0), len(from.slots)/4096))
	parts := make([][]int32, workers)
	var stopped atomic.Bool
	var wg sync.WaitGroup
	for n := range workers {
		lo, hi := n*len(from.slots)/workers, (n+1)*len(from.slots)/workers
		wg.Go(func() {
			if parts[n] = matching(ctx, r, from.slots, lo, hi, q); ctx.Err() != nil {
				stopped.Store(true)
			}
		})
	}
	wg.Wait()
	return pick(from, slices.Concat(parts...)), stopped.Load()
}

// matching returns the indices from lo to hi whose rows match.
func matching(ctx context.Context, r *rows, slots []int32, lo, hi int, q todotxt.Query) []int32 {
	var found []int32
	for i := lo; i < hi; i++ {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil
		}
		if w := r.at(slots[i]); q.MatchLetters(&w.Item, w.letters) {
			found = append(found, int32(i))
		}
	}
	return found
}

// pick is the part of a listing at these indices, which are in order.
func pick(from listing, indices []int32) listing {
	l := listing{slots: indices}
	g := -1
	for n, i := range indices {
		next := g
		for next+1 < len(from.groups) && from.groups[next+1].start <= int(i) {
			next++
		}
		if next != g {
			head := from.groups[next]
			head.start = n
			l.groups = append(l.groups, head)
			g = next
		}
	}
	for n, i := range indices {
		indices[n] = from.slots[i]
	}
	return l
}

// take puts a finished arrangement in place; false when it is about older rows.
func (a *arrangement) take(res arranged) bool {
	a.running, a.lent = false, false
	if res.stopped || res.version != a.version {
		return false
	}
	a.spec, a.query, a.text = res.spec, res.query, res.text
	a.sorted, a.shown, a.stale = res.sorted, res.shown, false
	return true
}

// moveOver keeps what is listed of old rows, by its slots in the new ones, until those
// are arranged.
func (a *arrangement) moveOver(old, now *rows) {
	a.version++
	a.stale = true
	a.sorted = a.sorted.movedOver(old, now)
	if a.text == "" {
		a.shown = a.sorted
		return
	}
	a.shown = a.shown.movedOver(old, now)
}

// note works changed rows in. It reports whether the view must be made anew.
func (a *arrangement) note(r *rows, changes []change) bool {
	if len(changes) == 0 {
		return false
	}
	a.version++
	a.own()
	if len(changes) > bulk || a.stale {
		a.stale = true
		a.drop(func(slot int32) bool { return !a.spec.shows(r.at(slot)) })
		return true
	}
	was := before(r, changes)
	for slot, old := range was {
		if a.spec.shows(&old) {
			a.remove(was.at(r), slot)
		}
	}
	for slot := range was {
		a.insert(r, slot)
	}
	return a.running
}

// rowsBefore are changed rows as they were: the listings are still in their order.
type rowsBefore map[int32]row

func before(r *rows, changes []change) rowsBefore {
	was := make(rowsBefore, len(changes))
	for _, c := range changes {
		if _, twice := was[c.slot]; !twice && c.slot >= 0 {
			was[c.slot] = c.before
		}
	}
	return was
}

// at reads a row as the listings know it.
func (b rowsBefore) at(r *rows) func(int32) *row {
	return func(slot int32) *row {
		if old, ok := b[slot]; ok {
			return &old
		}
		return r.at(slot)
	}
}

// remove takes one slot out of both listings.
func (a *arrangement) remove(at func(int32) *row, slot int32) {
	a.sorted.remove(a.sorted.find(a.spec, at, slot))
	if a.text == "" {
		a.shown = a.sorted
		return
	}
	a.shown.remove(a.shown.find(a.spec, at, slot))
}

// own makes the listings ours alone before they are written.
func (a *arrangement) own() {
	if !a.lent {
		return
	}
	a.lent = false
	a.sorted = a.sorted.clone()
	if a.text == "" {
		a.shown = a.sorted
		return
	}
	a.shown = a.shown.clone()
}

// drop takes slots out of both listings, which are one without a query.
func (a *arrangement) drop(gone func(int32) bool) {
	a.sorted.drop(gone)
	if a.text == "" {
		a.shown = a.sorted
		return
	}
	a.shown.drop(gone)
}

func (a *arrangement) insert(r *rows, slot int32) {
	w := r.at(slot)
	if !a.spec.shows(w) {
		return
	}
	a.sorted.insert(a.spec, r, slot)
	if a.text == "" {
		a.shown = a.sorted
		return
	}
	if a.query.MatchLetters(&w.Item, w.letters) {
		a.shown.insert(a.spec, r, slot)
	}
}

// slotSet is a set of slots.
type slotSet []uint64

func newSlotSet(r *rows) slotSet { return make(slotSet, len(r.pages)*pageSize/64) }

func (s slotSet) add(slot int32)      { s[slot/64] |= 1 << (slot % 64) }
func (s slotSet) has(slot int32) bool { return s[slot/64]&(1<<(slot%64)) != 0 }
