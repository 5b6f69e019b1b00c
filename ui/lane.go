package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

// lane is the one queue to the cache. What was applied on screen is saved in the
// order it was done; until then it is replayed over whatever the cache says.
type lane struct {
	jobs    []job
	busy    bool
	failed  bool      // the first job could not be saved
	rev     store.Rev // how far the rows on screen know the cache
	loading bool      // all rows are being read
	loaded  bool      // all rows were read
	early   []job     // saved before all rows were loaded: those may not know them yet
}

// job is a step to save, an undo or redo, or a draft to keep.
type job struct {
	kind  jobKind
	step  store.Step
	draft keepDraft
}

type jobKind uint8

const (
	saveStep jobKind = iota
	undoStep
	redoStep
	draftText
)

// laneDone is the answer to one run of the lane.
type laneDone struct {
	did   int        // jobs that succeeded, from the first
	steps []stepDone // what undo and redo did
	news  news
	err   error
}

type stepDone struct {
	step store.Step
	redo bool
}

// apply shows a step at once and queues its saving.
func (r *root) apply(step store.Step) tea.Cmd {
	if len(step.Ops) == 0 {
		return nil
	}
	if r.host.todos == nil {
		return r.say(say{toneWarn, "no account is open · " + r.host.keys.key(verbAccounts) + " shows the accounts"})
	}
	r.host.remember(step)
	noted := r.list.note(r.host.rows.applyOps(step.Ops))
	return tea.Batch(noted, r.say(say{toneGood, upper(did(step.Name)) + r.host.undoHint()}), r.tellRows(), r.enqueue(job{step: step}))
}

// did says that the step of that name was done: "completed …" for "complete …".
func did(name string) string {
	verb, what, _ := strings.Cut(name, " ")
	past, ok := map[string]string{"add": "added", "complete": "completed", "reopen": "reopened", "edit": "edited", "delete": "deleted"}[verb]
	if !ok {
		return name
	}
	return past + " " + what
}

// enqueue puts a job at the lane's end.
func (r *root) enqueue(j job) tea.Cmd {
	if r.host.todos == nil {
		return nil
	}
	r.lane.jobs = append(r.lane.jobs, j)
	return r.runLane()
}

// takeBack queues an undo or redo behind what is still to be saved.
func (r *root) takeBack(redo bool) tea.Cmd {
	kind := undoStep
	if redo {
		kind = redoStep
	}
	return r.enqueue(job{kind: kind})
}

func (r *root) runLane() tea.Cmd {
	l := &r.lane
	if l.busy || len(l.jobs) == 0 {
		return nil
	}
	l.busy = true
	jobs, since, loaded, todos := l.jobs[:len(l.jobs):len(l.jobs)], l.rev, l.loaded, r.host.todos
	return r.host.ask(nil, func(ctx context.Context) tea.Msg {
		d := laneDone{}
		for _, j := range jobs {
			if d.err = d.run(ctx, todos, j); d.err != nil {
				break
			}
			d.did++
		}
		var err error
		if d.news, err = readNews(ctx, todos, since, !loaded); d.err == nil {
			d.err = err
		}
		return d
	})
}

func (d *laneDone) run(ctx context.Context, todos Todos, j job) error {
	var err error
	var s store.Step
	switch j.kind {
	case saveStep:
		return todos.Save(ctx, j.step)
	case undoStep:
		s, err = todos.Undo(ctx)
	case redoStep:
		s, err = todos.Redo(ctx)
	case draftText:
		return todos.SaveDraft(ctx, j.draft.id, j.draft.text)
	}
	if err == nil {
		d.steps = append(d.steps, stepDone{s, j.kind == redoStep})
	}
	return err
}

