package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
	"kindling/store"
)

// host is what the root lends to every screen. Screens read it, and change it by
// actions only.
type host struct {
	ctx      context.Context // of the open account; ends when another is opened
	backend  Backend
	todos    Todos // nil until an account is open; its methods belong in commands
	account  auth.Account
	epoch    int // grows with each opened account
	rows     *rows
	status   store.Status
	facts    Facts
	settings Settings
	keys     *KeyMap
	themes   []theme
	styles   *Styles
	now      func() time.Time
	loc      *time.Location
	env      []string
	send     func(tea.Msg) // hands a message to the program from inside a command
}

// after delivers msg when d has passed, unless the account was changed.
func (h *host) after(d time.Duration, msg tea.Msg) tea.Cmd {
	return h.ask(nil, waiting(d, msg))
}

// afterFor is after for a screen: it is dropped when the screen was closed.
func (h *host) afterFor(s screen, d time.Duration, msg tea.Msg) tea.Cmd {
	return h.ask(s, waiting(d, msg))
}

func waiting(d time.Duration, msg tea.Msg) func(context.Context) tea.Msg {
	return func(ctx context.Context) tea.Msg {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}

// today is the day the person lives in now, at its midnight.
func (h *host) today() time.Time {
	y, m, d := h.now().In(h.loc).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, h.loc)
}
