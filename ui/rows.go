package ui

import (
	"iter"
	"math"
	"slices"

	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

// row is one todo on screen, with what sorting asks of its title.
type row struct {
	store.Item
	letters  todotxt.Letters // of the title, for the filter
	due      todotxt.Day     // noDue without
	priority byte            // 'A' to 'Z'; noPriority without
	gone     bool            // the slot is free
}

const (
	noDue      = math.MaxInt32
	noPriority = 'Z' + 1
	pageSize   = 512
)

// rows holds every todo of the open account once. A slot is a todo's place, and
// stays its own while it lives; orders are lists of slots.
//
// A command may read a snapshot while Update goes on writing: pages are copied
// before the first write after a snapshot.
type rows struct {
	pages    []*page
	slots    map[uuid.UUID]int32
	free     []int32
	age      uint32 // grows with each snapshot
	complete bool   // all todos are here, not only the first window
	open     int    // how many are not done
}

type page struct {
	age  uint32
	rows [pageSize]row
}

func newRows() *rows {
	return &rows{slots: map[uuid.UUID]int32{}}
}

// rowsOf holds the first window of a list.
func rowsOf(items []store.Item) *rows {
	r := newRows()
	for _, it := range items {
		r.put(it)
	}
	return r
}

// len is the number of todos.
func (r *rows) len() int { return len(r.slots) }

// at is the row in a slot.
func (r *rows) at(slot int32) *row { return &r.pages[slot/pageSize].rows[slot%pageSize] }

// slot finds a todo.
func (r *rows) slot(id uuid.UUID) (int32, bool) {
	s, ok := r.slots[id]
	return s, ok
}

// get returns a todo by id.
func (r *rows) get(id uuid.UUID) (store.Item, bool) {
	if s, ok := r.slots[id]; ok {
		return r.at(s).Item, true
	}
	return store.Item{}, false
}

// put adds a todo or changes it in its slot.
func (r *rows) put(it store.Item) int32 {
	slot, ok := r.slots[it.ID]
	if !ok {
		slot = r.freeSlot()
		r.slots[it.ID] = slot
	} else if !r.at(slot).Done.Bool() {
		r.open--
	}
	if !it.Done.Bool() {
		r.open++
	}
	*r.write(slot) = readRow(it)
	return slot
}

// drop removes a todo; it returns the slot that was its own, -1 when it had none.
func (r *rows) drop(id uuid.UUID) int32 {
	slot, ok := r.slots[id]
	if !ok {
		return -1
	}
	if !r.at(slot).Done.Bool() {
		r.open--
	}
	*r.write(slot) = row{gone: true}
	delete(r.slots, id)
	r.free = append(r.free, slot)
	return slot
}

// freeSlot finds a free slot, or makes one.
func (r *rows) freeSlot() int32 {
	if n := len(r.free); n > 0 {
		slot := r.free[n-1]
		r.free = r.free[:n-1]
		return slot
	}
	slot := len(r.slots)
	if slot/pageSize == len(r.pages) {
		r.pages = append(r.pages, &page{age: r.age})
	}
	return int32(slot)
}

// write returns the row of a slot for writing, on a page that no snapshot shares.
func (r *rows) write(slot int32) *row {
	p := r.pages[slot/pageSize]
	if p.age != r.age {
		own := *p
		own.age = r.age
		p = &own
		r.pages[slot/pageSize] = p
	}
	return &p.rows[slot%pageSize]
}

// snapshot is a view of the rows that later writes do not change. Only pages are
// shared: it can be read by slot, not by id.
func (r *rows) snapshot() *rows {
	r.age++
	return &rows{pages: slices.Clone(r.pages), age: r.age - 1, complete: r.complete}
}

func readRow(it store.Item) row {
	w := row{Item: it, letters: todotxt.LettersOf(it.Title), due: noDue, priority: noPriority}
	if p, ok := todotxt.PriorityOf(it.Title); ok {
		w.priority = p
	}
	if d, ok := todotxt.DueOf(it.Title); ok {
		w.due = d
	}
	return w
}

// change is what happened to one slot: its row before and after.
type change struct {
	slot   int32
	before row // gone when it is new
}

// applyOps does what ops do, in memory.
func (r *rows) applyOps(ops []store.Op) []change {
	changes := make([]change, 0, len(ops))
	for _, op := range ops {
		changes = append(changes, r.applyOp(op))
	}
	return changes
}

func (r *rows) applyOp(op store.Op) change {
	before := row{gone: true}
	it := store.Item{Todo: op.Want}
	if slot, ok := r.slots[op.ID]; ok {
		before = *r.at(slot)
		it = before.Item
	}
	switch op.Kind {
	case store.Delete:
		return change{r.drop(op.ID), before}
	case store.SetTitle:
		it.Title = op.Want.Title
	case store.SetDone:
		it.Done = op.Want.Done
	}
	it.ID, it.State = op.ID, store.Waiting
	return change{r.put(it), before}
}

// take takes what the cache says.
func (r *rows) take(d store.Delta) []change {
	changes := make([]change, 0, len(d.Items)+len(d.Gone))
	for _, it := range d.Items {
		before := row{gone: true}
		if slot, ok := r.slots[it.ID]; ok {
			before = *r.at(slot)
		}
		changes = append(changes, change{r.put(it), before})
	}
	for _, id := range d.Gone {
		if slot, ok := r.slots[id]; ok {
			before := *r.at(slot)
			changes = append(changes, change{slot, before})
			r.drop(id)
		}
	}
	return changes
}

// all yields every row.
func (r *rows) all() iter.Seq[*row] {
	return func(yield func(*row) bool) {
		for _, p := range r.pages {
			for i := range p.rows {
				if w := &p.rows[i]; w.ID != uuid.Nil && !yield(w) {
					return
				}
			}
		}
	}
}
