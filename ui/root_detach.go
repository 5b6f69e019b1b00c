package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
)

// detach asks the root to let go of the open account without closing it: the
// asking screen, which stays, gets it by detached and closes it.
type detach struct{}

func (detach) action() {}

// tell brings a person's answer to the screen that asked for it.
type tell struct {
	to  screen
	msg tea.Msg
}

func (tell) action() {}

// detached brings the account that was open; todos is nil when none was, and
// busy when changes on screen are not saved yet: then nothing was let go.
type detached struct {
	todos Todos
	busy  bool
}

// detach forgets the open account: nothing of it may be shown or written any more.
func (r *root) detach(from screen) tea.Cmd {
	if len(r.queue.jobs) > 0 {
		return r.give(from, detached{busy: true})
	}
	sh, old := r.shared, r.shared.todos
	for _, s := range r.stack {
		if c, ok := s.(closer); ok && s != from {
			c.close() // it shows what is let go of
		}
	}
	r.stack = []screen{from}
	r.cancel()
	sh.ctx, r.cancel = context.WithCancel(r.parent)
	sh.epoch++
	sh.todos, sh.account, sh.status, sh.rows = nil, auth.Account{}, store.Status{}, newRows()
	sh.history, sh.drafts = map[uuid.UUID][]event{}, map[uuid.UUID]string{}
	r.queue, r.sync = queue{}, syncer{}
	r.list.reset()
	return tea.Batch(r.list.arrange(), r.give(from, detached{todos: old}))
}
