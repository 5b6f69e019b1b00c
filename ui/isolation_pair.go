package ui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
	"kindling/store"
)

// othersListed brings the accounts beside the open one.
type othersListed struct {
	others []auth.Account
	err    error
}

// search looks for a second account.
func (s *isolation) search() tea.Cmd {
	s.sides[0] = side{account: s.shared.account, todos: s.shared.todos}
	backend, sub := s.shared.backend, s.shared.account.Sub
	return tea.Batch(s.read(0), s.shared.ask(s, func(ctx context.Context) tea.Msg {
		known, _, err := backend.Accounts(ctx)
		others := slices.DeleteFunc(slices.Clone(known), func(a auth.Account) bool { return a.Sub == sub })
		return othersListed{others, err}
	}))
}

func (s *isolation) listed(m othersListed) (action, tea.Cmd) {
	switch {
	case m.err != nil:
		s.state = pairAlone
		return sayError(m.err), nil
	case s.sides[0].todos != nil && len(m.others) == 0 && s.stranger() != "":
		return nil, s.join(s.stranger())
	case s.sides[0].todos == nil || len(m.others) == 0:
		s.state = pairAlone
		return nil, nil
	}
	s.others = m.others
	return nil, s.open(m.others[0])
}

// stranger is one of the demo's people who is not signed in, or "".
func (s *isolation) stranger() string {
	for _, name := range s.shared.backend.PretendUsers() {
		if s.sides[0].todos != nil && !strings.Contains(strings.ToLower(s.shared.account.Email+s.shared.account.Name), strings.ToLower(name)) {
			return name
		}
	}
	return ""
}

// otherJoined says that one of the demo's people is signed in now.
type otherJoined struct {
	account auth.Account
	err     error
}

// join signs one of the demo's people in, as the sign-in screen would.
func (s *isolation) join(name string) tea.Cmd {
	s.state = pairJoining
	backend, current := s.shared.backend, s.shared.account.Name
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		a, err := pretendSignIn(ctx, backend, name)
		if err == nil {
			err = backend.Switch(ctx, current) // the next start still opens who is here now
		}
		return otherJoined{a, err}
	})
}

func pretendSignIn(ctx context.Context, b Backend, name string) (auth.Account, error) {
	login, err := b.BeginLogin(ctx, auth.LoginOptions{AsOther: true})
	if err != nil {
		return auth.Account{}, err
	}
	defer login.Close()
	failed := make(chan error, 1)
	go func() {
		if err := b.Pretend(ctx, login.URL(), name); err != nil {
			failed <- err
			login.Close()
		}
	}()
	g, err := login.Wait(ctx)
	if err != nil {
		select {
		case err = <-failed:
		default:
		}
		return auth.Account{}, err
	}
	return b.Keep(ctx, "", g)
}

func (s *isolation) joined(m otherJoined) (action, tea.Cmd) {
	if m.err != nil {
		s.state = pairAlone
		return sayError(m.err), nil
	}
	s.others = []auth.Account{m.account}
	return say{toneGood, person(m.account) + " is signed in too"}, s.open(m.account)
}

// otherOpened brings the other side's todos.
type otherOpened struct {
	account auth.Account
	todos   Todos
	changes <-chan struct{}
	err     error
}

// open opens an account as the other side; it stays open as long as the screen
// does, and ends with what was open before.
func (s *isolation) open(a auth.Account) tea.Cmd {
	s.stop()
	ctx, stop := context.WithCancel(s.shared.ctx)
	s.stop, s.state = stop, pairJoining
	backend := s.shared.backend
	return s.shared.ask(s, func(context.Context) tea.Msg {
		todos, err := backend.Open(ctx, a.Name)
		if err != nil {
			return otherOpened{account: a, err: err}
		}
		context.AfterFunc(ctx, func() { _ = todos.Close() })
		_, _ = todos.Sync(ctx, store.SyncOptions{}) // offline, what is kept is shown
		return otherOpened{a, todos, todos.Watch(ctx), nil}
	})
}

func (s *isolation) opened(m otherOpened) (action, tea.Cmd) {
	if m.err != nil {
		s.state = pairAlone
		return sayError(m.err), nil
	}
	s.state = pairReady
	s.sides[1] = side{account: m.account, todos: m.todos}
	return nil, tea.Batch(s.read(1), s.listen(m.todos, m.changes))
}

// otherChanged says that the other side's todos changed.
type otherChanged struct {
	todos   Todos
	changes <-chan struct{}
}

func (s *isolation) listen(todos Todos, changes <-chan struct{}) tea.Cmd {
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		select {
		case _, ok := <-changes:
			if ok {
				return otherChanged{todos, changes}
			}
		case <-ctx.Done():
		}
		return nil
	})
}

func (s *isolation) otherChanged(m otherChanged) tea.Cmd {
	if m.todos != s.sides[1].todos {
		return nil
	}
	return tea.Batch(s.read(1), s.listen(m.todos, m.changes))
}

// sideRead brings the first todos of a side.
type sideRead struct {
	n     int
	todos Todos
	items []store.Item
	err   error
}

func (s *isolation) read(n int) tea.Cmd {
	todos := s.sides[n].todos
	if todos == nil {
		return nil
	}
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		items, err := todos.Window(ctx, mostBeside)
		return sideRead{n, todos, items, err}
	})
}

// sideRead shows a side's todos; the cursor stays on its todo.
func (s *isolation) sideRead(m sideRead) (action, tea.Cmd) {
	if m.todos != s.sides[m.n].todos {
		return nil, nil
	}
	if m.err != nil {
		return sayError(m.err), nil
	}
	old := s.sides[m.n].items
	s.sides[m.n].items = m.items
	if m.n != s.owner {
		return nil, nil
	}
	if s.at < len(old) {
		id := old[s.at].ID
		if i := slices.IndexFunc(m.items, func(it store.Item) bool { return it.ID == id }); i >= 0 {
			s.at = i
		}
	}
	s.at = max(0, min(s.at, len(m.items)-1))
	return nil, nil
}
