package store

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// A program is what two devices, a web client without guards and the clock do,
// one act after the other. An act draws whatever it needs, the faults it meets
// too, from its own seed: an act can be left out of a program and the others
// stay as they are.
type act struct {
	who  string // a, b, web or clock
	verb string
	seed uint64
}

func (a act) String() string { return fmt.Sprintf("%s %s %d", a.who, a.verb, a.seed) }

var deviceVerbs = []string{
	"add", "add", "add", "edit", "edit", "edit", "toggle", "toggle", "delete", "undo", "redo",
	"sync", "sync", "sync", "sync", "crash", "resolve", "dither", "dither",
}

func program(seed uint64) (acts []act) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 15 + rng.IntN(45) {
		a := act{seed: uint64(rng.Uint32())}
		switch rng.IntN(10) {
		case 0:
			a.who, a.verb = "clock", "wait"
		case 1, 2:
			a.who, a.verb = "web", []string{"add", "edit", "toggle", "toggle", "delete"}[rng.IntN(5)]
		default:
			a.who, a.verb = []string{"a", "b"}[rng.IntN(2)], deviceVerbs[rng.IntN(len(deviceVerbs))]
		}
		acts = append(acts, a)
	}
	return acts
}

func printProgram(acts []act) string {
	var b strings.Builder
	for _, a := range acts {
		fmt.Fprintln(&b, a)
	}
	return b.String()
}

func readProgram(path string) (acts []act, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		var a act
		if _, err := fmt.Sscan(lines.Text(), &a.who, &a.verb, &a.seed); err != nil {
			return nil, fmt.Errorf("read program: %q: %w", lines.Text(), err)
		}
		acts = append(acts, a)
	}
	return acts, nil
}

// world is all of it: the project, the devices in front of it, and a memory of
// what people did, to hold the outcome against.
type world struct {
	ctx     context.Context
	dir     string
	project *project
	net     *network
	clock   *hands
	devices map[string]*machine
	log     strings.Builder

	born    map[string]bool               // todos, by the name that every text of them begins with
	deleted map[string]bool               // by anyone, ever
	copied  map[string]bool               // made twice on purpose
	typed   map[string]typing             // by text
	removed map[uuid.UUID]string          // who meant a row to be deleted, last
	absent  map[uuid.UUID]map[string]bool // by whom a row was deleted at the project
	newest  map[string]int                // by row and device, the last of its texts that landed
	turned  map[string]bool               // names that an undo or a redo was about
	touched map[string]map[string]bool    // by name, who ever meant to change a todo
	acted   map[string]bool               // names that the present act is about
	meant   map[string]string             // by name, what its last act left on its author's screen
	last    uuid.UUID                     // that was acted on
	broken  error                         // the first promise that a write broke
	n       int
}

// typing is one text that a person typed, and whether its author replaced it.
type typing struct {
	who, name string
	replaced  bool
}

// machine is one device; its store is opened anew after each crash.
type machine struct {
	name  string
	store *Store
	dead  bool
}

func newWorld(ctx context.Context, dir string) *world {
	w := &world{
		ctx: ctx, dir: dir, project: newProject(), clock: newHands(), devices: map[string]*machine{},
		born: map[string]bool{}, deleted: map[string]bool{}, copied: map[string]bool{}, typed: map[string]typing{},
		removed: map[uuid.UUID]string{}, absent: map[uuid.UUID]map[string]bool{}, newest: map[string]int{}, turned: map[string]bool{},
		touched: map[string]map[string]bool{}, meant: map[string]string{},
	}
	w.project.wrote = w.wrote
	w.net = &network{behind: transport{w.project}, clock: w.clock, trace: w.say}
	for _, name := range []string{"a", "b"} {
		w.devices[name] = &machine{name: name}
	}
	return w
}

func (w *world) say(format string, args ...any) {
	fmt.Fprintf(&w.log, "%s "+format+"\n", append([]any{w.clock.Now().Format("15:04:05")}, args...)...)
}

func (w *world) open(m *machine) error {
	if m.store != nil {
		return nil
	}
	s, err := Open(w.ctx, Options{
		Dir: w.dir + "/" + m.name, Key: cacheKey, Sub: "kp_alice", BaseURL: "http://127.0.0.1:1",
		Tokens: fixed(tokenAlice + "/" + m.name), HTTP: &http.Client{Transport: w.net}, Now: w.clock.Now,
	})
	if err != nil {
		return err
	}
	s.workers, s.pageRows = 1, 3
	m.store, m.dead = s, false
	return nil
}

