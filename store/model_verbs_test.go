package store

import (
	"errors"
	"math/rand/v2"
	"slices"
)

func (w *world) resolve(m *machine, rng *rand.Rand) error {
	all, err := m.Conflicts(w.ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	c := all[rng.IntN(len(all))]
	choice := Choice(1 + rng.IntN(3))
	name := nameOf(c.Item.Title)
	w.turned[name] = true
	w.say("  %s of %q: base %q mine %q theirs %q: choice %d", c.Column, c.Item.Title, c.Base, c.Mine, c.Theirs, choice)
	switch {
	case choice == Theirs && c.Theirs == "", choice == Mine && c.Mine == "":
		w.gone(m.name, c.Item.Title)
	case choice == Theirs:
		w.supersede(m.name, c.Item.Title)
	case choice == Mine && c.Column == "title":
		w.supersede(m.name, c.Mine)
	case choice == Both:
		w.copied[name] = true
	}
	if c.Column == "deleted" {
		w.deleted[name] = true
		delete(w.removed, c.ID)
		if choice == Mine && c.Mine == "" {
			w.removed[c.ID] = m.name
		}
	}
	_, err = w.change(m, func() error { return m.Resolve(w.ctx, c.ID, choice) })
	return err
}

// bulk completes, opens or deletes a few todos in one step.
func (w *world) bulk(m *machine, shown []Item, rng *rand.Rand) error {
	remove := rng.IntN(2) == 0
	step := Step{Name: "bulk"}
	for _, it := range shown[:min(len(shown), 1+rng.IntN(3))] {
		delete(w.removed, it.ID)
		if remove {
			w.gone(m.name, it.Title)
			w.removed[it.ID] = m.name
			step.Ops = append(step.Ops, Remove(it.Todo))
			continue
		}
		w.touch(m.name, nameOf(it.Title))
		step.Ops = append(step.Ops, Complete(it.Todo, !it.Done.Bool()))
	}
	_, err := w.change(m, func() error { return m.Save(w.ctx, step) })
	return err
}

// stale edits a todo, and once more from a window that had not seen that: both texts
// are kept. What then is its author's last word is for him to say.
func (w *world) stale(m *machine, t Todo) error {
	name := nameOf(t.Title)
	first := w.text(m.name, name)
	if w.apart[name] { // of three texts there would be two on one side
		return w.save(m, Retitle(t, first))
	}
	if saved, err := w.trySave(m, Retitle(t, first)); err != nil || !saved {
		return err
	}
	w.before = w.memory.clone()
	second := w.text(m.name, name)
	w.apart[name] = true
	w.typed[first] = typing{who: m.name, name: name, apart: true}
	w.say("  from %q both to %q and to %q", t.Title, first, second)
	return w.save(m, Retitle(t, second))
}

// parked sends a refused change again, or gives it up, with all that was typed in it.
func (w *world) parked(m *machine, verb string, rng *rand.Rand) error {
	all, err := m.Parked(w.ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	p := all[rng.IntN(len(all))]
	w.say("  parked %d %v", p.Op.Kind, p.Op.Want)
	if verb == "retry" {
		_, err = w.change(m, func() error { return m.Retry(w.ctx, p.Op.ID) })
		return err
	}
	for _, q := range all {
		if q.Op.ID != p.Op.ID {
			continue
		}
		delete(w.removed, q.Op.ID)
		if q.Op.Kind == Add {
			w.gone(m.name, q.Op.Want.Title)
			continue
		}
		w.touch(m.name, nameOf(q.Op.Base.Title))
		w.turned[nameOf(q.Op.Base.Title)] = true
		if q.Op.Kind == SetTitle {
			w.supersede(m.name, q.Op.Base.Title)
		}
	}
	_, err = w.change(m, func() error { return m.Discard(w.ctx, p.Op.ID) })
	return err
}

// retryAll sends all again that was refused.
func (w *world) retryAll(m *machine) error {
	all, err := m.Parked(w.ctx)
	for _, p := range all {
		if err := m.Retry(w.ctx, p.Op.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return err
}

// restore brings a todo back that a pull no longer found.
func (w *world) restore(m *machine, rng *rand.Rand) error {
	all, err := m.Vanished(w.ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	v := all[rng.IntN(len(all))]
	name := nameOf(v.Todo.Title)
	w.touch(m.name, name)
	w.turned[name], w.copied[name] = true, true
	w.supersede(m.name, v.Todo.Title)
	_, err = w.change(m, func() error { return m.Restore(w.ctx, v.Todo.ID) })
	return err
}

// meanwhile lets another window of the same device act while requests are on their way.
func (w *world) meanwhile(m *machine, rng *rand.Rand) (end func()) {
	other := map[*machine]string{w.devices["a"]: "a2", w.devices["a2"]: "a"}[m]
	if other == "" || rng.IntN(2) == 0 {
		return func() {}
	}
	mine := rand.New(rand.NewPCG(rng.Uint64(), 4))
	local := slices.DeleteFunc(slices.Clone(deviceVerbs), func(verb string) bool {
		return slices.Contains([]string{"sync", "crash", "dither"}, verb)
	})
	w.net.during = func() {
		if mine.IntN(3) > 0 {
			return
		}
		verb := local[mine.IntN(len(local))]
		w.say("  meanwhile %s %s", other, verb)
		if err := w.do(act{who: other, verb: verb}, mine); err != nil {
			w.fail("meanwhile %s %s: %w", other, verb, err)
		}
	}
	return func() { w.net.during = nil }
}
