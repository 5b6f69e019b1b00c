package ui

import (
	tea "charm.land/bubbletea/v2"
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
	for _, s := range r.stack {
		if c, ok := s.(closer); ok && s != from {
			c.close() // it shows what is let go of
		}
	}
	r.stack = []screen{from}
	old := r.use(accountOpened{})
	return tea.Batch(r.list.arrange(), r.give(from, detached{todos: old}))
}
