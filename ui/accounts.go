package ui

import (
	"context"
	"errors"
	"slices"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
	"kindling/store"
)

// Unsent is what Backend.LogOut answers, in a chain of errors, when signing out
// would lose that many changes and was not forced.
type Unsent int

func (n Unsent) Error() string {
	return count(int(n), "change is", "changes are") + " not sent yet and would be lost"
}

// accounts is the screen of who is signed in here.
type accounts struct {
	shared *shared
	known  []auth.Account
	loaded bool
	menu
	leaving *auth.Account // being signed out
	force   bool          // its unsent changes may be lost
	goodbye string        // where the browser's own session ends, after a sign-out
}

func newAccounts(sh *shared) screen { return &accounts{shared: sh} }

func (s *accounts) scope() scope    { return inAccounts }
func (s *accounts) capturing() bool { return false }

func (s *accounts) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started:
		return nil, s.load()
	case verb:
		return s.do(msg)
	case accountsListed:
		return s.listed(msg)
	case accountSwitched:
		return s.switched(msg)
	case detached:
		return s.detached(msg)
	case accountLeft:
		return s.left(msg)
	case lossAccepted:
		return s.leave(msg.account, true)
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			return s.choose(n)
		}
	}
	return nil, nil
}

func (s *accounts) do(v verb) (action, tea.Cmd) {
	if s.leaving != nil {
		return nil, nil
	}
	if n, ok := pickedBy(v); ok {
		return s.choose(n)
	}
	switch v {
	case verbBack:
		return closeScreen{}, nil
	case verbAccept:
		return s.choose(s.at)
	case verbSignInOther:
		return openScreen{signInOther(s.shared)}, nil
	case verbRenew:
		return s.renew()
	case verbSignOut:
		return s.signOut()
	}
	s.move(v, len(s.known))
	return nil, nil
}

// accountsListed brings who is signed in here.
type accountsListed struct {
	known []auth.Account
	err   error
}

func (s *accounts) load() tea.Cmd {
	backend := s.shared.backend
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		known, _, err := backend.Accounts(ctx)
		return accountsListed{known, err}
	})
}

func (s *accounts) listed(m accountsListed) (action, tea.Cmd) {
	s.loaded = true
	if m.err != nil {
		return sayError(m.err), nil
	}
	s.known = m.known
	s.at = max(0, slices.IndexFunc(m.known, func(a auth.Account) bool { return s.open(a) }))
	return nil, nil
}

// open reports whether an account is the one on screen.
func (s *accounts) open(a auth.Account) bool {
	return s.shared.todos != nil && a.Name == s.shared.account.Name
}

// choose goes to an account; the next start opens it too.
func (s *accounts) choose(n int) (action, tea.Cmd) {
	if n >= len(s.known) {
		if len(s.known) == 0 && s.loaded {
			return openScreen{signInScreen(s.shared, "")}, nil
		}
		return nil, nil
	}
	s.at = n
	if s.open(s.known[n]) {
		return closeScreen{}, nil
	}
	name, backend := s.known[n].Name, s.shared.backend
	return nil, s.shared.ask(s, func(ctx context.Context) tea.Msg {
		return accountSwitched{name, backend.Switch(ctx, name)}
	})
}

// accountSwitched says that the next start opens another account.
type accountSwitched struct {
	name string
	err  error
}

func (s *accounts) switched(m accountSwitched) (action, tea.Cmd) {
	if m.err != nil {
		return all{sayError(m.err), openAccount{m.name}}, nil
	}
	return openAccount{m.name}, nil
}

// renew signs the person under the cursor in again.
func (s *accounts) renew() (action, tea.Cmd) {
	if len(s.known) == 0 {
		return openScreen{signInScreen(s.shared, "")}, nil
	}
	return openScreen{signInAgain(s.shared, s.known[s.at])}, nil
}

// signOut asks when changes would be lost, and else does it.
func (s *accounts) signOut() (action, tea.Cmd) {
	if len(s.known) == 0 {
		return nil, nil
	}
	a := s.known[s.at]
	if n := s.shared.status.Unsent(); s.open(a) && n > 0 {
		return s.ask(a, Unsent(n)), nil
	}
	return s.leave(a, false)
}

// lossAccepted says that an account may be signed out with its unsent changes.
type lossAccepted struct{ account auth.Account }

// ask puts the question before changes are lost.
func (s *accounts) ask(a auth.Account, n Unsent) action {
	question := "Sign out " + who(a) + "? " + upper(n.Error()) + ". To keep what is not sent, stay, and sync with " + s.shared.keys.key(verbSync) + " first."
	return openScreen{newChoice(s.shared, question,
		option{"s", "stay signed in", nil},
		option{"y", "sign out and lose " + count(int(n), "change", "changes"), tell{s, lossAccepted{a}}})}
}

// leave signs out; the account on screen is let go of first.
func (s *accounts) leave(a auth.Account, force bool) (action, tea.Cmd) {
	s.leaving, s.force = &a, force
	if s.open(a) {
		return detach{}, nil
	}
	return nil, s.logOut(nil)
}

// detached goes on once the account on screen was let go of.
func (s *accounts) detached(m detached) (action, tea.Cmd) {
	if m.busy {
		s.leaving = nil
		return say{toneWarn, "a change is still being saved · try again in a moment"}, nil
	}
	return nil, s.logOut(m.todos)
}

// accountLeft says whether the account is signed out.
type accountLeft struct {
	wasOpen  bool
	known    []auth.Account
	farewell string
	err      error
}

// farewell is a backend that knows where the browser's own session ends.
type farewell interface {
	LogoutURL(ctx context.Context) string
}

func (s *accounts) logOut(open Todos) tea.Cmd {
	name, force, backend := s.leaving.Name, s.force, s.shared.backend
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		m := accountLeft{wasOpen: open != nil}
		if open != nil {
			_ = open.Close() // its lock would refuse our own sign-out
		}
		m.err = backend.LogOut(ctx, name, force)
		if f, ok := backend.(farewell); ok && m.err == nil {
			m.farewell = f.LogoutURL(ctx)
		}
		m.known, _, _ = backend.Accounts(ctx)
		return m
	})
}

func (s *accounts) left(m accountLeft) (action, tea.Cmd) {
	gone := *s.leaving
	s.leaving = nil
	if m.err != nil {
		return s.stayed(m, gone)
	}
	s.known, s.goodbye = m.known, m.farewell
	s.at = min(s.at, max(0, len(m.known)-1))
	bye := say{toneGood, "Signed out " + clean(gone.Name) + " · its todos stay at the project"}
	switch {
	case m.farewell != "":
		return bye, nil // the person reads it first
	case len(m.known) == 0:
		return all{bye, swapScreen{signInScreen(s.shared, "")}}, nil
	case m.wasOpen:
		return all{bye, openAccount{m.known[0].Name}}, nil
	}
	return bye, nil
}

// stayed says why an account could not be signed out. One that was open is
// opened again, unless the person is asked what to do with it.
func (s *accounts) stayed(m accountLeft, a auth.Account) (action, tea.Cmd) {
	var unsent Unsent
	if errors.As(m.err, &unsent) {
		return s.ask(a, unsent), nil
	}
	why := sayError(m.err)
	if errors.Is(m.err, store.ErrInUse) {
		why = say{toneWarn, "another kindling uses " + clean(a.Name) + " · close that one, then sign out"}
	}
	if m.wasOpen {
		return all{openAccount{a.Name}, why}, nil
	}
	return why, nil
}
