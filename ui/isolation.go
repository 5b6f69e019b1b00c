package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
	"kindling/store"
)

// isolation shows two accounts side by side, and lets one try to reach a todo of
// the other. The answers are the project's own; only their pace is the screen's.
type isolation struct {
	shared *shared
	sides  [2]side // the open account, and the other one
	owner  int     // whose todos are tried; the other side is the attacker
	menu           // over the owner's todos
	others []auth.Account
	stop   context.CancelFunc // closes what was opened for the other side
	state  pairing
	trial  *trial // of one todo, or nil
	suite  *suite // every attack, or nil
}

// side is one of the two accounts.
type side struct {
	account auth.Account
	todos   Todos
	items   []store.Item
}

// pairing is how far the screen is with its two accounts.
type pairing uint8

const (
	pairSearching pairing = iota
	pairAlone             // there is no second account
	pairJoining           // one is being signed in, or opened
	pairReady
)

// mostBeside is how many todos of a side are listed.
const mostBeside = 100

func newIsolation(sh *shared) screen { return &isolation{shared: sh, stop: func() {}} }

func (s *isolation) scope() scope    { return inIsolation }
func (s *isolation) capturing() bool { return false }
func (s *isolation) close()          { s.stop() }

func (s *isolation) attacker() *side { return &s.sides[1-s.owner] }
func (s *isolation) victim() *side   { return &s.sides[s.owner] }

func (s *isolation) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started:
		return nil, s.search()
	case verb:
		return s.do(msg)
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			s.at = n
			return s.try()
		}
		return nil, nil
	case tea.MouseWheelMsg:
		s.scroll(msg)
		return nil, nil
	case rowsChanged:
		return nil, s.read(0)
	}
	return s.handle(msg)
}

// handle takes the answers to the screen's own commands.
func (s *isolation) handle(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case othersListed:
		return s.listed(msg)
	case otherJoined:
		return s.joined(msg)
	case otherOpened:
		return s.opened(msg)
	case otherChanged:
		return nil, s.otherChanged(msg)
	case sideRead:
		return s.sideRead(msg)
	case attackAnswered:
		return nil, s.answered(msg)
	case attacksEnded:
		return s.ended(msg)
	case trialMoved:
		return nil, s.trialMoved(msg)
	}
	return nil, nil
}

func (s *isolation) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbBack:
		return s.back()
	case verbAccept:
		return s.accept()
	case verbSwap:
		s.swap()
	case verbOtherPerson:
		return s.another()
	case verbRunAll:
		return s.runAll()
	}
	s.scroll(v)
	return nil, nil
}

// scroll moves over what is on screen: the attacks, else the owner's todos.
func (s *isolation) scroll(msg tea.Msg) {
	if s.suite != nil {
		s.suite.move(msg, len(s.suite.answers))
		return
	}
	was := s.at
	s.move(msg, len(s.victim().items))
	if s.at != was {
		s.trial = nil
	}
}

// back leaves what was opened last.
func (s *isolation) back() (action, tea.Cmd) {
	switch {
	case s.suite != nil:
		s.suite.stop()
		s.suite = nil
	case s.trial != nil:
		s.trial.stop()
		s.trial = nil
	default:
		return closeScreen{}, nil
	}
	return nil, nil
}

func (s *isolation) accept() (action, tea.Cmd) {
	switch {
	case s.state == pairAlone && s.stranger() != "":
		return nil, s.join(s.stranger())
	case s.state == pairAlone && s.shared.todos == nil:
		return closeScreen{}, nil // the sign-in below is waiting, on the one callback port there is
	case s.state == pairAlone:
		return openScreen{signInOther(s.shared)}, nil
	case s.suite != nil || s.state != pairReady:
		return nil, nil
	case s.trial != nil && !s.trial.over():
		s.trial.hurry()
		return nil, nil
	}
	return s.try()
}

// swap lets the other side try.
func (s *isolation) swap() {
	if s.state != pairReady || s.suite != nil {
		return
	}
	s.dropTrial()
	s.owner, s.at = 1-s.owner, 0
}

func (s *isolation) dropTrial() {
	if s.trial != nil {
		s.trial.stop()
		s.trial = nil
	}
}

// another takes the next account as the other side.
func (s *isolation) another() (action, tea.Cmd) {
	if len(s.others) < 2 || s.suite != nil {
		return say{toneInfo, "there is no third account · " + s.shared.keys.key(verbAccounts) + " signs one in"}, nil
	}
	i := slices.IndexFunc(s.others, func(a auth.Account) bool { return a.Name == s.sides[1].account.Name })
	s.dropTrial()
	s.owner, s.at = 0, 0
	return nil, s.open(s.others[(i+1)%len(s.others)])
}
