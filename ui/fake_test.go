package ui

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindling/store"
)

// fakeTodos is one account's todos in memory. It counts every call, and fails
// the test when one is made from inside Update or View.
type fakeTodos struct {
	t       testing.TB
	drawing *atomic.Bool // set by the driver while Update or View runs
	mu      sync.Mutex
	calls   map[string]int
	items   map[uuid.UUID]store.Item
	changed map[uuid.UUID]store.Rev
	rev     store.Rev
	undo    []store.Step
	redo    []store.Step
	drafts  map[uuid.UUID]string
	watched chan struct{}
	now     func() time.Time

	status    store.Status // LastSync, Checking, LastError, Parked… as set; counts are filled in
	conflicts []store.Conflict
	outbox    []store.Pending
	vanished  []store.Vanished
	resolved  map[uuid.UUID]store.Choice
	retried   []uuid.UUID
	discarded []uuid.UUID
	restored  []uuid.UUID
	saveErr   error // what Save answers
	syncErr   error // what Sync answers
	warning   string
	aside     string
	nextIn    time.Duration // after each sync, the next one; 0: nothing is scheduled
	syncTakes time.Duration
	saveTakes time.Duration
	undoTakes time.Duration
	closed    bool
}

func newFakeTodos(t testing.TB, titles ...string) *fakeTodos {
	f := &fakeTodos{t: t, drawing: &atomic.Bool{}, calls: map[string]int{}, items: map[uuid.UUID]store.Item{},
		changed: map[uuid.UUID]store.Rev{}, drafts: map[uuid.UUID]string{}, watched: make(chan struct{}, 1),
		now: time.Now, resolved: map[uuid.UUID]store.Choice{}}
	for i, title := range titles {
		f.put(fakeItem(i, title))
	}
	return f
}

// fakeItem is the nth todo of a list: its id and its date are fixed. A title
// that begins with "x " is done.
func fakeItem(n int, title string) store.Item {
	it := store.Item{Todo: store.Todo{ID: fakeID(n), Title: title, Done: store.False,
		Created: store.InstantOf(fakeNow.Add(-time.Duration(n) * time.Hour))}}
	if len(title) > 2 && title[:2] == "x " {
		it.Title, it.Done = title[2:], store.True
	}
	return it
}

func fakeID(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("%08x-0000-4000-8000-000000000000", n+1))
}

// fakeNow is the moment of every test: a Wednesday morning.
var fakeNow = time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC)

func (f *fakeTodos) put(it store.Item) {
	f.rev++
	f.items[it.ID], f.changed[it.ID] = it, f.rev
}

func (f *fakeTodos) enter(name string) func() {
	if f.drawing.Load() && insideProgram() {
		f.t.Errorf("%s was called inside Update or View", name)
	}
	f.mu.Lock()
	f.calls[name]++
	return f.mu.Unlock
}

// insideProgram reports whether Update or View calls, and not a goroutine beside them.
func insideProgram() bool {
	stack := string(debug.Stack())
	return strings.Contains(stack, "(*root).Update(") || strings.Contains(stack, "(*root).View(")
}

// ring tells the program that the cache changed.
func (f *fakeTodos) ring() {
	select {
	case f.watched <- struct{}{}:
	default:
	}
}

