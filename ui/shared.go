package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
	"kindling/store/todotxt"
)

// shared is what the root lends to every screen. Screens read it, and change it by
// actions only.
type shared struct {
	ctx      context.Context // of the open account; ends when another is opened
	backend  Backend
	todos    Todos // nil until an account is open; its methods belong in commands
	account  auth.Account
	epoch    int   // grows with each opened account
	problem  error // why no account is open
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
	scratch  Scratch
	history  map[uuid.UUID][]event // what this session did to a todo
	drafts   map[uuid.UUID]string  // texts that are not saved, by todo
	send     func(tea.Msg)         // hands a message to the program from inside a command
}

// after delivers msg when d has passed, unless the account was changed.
func (sh *shared) after(d time.Duration, msg tea.Msg) tea.Cmd {
	return sh.ask(nil, waiting(d, msg))
}

// afterFor is after for a screen: it is dropped when the screen was closed.
func (sh *shared) afterFor(s screen, d time.Duration, msg tea.Msg) tea.Cmd {
	return sh.ask(s, waiting(d, msg))
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

// today is the day the person lives in now.
func (sh *shared) today() todotxt.Day { return todotxt.DayOf(sh.local()) }

// local is the moment in the person's own zone.
func (sh *shared) local() time.Time { return sh.now().In(sh.loc) }

// event is something that happened to a todo in this session.
type event struct {
	at   time.Time
	what string
}

// remember notes a step in the history of each of its todos.
func (sh *shared) remember(step store.Step) {
	for _, op := range step.Ops {
		sh.history[op.ID] = append(sh.history[op.ID], event{sh.now(), did(step.Name)})
	}
}

// rememberRemote notes what came from elsewhere: what this session did is on
// screen already, and makes no difference when the cache tells it again.
func (sh *shared) rememberRemote(changes []change) {
	for _, c := range changes {
		now := sh.rows.at(c.slot)
		if !c.before.gone && !now.gone && (c.before.Title != now.Title || c.before.Done.Bool() != now.Done.Bool()) {
			sh.history[now.ID] = append(sh.history[now.ID], event{sh.now(), "changed elsewhere"})
		}
	}
}
