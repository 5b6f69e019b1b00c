package ui

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/viewport"
	tea "charm.land/bubbletea/v2"
)

// helpPage shows every key: those that do something now on the screen it was opened
// on, those that work everywhere, how todos and filters are written, what has nothing
// to do now, and the other screens.
type helpPage struct {
	shared *shared
	from   screen
	port   viewport.Model
	w      int     // what port's text was made for
	styles *Styles // and in which looks
}

func newHelp(sh *shared, from screen) *helpPage {
	p := &helpPage{shared: sh, from: from, port: viewport.New()}
	p.port.MouseWheelDelta = wheelLines
	return p
}

func (p *helpPage) scope() scope    { return inHelp }
func (p *helpPage) capturing() bool { return false }

func (p *helpPage) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.port, _ = p.port.Update(msg)
	case verb:
		return p.do(msg), nil
	}
	return nil, nil
}

func (p *helpPage) do(v verb) action {
	switch v {
	case verbBack:
		return closeScreen{}
	case verbDown:
		p.port.ScrollDown(1)
	case verbUp:
		p.port.ScrollUp(1)
	case verbPageDown:
		p.port.PageDown()
	case verbPageUp:
		p.port.PageUp()
	case verbTop:
		p.port.GotoTop()
	case verbBottom:
		p.port.GotoBottom()
	}
	return nil
}

// helpSection is a heading with rows of key and meaning.
type helpSection struct {
	title string
	rows  []key.Binding
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
	{"Writing todos", spelled([][2]string{
		{"(A) …", "a priority, A to Z, at the start"}, {"+home", "a project"}, {"@phone", "a context"},
		{"due:fri", "due; also tomorrow, in 3 days, 24 dec, 2026-12-24"}, {"t:monday", "not before"},
		{"rec:1w", "comes again when done; rec:+1m counts from the due date"},
	})},
	{"Writing filters", spelled([][2]string{
		{"milk", "fuzzy; a capital letter makes it exact in case"}, {"\"two words\"", "exactly so"}, {"-milk", "without"},
		{"+home @phone", "of a project, a context"}, {"pri:A", "of a priority"},
		{"due:today", "due:<fri, due:>2026-12-24, due:none"}, {"is:open", "is:done is:waiting is:conflict is:parked"},
	})},
}

// spelled are rows for what is typed rather than pressed.
func spelled(rows [][2]string) []key.Binding {
	all := make([]key.Binding, len(rows))
	for i, row := range rows {
		all[i] = key.NewBinding(key.WithKeys(row[0]), key.WithHelp(row[0], row[1]))
	}
	return all
}

// sections are all of help, the screen's own first.
func (p *helpPage) sections() []helpSection {
	here, anywhere, idle := helpSection{title: "Here"}, helpSection{title: "Everywhere"}, helpSection{title: "Here, but not now"}
	for _, b := range p.shared.keys.of(p.from.scope()) {
		into, shown := &here, p.shared.shown(b, p.from)
		if b.in&global != 0 {
			into = &anywhere
		}
		if !shown.Enabled() {
			into = &idle
		}
		into.add(shown)
	}
	all := append([]helpSection{here, anywhere}, syntaxHelp...)
	all = append(all, idle, p.elsewhere("Other screens", everywhere, true))
	for _, place := range scopeTitles {
		all = append(all, p.elsewhere(place.title, place.in, false))
	}
	return slices.DeleteFunc(all, func(s helpSection) bool { return len(s.rows) == 0 })
}

// elsewhere are the bindings of other screens: those that many of them share, or
// those of one alone.
func (p *helpPage) elsewhere(title string, in scope, shared bool) helpSection {
	s := helpSection{title: title}
	for _, b := range p.shared.keys.bindings {
		many := bits.OnesCount32(uint32(b.in)) > 3
		if b.in&in != 0 && b.in&(global|p.from.scope()) == 0 && many == shared {
			s.add(b)
		}
	}
	return s
}

