package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// editor is a text being typed. It keeps every byte as it is, draws it clean,
// and moves by what a person sees as one character.
type editor struct {
	text  string
	at    int // the cursor, as a byte offset
	multi bool
}

func newEditor(text string, multi bool) editor { return editor{text, len(text), multi} }

// set replaces the text and puts the cursor at its end.
func (e *editor) set(text string) { e.text, e.at = text, len(text) }

// insert puts text in at the cursor; a single line takes line breaks as spaces.
func (e *editor) insert(text string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	if !e.multi {
		text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", " ")
	}
	e.text = e.text[:e.at] + text + e.text[e.at:]
	e.at += len(text)
}

// cut removes the bytes from a to b.
func (e *editor) cut(a, b int) {
	e.text = e.text[:a] + e.text[b:]
	e.at = a
}

// editing is what keys do to a text, by name.
var editing = map[string]func(*editor){
	"left":          func(e *editor) { e.at = e.before() },
	"right":         func(e *editor) { e.at = e.behind() },
	"ctrl+b":        func(e *editor) { e.at = e.before() },
	"ctrl+f":        func(e *editor) { e.at = e.behind() },
	"ctrl+left":     func(e *editor) { e.at = e.wordBefore() },
	"ctrl+right":    func(e *editor) { e.at = e.wordBehind() },
	"alt+left":      func(e *editor) { e.at = e.wordBefore() },
	"alt+right":     func(e *editor) { e.at = e.wordBehind() },
	"alt+b":         func(e *editor) { e.at = e.wordBefore() },
	"alt+f":         func(e *editor) { e.at = e.wordBehind() },
	"home":          func(e *editor) { e.at = e.lineStart() },
	"end":           func(e *editor) { e.at = e.lineEnd() },
	"ctrl+a":        func(e *editor) { e.at = e.lineStart() },
	"ctrl+e":        func(e *editor) { e.at = e.lineEnd() },
	"backspace":     func(e *editor) { e.cut(e.before(), e.at) },
	"ctrl+h":        func(e *editor) { e.cut(e.before(), e.at) },
	"delete":        func(e *editor) { e.cut(e.at, e.behind()) },
	"ctrl+d":        func(e *editor) { e.cut(e.at, e.behind()) },
	"ctrl+w":        func(e *editor) { e.cut(e.wordBefore(), e.at) },
	"alt+backspace": func(e *editor) { e.cut(e.wordBefore(), e.at) },
	"alt+d":         func(e *editor) { e.cut(e.at, e.wordBehind()) },
	"ctrl+u":        func(e *editor) { e.cut(e.lineStart(), e.at) },
	"ctrl+k":        func(e *editor) { e.cut(e.at, e.lineEnd()) },
}

// press does what a key does in a text; false when it means nothing here.
func (e *editor) press(k tea.KeyPressMsg) bool {
	if k.Text != "" && k.Mod&^tea.ModShift&^tea.ModCapsLock == 0 {
		e.insert(k.Text)
		return true
	}
	do, ok := editing[string(keystroke(k))]
	if ok {
		do(e)
	}
	return ok
}

// cluster is the first character a person sees in text, and its cells once clean.
func cluster(text string) (n, cells int) {
	if c := text[0]; c < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) && !(c == '\r') {
		return 1, 1
	}
	first, _ := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
	return len(first), width(clean(first))
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
	at := strings.LastIndexByte(e.text[:max(e.at-1, 0)], '\n') + 1
	for at < e.at {
		n, _ := cluster(e.text[at:])
		if at+n >= e.at {
			return at
		}
		at += n
	}
	return at
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

// strip is one drawn line of the text: text[from:to].
type strip struct{ from, to int }

// strips breaks the text into lines of at most w cells, at spaces where it can.
func (e *editor) strips(w int) []strip {
	var all []strip
	from, cells, space := 0, 0, -1
	for i := 0; i < len(e.text); {
		if e.text[i] == '\n' {
			all = append(all, strip{from, i})
			i++
			from, cells, space = i, 0, -1
			continue
		}
		n, c := cluster(e.text[i:])
		if cells+c > w && i > from {
			if e.text[i] != ' ' && space > from {
				i = space
			}
			all = append(all, strip{from, i})
			from, cells, space = i, 0, -1
			continue
		}
		if e.text[i] == ' ' {
			space = i + n
		}
		i, cells = i+n, cells+c
	}
	return append(all, strip{from, len(e.text)})
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
	all := e.strips(w)
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
	if !e.multi {
		line, x := e.line(k, w)
		return []string{line}, x, 0
	}
	all := e.strips(w)
	x, y = e.where(all)
	top := max(0, y-h+1)
	for _, s := range all[top:min(len(all), top+h)] {
		lines = append(lines, k.Render(clean(e.text[s.from:s.to])))
	}
	return lines, min(x, w-1), y - top
}

// line draws a single line, scrolled sideways to the cursor.
func (e *editor) line(k ink, w int) (string, int) {
	from, x := 0, cellsOf(e.text[:e.at])
	for x >= w {
		n, c := cluster(e.text[from:])
		from, x = from+n, x-c
	}
	return k.Render(ansi.Truncate(clean(e.text[from:]), w, "")), x
}

// cursorAt is the terminal's own cursor at a place of a picture.
func cursorAt(x, y int) *tea.Cursor {
	c := tea.NewCursor(x, y)
	c.Shape = tea.CursorBar
	return c
}
