package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// line is one line of text being typed: bubbles' textinput, with the terminal's own
// cursor. The bubble counts runes; line makes that what a person sees as one
// character, and its place in cells. The bubble drops control characters.
type line struct{ input textinput.Model }

func newLine(text string) line {
	l := line{textinput.New()}
	l.input.Prompt = ""
	l.input.KeyMap = lineKeys()
	l.input.SetVirtualCursor(false)
	l.input.Focus()
	// Its styles stay empty: it draws the character under the cursor apart, and a
	// colour between the runes of an emoji would tear it. view colours the whole.
	l.input.SetStyles(textinput.Styles{Cursor: textinput.CursorStyle{Shape: tea.CursorBar, Blink: true}})
	l.set(text)
	return l
}

// lineKeys are the bubble's own, without those that mean something else here:
// suggestions (see add.complete), and a paste that would run another program.
func lineKeys() textinput.KeyMap {
	k := textinput.DefaultKeyMap()
	for _, off := range []*key.Binding{&k.Paste, &k.AcceptSuggestion, &k.NextSuggestion, &k.PrevSuggestion} {
		off.Unbind()
	}
	return k
}

func (l *line) text() string { return l.input.Value() }

// head is the text before the cursor.
func (l *line) head() string { return string([]rune(l.text())[:l.input.Position()]) }

// set replaces the text and puts the cursor at its end.
func (l *line) set(text string) {
	l.input.SetValue(text)
	l.input.CursorEnd()
}

// complete puts other text in the place of what stands before the cursor.
func (l *line) complete(head string) {
	tail := strings.TrimPrefix(l.text(), l.head())
	l.input.SetValue(head + tail)
	l.input.SetCursor(len([]rune(head)))
}

// paste puts pasted text in at the cursor, line breaks as spaces.
func (l *line) paste(msg tea.PasteMsg) {
	msg.Content = strings.TrimRight(strings.ReplaceAll(msg.Content, "\r\n", "\n"), "\r\n")
	l.input, _ = l.input.Update(msg)
}

// press does what a key does in a text, and reports whether that is another one then.
func (l *line) press(msg tea.KeyPressMsg) (changed bool) {
	was := l.text()
	msg = byPlace(msg)
	for range l.runes(msg) {
		l.input, _ = l.input.Update(msg)
	}
	return l.text() != was
}

// byPlace is a key of a non-Latin layout that types nothing as the one at its place
// on a US keyboard: ctrl+w works on every layout.
func byPlace(msg tea.KeyPressMsg) tea.KeyPressMsg {
	if msg.Text == "" && msg.Code > lastLatin && msg.BaseCode != 0 {
		msg.Code, msg.BaseCode = msg.BaseCode, 0
	}
	return msg
}

// runes is how often the bubble must do what a key means: its steps of one
// character go by runes, and a character has one or many.
func (l *line) runes(msg tea.KeyPressMsg) int {
	k := l.input.KeyMap
	head := l.head()
	switch {
	case key.Matches(msg, k.CharacterForward, k.DeleteCharacterForward):
		return max(1, len([]rune(character(strings.TrimPrefix(l.text(), head)))))
	case key.Matches(msg, k.CharacterBackward, k.DeleteCharacterBackward):
		return max(1, len([]rune(lastCluster(head))))
	}
	return 1
}

// lastCluster is the last character a person sees in text.
func lastCluster(text string) string {
	last := ""
	for text != "" {
		last = character(text)
		text = text[len(last):]
	}
	return last
}

// view draws the line in w cells behind a prompt that is drawn already, scrolled
// sideways to the cursor, and says where that is. The bubble's own cursor counts
// runes for cells, so only its looks are taken.
func (l *line) view(prompt string, k ink, w int) (string, *tea.Cursor) {
	before := width(prompt)
	room := max(1, w-before)
	from, x := 0, width(clean(l.head()))
	for rest := l.text(); rest != "" && x-from >= room; {
		first := character(rest)
		from, rest = from+width(clean(first)), rest[len(first):]
	}
	text := l.input.View()
	if l.head() == l.text() {
		text = strings.TrimSuffix(text, " ") // where a drawn cursor would stand
	}
	text = slice(clean(text), from, from+room)
	c := l.input.Cursor()
	c.X = max(0, min(before+x-from, w-1))
	return clip(prompt+k.Render(text), w), c
}

// under draws the line below what above draws, with a rule over it and a hint under
// it where h has room for them.
func (l *line) under(above func(w, h int) picture, prompt string, hint func(w int) string, st *Styles, w, h int) picture {
	roomy := h >= 6
	below := min(h, 1)
	if roomy {
		below = 3
	}
	lines := above(w, h-below).lines
	for len(lines) < h-below {
		lines = append(lines, "")
	}
	if roomy {
		lines = append(lines, st.Faint.Render(strings.Repeat("─", w)))
	}
	typed, cursor := l.view(st.Key.Render(prompt), st.Text, w)
	cursor.Y = len(lines)
	lines = append(lines, typed)
	if roomy {
		lines = append(lines, hint(w))
	}
	return picture{lines, cursor}
}