func (f *fakeTodos) sorted() []store.Item {
	all := make([]store.Item, 0, len(f.items))
	for _, it := range f.items {
		all = append(all, it)
	}
	slices.SortFunc(all, func(a, b store.Item) int {
		return cmp.Or(cmp.Compare(b2i(a.Done.Bool()), b2i(b.Done.Bool())), cmp.Compare(b.Created, a.Created),
			slices.Compare(a.ID[:], b.ID[:]))
	})
	return all
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (f *fakeTodos) Window(_ context.Context, n int) ([]store.Item, error) {
	defer f.enter("Window")()
	all := f.sorted()
	return all[:min(n, len(all))], nil
}

func (f *fakeTodos) All(context.Context) iter.Seq2[store.Item, error] {
	defer f.enter("All")()
	all := f.sorted()
	return func(yield func(store.Item, error) bool) {
		for _, it := range all {
			if !yield(it, nil) {
				return
			}
		}
	}
}

func (f *fakeTodos) Rev(context.Context) (store.Rev, error) {
	defer f.enter("Rev")()
	return f.rev, nil
}

func (f *fakeTodos) Changes(_ context.Context, since store.Rev) (store.Delta, error) {
	defer f.enter("Changes")()
	d := store.Delta{Rev: f.rev, Status: f.statusNow(), All: since <= 0 || since > f.rev}
	for id, rev := range f.changed {
		if rev <= since && !d.All {
			continue
		}
		if it, ok := f.items[id]; ok {
			d.Items = append(d.Items, it)
		} else {
			d.Gone = append(d.Gone, id)
		}
	}
	return d, nil
}

func (f *fakeTodos) statusNow() store.Status {
	s := f.status
	for _, it := range f.items {
		if it.Done.Bool() {
			s.Completed++
		} else {
			s.Open++
		}
		if it.State == store.Waiting {
			s.Waiting++
		}
	}
	s.Conflicts, s.Drafts = len(f.conflicts), len(f.drafts)
	if n := len(f.undo); n > 0 {
		s.CanUndo = f.undo[n-1].Name
	}
	if n := len(f.redo); n > 0 {
		s.CanRedo = f.redo[n-1].Name
	}
	return s
}

func (f *fakeTodos) Watch(context.Context) <-chan struct{} {
	defer f.enter("Watch")()
	return f.watched
}

// do applies a step as the store would: the shown rows change and wait to be sent.
func (f *fakeTodos) do(step store.Step) {
	for _, op := range step.Ops {
		f.rev++
		f.changed[op.ID] = f.rev
		it := f.items[op.ID]
		switch op.Kind {
		case store.Add:
			it = store.Item{Todo: op.Want}
		case store.SetTitle:
			it.Title = op.Want.Title
		case store.SetDone:
			it.Done = op.Want.Done
		case store.Delete:
			delete(f.items, op.ID)
			continue
		}
		it.ID, it.State = op.ID, store.Waiting
		f.items[op.ID] = it
	}
}

// inverse is the step that takes another back.
func inverse(s store.Step) store.Step {
	back := store.Step{Name: s.Name}
	for _, op := range slices.Backward(s.Ops) {
		switch op.Kind {
		case store.Add:
			op = store.Remove(op.Want)
		case store.Delete:
			op = store.AddTodo(op.Base)
		default:
			op.Base, op.Want = op.Want, op.Base
		}
		back.Ops = append(back.Ops, op)
	}
	return back
}

func (f *fakeTodos) Save(ctx context.Context, step store.Step) error {
	select {
	case <-time.After(f.saveTakes):
	case <-ctx.Done():
		return ctx.Err()
	}
	defer f.enter("Save")()
	if f.saveErr != nil {
		return f.saveErr
	}
	f.do(step)
	f.undo, f.redo = append(f.undo, step), nil
	return nil
}

func (f *fakeTodos) Undo(context.Context) (store.Step, error) {
	time.Sleep(f.undoTakes)
	defer f.enter("Undo")()
	n := len(f.undo)
	if n == 0 {
		return store.Step{}, store.ErrNothing
	}
	step := f.undo[n-1]
	f.do(inverse(step))
	f.undo, f.redo = f.undo[:n-1], append(f.redo, step)
	return inverse(step), nil
}

func (f *fakeTodos) Redo(context.Context) (store.Step, error) {
	defer f.enter("Redo")()
	n := len(f.redo)
	if n == 0 {
		return store.Step{}, store.ErrNothing
	}
	step := f.redo[n-1]
	f.do(step)
	f.redo, f.undo = f.redo[:n-1], append(f.undo, step)
	return step, nil
}

func (f *fakeTodos) Sync(ctx context.Context, _ store.SyncOptions) (store.Report, error) {
	f.enter("Sync")()
	select {
	case <-time.After(f.syncTakes):
	case <-ctx.Done():
		return store.Report{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.syncErr != nil {
		f.status.LastError = f.syncErr.Error()
		return f.report(), f.syncErr
	}
	for id, it := range f.items {
		if it.State == store.Waiting {
			it.State = store.Synced
			f.put(it)
			f.items[id] = it
		}
	}
	f.status.LastSync, f.status.LastError = f.now(), ""
	return f.report(), nil
}

func (f *fakeTodos) report() (r store.Report) {
	if f.nextIn > 0 {
		r.NextTry = f.now().Add(f.nextIn)
	}
	return r
}

func (f *fakeTodos) Status(context.Context) (store.Status, error) {
	defer f.enter("Status")()
	return f.statusNow(), nil
}

func (f *fakeTodos) Short(_ context.Context, id uuid.UUID) (string, error) {
	defer f.enter("Short")()
	return id.String()[:8], nil
}

func (f *fakeTodos) Conflicts(context.Context) ([]store.Conflict, error) {
	defer f.enter("Conflicts")()
	return slices.Clone(f.conflicts), nil
}

func (f *fakeTodos) Resolve(_ context.Context, id uuid.UUID, c store.Choice) error {
	defer f.enter("Resolve")()
	f.resolved[id] = c
	f.conflicts = slices.DeleteFunc(f.conflicts, func(x store.Conflict) bool { return x.ID == id })
	return nil
}

func (f *fakeTodos) Outbox(context.Context) ([]store.Pending, error) {
	defer f.enter("Outbox")()
	return slices.Clone(f.outbox), nil
}

func (f *fakeTodos) Retry(_ context.Context, id uuid.UUID) error {
	defer f.enter("Retry")()
	f.retried = append(f.retried, id)
	return nil
}

func (f *fakeTodos) Discard(_ context.Context, id uuid.UUID) error {
	defer f.enter("Discard")()
	f.discarded = append(f.discarded, id)
	f.outbox = slices.DeleteFunc(f.outbox, func(p store.Pending) bool { return p.Op.ID == id })
	return nil
}

func (f *fakeTodos) Vanished(context.Context) ([]store.Vanished, error) {
	defer f.enter("Vanished")()
	return slices.Clone(f.vanished), nil
}

func (f *fakeTodos) Restore(_ context.Context, id uuid.UUID) error {
	defer f.enter("Restore")()
	f.restored = append(f.restored, id)
	f.vanished = slices.DeleteFunc(f.vanished, func(v store.Vanished) bool { return v.Todo.ID == id })
	return nil
}

func (f *fakeTodos) Drafts(context.Context) (map[uuid.UUID]string, error) {
	defer f.enter("Drafts")()
	return maps.Clone(f.drafts), nil
}

func (f *fakeTodos) SaveDraft(_ context.Context, id uuid.UUID, text string) error {
	defer f.enter("SaveDraft")()
	if text == "" {
		delete(f.drafts, id)
	} else {
		f.drafts[id] = text
	}
	return nil
}

func (f *fakeTodos) Close() error {
	defer f.enter("Close")()
	f.closed = true
	return nil
}
