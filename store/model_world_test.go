package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// backend is a records API that a world is built on.
type backend struct {
	rt          http.RoundTripper
	base        string
	token, anon string // of the person, and of nobody
	proxied     bool   // the network is a proxy of its own, over TCP
	killing     bool   // each device is a process of its own, killed at any point
}

func pretendBackend() backend {
	return backend{rt: transport{newProject()}, base: "http://127.0.0.1:1", token: tokenAlice, anon: tokenAnon}
}

// world is all of it: the project, the devices in front of it, and a memory of
// what people did, to hold the outcome against.
type world struct {
	ctx     context.Context
	dir     string
	back    backend
	table   *recorder
	base    string            // where the devices believe the backend to be
	way     http.RoundTripper // how they get there
	net     *network
	clock   *manualClock
	devices map[string]*machine
	kills   *rand.Rand // how the processes of the present act end
	starts  uint64     // of processes
	log     strings.Builder

	memory
	before memory                        // what was remembered when the present change began
	absent map[uuid.UUID]map[string]bool // by whom a row was deleted at the project
	newest map[string]int                // by row and device, the last of its texts that landed
	meant  map[string]string             // by name, what its last act left on its author's screen
	broken error                         // the first promise that a write broke
	n      int
}

// deviceNames are two devices; a2 is another process on the first of them.
var deviceNames = []string{"a", "a2", "b"}

// machine is where one process of a device runs; it is started anew after each
// crash. process is nil where none was started yet.
type machine struct {
	name string
	process
}

func newWorld(ctx context.Context, dir string, back backend) *world {
	w := &world{
		ctx: ctx, dir: dir, back: back, clock: newManualClock(), devices: map[string]*machine{}, memory: newMemory(),
		absent: map[uuid.UUID]map[string]bool{}, newest: map[string]int{}, meant: map[string]string{},
	}
	w.table = &recorder{behind: back.rt, base: back.base, token: back.token, titles: map[string]bool{}, wrote: w.wrote}
	w.net = &network{behind: w.table, anon: back.anon, clock: w.clock, trace: w.say, rng: rand.New(rand.NewPCG(0, 2))}
	w.base, w.way = back.base, w.net
	for _, name := range deviceNames {
		w.devices[name] = &machine{name: name[:1]}
	}
	return w
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(&w.log, "%s "+format+"\n", append([]any{w.clock.Now().Format("15:04:05")}, args...)...)
}

// open starts a machine's process, unless it runs. It may be killed as it starts.
func (w *world) open(m *machine) (err error) {
	for m.process == nil || m.dead() {
		w.starts++
		if m.process, err = w.start(m.name); err != nil && !errors.Is(err, errKilled) {
			return err
		}
	}
	return nil
}

func (w *world) start(name string) (process, error) {
	dir := w.dir + "/" + name
	if w.back.killing {
		return w.launch(name, dir)
	}
	s, err := start(w.ctx, Options{
		Dir: dir, BaseURL: w.base, Tokens: fixed(w.back.token),
		HTTP: &http.Client{Transport: named{name, w.way}}, Now: w.clock.Now,
	})
	return &inside{Store: s}, err
}

func (w *world) run(acts []act) error {
	for _, a := range acts {
		rng := rand.New(rand.NewPCG(a.seed, 2))
		w.net.rng, w.net.bad = rng, []int{5, 20, 45}[rng.IntN(3)]
		w.kills = rand.New(rand.NewPCG(a.seed, 3))
		w.say("%s", a)
		w.acted = map[string]bool{}
		if err := w.do(a, rng); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
		w.net.advance(time.Duration(rng.IntN(3000)) * time.Millisecond)
	}
	if err := w.heal(); err != nil {
		return fmt.Errorf("healed: %w", err)
	}
	return cmp.Or(w.broken, w.check())
}

func (w *world) do(a act, rng *rand.Rand) error {
	switch a.who {
	case "clock":
		w.net.advance(time.Duration(rng.IntN(90)) * time.Second)
		return nil
	case "web":
		return w.web(a.verb, rng)
	}
	m := w.devices[a.who]
	if err := w.open(m); err != nil {
		return err
	}
	if err := w.device(m, a.verb, rng); err != nil || m.dead() {
		return err
	}
	if err := w.mean(m); err != nil {
		return err
	}
	return w.checkNow(m)
}

// all returns what the table holds, in the default order.
func (w *world) all() (rows []Todo) {
	for _, t := range w.table.rows {
		rows = append(rows, t)
	}
	slices.SortFunc(rows, compareShown)
	return rows
}

// web writes as InsForge's demo does: by id, without a guard.
func (w *world) web(verb string, rng *rand.Rand) error {
	rows := w.all()
	if verb != "add" && len(rows) == 0 {
		return nil
	}
	if verb == "add" {
		name := fmt.Sprintf("t%d", len(w.born))
		w.born[name] = true
		t := Todo{ID: uuid.New(), Title: w.text("web", name), Done: False, Created: InstantOf(w.clock.Now())}
		w.table.write(nil, &t)
		return nil
	}
	items := make([]Item, len(rows))
	for i, t := range rows {
		items[i].Todo = t
	}
	t := w.choose(rng, items)
	before := t
	switch verb {
	case "edit":
		t.Title = w.text("web", nameOf(t.Title))
	case "toggle":
		w.touch("web", nameOf(t.Title))
		t.Done = BoolOf(!t.Done.Bool())
	case "delete":
		w.gone("web", t.Title)
		w.table.write(&before, nil)
		return nil
	}
	w.say("  web: %v -> %v", before, t)
	w.table.write(&before, &t)
	return nil
}