// kill ends a machine's process where it stands: nothing more reaches its disk.
func (w *world) kill(m *machine) {
	if !m.dead {
		m.dead = true
		_ = m.store.Close()
	}
}

// wrote watches what reaches the project: of the changes that one device makes to
// one row, an older one must not land after a newer one.
func (w *world) wrote(who string, before, after *Todo) {
	switch {
	case after == nil:
		if w.absent[before.ID] == nil {
			w.absent[before.ID] = map[string]bool{}
		}
		w.absent[before.ID][who] = true
	case before == nil:
		if w.absent[after.ID][who] {
			w.fail("%s brought %v back that it had deleted", who, *after)
		}
		w.order(who, *after)
	case before.Title != after.Title:
		w.order(who, *after)
	}
}

func (w *world) order(who string, t Todo) {
	_, text, _ := strings.Cut(t.Title, ":")
	n, err := strconv.Atoi(strings.TrimPrefix(text, who))
	if err != nil || w.turned[nameOf(t.Title)] {
		return
	}
	key := t.ID.String() + who
	if n < w.newest[key] { // a repeat of the newest is what cannot be told apart
		w.fail("%s wrote %q after a newer text of its own", who, t.Title)
	}
	w.newest[key] = n
}

func (w *world) fail(format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf(format, args...)
		w.say("BROKEN: %v", w.broken)
	}
}