// laneRan takes what was saved off the queue. A step that could not be saved
// stays on screen and in the queue, and is tried again with the next one.
func (r *root) laneRan(d laneDone) tea.Cmd {
	l := &r.lane
	l.busy, l.failed = false, false
	if !l.loaded {
		l.early = append(l.early, l.jobs[:d.did]...)
	}
	l.jobs = l.jobs[d.did:]
	var cmds []tea.Cmd
	for _, s := range d.steps {
		cmds = append(cmds, r.list.note(r.host.rows.applyOps(s.step.Ops)))
		r.host.remember(store.Step{Name: s.toast(), Ops: s.step.Ops})
		cmds = append(cmds, r.say(say{toneGood, s.toast() + r.host.backHint(s.redo)}))
		r.list.goToFirst(s.step)
	}
	cmds = append(cmds, r.learn(d.news))
	if d.err != nil {
		return tea.Batch(append(cmds, r.laneFailed(d.err))...)
	}
	if o := r.next; o != nil && len(l.jobs) == 0 {
		r.next = nil
		return tea.Batch(append(cmds, r.opened(*o))...)
	}
	if r.quitting {
		return tea.Batch(append(cmds, r.leaveNow())...)
	}
	return tea.Batch(append(cmds, r.runLane(), r.syncSoon(changeDelay, true))...)
}

func (r *root) laneFailed(err error) tea.Cmd {
	l := &r.lane
	r.quitting = false
	if o := r.next; o != nil { // the account with the unsaved change stays
		r.next, r.opening = nil, false
		return tea.Batch(closeTodos(o.todos), r.laneFailed(err))
	}
	if len(l.jobs) > 0 && l.jobs[0].kind != saveStep && l.jobs[0].kind != draftText {
		redo := l.jobs[0].kind == redoStep
		l.jobs = l.jobs[1:]
		if errors.Is(err, store.ErrNothing) {
			return tea.Batch(r.say(say{toneInfo, nothingTo(redo, err)}), r.runLane())
		}
		return tea.Batch(r.say(sayError(err)), r.runLane())
	}
	if errors.Is(err, store.ErrTitle) { // no second try would do better: show what the cache holds
		l.jobs, l.loaded = l.jobs[1:], false
		return tea.Batch(r.say(sayError(err)), r.refresh(), r.runLane())
	}
	l.failed = true
	return r.say(say{toneBad, "not saved: " + oneLine(err.Error()) + " · " + r.host.keys.key(verbSync) + " tries again"})
}

// nothingTo says why undo or redo did nothing.
func nothingTo(redo bool, err error) string {
	what := "nothing to undo"
	if redo {
		what = "nothing to redo"
	}
	if _, why, ok := strings.Cut(err.Error(), store.ErrNothing.Error()+": "); ok {
		return what + ": " + why
	}
	return what
}

func (s stepDone) toast() string {
	if s.redo {
		return "Done again: " + clean(s.step.Name)
	}
	return "Taken back: " + clean(s.step.Name)
}

// replay puts what is not saved yet over rows that come from the cache.
func (l *lane) replay(rows *rows) []change {
	var changes []change
	for _, j := range slices.Concat(l.early, l.jobs) {
		changes = append(changes, rows.applyOps(j.step.Ops)...)
	}
	return changes
}

// news is what a read of the cache says.
type news struct {
	since  store.Rev
	rev    store.Rev
	only   bool // only the status was read
	status store.Status
	delta  store.Delta
	rows   *rows // every todo, where the cache could not tell what changed
}

// readNews reads what changed since a revision, or the status alone.
func readNews(ctx context.Context, todos Todos, since store.Rev, statusOnly bool) (news, error) {
	if statusOnly {
		status, err := todos.Status(ctx)
		return news{only: true, status: status}, err
	}
	d, err := todos.Changes(ctx, since)
	n := news{since: since, rev: d.Rev, status: d.Status, delta: d}
	if err == nil && d.All {
		n.rows, n.delta = rowsOf(d.Items), store.Delta{}
		n.rows.complete = true
	}
	return n, err
}

