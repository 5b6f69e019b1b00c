package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// editor is a title being edited, in as many lines as it has. It keeps every byte as it
// is, draws it clean, and moves by what a person sees as one character. It is ours
// because bubbles' textarea cannot do the first: it makes spaces of tabs and drops
// control characters and broken bytes, and a title must be saved as it came.
type editor struct {
	text string
	at   int // the cursor, as a byte offset
	keys textinput.KeyMap
	kept broken
}

// broken is a text in lines, kept from one frame to the next: it takes a while
// where the text is long.
type broken struct {
	text  string
	w     int
	whole bool // as cells were counted
	lines []strip
}

func newEditor(text string) editor { return editor{text: text, at: len(text), keys: lineKeys()} }

// lines are the text broken into lines of w cells.
func (e *editor) lines(w int) []strip {
	if k := &e.kept; k.lines == nil || k.w != w || k.text != e.text || k.whole != wholeCharacters.Load() {
		*k = broken{e.text, w, wholeCharacters.Load(), strips(e.text, w)}
	}
	return e.kept.lines
}

// set replaces the text and puts the cursor at its end.
func (e *editor) set(text string) { e.text, e.at = text, len(text) }

// insert puts text in at the cursor.
func (e *editor) insert(text string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	e.text = e.text[:e.at] + text + e.text[e.at:]
	e.at += len(text)
}

// cut removes the bytes from a to b.
func (e *editor) cut(a, b int) {
	e.text = e.text[:a] + e.text[b:]
	e.at = a
}

// press does what a key does in a text, and reports whether that is another one
// then. The keys are those of every line.
func (e *editor) press(msg tea.KeyPressMsg) (changed bool) {
	was, k := e.text, &e.keys
	msg = byPlace(msg)
	switch {
	case key.Matches(msg, k.CharacterBackward):
		e.at = e.before()
	case key.Matches(msg, k.CharacterForward):
		e.at = e.behind()
	case key.Matches(msg, k.WordBackward):
		e.at = e.wordBefore()
	case key.Matches(msg, k.WordForward):
		e.at = e.wordBehind()
	case key.Matches(msg, k.LineStart):
		e.at = e.lineStart()
	case key.Matches(msg, k.LineEnd):
		e.at = e.lineEnd()
	default:
		e.change(msg)
	}
	return e.text != was
}

// change does the keys that do not only move.
func (e *editor) change(msg tea.KeyPressMsg) {
	k := &e.keys
	switch {
	case key.Matches(msg, k.DeleteCharacterBackward):
		e.cut(e.before(), e.at)
	case key.Matches(msg, k.DeleteCharacterForward):
		e.cut(e.at, e.behind())
	case key.Matches(msg, k.DeleteWordBackward):
		e.cut(e.wordBefore(), e.at)
	case key.Matches(msg, k.DeleteWordForward):
		e.cut(e.at, e.wordBehind())
	case key.Matches(msg, k.DeleteBeforeCursor):
		e.cut(e.lineStart(), e.at)
	case key.Matches(msg, k.DeleteAfterCursor):
		e.cut(e.at, e.lineEnd())
	case msg.Text != "":
		e.insert(msg.Text)
	}
}

// behind is the offset after the character at the cursor.
func (e *editor) behind() int {
	if e.at >= len(e.text) {
		return e.at
	}
	n, _ := cluster(e.text[e.at:])
	return e.at + n
}

// before is the offset of the character before the cursor.
func (e *editor) before() int {
	at := sureStart(e.text[:e.at])
	for at < e.at {
		n, _ := cluster(e.text[at:])
		if at+n >= e.at {
			return at
		}
		at += n
	}
	return at
}

// sureStart is where a character begins for sure, near the end of text: characters
// are found forwards, and a long text is not looked through for the last of them.
func sureStart(text string) int {
	for at := len(text); at > 0; {
		r, n := utf8.DecodeLastRuneInString(text[:at])
		at -= n
		if !beginsOne(r) {
			continue
		}
		_, m := utf8.DecodeLastRuneInString(text[:at])
		if m == 0 || len(character(text[at-m:at+n])) == m {
			return at
		}
	}
	return 0
}

// beginsOne reports a character that goes with one before it only where that one
// asks for it.
func beginsOne(r rune) bool {
	return r == '\n' || r >= ' ' && r < 0x7f || unicode.In(r, unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Han, unicode.Hiragana, unicode.Katakana) && unicode.IsLetter(r) && r < 0xff00
}

func (e *editor) wordBefore() int {
	head := strings.TrimRightFunc(e.text[:e.at], unicode.IsSpace)
	return strings.LastIndexFunc(head, unicode.IsSpace) + 1
}

func (e *editor) wordBehind() int {
	rest := e.text[e.at:]
	word := strings.TrimLeftFunc(rest, unicode.IsSpace)
	skipped := len(rest) - len(word)
	if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
		return e.at + skipped + i
	}
	return len(e.text)
}

func (e *editor) lineStart() int { return strings.LastIndexByte(e.text[:e.at], '\n') + 1 }

func (e *editor) lineEnd() int {
	if i := strings.IndexByte(e.text[e.at:], '\n'); i >= 0 {
		return e.at + i
	}
	return len(e.text)
}

// where is the cursor's line among the strips, and its column.
func (e *editor) where(all []strip) (x, y int) {
	for n, s := range all {
		last := n+1 == len(all)
		if e.at < s.to || e.at == s.to && (last || all[n+1].from > s.to) {
			return cellsOf(e.text[s.from:e.at]), n
		}
	}
	return 0, len(all) - 1
}

// cellsOf is the number of cells of a text once clean.
func cellsOf(text string) int {
	cells := 0
	for len(text) > 0 {
		n, c := cluster(text)
		cells, text = cells+c, text[n:]
	}
	return cells
}

// vertical moves the cursor by drawn lines of width w; false at the first or last.
func (e *editor) vertical(by, w int) bool {
	all := e.lines(w)
	x, y := e.where(all)
	if y+by < 0 || y+by >= len(all) {
		return false
	}
	s := all[y+by]
	e.at = s.from
	for e.at < s.to && x > 0 {
		n, c := cluster(e.text[e.at:])
		e.at, x = e.at+n, x-c
	}
	return true
}

// view draws the text in w × h cells, scrolled to the cursor, and says where that is.
func (e *editor) view(k ink, w, h int) (lines []string, x, y int) {
	if w <= 0 || h <= 0 {
		return nil, 0, 0
	}
	all := e.lines(w)
	x, y = e.where(all)
	top := max(0, y-h+1)
	for _, s := range all[top:min(len(all), top+h)] {
		lines = append(lines, k.Render(clean(e.text[s.from:s.to])))
	}
	return lines, min(x, w-1), y - top
}

// cursorAt is the terminal's own cursor at a place of a picture.
func cursorAt(x, y int) *tea.Cursor {
	c := tea.NewCursor(x, y)
	c.Shape = tea.CursorBar
	return c
}
