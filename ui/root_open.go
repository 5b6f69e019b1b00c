package ui

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
)

// firstRows is how many todos the first paint reads: more than any screen is high.
const firstRows = 256

// open opens an account, "" the current one. The list of the one before stays
// until the new one's first rows are there.
func (r *root) open(name string) tea.Cmd {
	r.opening, r.shared.problem = true, nil
	r.openings++
	backend, ctx, turn := r.shared.backend, r.parent, r.openings
	return tea.Batch(r.soon(), atOnce(func() tea.Msg {
		o := openAccountNow(ctx, backend, name)
		o.turn = turn
		return o
	}))
}

// accountOpened is the answer to open.
type accountOpened struct {
	turn    int
	todos   Todos
	account auth.Account
	window  []store.Item
	status  store.Status
	drafts  map[uuid.UUID]string
	err     error
	nobody  bool // no account is kept at all
}

// atOnce begins a command before the program comes to run it.
func atOnce(cmd tea.Cmd) tea.Cmd {
	done := make(chan tea.Msg, 1)
	go func() { done <- cmd() }()
	return func() tea.Msg { return <-done }
}

func openAccountNow(ctx context.Context, backend Backend, name string) accountOpened {
	todos, err := backend.Open(ctx, name)
	if err != nil {
		known, _, listErr := backend.Accounts(ctx)
		return accountOpened{err: err, nobody: listErr == nil && len(known) == 0}
	}
	o := accountOpened{todos: todos}
	if o.window, o.err = todos.Window(ctx, firstRows); o.err != nil {
		return o
	}
	if o.status, o.err = todos.Status(ctx); o.err == nil && o.status.Drafts > 0 {
		o.drafts, o.err = todos.Drafts(ctx)
	}
	o.account = accountOf(ctx, backend, name)
	return o
}

func accountOf(ctx context.Context, b Backend, name string) auth.Account {
	known, current, _ := b.Accounts(ctx) // the header falls back to the name
	if name == "" {
		name = current
	}
	i := slices.IndexFunc(known, func(a auth.Account) bool { return a.Name == name })
	if i < 0 {
		return auth.Account{Name: name}
	}
	return known[i]
}

// opened takes an account into use: first its window, then, behind it, all of it.
// Changes of the one before are saved first; one that cannot be saved keeps it open.
func (r *root) opened(o accountOpened) tea.Cmd {
	if o.turn != r.openings {
		return closeTodos(o.todos) // another was asked for since
	}
	if o.err == nil && len(r.queue.jobs) > 0 && !r.queue.failed {
		r.next = &o
		return r.runQueue()
	}
	if o.err == nil && r.queue.failed {
		o.err = errors.New("the last change is not saved yet: press " + r.shared.keys.key(verbSync) + " first")
	}
	r.opening = false
	if o.err != nil {
		return r.failedToOpen(o)
	}
	r.closeAbove(0)
	old := r.use(o)
	return tea.Batch(closeTodos(old), r.heed(asideText(o.todos)), r.sayDrafts(), r.list.arrange(), r.shared.after(firstFrames, restDue{}), r.syncSoon(firstFrames, false))
}

// use puts an account in the place of the one that was open, of which nothing stays;
// the zero one leaves none open.
func (r *root) use(o accountOpened) (old Todos) {
	sh := r.shared
	old = sh.todos
	r.cancel()
	sh.ctx, r.cancel = context.WithCancel(r.parent)
	sh.epoch++
	sh.todos, sh.account, sh.status, sh.rows = o.todos, o.account, o.status, rowsOf(o.window)
	sh.history, sh.drafts = map[uuid.UUID][]event{}, map[uuid.UUID]string{}
	maps.Copy(sh.drafts, o.drafts)
	r.queue, r.sync = queue{}, syncer{}
	r.list.reset()
	return old
}

// sayDrafts tells of texts that an earlier run left unsaved.
func (r *root) sayDrafts() tea.Cmd {
	if len(r.shared.drafts) == 0 {
		return nil
	}
	return r.sayNext(r.shared.unsavedText())
}

// aside is an open account whose cache may have begun anew: SetAside is where the
// old one lies, or "".
type aside interface{ SetAside() string }

func asideText(t Todos) string {
	if a, ok := t.(aside); ok && a.SetAside() != "" {
		return "the cache could not be read and was set aside: " + clean(a.SetAside())
	}
	return ""
}

// firstFrames is how long the first rows have the machine to themselves: reading
// all the others beside them would delay them by as much again.
const firstFrames = 25 * time.Millisecond

// restDue says that the first rows had their time: now comes the rest.
type restDue struct{}

func closeTodos(old Todos) tea.Cmd {
	if old == nil {
		return nil
	}
	return func() tea.Msg { _ = old.Close(); return nil }
}

func (r *root) failedToOpen(o accountOpened) tea.Cmd {
	r.shared.problem = o.err
	closed := closeTodos(o.todos)
	if r.shared.todos == nil && (o.nobody || needsSignIn(o.err)) {
		if o.nobody {
			r.shared.problem = nil
		}
		return tea.Batch(closed, r.push(signInScreen(r.shared, "")))
	}
	return tea.Batch(closed, r.say(sayError(o.err)))
}

// show puts the list's cursor on a todo; where the filter hides it, it says so.
func (r *root) show(id uuid.UUID) tea.Cmd {
	l := r.list
	l.goTo(id)
	if it, ok := r.shared.rows.get(id); ok && l.text != "" && !l.query.Match(&it, nil) {
		return r.say(say{toneInfo, "the filter hides what you added · " + r.shared.keys.key(verbBack) + " clears it"})
	}
	return nil
}

// watch asks the cache to tell of changes by another process or a sync.
func (r *root) watch() tea.Cmd {
	todos := r.shared.todos
	return r.shared.ask(nil, func(ctx context.Context) tea.Msg {
		return watching{todos.Watch(ctx)}
	})
}

// watching says that the cache tells of its changes from now on.
type watching struct{ changes <-chan struct{} }

func (r *root) listen(changes <-chan struct{}) tea.Cmd {
	return r.shared.ask(nil, func(ctx context.Context) tea.Msg {
		select {
		case _, ok := <-changes:
			return cacheChanged{changes, ok}
		case <-ctx.Done():
			return nil
		}
	})
}

// cacheChanged says that the cache changed; ok is false when it tells no more.
type cacheChanged struct {
	changes <-chan struct{}
	ok      bool
}

func (r *root) handleCacheChanged(m cacheChanged) tea.Cmd {
	if !m.ok {
		return nil
	}
	return tea.Batch(r.listen(m.changes), r.refresh())
}
