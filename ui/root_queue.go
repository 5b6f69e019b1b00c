package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

// queue holds what is still to be saved. What was applied on screen is saved in the
// order it was done; until then it is replayed over whatever the cache says.
type queue struct {
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

// queueRan is the answer to one run of the queue.
type queueRan struct {
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
	if r.shared.todos == nil {
		return r.say(say{toneWarn, "no account is open · " + r.shared.keys.key(verbAccounts) + " shows the accounts"})
	}
	r.shared.remember(step)
	noted := r.list.note(r.shared.rows.applyOps(step.Ops))
	text := upper(did(step.Name))
	if !r.top().capturing() { // where the key would be text
		text += r.shared.undoHint()
	}
	return tea.Batch(noted, r.say(say{toneGood, text}), r.tellRows(), r.enqueue(job{step: step}))
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

// enqueue puts a job at the queue's end.
func (r *root) enqueue(j job) tea.Cmd {
	if r.shared.todos == nil {
		return nil
	}
	r.queue.jobs = append(r.queue.jobs, j)
	return r.runQueue()
}

// takeBack queues an undo or redo behind what is still to be saved.
func (r *root) takeBack(redo bool) tea.Cmd {
	kind := undoStep
	if redo {
		kind = redoStep
	}
	return r.enqueue(job{kind: kind})
}

func (r *root) runQueue() tea.Cmd {
	q := &r.queue
	if q.busy || len(q.jobs) == 0 {
		return nil
	}
	q.busy = true
	jobs, since, loaded, todos := q.jobs[:len(q.jobs):len(q.jobs)], q.rev, q.loaded, r.shared.todos
	return r.shared.ask(nil, func(ctx context.Context) tea.Msg {
		d := queueRan{}
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

func (d *queueRan) run(ctx context.Context, todos Todos, j job) error {
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

// handleQueueRan takes what was saved off the queue. A step that could not be saved
// stays on screen and in the queue, and is tried again with the next one.
func (r *root) handleQueueRan(d queueRan) tea.Cmd {
	q := &r.queue
	q.busy, q.failed = false, false
	if !q.loaded {
		q.early = append(q.early, q.jobs[:d.did]...)
	}
	q.jobs = q.jobs[d.did:]
	cmds := append(r.tookBack(d), r.learn(d.news))
	if d.err != nil {
		return tea.Batch(append(cmds, r.queueFailed(d.err))...)
	}
	if o := r.next; o != nil && len(q.jobs) == 0 {
		r.next = nil
		return tea.Batch(append(cmds, r.opened(*o))...)
	}
	if r.quitting {
		return tea.Batch(append(cmds, r.leaveNow())...)
	}
	return tea.Batch(append(cmds, r.runQueue(), r.syncSoon(changeDelay, true))...)
}

// tookBack shows and says what undo and redo did. A conflict that is open again by that
// is no news of the other side's.
func (r *root) tookBack(d queueRan) (cmds []tea.Cmd) {
	opened := d.news.status.Conflicts > r.shared.status.Conflicts
	for _, s := range d.steps {
		hint := r.shared.backHint(s.redo)
		if opened {
			hint = " · " + r.shared.keys.key(verbConflicts) + " decides anew"
			r.shared.status.Conflicts = d.news.status.Conflicts
		}
		r.shared.remember(store.Step{Name: s.toast(), Ops: s.step.Ops})
		cmds = append(cmds, r.list.note(r.shared.rows.applyOps(s.step.Ops)), r.say(say{toneGood, s.toast() + hint}))
		r.list.goToFirst(s.step)
	}
	return cmds
}

func (r *root) queueFailed(err error) tea.Cmd {
	q := &r.queue
	r.quitting = false
	if o := r.next; o != nil { // the account with the unsaved change stays
		r.next, r.opening = nil, false
		return tea.Batch(closeTodos(o.todos), r.queueFailed(err))
	}
	if len(q.jobs) > 0 && q.jobs[0].kind != saveStep && q.jobs[0].kind != draftText {
		redo := q.jobs[0].kind == redoStep
		q.jobs = q.jobs[1:]
		if errors.Is(err, store.ErrNothing) {
			return tea.Batch(r.say(say{toneInfo, nothingTo(redo, err)}), r.runQueue())
		}
		return tea.Batch(r.say(sayError(err)), r.runQueue())
	}
	if errors.Is(err, store.ErrTitle) { // no second try would do better: show what the cache holds
		q.jobs, q.loaded = q.jobs[1:], false
		return tea.Batch(r.say(sayError(err)), r.refresh(), r.runQueue())
	}
	q.failed = true
	return r.say(say{toneBad, "not saved: " + oneLine(err.Error()) + " · " + r.shared.keys.key(verbSync) + " tries again"})
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
func (q *queue) replay(rows *rows) []change {
	var changes []change
	for _, j := range slices.Concat(q.early, q.jobs) {
		changes = append(changes, rows.applyOps(j.step.Ops)...)
	}
	return changes
}

// unsaved is how many changes wait to be saved.
func (q *queue) unsaved() int {
	n := 0
	for _, j := range q.jobs {
		n += len(j.step.Ops)
	}
	return n
}