// add appends a binding, although it may have nothing to do now. Number keys that
// do the same, each for its number, share a row.
func (s *helpSection) add(b binding) {
	b.SetEnabled(true)
	n := len(s.rows)
	name, _, numbered := strings.Cut(b.Help().Desc, " "+b.Help().Key)
	if numbered && n > 0 && strings.HasPrefix(s.rows[n-1].Help().Desc, name) && isDigit(b.Help().Key) {
		first, _, _ := strings.Cut(s.rows[n-1].Help().Key, "…")
		s.rows[n-1].SetHelp(first+"…"+b.Help().Key, name)
		return
	}
	s.rows = append(s.rows, b.Binding)
}

func isDigit(name string) bool { return len(name) == 1 && name[0] >= '0' && name[0] <= '9' }

func (p *helpPage) view(w, h int) picture {
	if p.w != w || p.styles != p.shared.styles {
		p.w, p.styles = w, p.shared.styles
		p.port.SetContentLines(p.lines(w))
	}
	long := p.port.TotalLineCount() > h && h > 1
	if long {
		h-- // the last line tells that there is more
	}
	p.port.SetWidth(w)
	p.port.SetHeight(h)
	p.port.SetYOffset(p.port.YOffset()) // a taller screen may reach past the end
	lines := strings.Split(p.port.View(), "\n")
	if more := p.port.TotalLineCount() - p.port.YOffset() - h; long && more > 0 {
		lines = append(lines, clip(p.styles.Faint.Render(fmt.Sprintf("↓ %d more", more)), w))
	}
	return picture{lines: lines}
}

// A column of help is at least helpColumn wide, and its keys take at most helpKeys of that.
const (
	helpColumn = 46
	helpKeys   = 18
	helpGap    = 3
)

// lines sets the sections in as many columns as fit, each below the shortest one so far.
func (p *helpPage) lines(w int) []string {
	n := max(1, min((w+helpGap)/(helpColumn+helpGap), 3))
	each := (w - (n-1)*helpGap) / n
	columns := make([][]string, n)
	for _, s := range p.sections() {
		i := shortest(columns)
		if len(columns[i]) > 0 {
			columns[i] = append(columns[i], "")
		}
		columns[i] = append(columns[i], p.section(s, each)...)
	}
	return besideEachOther(columns, each+helpGap)
}

// besideEachOther joins columns of w cells.
func besideEachOther(columns [][]string, w int) []string {
	var lines []string
	for i, column := range columns {
		for y, line := range column {
			if y == len(lines) {
				lines = append(lines, "")
			}
			lines[y] = pad(lines[y], i*w) + line
		}
	}
	return lines
}

func shortest(columns [][]string) int {
	low := 0
	for i := range columns {
		if len(columns[i]) < len(columns[low]) {
			low = i
		}
	}
	return low
}

// section is a heading over its rows, in w cells. Rows that are longer wrap: a
// text of many lines stands beside a key of as many.
func (p *helpPage) section(s helpSection, w int) []string {
	st := p.shared.styles
	keys := min(helpKeys, max(1, w/3))
	rows := make([]key.Binding, len(s.rows))
	for i, row := range s.rows {
		names, does := wrap(row.Help().Key, keys), wrap(row.Help().Desc, max(1, w-keys-1))
		extra := len(does) - len(names)
		row.SetHelp(strings.Join(names, "\n")+strings.Repeat("\n", max(0, extra)), strings.Join(does, "\n")+strings.Repeat("\n", max(0, -extra)))
		rows[i] = row
	}
	m := st.Help
	m.Styles.FullKey = m.Styles.FullKey.Width(keys)
	lines := strings.Split(m.FullHelpView([][]key.Binding{rows}), "\n")
	for i, line := range lines {
		lines[i] = clip(strings.TrimRight(line, " "), w)
	}
	return append([]string{clip(st.Title.Render(s.title), w)}, lines...)
}