// unsaved is how many changes wait to be saved.
func (l *lane) unsaved() int {
	n := 0
	for _, j := range l.jobs {
		n += len(j.step.Ops)
	}
	return n
}

// loadNews reads every todo, one by one: there is no second copy of the list on the way.
func loadNews(ctx context.Context, todos Todos) (news, error) {
	n := news{rows: newRows()}
	var err error
	if n.rev, err = todos.Rev(ctx); err != nil {
		return n, err
	}
	for it, err := range todos.All(ctx) {
		if err != nil {
			return n, err
		}
		n.rows.put(it)
	}
	n.rows.complete = true
	n.status, err = todos.Status(ctx)
	return n, err
}

// refreshed is the answer to refresh.
type refreshed struct {
	news news
	err  error
}

// refresh reads what changed in the cache since the rows on screen; at first, everything.
func (r *root) refresh() tea.Cmd {
	todos, since, loaded := r.host.todos, r.lane.rev, r.lane.loaded
	if todos == nil || r.lane.loading {
		return nil // what changes meanwhile is read after it
	}
	r.lane.loading = !r.lane.loaded
	return r.host.ask(nil, func(ctx context.Context) tea.Msg {
		if !loaded {
			n, err := loadNews(ctx, todos)
			return refreshed{n, err}
		}
		n, err := readNews(ctx, todos, since, false)
		return refreshed{n, err}
	})
}

func (r *root) heardChanges(m refreshed) tea.Cmd {
	r.lane.loading = false
	if r.lane.busy && r.lane.loaded {
		return nil // the lane brings as much, and knows which of it is our own
	}
	if m.err != nil {
		return r.say(sayError(m.err))
	}
	return r.learn(m.news)
}

// learn takes news into the rows. What was overtaken by newer news is dropped;
// what begins after what the rows know is asked for again.
func (r *root) learn(n news) tea.Cmd {
	switch {
	case n.only:
		return tea.Batch(r.learnStatus(n.status), r.tellRows())
	case n.rev < r.lane.rev:
		return nil
	case n.rows == nil && n.since > r.lane.rev:
		return r.refresh()
	}
	first := !r.lane.loaded
	r.lane.rev = n.rev
	told := r.learnStatus(n.status)
	r.lane.loaded = r.lane.loaded || n.rows != nil
	if n.rows != nil {
		return tea.Batch(told, r.replaceRows(n.rows, first))
	}
	changes := r.host.rows.take(n.delta)
	r.host.rememberRemote(changes)
	changes = append(changes, r.lane.replay(r.host.rows)...)
	return tea.Batch(told, r.list.note(changes), r.tellRows())
}

// learnStatus tells what a person has to look at since.
func (r *root) learnStatus(s store.Status) tea.Cmd {
	old, k := r.host.status, r.host.keys
	r.host.status = s
	switch {
	case s.Conflicts > old.Conflicts:
		return r.say(say{toneWarn, "both sides changed a todo · " + k.key(verbConflicts) + " shows them side by side"})
	case s.Parked > old.Parked:
		return r.say(say{toneWarn, "the server refused a change · " + k.key(verbDetails) + " shows why"})
	}
	return nil
}

// replaceRows puts a whole list in place, with what it may not know on top.
func (r *root) replaceRows(all *rows, first bool) tea.Cmd {
	r.host.rows = all
	r.lane.replay(all)
	r.lane.early = nil
	cmds := []tea.Cmd{r.list.rowsReplaced(), r.tellRows()}
	if first {
		cmds = append(cmds, r.refresh()) // what was saved while it was read
	}
	return tea.Batch(cmds...)
}

// tellRows tells the open screens that todos or status changed.
func (r *root) tellRows() tea.Cmd {
	var cmds []tea.Cmd
	for _, s := range slices.Clone(r.stack) {
		cmds = append(cmds, r.give(s, rowsChanged{}))
	}
	return tea.Batch(cmds...)
}