func (w *world) run(acts []act) error {
	for _, a := range acts {
		rng := rand.New(rand.NewPCG(a.seed, 2))
		w.net.rng, w.net.bad = rng, []int{5, 20, 45}[rng.IntN(3)]
		w.say("%s", a)
		w.acted = map[string]bool{}
		if err := w.do(a, rng); err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
		w.net.advance(time.Duration(rng.IntN(3000)) * time.Millisecond)
	}
	if err := w.heal(); err != nil {
		return err
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
	err := w.device(m, a.verb, rng)
	if m.dead {
		m.store, err = nil, nil
		return nil
	}
	if err != nil {
		return err
	}
	if err := w.mean(m); err != nil {
		return err
	}
	return w.checkNow(m)
}

// checkNow holds what is true at any time: what is shown is Replay, and a row
// that vanished had been deleted.
func (w *world) checkNow(m *machine) error {
	shown, err := m.store.Window(w.ctx, 1000)
	if err != nil {
		return err
	}
	if err := sameAsReplay(w.ctx, m.store, shown); err != nil {
		return err
	}
	vanished, err := m.store.Vanished(w.ctx)
	for _, v := range vanished {
		if w.absent[v.Todo.ID] == nil {
			return fmt.Errorf("%v vanished, and nobody had deleted it", v.Todo)
		}
	}
	return err
}

// text makes a new text for a todo.
func (w *world) text(who, name string) string {
	w.n++
	w.touch(who, name)
	text := fmt.Sprintf("%s:%s%d", name, who, w.n)
	for old, t := range w.typed {
		if t.who == who && t.name == name {
			t.replaced = true
			w.typed[old] = t
		}
	}
	if who != "web" {
		w.typed[text] = typing{who: who, name: name}
	}
	return text
}

// touch remembers who changes a todo.
func (w *world) touch(who, name string) {
	if w.touched[name] == nil {
		w.touched[name] = map[string]bool{}
	}
	w.touched[name][who] = true
	w.acted[name] = true
}

// mean remembers what an act left on its author's screen.
func (w *world) mean(m *machine) error {
	shown, err := m.store.Window(w.ctx, 1000)
	for name := range w.acted {
		w.meant[name] = ""
		for _, it := range shown {
			if nameOf(it.Title) == name {
				w.meant[name] += fmt.Sprintf("%s %t;", it.Title, it.Done.Bool())
			}
		}
	}
	return err
}

func nameOf(title string) string {
	name, _, _ := strings.Cut(title, ":")
	return name
}

// gone remembers that somebody deleted a todo, and with it what he typed.
func (w *world) gone(who, title string) {
	w.deleted[nameOf(title)] = true
	w.text(who, nameOf(title))
	delete(w.typed, fmt.Sprintf("%s:%s%d", nameOf(title), who, w.n))
}

// web writes as InsForge's demo does: by id, without a guard.
func (w *world) web(verb string, rng *rand.Rand) error {
	rows := w.project.all()
	if verb != "add" && len(rows) == 0 {
		return nil
	}
	w.project.mu.Lock()
	defer w.project.mu.Unlock()
	if verb == "add" {
		name := fmt.Sprintf("t%d", len(w.born))
		w.born[name] = true
		t := Todo{ID: uuid.New(), Title: w.text("web", name), Done: False, Created: InstantOf(w.clock.Now())}
		w.project.put("web", nil, &t)
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
		w.project.put("web", &before, nil)
		return nil
	}
	w.say("  web: %v -> %v", before, t)
	w.project.put("web", &before, &t)
	return nil
}

func (w *world) device(m *machine, verb string, rng *rand.Rand) error {
	switch verb {
	case "sync", "crash":
		return w.sync(m, verb == "crash")
	case "add":
		name := fmt.Sprintf("t%d", len(w.born))
		w.born[name] = true
		return w.save(m, NewAdd(w.text(m.name, name), w.clock.Now()))
	case "undo", "redo":
		return w.turn(m, verb)
	case "resolve":
		return w.resolve(m, rng)
	}
	shown, err := m.store.Window(w.ctx, 1000)
	if err != nil || len(shown) == 0 {
		return err
	}
	t := w.choose(rng, shown)
	w.say("  of %s %v", t.ID, t)
	switch verb {
	case "dither":
		return w.dither(m, t, rng)
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
		w.touch(m.name, nameOf(t.Title))
		if err := w.save(m, Complete(t, !t.Done.Bool())); err != nil {
			return err
		}
		t.Done = BoolOf(!t.Done.Bool())
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
	if !m.dead {
		return nil
	}
	m.store = nil
	if err := w.open(m); err != nil {
		return err
	}
	return w.sync(m, false)
}

func (w *world) save(m *machine, op Op) error {
	return m.store.Save(w.ctx, Step{Name: "act", Ops: []Op{op}})
}

func (w *world) turn(m *machine, verb string) error {
	do := m.store.Undo
	if verb == "redo" {
		do = m.store.Redo
	}
	step, err := do(w.ctx)
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
	return err
}

// supersede lets a text that a person brings back replace what he typed since.
func (w *world) supersede(who, title string) {
	back, known := w.typed[title]
	w.text(who, nameOf(title))
	delete(w.typed, fmt.Sprintf("%s:%s%d", nameOf(title), who, w.n))
	if known && back.who == who {
		w.typed[title] = typing{who: who, name: nameOf(title)}
	}
}

func (w *world) resolve(m *machine, rng *rand.Rand) error {
	all, err := m.store.Conflicts(w.ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	c := all[rng.IntN(len(all))]
	choice := Choice(1 + rng.IntN(3))
	name := nameOf(c.Item.Title)
	w.turned[name] = true
	w.say("  %s of %q: base %q mine %q theirs %q: choice %d", c.Column, c.Item.Title, c.Base, c.Mine, c.Theirs, choice)
	switch {
	case choice == Theirs && c.Column == "deleted" && c.Mine != "":
		w.gone(m.name, c.Mine)
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
	return m.store.Resolve(w.ctx, c.ID, choice)
}

// sync tolerates what a bad network does, and nothing else.
func (w *world) sync(m *machine, crash bool) error {
	if crash {
		w.net.crash = func() { w.kill(m) }
		defer func() { w.net.crash = nil }()
	}
	r, err := m.store.Sync(w.ctx, SyncOptions{})
	w.say("  synced: %+v %v", r, err)
	for _, known := range []error{ErrOffline, ErrRefused, errClosed} {
		if errors.Is(err, known) {
			return nil
		}
	}
	return err
}

// heal lets the network be good again, until all is quiet.
func (w *world) heal() error {
	w.net.bad = 0
	w.say("healed")
	for range 10 {
		w.net.advance(61 * time.Second)
		for _, name := range []string{"a", "b"} {
			m := w.devices[name]
			if err := w.open(m); err != nil {
				return err
			}
			r, err := m.store.Sync(w.ctx, SyncOptions{})
			w.say("%s synced: %+v %v", name, r, err)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// check holds the promises.
func (w *world) check() error {
	count := map[string]int{}
	rows := map[uuid.UUID]Todo{}
	for _, t := range w.project.all() {
		count[nameOf(t.Title)]++
		rows[t.ID] = t
	}
	for name := range w.born {
		if n := count[name]; !w.deleted[name] && n != 1 && !(w.copied[name] && n > 1) {
			return fmt.Errorf("todo %s is %d times at the project", name, n)
		}
	}
	if err := w.checkMeant(); err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, m := range w.devices {
		if err := w.checkDevice(m, rows, kept); err != nil {
			return fmt.Errorf("device %s: %w", m.name, err)
		}
	}
	for id, who := range w.removed {
		if row, there := rows[id]; there && w.absent[id] == nil && !kept[who+" "+id.String()] {
			return fmt.Errorf("%v was deleted on %s, is there and was never gone", row, who)
		}
	}
	for text, t := range w.typed {
		if !t.replaced && !w.project.titles[text] && !kept[t.who+" "+text] {
			return fmt.Errorf("text %q, typed on %s, was never at the project and is not shown", text, t.who)
		}
	}
	return nil
}

// checkMeant holds that a todo which one device alone ever changed is at the
// project just as its author left it, whatever the network did.
func (w *world) checkMeant() error {
	holds := map[string]string{}
	for _, t := range w.project.all() {
		holds[nameOf(t.Title)] += fmt.Sprintf("%s %t;", t.Title, t.Done.Bool())
	}
	for name, by := range w.touched {
		if len(by) == 1 && !by["web"] && holds[name] != w.meant[name] {
			return fmt.Errorf("todo %s was left as %q by its only author, the project holds %q", name, w.meant[name], holds[name])
		}
	}
	return nil
}

// checkDevice holds that a device shows what the project holds, but for its conflicts.
func (w *world) checkDevice(m *machine, rows map[uuid.UUID]Todo, kept map[string]bool) error {
	st, err := m.store.Status(w.ctx)
	if err != nil {
		return err
	}
	if st.Waiting+st.Parked > 0 {
		return fmt.Errorf("%d changes still wait, %d are parked", st.Waiting, st.Parked)
	}
	conflicts, err := m.store.Conflicts(w.ctx)
	if err != nil {
		return err
	}
	for _, c := range conflicts {
		kept[m.name+" "+c.Mine] = true
		kept[m.name+" "+c.ID.String()] = true
	}
	shown, err := m.store.Window(w.ctx, 1000)
	if err != nil {
		return err
	}
	n := 0
	for _, it := range shown {
		row, there := rows[it.ID]
		switch {
		case there && row == it.Todo:
			n++
		case !there && it.State == Conflicted:
		default:
			return fmt.Errorf("shows %v, the project holds %v (%t)", it, row, there)
		}
	}
	if n != len(rows) {
		return fmt.Errorf("shows %d of the project's %d rows", n, len(rows))
	}
	return nil
}

// fastDir is a directory in memory, where the system has one: syncing to disk
// is most of what a program would take.
func fastDir() string {
	const shm = "/dev/shm"
	if f, err := os.CreateTemp(shm, "kindling"); err == nil {
		f.Close()
		os.Remove(f.Name())
		return shm
	}
	return ""
}

// runProgram runs acts in a world of their own and returns its log.
func runProgram(t *testing.T, acts []act) (log string, err error) {
	dir, err := os.MkdirTemp(fastDir(), "model")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	uuid.SetRand(rand.NewChaCha8([32]byte{1}))
	defer uuid.SetRand(nil)
	w := newWorld(t.Context(), dir)
	defer func() {
		for _, m := range w.devices {
			if m.store != nil {
				_ = m.store.Close()
			}
		}
	}()
	err = w.run(acts)
	for _, row := range w.project.all() {
		w.say("row %s %v", row.ID, row)
	}
	return w.log.String(), err
}

// shrink leaves out acts as long as the program still fails.
func shrink(t *testing.T, acts []act) []act {
	for size := len(acts) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(acts); {
			less := append(append([]act(nil), acts[:i]...), acts[i+size:]...)
			if _, err := runProgram(t, less); err != nil {
				acts = less
			} else {
				i += size
			}
		}
	}
	return acts
}

// TestModel runs random programs; KINDLING_MODEL_SEEDS says how many, and
// KINDLING_MODEL_FIRST from which seed. A program that failed is made as short
// as it can be and printed: KINDLING_MODEL_PROGRAM runs it from a file.
func TestModel(t *testing.T) {
	if path := os.Getenv("KINDLING_MODEL_PROGRAM"); path != "" {
		acts, err := readProgram(path)
		if err != nil {
			t.Fatal(err)
		}
		log, err := runProgram(t, acts)
		t.Logf("%s%v", log, err)
		if err != nil {
			t.Fail()
		}
		return
	}
	first, seeds := number("KINDLING_MODEL_FIRST", 0), number("KINDLING_MODEL_SEEDS", 200)
	for seed := first; seed < first+seeds; seed++ {
		acts := program(seed)
		if _, err := runProgram(t, acts); err != nil {
			acts = shrink(t, acts)
			log, short := runProgram(t, acts)
			t.Fatalf("seed %d: %v\nshort program (%v):\n%s\nwhat it did:\n%s", seed, err, short, printProgram(acts), log)
		}
	}
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}