func (w *world) device(m *machine, verb string, rng *rand.Rand) error {
	w.before = w.memory.clone()
	switch verb {
	case "sync", "crash":
		defer w.meanwhile(m, rng)()
		return w.sync(m, verb == "crash")
	case "add":
		name := fmt.Sprintf("t%d", len(w.born))
		w.born[name] = true
		return w.save(m, NewAdd(w.text(m.name, name), w.clock.Now()))
	case "undo", "redo":
		return w.turn(m, verb)
	case "resolve":
		return w.resolve(m, rng)
	case "retry", "discard":
		return w.parked(m, verb, rng)
	case "restore":
		return w.restore(m, rng)
	}
	shown, err := m.Window(w.ctx, 1000)
	if err != nil || len(shown) == 0 {
		return err
	}
	t := w.choose(rng, shown)
	w.say("  of %s %v", t.ID, t)
	delete(w.removed, t.ID) // whoever changes a todo has decided to keep it
	switch verb {
	case "dither":
		return w.dither(m, t, rng)
	case "bulk":
		return w.bulk(m, shown, rng)
	case "stale":
		return w.stale(m, t)
	case "edit":
		return w.save(m, Retitle(t, w.text(m.name, nameOf(t.Title))))
	case "toggle":
		w.touch(m.name, nameOf(t.Title))
		return w.save(m, Complete(t, !t.Done.Bool()))
	}
	w.gone(m.name, t.Title)
	w.removed[t.ID] = m.name
	return w.save(m, Remove(t))
}

// choose takes the todo that was last acted on, every other time.
func (w *world) choose(rng *rand.Rand, shown []Item) Todo {
	for _, it := range shown {
		if it.ID == w.last && rng.IntN(2) == 0 {
			return it.Todo
		}
	}
	t := shown[rng.IntN(len(shown))].Todo
	w.last = t.ID
	return t
}

// dither completes a todo and opens it again, with a sync after each, perhaps a crash.
func (w *world) dither(m *machine, t Todo, rng *rand.Rand) error {
	for range 2 {
		w.before = w.memory.clone()
		w.touch(m.name, nameOf(t.Title))
		op := Complete(t, !t.Done.Bool())
		saved, err := w.trySave(m, op)
		if err != nil {
			return err
		}
		if saved {
			t = op.Want
		}
		if err := w.mean(m); err != nil {
			return err
		}
		if err := w.sync(m, rng.IntN(3) == 0); err != nil {
			return err
		}
		if err := w.revive(m); err != nil {
			return err
		}
	}
	return nil
}

// revive starts a program that crashed again, and lets it sync.
func (w *world) revive(m *machine) error {
	for m.dead() {
		if err := w.open(m); err != nil {
			return err
		}
		if err := w.sync(m, false); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) save(m *machine, op Op) error {
	_, err := w.trySave(m, op)
	return err
}

func (w *world) trySave(m *machine, op Op) (saved bool, err error) {
	return w.change(m, func() error { return m.Save(w.ctx, Step{Name: "act", Ops: []Op{op}}) })
}

func (w *world) turn(m *machine, verb string) error {
	step, err := w.turnStep(m, verb)
	if errors.Is(err, ErrNothing) {
		return nil
	}
	for _, op := range step.Ops {
		w.say("  did %d %s %v", op.Kind, op.ID, op.Want)
		w.touch(m.name, nameOf(cmp.Or(op.Want.Title, op.Base.Title)))
		w.turned[nameOf(op.Base.Title)], w.turned[nameOf(op.Want.Title)] = true, true
		switch op.Kind {
		case Add:
			delete(w.removed, op.ID)
			w.supersede(m.name, op.Want.Title)
		case Delete:
			w.gone(m.name, op.Base.Title)
			w.removed[op.ID] = m.name
		case SetTitle:
			w.supersede(m.name, op.Want.Title)
		}
	}
	if err != nil || m.dead() {
		return err
	}
	return w.contested(m, step)
}

// contested remembers that our side of a conflict which a step opened again is not
// replaced any more: it must be kept.
func (w *world) contested(m *machine, step Step) error {
	all, err := m.Conflicts(w.ctx)
	if errors.Is(err, errKilled) {
		return nil
	}
	for _, c := range all {
		t, typed := w.typed[c.Mine]
		if typed && t.who == m.name && slices.ContainsFunc(step.Ops, func(op Op) bool { return op.ID == c.ID }) {
			w.say("  open again: %q", c.Mine)
			t.replaced = false
			w.typed[c.Mine] = t
		}
	}
	return err
}

// sync tolerates what a bad network does, and nothing else.
func (w *world) sync(m *machine, crash bool) error {
	if crash {
		w.net.crash = m.kill
		defer func() { w.net.crash = nil }()
	}
	r, err := m.Sync(w.ctx, SyncOptions{})
	w.say("  synced: %+v %v", r, err)
	for _, known := range []error{ErrOffline, ErrRefused, errClosed, errKilled} {
		if errors.Is(err, known) {
			return nil
		}
	}
	return err
}

// heal lets the network be good again, until all is quiet.
func (w *world) heal() error {
	w.net.bad, w.kills = 0, nil
	w.say("healed")
	for range 10 {
		w.net.advance(61 * time.Second)
		for _, name := range deviceNames {
			m := w.devices[name]
			if err := w.open(m); err != nil {
				return err
			}
			if err := w.retryAll(m); err != nil {
				return err
			}
			r, err := m.Sync(w.ctx, SyncOptions{})
			w.say("%s synced: %+v %v", name, r, err)
			if err != nil {
				return err
			}
		}
	}
	return nil
}
