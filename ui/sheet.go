package ui

import (
	"cmp"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// sheet gathers the lines of a screen that is text from top to bottom, and
// shows the part of it that fits.
type sheet struct {
	st    *Styles
	w     int
	lines []sheetLine
}

// sheetLine is one line of at most w cells.
type sheetLine struct {
	text   string
	gap    bool        // empty, and given up first where space is short
	keep   bool        // must stay in view
	cursor *tea.Cursor // the real one stands in this line, or nil
	row    int         // of a menu plus one, 0 for none
}

func newSheet(st *Styles, w int) *sheet { return &sheet{st: st, w: w} }

// add appends a styled line.
func (s *sheet) add(text string) { s.lines = append(s.lines, sheetLine{text: clip(text, s.w)}) }

// gap appends an empty line.
func (s *sheet) gap() { s.lines = append(s.lines, sheetLine{gap: true}) }

// para appends text as words that wrap.
func (s *sheet) para(k ink, text string) { s.hang(k, "", text) }

// hang appends text as words that wrap behind a first prefix.
func (s *sheet) hang(k ink, prefix, text string) {
	n := width(prefix)
	for _, line := range wrap(oneLine(text), s.w-n) {
		s.add(prefix + k.Render(line))
		prefix = spaces(n)
	}
}

// title appends the screen's heading with a note at the right edge.
func (s *sheet) title(text, note string) {
	text = oneLine(text)
	if n := width(note); n > 0 && n+8 <= s.w {
		text = clip(text, s.w-n-1)
		note = spaces(s.w-width(text)-n) + s.st.Faint.Render(note)
	} else {
		note = ""
	}
	s.add(s.st.Title.Render(clip(text, s.w)) + note)
}

// nobody says that no account is open, and which key helps.
func (s *sheet) nobody(sh *shared) {
	s.para(s.st.Text, "No account is open. Press "+sh.keys.key(verbAccounts)+" for the accounts.")
}

// row appends the ith line of a menu. The one under the cursor is marked and
// stays in view; its text is drawn in the Cursor pens by the caller.
func (s *sheet) row(i, at int, text string) {
	if i != at {
		s.add("  " + text)
	} else {
		s.add(s.st.Cursor.Accent.Render("▌ ") + text)
	}
	last := &s.lines[len(s.lines)-1]
	last.row = i + 1
	if i == at {
		last.text += s.st.Cursor.Text.Render(spaces(s.w - width(last.text)))
		last.keep = true
	}
}

// pens are those of a row: the Cursor's under the cursor.
func (s *sheet) pens(here bool) *pens {
	if here {
		return &s.st.Cursor
	}
	return &s.st.pens
}

// keepLast makes the last line stay in view, and no other.
func (s *sheet) keepLast() {
	for i := range s.lines {
		s.lines[i].keep = false
	}
	s.keep()
}

// keep makes the last line stay in view.
func (s *sheet) keep() {
	if n := len(s.lines); n > 0 {
		s.lines[n-1].keep = true
	}
}

// field appends a line of text that is being typed, with the real cursor in it.
func (s *sheet) field(text string, c *tea.Cursor) {
	s.add(text)
	last := &s.lines[len(s.lines)-1]
	last.keep, last.cursor = true, c
}

// hint is a key with what it does; with text "" in the words of help.
type hint struct {
	verb verb
	text string
}

// hints appends keys with what they do, as many to a line as fit.
func (s *sheet) hints(k *KeyMap, hints ...hint) {
	var line []key.Binding
	used := 0
	for _, h := range hints {
		b := k.get(h.verb)
		b.rebind(b.Keys()[:min(1, len(b.Keys()))])
		b.SetHelp(b.Help().Key, cmp.Or(h.text, b.Help().Desc))
		n := width(b.Help().Key) + 1 + width(b.Help().Desc)
		if used > 0 && used+3+n > s.w {
			s.add(s.st.shortHelp(line, s.w))
			line, used = nil, 0
		}
		if used > 0 {
			used += 3
		}
		line, used = append(line, b.Binding), used+n
	}
	s.add(s.st.shortHelp(line, s.w))
}

// picture shows h lines, the first or the ones around what must stay in view.
func (s *sheet) picture(h int) picture {
	lines := s.lines
	if len(lines) > h {
		lines = withoutGaps(lines)
	}
	top := window(lines, h)
	p := picture{lines: make([]string, 0, min(h, len(lines)))}
	for y, line := range lines[top:min(len(lines), top+h)] {
		p.lines = append(p.lines, line.text)
		if line.cursor != nil {
			p.cursor = line.cursor
			p.cursor.Y = y
		}
	}
	return p
}

// menu is the cursor of a screen with rows, and where they were drawn last.
type menu struct {
	at    int
	drawn []int // row plus one of each line, 0 for none
}

// move is what a verb or the wheel does to the cursor over n rows.
func (m *menu) move(msg tea.Msg, n int) {
	switch msg := msg.(type) {
	case verb:
		m.at = movedBy(msg, m.at, n)
	case tea.MouseWheelMsg:
		m.at += map[tea.MouseButton]int{tea.MouseWheelDown: 1, tea.MouseWheelUp: -1}[msg.Button]
	}
	m.at = max(0, min(m.at, n-1))
}

// movedBy is where a verb that moves takes the cursor in a menu of n rows.
func movedBy(v verb, at, n int) int {
	const page = 10
	switch v {
	case verbDown:
		return at + 1
	case verbUp:
		return at - 1
	case verbPageDown:
		return at + page
	case verbPageUp:
		return at - page
	case verbTop:
		return 0
	case verbBottom:
		return n - 1
	}
	return at
}

// clicked is the row that a click meant.
func (m *menu) clicked(msg tea.MouseClickMsg) (row int, ok bool) {
	if msg.Button != tea.MouseLeft || msg.Y < 0 || msg.Y >= len(m.drawn) || m.drawn[msg.Y] == 0 {
		return 0, false
	}
	return m.drawn[msg.Y] - 1, true
}

// menuPicture is picture, and remembers where the rows are, for clicks.
func (s *sheet) menuPicture(m *menu, h int) picture {
	lines := s.lines
	if len(lines) > h {
		lines = withoutGaps(lines)
	}
	top := window(lines, h)
	m.drawn = m.drawn[:0]
	for _, line := range lines[top:min(len(lines), top+h)] {
		m.drawn = append(m.drawn, line.row)
	}
	return s.picture(h)
}

// window is the first line to show so that what must be seen is.
func window(lines []sheetLine, h int) int {
	first, last := -1, -1
	for i, line := range lines {
		if line.keep && first < 0 {
			first = i
		}
		if line.keep {
			last = i
		}
	}
	return max(0, min(last-h+1, first, len(lines)-h))
}

func withoutGaps(lines []sheetLine) []sheetLine {
	dense := make([]sheetLine, 0, len(lines))
	for _, line := range lines {
		if !line.gap {
			dense = append(dense, line)
		}
	}
	return dense
}

// sentence makes outside text one clean line that begins with a capital.
func sentence(text string) string {
	return upper(oneLine(text))
}

// inQuotes is the beginning of a title, for a toast.
func inQuotes(title string) string { return "“" + clip(oneLine(title), 30) + "”" }
