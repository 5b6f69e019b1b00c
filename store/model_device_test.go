package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// process is one run of the program on a device.
type process interface {
	Window(ctx context.Context, limit int) ([]Item, error)
	Save(ctx context.Context, step Step) error
	Undo(ctx context.Context) (Step, error)
	Redo(ctx context.Context) (Step, error)
	Conflicts(ctx context.Context) ([]Conflict, error)
	Resolve(ctx context.Context, id uuid.UUID, c Choice) error
	Sync(ctx context.Context, o SyncOptions) (Report, error)
	Status(ctx context.Context) (Status, error)
	Vanished(ctx context.Context) ([]Vanished, error)
	Restore(ctx context.Context, id uuid.UUID) error
	Parked(ctx context.Context) ([]Pending, error)
	Retry(ctx context.Context, id uuid.UUID) error
	Discard(ctx context.Context, id uuid.UUID) error
	Close() error

	audit(ctx context.Context) error // holds that the cache shows what Replay says
	rev(ctx context.Context) (Rev, error)
	kill() // nothing more reaches its disk or the network
	dead() bool
}

// inside is a process that is only played, in this one: to kill it is to drop
// what it has in memory.
type inside struct {
	*Store
	killed bool
}

// start opens the cache as each process of the model does.
func start(ctx context.Context, o Options) (*Store, error) {
	o.Key, o.Sub = cacheKey, "kp_alice"
	s, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if s.SetAside() != "" {
		return nil, errors.Join(errors.New("the cache was set aside"), s.Close())
	}
	s.workers, s.pageRows = 1, 3
	return s, nil
}

func (i *inside) audit(ctx context.Context) error {
	shown, err := i.Window(ctx, 1000)
	if err != nil {
		return err
	}
	return sameAsReplay(ctx, i.Store, shown)
}

func (i *inside) rev(ctx context.Context) (r Rev, err error) {
	err = i.db.read(ctx, func(c *conn) error {
		n, err := c.meta("rev")
		r = Rev(n)
		return err
	})
	return r, err
}

func (i *inside) kill() {
	if !i.killed {
		i.killed = true
		_ = i.Close()
	}
}

func (i *inside) dead() bool { return i.killed }

// change makes one change of a person's, and reports whether it was saved. A
// kill may cut it off: then it is there whole or not at all, for sure where it was
// acknowledged. What was not saved was never done.
func (w *world) change(m *machine, do func() error) (saved bool, err error) {
	before, err := m.rev(w.ctx)
	if err != nil {
		return false, err
	}
	said := do()
	if !m.dead() {
		return said == nil, said
	}
	if err := w.open(m); err != nil {
		return false, err
	}
	after, err := m.rev(w.ctx)
	w.say("  killed: %v, and from revision %d to %d", said, before, after)
	cut := errors.Is(said, errKilled)
	switch {
	case err != nil:
		return false, err
	case after == before && cut:
		w.memory = w.before
		return false, nil
	case after == before+1 && (said == nil || cut):
		return true, nil
	case after == before+1 || after == before && said != nil:
		return false, said
	}
	return false, fmt.Errorf("a change that answered %v led from revision %d to %d", said, before, after)
}

// turnStep undoes or redoes a step and returns it.
func (w *world) turnStep(m *machine, verb string) (step Step, err error) {
	do := m.Undo
	if verb == "redo" {
		do = m.Redo
	}
	before, err := m.Window(w.ctx, 1000)
	if err != nil {
		return step, err
	}
	answered := false
	saved, err := w.change(m, func() (err error) {
		step, err = do(w.ctx)
		answered = err == nil
		return err
	})
	if saved && !answered { // nobody heard what it did, but it shows
		after, err := m.Window(w.ctx, 1000)
		return Step{Ops: opsBetween(before, after)}, err
	}
	return step, err
}

// opsBetween makes the ops that lead from one list to another.
func opsBetween(before, after []Item) (ops []Op) {
	was := map[uuid.UUID]Todo{}
	for _, it := range before {
		was[it.ID] = it.Todo
	}
	for _, it := range after {
		old, there := was[it.ID]
		delete(was, it.ID)
		switch {
		case !there:
			ops = append(ops, AddTodo(it.Todo))
		case old.Title != it.Title:
			ops = append(ops, Op{ID: it.ID, Kind: SetTitle, Base: old, Want: it.Todo})
		case old != it.Todo:
			ops = append(ops, Op{ID: it.ID, Kind: SetDone, Base: old, Want: it.Todo})
		}
	}
	for _, gone := range was {
		ops = append(ops, Remove(gone))
	}
	return ops
}
