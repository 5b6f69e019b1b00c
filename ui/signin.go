package ui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

// signIn is the screen that signs a person in: by a browser, by the address a
// browser elsewhere ended at, by a code, or, in the demo, by a choice right here.
type signIn struct {
	shared  *shared
	again   auth.Account // whose sign-in is renewed; zero for a new one
	options auth.LoginOptions
	people  []string // the demo's
	menu             // over the people
	chosen  string   // picked before there was an address to go to
	stage   stage
	attempt *attempt
	grant   auth.Grant // signed in, not kept yet
	failure error
	note    say   // one line on how it goes
	field   *line // the address being pasted or typed, or nil
}

// stage is how far a sign-in is.
type stage uint8

const (
	stageAsking  stage = iota // the address or the code is on its way
	stageWaiting              // the person is at it
	stageKeeping              // signed in; the tokens go to the vault
	stageFailed               // enter tries again
	stageUnkept               // signed in, and the vault said no; enter tries that again
)

// AdviceAfter is how long a sign-in in a browser waits before it says what to check
// where the browser shows an error: an error there never comes back here.
const AdviceAfter = 10 * time.Second

// attempt is one try. Its answers carry it, so that those of an older one are dropped.
type attempt struct {
	stop      context.CancelFunc
	byCode    bool
	url       string
	redirect  string // the callback to register, "" with a code
	advice    string // what to check where the browser shows an error, "" with a code
	began     time.Time
	code      string
	deadline  time.Time
	paste     func(address string) error
	close     func()
	pretended bool
}

// signInScreen is shown where no account is signed in, or where the session of
// the open one is dead: name is then its name, and the list stays usable below.
func signInScreen(sh *shared, name string) screen {
	if name == "" {
		return &signIn{shared: sh, people: sh.backend.PretendUsers()}
	}
	if sh.account.Name == name {
		return signInAgain(sh, sh.account)
	}
	return signInAgain(sh, auth.Account{Name: name})
}

// signInAgain renews the sign-in of an account that is kept.
func signInAgain(sh *shared, a auth.Account) screen {
	return &signIn{shared: sh, people: sh.backend.PretendUsers(), again: a, options: auth.LoginOptions{Hint: a.Email}}
}

// signInOther is the sign-in of one more account: Kinde asks who it is, even
// where its browser session knows somebody.
func signInOther(sh *shared) screen {
	return &signIn{shared: sh, people: sh.backend.PretendUsers(), options: auth.LoginOptions{AsOther: true}}
}

func (s *signIn) capturing() bool { return s.field != nil }

func (s *signIn) scope() scope {
	if s.field != nil {
		return inField
	}
	return inSignIn
}

// close ends the attempt and frees the callback's port.
func (s *signIn) close() {
	if s.attempt != nil {
		s.attempt.stop()
	}
}

func (s *signIn) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started:
		return nil, s.begin(s.shared.facts.Headless != "" && s.people == nil)
	case verb:
		return s.do(msg)
	case tea.PasteMsg:
		return nil, s.pasted(msg)
	case tea.KeyPressMsg:
		if s.field != nil {
			s.field.press(msg)
		}
		return nil, nil
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			return nil, s.pick(n)
		}
		return nil, nil
	}
	return s.handle(msg)
}

func (s *signIn) do(v verb) (action, tea.Cmd) {
	if n, ok := pickedBy(v); ok {
		return nil, s.pick(n)
	}
	switch v {
	case verbBack:
		return s.back()
	case verbAccept:
		return s.accept()
	case verbCopyShown:
		return s.copy()
	case verbPasteAddress:
		return s.openField()
	case verbByCode:
		return nil, s.begin(true)
	case verbCreate:
		return nil, s.restart(auth.LoginOptions{Create: true})
	case verbOther:
		return nil, s.restart(auth.LoginOptions{AsOther: true})
	}
	s.move(v, len(s.people))
	return nil, nil
}

// back leaves the field, else the screen; leaving ends the sign-in.
func (s *signIn) back() (action, tea.Cmd) {
	if s.field != nil {
		s.field, s.note = nil, say{}
		return nil, nil
	}
	return closeScreen{}, nil
}

// accept does what is next: it depends on how far the sign-in is.
func (s *signIn) accept() (action, tea.Cmd) {
	switch {
	case s.field != nil:
		return nil, s.submit(s.field.text())
	case s.stage == stageFailed:
		return nil, s.begin(s.attempt != nil && s.attempt.byCode)
	case s.stage == stageUnkept:
		return nil, s.keep()
	case s.people != nil:
		return nil, s.pick(s.at)
	case s.stage != stageWaiting:
		return nil, nil
	case s.shared.facts.Headless == "":
		return nil, s.browse()
	case !s.attempt.byCode: // a code is not given up by a key that many press to go on
		return s.openField()
	}
	return nil, nil
}

// restart asks Kinde another question, in the browser.
func (s *signIn) restart(o auth.LoginOptions) tea.Cmd {
	s.options, s.chosen = o, ""
	return s.begin(false)
}

// copy puts the address into the clipboard.
func (s *signIn) copy() (action, tea.Cmd) {
	if s.attempt == nil || s.attempt.url == "" {
		return nil, nil
	}
	return say{toneGood, "the address is copied"}, tea.SetClipboard(s.attempt.url)
}

// openField lets the address be pasted; with a code there is none.
func (s *signIn) openField() (action, tea.Cmd) {
	if s.stage != stageWaiting {
		return nil, nil
	}
	if s.attempt.byCode {
		return nil, s.begin(false)
	}
	field := newLine("")
	s.field, s.note = &field, say{}
	return nil, nil
}

// pasted takes an address at any time: it needs no key before it.
func (s *signIn) pasted(msg tea.PasteMsg) tea.Cmd {
	if s.stage != stageWaiting || s.attempt.byCode {
		return nil
	}
	if s.field != nil && s.note.text == "" {
		s.field.paste(msg)
		return nil
	}
	field := newLine("")
	field.paste(msg)
	s.field = &field
	return s.submit(field.text())
}

// handle takes the answers to the commands of signin_steps.go.
func (s *signIn) handle(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case signInBegan:
		return nil, s.began(msg)
	case signInEnded:
		return nil, s.ended(msg)
	case grantKept:
		return s.kept(msg)
	case addressTaken:
		s.addressTaken(msg)
	case pretended:
		s.pretended(msg)
	case browserOpened:
		s.browserOpened(msg)
	case secondPassed:
		return nil, s.tick(msg.of)
	}
	return nil, nil
}

const browserIsOpen = "Your browser is open: say there who you are, then come back here."

// browserOpened says whether the browser could be started.
type browserOpened struct {
	of  *attempt
	err error
}

func (s *signIn) browserOpened(m browserOpened) {
	if m.of != s.attempt {
		return
	}
	s.note = say{toneInfo, browserIsOpen}
	if m.err != nil {
		s.note = say{toneWarn, "The browser did not open (" + oneLine(m.err.Error()) + "): open the address yourself."}
	}
}

// addressTaken says whether a pasted address was the one that is waited for.
type addressTaken struct {
	of  *attempt
	err error
}

// addressTaken leaves the field open after a wrong address: the wait goes on.
func (s *signIn) addressTaken(m addressTaken) {
	switch {
	case m.of != s.attempt:
	case m.err == nil:
		s.field, s.note = nil, say{toneInfo, "That is the one. Finishing…"}
	case errors.Is(m.err, auth.ErrState):
		s.note = say{toneWarn, oneLine(m.err.Error()) + " · still waiting"}
	default:
		s.note = say{toneBad, oneLine(m.err.Error())}
	}
}
