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
	host    *host
	known   []auth.Account
	loaded  bool
	at      int
	leaving *auth.Account // being asked about, or being signed out
	unsent  int           // what signing out would lose
	busy    bool          // a sign-out is under way
	goodbye string        // where the browser's own session ends, after a sign-out
}

func newAccounts(h *host) screen { return &accounts{host: h} }

func (s *accounts) capturing() bool { return false }

func (s *accounts) scope() scope {
	if s.asking() {
		return inConfirm
	}
	return inAccounts
}

// asking reports that the person has to decide about unsent changes.
func (s *accounts) asking() bool { return s.leaving != nil && !s.busy }

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
	}
	return nil, nil
}

func (s *accounts) do(v verb) (action, tea.Cmd) {
	if s.busy {
		return nil, nil
	}
	if s.asking() {
		return s.decide(v)
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
		return openScreen{signInOther(s.host)}, nil
	case verbRenew:
		return s.renew()
	case verbSignOut:
		return s.signOut()
	default:
		s.at = movedBy(v, s.at, len(s.known))
	}
	return nil, nil
}

// movedBy is where a verb that moves takes the cursor in a menu of n rows.
func movedBy(v verb, at, n int) int {
	const page = 10
	switch v {
	case verbDown:
		at++
	case verbUp:
		at--
	case verbPageDown:
		at += page
	case verbPageUp:
		at -= page
	case verbTop:
		at = 0
	case verbBottom:
		at = n - 1
	}
	return max(0, min(at, n-1))
}

// accountsListed brings who is signed in here.
type accountsListed struct {
	known []auth.Account
	err   error
}

func (s *accounts) load() tea.Cmd {
	backend := s.host.backend
	return s.host.ask(s, func(ctx context.Context) tea.Msg {
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
	return s.host.todos != nil && a.Name == s.host.account.Name
}

// choose goes to an account; the next start opens it too.
func (s *accounts) choose(n int) (action, tea.Cmd) {
	if n >= len(s.known) {
		if len(s.known) == 0 && s.loaded {
			return openScreen{signInScreen(s.host, "")}, nil
		}
		return nil, nil
	}
	s.at = n
	if s.open(s.known[n]) {
		return closeScreen{}, nil
	}
	name, backend := s.known[n].Name, s.host.backend
	return nil, s.host.ask(s, func(ctx context.Context) tea.Msg {
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
		return openScreen{signInScreen(s.host, "")}, nil
	}
	return openScreen{signInAgain(s.host, s.known[s.at])}, nil
}

// signOut asks when changes would be lost, and else does it.
func (s *accounts) signOut() (action, tea.Cmd) {
	if len(s.known) == 0 {
		return nil, nil
	}
	a := s.known[s.at]
	s.leaving, s.unsent = &a, 0
	if s.open(a) {
		s.unsent = s.host.status.Unsent()
	}
	if s.unsent > 0 {
		return nil, nil
	}
	return s.leave(false)
}

// decide takes the answer to the question; all but yes is no.
func (s *accounts) decide(v verb) (action, tea.Cmd) {
	if v == verbYes {
		return s.leave(true)
	}
	s.leaving = nil
	return nil, nil
}

// leave signs out; the account on screen is let go of first.
func (s *accounts) leave(force bool) (action, tea.Cmd) {
	s.busy = true
	if s.open(*s.leaving) {
		if force {
			s.unsent = -1
		}
		return detach{}, nil
	}
	return nil, s.logOut(nil, force)
}

// detached goes on once the account on screen was let go of.
func (s *accounts) detached(m detached) (action, tea.Cmd) {
	if m.busy {
		s.busy, s.leaving = false, nil
		return say{toneWarn, "a change is still being saved · try again in a moment"}, nil
	}
	return nil, s.logOut(m.todos, s.unsent < 0)
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

func (s *accounts) logOut(open Todos, force bool) tea.Cmd {
	name, backend := s.leaving.Name, s.host.backend
	return s.host.ask(s, func(ctx context.Context) tea.Msg {
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
	s.busy = false
	if m.err != nil {
		return s.stayed(m, gone)
	}
	s.leaving, s.known, s.goodbye = nil, m.known, m.farewell
	s.at = min(s.at, max(0, len(m.known)-1))
	bye := say{toneGood, "Signed out " + clean(gone.Name) + " · its todos stay at the project"}
	switch {
	case m.farewell != "":
		return bye, nil // the person reads it first
	case len(m.known) == 0:
		return all{bye, swapScreen{signInScreen(s.host, "")}}, nil
	case m.wasOpen:
		return all{bye, openAccount{m.known[0].Name}}, nil
	}
	return bye, nil
}

// stayed says why an account could not be signed out, and opens it again.
func (s *accounts) stayed(m accountLeft, a auth.Account) (action, tea.Cmd) {
	var back all
	if m.wasOpen {
		back = all{openAccount{a.Name}}
	}
	var unsent Unsent
	switch {
	case errors.As(m.err, &unsent) && !m.wasOpen:
		s.unsent = int(unsent) // asked about now
		return nil, nil
	case errors.Is(m.err, store.ErrInUse):
		s.leaving = nil
		return append(back, say{toneWarn, "another kindling uses " + clean(a.Name) + " · close that one, then sign out"}), nil
	}
	s.leaving = nil
	return append(back, sayError(m.err)), nil
}
