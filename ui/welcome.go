package ui

import (
	"os/exec"
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// welcome is shown where nothing is configured: the two ways to begin.
type welcome struct {
	shared *shared
	menu
}

// beginning is one way to begin.
type beginning struct {
	what, why string
	args      []string // of this program
}

func (b beginning) command() string {
	text := "kindling"
	for _, a := range b.args {
		text += " " + a
	}
	return text
}

var beginnings = []beginning{
	{"Try the demo", "Two pretend people, a pretend server, all on this machine. Nothing to set up, nothing leaves it.", []string{"demo"}},
	{"Connect a project", "You have a Kinde application and an InsForge project: five questions, and you are in.", []string{"setup"}},
}

// starter is a backend that can run this program again, with other arguments.
type starter interface {
	Command(args ...string) *exec.Cmd
}

// welcomeScreen is shown instead of an account where nothing is configured.
func welcomeScreen(sh *shared) screen { return &welcome{shared: sh} }

func (s *welcome) scope() scope    { return inWelcome }
func (s *welcome) capturing() bool { return false }

func (s *welcome) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case verb:
		return s.do(msg)
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			s.at = n
			return s.begin()
		}
	case beginningEnded:
		if msg.err != nil {
			return say{toneBad, s.command() + " ended with: " + oneLine(msg.err.Error())}, nil
		}
		return quit{}, nil
	}
	return nil, nil
}

func (s *welcome) do(v verb) (action, tea.Cmd) {
	if n, ok := pickedBy(v); ok && n < len(beginnings) {
		s.at = n
		return s.begin()
	}
	switch v {
	case verbAccept:
		return s.begin()
	case verbCopyShown:
		return s.copy()
	case verbBack:
		return quit{}, nil
	}
	s.move(v, len(beginnings))
	return nil, nil
}

func (s *welcome) command() string { return beginnings[s.at].command() }

// beginningEnded says that the program that was started is over.
type beginningEnded struct{ err error }

// begin runs the chosen command in this terminal, or else copies it.
func (s *welcome) begin() (action, tea.Cmd) {
	can, ok := s.shared.backend.(starter)
	if !ok {
		return s.copy()
	}
	epoch := s.shared.epoch
	return nil, tea.ExecProcess(can.Command(beginnings[s.at].args...), func(err error) tea.Msg {
		return answer{epoch, s, beginningEnded{err}}
	})
}

func (s *welcome) copy() (action, tea.Cmd) {
	quitKey := s.shared.keys.key(verbQuit)
	return say{toneGood, "copied: " + s.command() + " · " + quitKey + " quits, then paste it"}, tea.SetClipboard(s.command())
}

func (s *welcome) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	p.gap()
	p.title("Welcome to Kindling", "")
	p.para(p.st.Faint, "Todos in your terminal. They are yours, they work offline, and nothing is ever lost.")
	p.gap()
	for i, b := range beginnings {
		pen := p.pens(i == s.at)
		p.row(i, s.at, pen.Accent.Render(strconv.Itoa(i+1))+pen.Strong.Render("  "+b.what)+pen.Accent.Render("   "+b.command()))
		p.hang(p.st.Faint, "     ", b.why)
		p.gap()
	}
	return p.menuPicture(&s.menu, h)
}
