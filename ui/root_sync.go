package ui

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

// How long automatic sync waits.
const (
	changeDelay = 400 * time.Millisecond // more keypresses may follow
	focusRest   = 5 * time.Second        // two focus events this close are one
	smallEvery  = time.Minute
	largeEvery  = 5 * time.Minute
	largeRows   = 5000
	busyRetry   = 5 * time.Second // another process syncs, or the cache could not be written
)

// syncer decides when to sync. At most one sync runs; what is asked for
// meanwhile runs after it.
type syncer struct {
	running  bool
	asked    bool // a person waits for the outcome
	again    bool
	againAll bool // the next one pulls too
	turn     int  // the timer that counts; older ones are stale
	pushTurn int
	failures int
	failed   error
	at       time.Time // when the last one began
	progress store.Progress
	warned   string // what the person was warned of last
	shown    bool   // it takes long enough to be shown
}

// syncDue says that a timer ran out.
type syncDue struct {
	turn     int
	pushOnly bool
}

// synced says how a sync ended.
type synced struct {
	report   store.Report
	err      error
	pushOnly bool
	warning  string
}

// warner is an open account that knows of something that works but will not last.
type warner interface{ Warning() string }

func warningOf(t Todos) string {
	if w, ok := t.(warner); ok {
		return w.Warning()
	}
	return ""
}

// warned brings what the open account knows without asking anybody.
type warned struct{ text string }

// askWarning asks what is known on this machine already: a sign-in that ends is told
// at once, also where no sync comes through.
func (r *root) askWarning() tea.Cmd {
	todos := r.shared.todos
	return r.shared.ask(nil, func(context.Context) tea.Msg { return warned{warningOf(todos)} })
}

// syncProgressed says how far the running sync is.
type syncProgressed struct{ progress store.Progress }

// syncSoon starts a sync after d; the latest call for its kind counts.
func (r *root) syncSoon(d time.Duration, pushOnly bool) tea.Cmd {
	if r.shared.todos == nil {
		return nil
	}
	turn := &r.sync.turn
	if pushOnly {
		turn = &r.sync.pushTurn
	}
	*turn++
	return r.shared.after(d, syncDue{*turn, pushOnly})
}

func (r *root) syncIsDue(m syncDue) tea.Cmd {
	switch {
	case m.pushOnly && m.turn != r.sync.pushTurn, !m.pushOnly && m.turn != r.sync.turn:
		return nil
	case !m.pushOnly && !r.focused:
		return nil // focus starts it
	case m.pushOnly && (r.shared.status.Waiting == 0 || r.sync.failures > 0):
		return nil // nothing to send, or the retry timer sends it
	}
	return r.startSync(m.pushOnly)
}

func (r *root) startSync(pushOnly bool) tea.Cmd {
	s := &r.sync
	if s.running {
		s.again, s.againAll = true, s.againAll || !pushOnly
		return nil
	}
	s.running, s.at, s.progress, s.shown = true, r.shared.now(), store.Progress{}, false
	todos, send, sh := r.shared.todos, r.shared.send, r.shared
	epoch, pace := sh.epoch, pacer{now: sh.now}
	o := store.SyncOptions{PushOnly: pushOnly, Progress: func(p store.Progress) {
		if pace.ready(p) {
			send(answer{epoch, nil, syncProgressed{p}})
		}
	}}
	return tea.Batch(r.soon(), sh.ask(nil, func(ctx context.Context) tea.Msg {
		report, err := todos.Sync(ctx, o)
		return synced{report, err, pushOnly, warningOf(todos)}
	}))
}

// pacer lets ten reports a second through: each one repaints.
type pacer struct {
	mu   sync.Mutex
	now  func() time.Time
	last time.Time
}

func (p *pacer) ready(pr store.Progress) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.now()
	if t.Sub(p.last) < 100*time.Millisecond && (pr.Total == 0 || pr.Done < pr.Total) {
		return false
	}
	p.last = t
	return true
}

// syncAsked is R: whatever waits to be saved or sent is tried at once.
func (r *root) syncAsked() tea.Cmd {
	if r.shared.todos == nil {
		return r.open(r.startWith)
	}
	r.sync.asked, r.sync.failures = true, 0
	return tea.Batch(r.runQueue(), r.startSync(false))
}

func (r *root) syncEnded(m synced) tea.Cmd {
	s := &r.sync
	s.running, s.progress = false, store.Progress{}
	asked := s.asked
	s.asked, s.failed = false, m.err
	cmds := []tea.Cmd{r.refresh()}
	if m.err != nil {
		cmds = append(cmds, r.syncFailed(m.err, asked))
	} else {
		s.failures = 0
		if !m.pushOnly && !r.shared.status.Checking {
			r.shared.status.LastSync = r.shared.now() // the cache says the same, behind all that came
		}
		if asked {
			cmds = append(cmds, r.say(say{toneGood, syncedText(m.report)}))
		}
	}
	if !needsSignIn(m.err) { // which only a person can mend
		cmds = append(cmds, r.syncSoon(r.nextSync(m), false))
	}
	cmds = append(cmds, r.heed(m.warning))
	if s.again {
		pushOnly := !s.againAll
		s.again, s.againAll = false, false
		if m.err == nil {
			cmds = append(cmds, r.startSync(pushOnly))
		}
	}
	return tea.Batch(cmds...)
}

