package ui

import (
	tea "charm.land/bubbletea/v2"
)

// help shows every key: those of the screen it was opened on first, then those
// that work everywhere, then the other screens, then how todos and filters are written.
type help struct {
	host   *host
	from   scope
	offset int
	last   int // the greatest offset of the last size
}

func newHelp(h *host, from scope) *help { return &help{host: h, from: from} }

func (p *help) scope() scope    { return inHelp }
func (p *help) capturing() bool { return false }

func (p *help) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.scroll(map[tea.MouseButton]int{tea.MouseWheelDown: wheelLines, tea.MouseWheelUp: -wheelLines}[msg.Button])
	case verb:
		return p.do(msg), nil
	}
	return nil, nil
}

func (p *help) do(v verb) action {
	switch v {
	case verbBack:
		return closeScreen{}
	case verbDown:
		p.scroll(1)
	case verbUp:
		p.scroll(-1)
	case verbPageDown:
		p.scroll(10)
	case verbPageUp:
		p.scroll(-10)
	case verbTop:
		p.offset = 0
	case verbBottom:
		p.offset = p.last
	}
	return nil
}

func (p *help) scroll(by int) { p.offset = max(0, min(p.offset+by, p.last)) }

// helpSection is a heading with rows of key and meaning.
type helpSection struct {
	title string
	rows  [][2]string
}

// scopeTitles name the places where bindings work, in the order of help.
var scopeTitles = []struct {
	in    scope
	title string
}{
	{inList, "List"}, {inAdd, "Adding"}, {inPaste, "Pasting"}, {inEdit, "Editing"}, {inFilter, "Filtering"}, {inPalette, "Commands"},
	{inConfirm, "Questions"}, {inAccounts, "Accounts"}, {inSignIn, "Sign-in"}, {inConflicts, "Conflicts"},
	{inIsolation, "Isolation"}, {inDetails, "Sync details"}, {inSettings, "Settings"}, {inWelcome, "Welcome"}, {inHelp, "Help"},
}

var syntaxHelp = []helpSection{
	{"Writing todos", [][2]string{
		{"(A) …", "a priority, A to Z, at the start"}, {"+home", "a project"}, {"@phone", "a context"},
		{"due:fri", "due; also tomorrow, in 3 days, 24 dec, 2026-12-24"}, {"t:monday", "not before"},
		{"rec:1w", "comes again when done; rec:+1m counts from the due date"},
	}},
	{"Filtering", [][2]string{
		{"milk", "fuzzy; a capital letter makes it exact in case"}, {"\"two words\"", "exactly so"}, {"-milk", "without"},
		{"+home @phone", "of a project, a context"}, {"pri:A", "of a priority"},
		{"due:today", "due:<fri, due:>2026-12-24, due:none"}, {"is:open", "is:done is:waiting is:conflict is:parked"},
	}},
}

// sections are all of help, the screen's own first.
func (p *help) sections() []helpSection {
	k := p.host.keys
	here := helpSection{title: "Here"}
	everywhere := helpSection{title: "Everywhere"}
	for _, b := range k.bindings {
		switch {
		case b.in&global != 0:
			everywhere.rows = append(everywhere.rows, p.row(b))
		case p.host.idle(b):
		case b.in&p.from != 0:
			here.rows = append(here.rows, p.row(b))
		}
	}
	all := []helpSection{here, everywhere}
	all = append(all, syntaxHelp...)
	for _, place := range scopeTitles {
		s := helpSection{title: place.title}
		for _, b := range k.bindings {
			if b.in&place.in != 0 && b.in&global == 0 && b.in&p.from == 0 && !p.host.idle(b) {
				s.rows = append(s.rows, p.row(b))
			}
		}
		if len(s.rows) > 0 {
			all = append(all, s)
		}
	}
	return all
}

func (p *help) row(b binding) [2]string { return [2]string{b.names(), p.host.helpOf(b)} }

func (p *help) view(w, h int) picture {
	lines := p.lines(w)
	p.last = max(0, len(lines)-h)
	from := min(p.offset, p.last)
	return picture{lines: lines[from:min(len(lines), from+h)]}
}

func (p *help) lines(w int) []string {
	st := p.host.styles
	var lines []string
	column := min(18, max(4, w/3))
	for i, s := range p.sections() {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, clip(st.Title.Render(s.title), w))
		for _, row := range s.rows {
			b := brush{left: w, pens: &st.pens}
			b.put(" "+pad(row[0], column-2)+" ", st.Key)
			b.put(row[1], st.Text)
			lines = append(lines, b.b.String())
		}
	}
	return lines
}
