package ui

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"

	"kindling/auth"
)

func (s *signIn) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	p.title(s.heading(), s.countdown())
	p.gap()
	switch s.stage {
	case stageAsking:
		p.para(p.st.Text, "Asking "+s.issuer()+"…")
	case stageKeeping:
		p.para(p.st.Good, "Signed in. Opening your todos…")
	case stageFailed, stageUnkept:
		s.drawFailure(p)
	case stageWaiting:
		return s.drawWaiting(p, h)
	}
	return p.picture(h)
}

func (s *signIn) heading() string {
	switch {
	case s.again.Name != "":
		return "Sign in again as " + who(s.again)
	case s.options.Create:
		return "Create an account"
	case s.options.AsOther:
		return "Sign in as somebody else"
	}
	return "Sign in"
}

func (s *signIn) issuer() string {
	if s.shared.facts.Demo {
		return "the pretend Kinde"
	}
	return "Kinde"
}

// countdown is how long the sign-in still waits.
func (s *signIn) countdown() string {
	if s.stage != stageWaiting {
		return ""
	}
	left := max(0, s.attempt.deadline.Sub(s.shared.now())).Round(time.Second)
	return fmt.Sprintf("%d:%02d left", int(left.Minutes()), int(left.Seconds())%60)
}

// drawWaiting shows what to do, and the address or the code.
func (s *signIn) drawWaiting(p *sheet, h int) picture {
	if s.field != nil {
		s.drawField(p)
		return p.picture(h)
	}
	if s.attempt.byCode {
		return s.drawCode(p, h)
	}
	s.drawNote(p)
	s.drawPeople(p)
	if s.people != nil {
		p.para(p.st.Faint, "The address for a browser:")
	}
	s.drawAddress(p)
	p.gap()
	if s.advises() && s.note.text != browserIsOpen {
		s.drawAdvice(p)
	}
	if s.shared.facts.Headless != "" && s.people == nil {
		p.para(p.st.Text, "Then press "+s.shared.keys.key(verbPasteAddress)+" and paste the address that the browser ended at, even where it shows an error page.")
		p.gap()
	}
	p.hints(s.shared.keys, s.waitingHints()...)
	return p.menuPicture(&s.menu, h)
}

const errorInBrowser = "Does the browser show an error? Then "

// advises reports that somebody may be looking at an error by now.
func (s *signIn) advises() bool {
	return s.people == nil && s.shared.now().Sub(s.attempt.began) >= AdviceAfter
}

func (s *signIn) drawAdvice(p *sheet) {
	p.para(p.st.Text, errorInBrowser+s.attempt.advice+".")
	p.gap()
}

func (s *signIn) waitingHints() []hint {
	hints := []hint{{verbCopyShown, "copy the address"}, {verb: verbPasteAddress}, {verb: verbByCode}, {verb: verbCreate}, {verb: verbOther}, {verbBack, "cancel"}}
	if s.people == nil && s.shared.facts.Headless == "" {
		hints = append([]hint{{verbAccept, "open the browser again"}}, hints...)
	}
	return hints
}

func (s *signIn) drawNote(p *sheet) {
	switch {
	case s.note.text == browserIsOpen && s.advises():
		s.drawAdvice(p) // what the browser shows counts now
		return
	case s.note.text != "":
		p.para(toneInk(p.st, s.note.tone), s.note.text)
	case s.shared.facts.Headless != "" && s.people == nil:
		p.para(p.st.Text, "No browser can be shown here ("+s.shared.facts.Headless+"): open this address on any machine.")
	case s.people != nil:
		return
	default:
		p.para(p.st.Text, "Open this address in a browser:")
	}
	p.gap()
}

// drawPeople offers the demo's people right here.
func (s *signIn) drawPeople(p *sheet) {
	if s.people == nil {
		return
	}
	heading := "Choose who to be:"
	if s.note.text != "" {
		heading = "Or choose here who to be:"
	}
	p.para(p.st.Text, heading)
	for i, name := range s.people {
		pen := p.pens(i == s.at)
		p.row(i, s.at, pen.Accent.Render(strconv.Itoa(i+1))+pen.Strong.Render("  "+oneLine(name)))
	}
	p.gap()
}

// drawAddress writes the address over whole lines from the left edge, so that
// it can be selected, and as one link where the terminal knows links.
func (s *signIn) drawAddress(p *sheet) {
	for _, line := range s.shared.addressLines(s.attempt.url, p.w) {
		p.add(p.st.Accent.Render(line))
	}
}

// addressLines breaks an address into lines of w cells; each is a link to the whole.
func (sh *shared) addressLines(address string, w int) []string {
	address = clean(address)
	if w <= 0 {
		return nil
	}
	var lines []string
	for rest := address; rest != ""; {
		n := min(len(rest), w)
		if !isPlain(address) {
			n = len(chop(rest, w))
		}
		if n == 0 {
			break
		}
		line := rest[:n]
		if sh.settings.Links {
			line = ansi.SetHyperlink(address, "id=address") + line + ansi.ResetHyperlink()
		}
		lines, rest = append(lines, line), rest[n:]
	}
	return lines
}

func (s *signIn) drawField(p *sheet) {
	p.para(p.st.Text, "Paste the address that the browser ended at:")
	p.field(s.field.view(p.st.Accent.Render("› "), p.st.Text, p.w))
	p.gap()
	if s.note.text != "" {
		p.para(toneInk(p.st, s.note.tone), s.note.text)
		p.gap()
	}
	p.para(p.st.Faint, "It begins with "+s.attempt.redirect)
}

// drawFailure says what went wrong and what to do.
func (s *signIn) drawFailure(p *sheet) {
	p.hang(p.st.Error, "✗ ", s.problem())
	p.gap()
	if errors.Is(s.failure, auth.ErrTimeout) && s.attempt.advice != "" {
		s.drawAdvice(p)
	}
	p.para(p.st.Text, s.nextStep())
	p.gap()
	p.hints(s.shared.keys, hint{verbAccept, "try again"}, hint{verb: verbByCode}, hint{verb: verbCreate}, hint{verb: verbOther}, hint{verb: verbBack})
}

// problem is the failure in one line.
func (s *signIn) problem() string {
	switch {
	case errors.Is(s.failure, auth.ErrLinkStale):
		return "The link expired."
	case errors.Is(s.failure, auth.ErrTimeout) && s.attempt.advice != "":
		return "Nobody finished the sign-in in time."
	case errors.Is(s.failure, auth.ErrOther):
		return "That is somebody else: " + s.failure.Error()
	}
	return sentence(s.failure.Error())
}

func (s *signIn) nextStep() string {
	enter := s.shared.keys.key(verbAccept)
	switch {
	case errors.Is(s.failure, auth.ErrOther):
		return "Press " + enter + " to choose the right account, or " + s.shared.keys.key(verbBack) + " and add this one under accounts."
	case s.stage == stageUnkept:
		return "You are signed in, but it could not be kept. Press " + enter + " to try that again."
	}
	return "Press " + enter + " to try again."
}

func toneInk(st *Styles, t tone) ink { return [...]ink{st.Text, st.Good, st.Warn, st.Error}[t] }