// syncHealed forgets a failure when another process's sync came through since: the
// header tells no trouble that is over, and what only a person could mend is mended.
func (r *root) syncHealed() tea.Cmd {
	s := &r.sync
	if s.running || s.failed == nil || !r.shared.status.LastSync.After(s.at) {
		return nil
	}
	s.failed, s.failures = nil, 0
	return r.syncSoon(r.syncEvery(), false)
}

// heed shows a warning that is new, after what is shown now.
func (r *root) heed(warning string) tea.Cmd {
	if warning == r.sync.warned {
		return nil
	}
	if r.sync.warned = warning; warning == "" {
		return nil
	}
	return r.sayNext(warning)
}

// sayNext shows a warning after what is shown now.
func (r *root) sayNext(warning string) tea.Cmd {
	r.warnings = append(slices.Clip(r.warnings), warning)
	if r.toast.text != "" {
		return nil // it comes when that toast goes
	}
	return r.warn()
}

func syncedText(rep store.Report) string {
	switch {
	case rep.Conflicts > 0:
		return "Synced · " + count(rep.Conflicts, "conflict", "conflicts") + " to decide"
	case rep.Parked > 0:
		return "Synced · " + count(rep.Parked, "change was", "changes were") + " refused"
	case rep.Waiting > 0:
		return "Synced · " + count(rep.Waiting, "change waits", "changes wait")
	}
	return "Synced"
}

// syncFailed says what a person asked for or can mend.
func (r *root) syncFailed(err error, asked bool) tea.Cmd {
	s := &r.sync
	s.failures++
	if asked && !errors.Is(err, store.ErrBusy) || s.failures == 1 && forPerson(err) {
		return r.say(say{toneBad, r.shared.advice(err)})
	}
	return nil
}

// nextSync is how long to wait for the next sync. The cache knows where one is to be
// sooner, or behind a failure later: it reckons for all processes, and with what the
// project asked for.
func (r *root) nextSync(m synced) time.Duration {
	wait := m.report.NextTry.Sub(r.shared.now())
	switch {
	case m.err == nil && m.report.NextTry.IsZero():
		return r.syncEvery()
	case m.err == nil:
		return min(max(wait, 0), r.syncEvery())
	case m.report.NextTry.IsZero():
		return jitter(busyRetry)
	}
	return max(wait, 0)
}

// forPerson reports an error that trying again does not mend.
func forPerson(err error) bool {
	return needsSignIn(err) || errors.Is(err, store.ErrNoToken) || errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrNoTable) ||
		errors.Is(err, store.ErrForeign)
}

// advice is one line for a sync's error, and the next step.
func (sh *shared) advice(err error) string {
	switch {
	case needsSignIn(err):
		if n := sh.status.Waiting; n > 0 {
			return "sign in to send " + count(n, "change", "changes") + " · press " + sh.keys.key(verbAccounts) + "; nothing is lost"
		}
		return "your sign-in ended · " + sh.keys.key(verbAccounts) + " signs in again; nothing is lost"
	case errors.Is(err, store.ErrForeign):
		return "the project sent rows of somebody else · " + sh.keys.key(verbIsolation) + " looks closer"
	case errors.Is(err, store.ErrNoToken):
		return "no token for the project · run: kindling doctor"
	case errors.Is(err, store.ErrNoTable):
		return "the project has no todos table · run: kindling schema"
	case errors.Is(err, store.ErrRefused):
		return "the project refuses this sign-in's key · run: kindling doctor"
	case errors.Is(err, store.ErrOffline):
		return "offline · changes wait here and are sent later"
	}
	if api, ok := errors.AsType[*store.APIError](err); ok {
		return fmt.Sprintf("the project answered %d · run: kindling doctor", api.Status)
	}
	return "sync: " + oneLine(err.Error())
}

func needsSignIn(err error) bool {
	var s interface{ SignInRequired() bool }
	return errors.Is(err, store.ErrSignIn) || errors.As(err, &s) && s.SignInRequired()
}

// syncEvery asks the cache how long the list is: the first rows are not all.
func (r *root) syncEvery() time.Duration {
	if s := r.shared.status; s.Open+s.Completed > largeRows {
		return jitter(largeEvery)
	}
	return jitter(smallEvery)
}

// jitter spreads many programs' timers: up to a tenth more or less.
func jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d))
}

// focusGained syncs when the person looks again.
func (r *root) focusGained() tea.Cmd {
	if r.shared.now().Sub(r.sync.at) < focusRest {
		return tea.Batch(r.tick(), r.syncSoon(r.syncEvery(), false))
	}
	return tea.Batch(r.tick(), r.syncSoon(0, false))
}

// shortFailure is a sync's error in the header's few words.
func shortFailure(err error) string {
	switch {
	case needsSignIn(err):
		return "signed out"
	case errors.Is(err, store.ErrForeign):
		return "rows of somebody else"
	case errors.Is(err, store.ErrNoToken):
		return "no token"
	case errors.Is(err, store.ErrNoTable):
		return "no todos table"
	case errors.Is(err, store.ErrRefused):
		return "refused"
	case errors.Is(err, store.ErrBusy):
		return "another process syncs"
	case errors.Is(err, store.ErrOffline):
		return "offline"
	}
	return "sync failed"
}
