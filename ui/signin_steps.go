package ui

import (
	"cmp"
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

// signInBegan brings the address or the code; with err there is none.
type signInBegan struct {
	of  *attempt
	got attempt // url, redirect, advice, code, deadline, paste and close
	ask func(context.Context) (auth.Grant, error)
	ctx context.Context
	err error
}

// begin starts an attempt, by code or in the browser. The one before it ends
// first: both need the same port.
func (s *signIn) begin(byCode bool) tea.Cmd {
	if s.stage == stageKeeping {
		return nil
	}
	old := s.attempt
	s.close()
	ctx, stop := context.WithCancel(s.shared.ctx)
	a := &attempt{stop: stop, byCode: byCode}
	s.attempt, s.stage, s.failure, s.note, s.field = a, stageAsking, nil, say{}, nil
	backend, o := s.shared.backend, s.options
	return s.shared.ask(s, func(context.Context) tea.Msg {
		if old != nil && old.close != nil {
			old.close()
		}
		if byCode {
			return beginByCode(ctx, backend, a)
		}
		return beginInBrowser(ctx, backend, a, o)
	})
}

func beginInBrowser(ctx context.Context, b Backend, a *attempt, o auth.LoginOptions) tea.Msg {
	login, err := b.BeginLogin(ctx, o)
	if err != nil {
		return signInBegan{of: a, err: err}
	}
	context.AfterFunc(ctx, login.Close) // whoever waits for it or not
	return signInBegan{of: a, ctx: ctx, ask: login.Wait, got: attempt{
		url: login.URL(), redirect: login.RedirectURL(), advice: login.Advice(), deadline: login.Deadline(), paste: login.Paste, close: login.Close}}
}

func beginByCode(ctx context.Context, b Backend, a *attempt) tea.Msg {
	device, err := b.BeginDevice(ctx)
	if err != nil {
		return signInBegan{of: a, err: err}
	}
	return signInBegan{of: a, ctx: ctx, ask: device.Wait, got: attempt{
		url: device.VerificationURL(), code: device.Code(), deadline: device.Deadline()}}
}

// began waits for the person, and sends them on their way.
func (s *signIn) began(m signInBegan) tea.Cmd {
	a := s.attempt
	if m.of != a {
		return nil
	}
	if m.err != nil {
		return s.cannotBegin(m.err)
	}
	a.url, a.redirect, a.code, a.deadline = m.got.url, m.got.redirect, m.got.code, m.got.deadline
	a.paste, a.close = m.got.paste, m.got.close
	a.advice, a.began = m.got.advice, s.shared.now()
	s.stage = stageWaiting
	cmds := []tea.Cmd{s.tick(a), s.shared.ask(s, func(context.Context) tea.Msg {
		g, err := m.ask(m.ctx)
		return signInEnded{a, g, err}
	})}
	switch {
	case s.chosen != "":
		cmds = append(cmds, s.pretend(s.chosen))
	case !a.byCode && s.shared.facts.Headless == "":
		cmds = append(cmds, s.browse())
	}
	return tea.Batch(cmds...)
}

// cannotBegin shows why. Where the code was our own idea, the address is shown instead.
func (s *signIn) cannotBegin(err error) tea.Cmd {
	if s.attempt.byCode && s.shared.facts.Headless != "" {
		cmd := s.begin(false)
		s.note = say{toneInfo, "No sign-in by code: " + oneLine(err.Error())}
		return cmd
	}
	s.stage, s.failure = stageFailed, err
	return nil
}

// browse opens the browser at the address.
func (s *signIn) browse() tea.Cmd {
	a, backend := s.attempt, s.shared.backend
	return s.shared.ask(s, func(context.Context) tea.Msg {
		return browserOpened{a, backend.OpenBrowser(a.url)}
	})
}

// secondPassed moves the countdown on.
type secondPassed struct{ of *attempt }

func (s *signIn) tick(a *attempt) tea.Cmd {
	if a != s.attempt || s.stage != stageWaiting {
		return nil
	}
	return s.shared.afterFor(s, time.Second, secondPassed{a})
}

// submit gives a pasted address to the sign-in.
func (s *signIn) submit(address string) tea.Cmd {
	a := s.attempt
	return s.shared.ask(s, func(context.Context) tea.Msg { return addressTaken{a, a.paste(address)} })
}

// pick chooses one of the demo's people, by number from 0.
func (s *signIn) pick(n int) tea.Cmd {
	if n >= len(s.people) || s.stage > stageWaiting {
		return nil
	}
	s.at = n
	if s.stage == stageAsking {
		s.chosen = s.people[n]
		return nil
	}
	return s.pretend(s.people[n])
}

// pretended says whether the requests of a pretend browser went through.
type pretended struct {
	of  *attempt
	err error
}

// pretend makes the requests that a browser would make.
func (s *signIn) pretend(person string) tea.Cmd {
	a, backend := s.attempt, s.shared.backend
	if a.byCode || a.pretended {
		return nil
	}
	a.pretended, s.chosen = true, ""
	s.note = say{toneInfo, "Signing in as " + oneLine(person) + "…"}
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		return pretended{a, backend.Pretend(ctx, a.url, person)}
	})
}

func (s *signIn) pretended(m pretended) {
	if m.of == s.attempt && m.err != nil && s.stage == stageWaiting {
		m.of.pretended = false
		s.note = say{toneBad, oneLine(m.err.Error())}
	}
}

// signInEnded brings the grant, or why there is none.
type signInEnded struct {
	of    *attempt
	grant auth.Grant
	err   error
}

func (s *signIn) ended(m signInEnded) tea.Cmd {
	if m.of != s.attempt {
		return nil
	}
	s.field = nil
	if m.err != nil {
		s.stage, s.failure = stageFailed, m.err
		return nil
	}
	s.grant = m.grant
	return s.keep()
}

// grantKept says under which name the account is kept.
type grantKept struct {
	account auth.Account
	err     error
}

// keep puts the tokens into the vault.
func (s *signIn) keep() tea.Cmd {
	s.stage, s.failure = stageKeeping, nil
	g, name, backend := s.grant, s.again.Name, s.shared.backend
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		kept, err := backend.Keep(ctx, name, g)
		return grantKept{kept, err}
	})
}

// kept opens the account. A fresh token is never thrown away: where the vault
// says no, enter tries again.
func (s *signIn) kept(m grantKept) (action, tea.Cmd) {
	switch {
	case errors.Is(m.err, auth.ErrOther):
		s.stage, s.failure = stageFailed, m.err
		s.options, s.grant = auth.LoginOptions{AsOther: true, Hint: s.again.Email}, auth.Grant{}
		return nil, nil
	case m.err != nil:
		s.stage, s.failure = stageUnkept, m.err
		return nil, nil
	}
	return all{closeScreen{}, s.welcome(m.account), openAccount{m.account.Name}}, nil
}

// welcome greets, or warns of a sign-in that cannot be renewed.
func (s *signIn) welcome(a auth.Account) say {
	who := clean(cmp.Or(a.Email, a.Name))
	if s.grant.Tokens.Refresh.IsZero() {
		return say{toneWarn, "signed in as " + who + ", until the token ends: Kinde gave no refresh token (allow the scope offline)"}
	}
	return say{toneGood, "Signed in as " + who}
}
