package ui

import (
	"context"
	"runtime/debug"
	"slices"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

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

// collectOften lets the garbage collector run when the heap has grown by half, unless
// GOGC says otherwise (GOMEMLIMIT holds beside either): the program is open for hours
// from here, and memory counts for more than a millisecond.
func collectOften(env []string) {
	if getenv(env, "GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// refreshed is the answer to refresh.
type refreshed struct {
	news news
	err  error
}

// refresh reads what changed in the cache since the rows on screen; at first, everything.
func (r *root) refresh() tea.Cmd {
	todos, env, since, loaded := r.shared.todos, r.shared.env, r.queue.rev, r.queue.loaded
	if todos == nil || r.queue.loading {
		return nil // what changes meanwhile is read after it
	}
	r.queue.loading = !r.queue.loaded
	return r.shared.ask(nil, func(ctx context.Context) tea.Msg {
		if !loaded {
			collectOften(env)
			n, err := loadNews(ctx, todos)
			return refreshed{n, err}
		}
		n, err := readNews(ctx, todos, since, false)
		return refreshed{n, err}
	})
}

func (r *root) handleRefreshed(m refreshed) tea.Cmd {
	r.queue.loading = false
	if r.queue.busy && r.queue.loaded {
		return nil // the queue brings as much, and knows which of it is our own
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
	case n.rev < r.queue.rev:
		return nil
	case n.rows == nil && n.since > r.queue.rev:
		return r.refresh()
	}
	first := !r.queue.loaded
	r.queue.rev = n.rev
	told := r.learnStatus(n.status)
	r.queue.loaded = r.queue.loaded || n.rows != nil
	if n.rows != nil {
		return tea.Batch(told, r.replaceRows(n.rows, first))
	}
	changes := r.shared.rows.take(n.delta)
	r.shared.rememberRemote(changes)
	changes = append(changes, r.queue.replay(r.shared.rows)...)
	return tea.Batch(told, r.list.note(changes), r.tellRows())
}

// learnStatus tells what a person has to look at since.
func (r *root) learnStatus(s store.Status) tea.Cmd {
	old, k := r.shared.status, r.shared.keys
	r.shared.status = s
	healed := r.syncHealed()
	switch {
	case s.Conflicts > old.Conflicts:
		return tea.Batch(healed, r.say(say{toneWarn, "both sides changed a todo · " + k.key(verbConflicts) + " shows them side by side"}))
	case s.Parked > old.Parked:
		return tea.Batch(healed, r.say(say{toneWarn, "the server refused a change · " + k.key(verbDetails) + " shows why"}))
	}
	return healed
}

// replaceRows puts a whole list in place, with what it may not know on top.
func (r *root) replaceRows(all *rows, first bool) tea.Cmd {
	old := r.shared.rows
	r.shared.rows = all
	r.queue.replay(all)
	r.queue.early = nil
	cmds := []tea.Cmd{r.list.rowsReplaced(old), r.tellRows()}
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
