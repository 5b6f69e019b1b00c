package ui

import (
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// A terminal gives cells either to each code point or, in its mode 2027, to what a
// person sees as one character. The renderer asks it, and counts by code points
// until it answers. Everything here counts as the renderer does: all that cuts,
// fills, breaks or points into text goes through this file. A program draws on one
// terminal, so this is one value.
var wholeCharacters atomic.Bool

// countAgain takes what the terminal says of mode 2027, as the renderer takes it.
func countAgain(m tea.ModeReportMsg) {
	if m.Mode == ansi.ModeUnicodeCore {
		wholeCharacters.Store(m.Value == ansi.ModeReset || m.Value == ansi.ModeSet || m.Value == ansi.ModePermanentlySet)
	}
}

func method() ansi.Method {
	if wholeCharacters.Load() {
		return ansi.GraphemeWidth
	}
	return ansi.WcWidth
}

// width is the number of cells of clean text.
func width(text string) int {
	if isPlain(text) {
		return len(text)
	}
	return method().StringWidth(text)
}

// next is the first character or escape sequence of styled text, and its cells.
func next(text string) (n, cells int) {
	if text[0] == escape {
		_, _, n, _ = ansi.DecodeSequence(text, ansi.NormalState, nil)
		return n, 0
	}
	if text[0] < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		return 1, 1
	}
	first, cells := ansi.FirstGraphemeCluster(text, method())
	return len(first), cells
}

const escape = '\x1b'

// clip cuts styled or plain text to w cells, with an ellipsis where it was cut.
func clip(text string, w int) string {
	if w <= 0 {
		return ""
	}
	if width(text) <= w {
		return text
	}
	return cut(text, w-1, "…")
}

// chop is clip without an ellipsis.
func chop(text string, w int) string { return cut(text, w, "") }

// cut keeps w cells of styled text and puts tail after them. Looks that were begun
// are ended.
func cut(text string, w int, tail string) string {
	kept := head(text, w)
	return kept + tail + sequences(text[len(kept):])
}

// head is the beginning of styled or plain text that fits w cells.
func head(text string, w int) string {
	at := 0
	for at < len(text) {
		n, cells := next(text[at:])
		if w -= cells; w < 0 {
			break
		}
		at += n
	}
	return text[:at]
}

// sequences are the escape sequences of a text without what stands between them.
func sequences(text string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(text, escape)
		if i < 0 {
			return b.String()
		}
		n, _ := next(text[i:])
		b.WriteString(text[i : i+n])
		text = text[i+n:]
	}
}

// behind is what stands behind the first x cells of styled text, in its looks. A
// character that is cut through leaves its space.
func behind(text string, x int) string {
	at := 0
	for at < len(text) && x > 0 {
		n, cells := next(text[at:])
		at, x = at+n, x-cells
	}
	return sequences(text[:at]) + spaces(-x) + text[at:]
}

// slice is what stands whole in the cells from a to b of plain text.
func slice(text string, a, b int) string {
	from, x := -1, 0
	for at := 0; at < len(text); {
		if from < 0 && x >= a {
			from = at
		}
		n, cells := next(text[at:])
		if x += cells; x > b {
			return text[max(from, 0):at]
		}
		at += n
	}
	if from < 0 {
		return ""
	}
	return text[from:]
}

// pad fills styled or plain text with spaces to w cells, or clips it.
func pad(text string, w int) string {
	text = clip(text, w)
	return text + turnBack(text) + spaces(w-width(text))
}

const blank = "                                                                                                    "

func spaces(n int) string {
	if n <= len(blank) {
		return blank[:max(n, 0)]
	}
	return strings.Repeat(" ", n)
}

// wrap breaks clean text into lines of at most w cells, without the spaces around a break.
func wrap(text string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for _, s := range strips(text, w) {
		line := text[s.from:s.to]
		if s.to < len(text) && text[s.to] != '\n' {
			line = strings.TrimRight(line, " ")
		}
		if s.from > 0 && text[s.from-1] != '\n' {
			line = strings.TrimLeft(line, " ")
		}
		lines = append(lines, clip(line, w))
	}
	return lines
}

// strip is one line of a text that is broken into lines: text[from:to].
type strip struct{ from, to int }

// strips breaks text into lines of at most w cells: at its line breaks, and after
// spaces where it can: a date stays whole. A character wider than w has a line of its own.
func strips(text string, w int) []strip {
	var all []strip
	from, cells, gap := 0, 0, -1
	for i := 0; i < len(text); {
		if text[i] == '\n' {
			all = append(all, strip{from, i})
			i++
			from, cells, gap = i, 0, -1
			continue
		}
		n, c := cluster(text[i:])
		if cells+c > w && i > from {
			if text[i] != ' ' && gap > from {
				i = gap
			}
			all = append(all, strip{from, i})
			from, cells, gap = i, 0, -1
			continue
		}
		if text[i] == ' ' {
			gap = i + n
		}
		i, cells = i+n, cells+c
	}
	return append(all, strip{from, len(text)})
}

// cluster is the first character a person sees in text, and its cells once clean.
func cluster(text string) (n, cells int) {
	if c := text[0]; c < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) && c != '\r' {
		return 1, 1
	}
	first := character(text)
	return len(first), width(clean(first))
}

// character is the first of what a person sees as characters. A broken byte is one.
func character(text string) string {
	first, _ := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
	for i, r := range first {
		if r != utf8.RuneError {
			continue
		}
		if _, n := utf8.DecodeRuneInString(first[i:]); n == 1 {
			return first[:max(i, 1)]
		}
	}
	return first
}

// agreed is clean text as all terminals count it that go by code points. They differ
// in what they do with joiners, with signs that choose how an emoji looks, and with
// Korean syllables in parts: so a family is drawn as its members, a thumb without
// its skin tone, and a syllable as one. A terminal that counts whole characters gets
// these as they are; only a skin tone without a skin is nothing to any of them.
func agreed(text string) string {
	if !strings.ContainsFunc(text, isDisputed) {
		return text
	}
	whole := wholeCharacters.Load()
	if !whole && strings.ContainsFunc(text, isJamo) {
		text = norm.NFC.String(text)
	}
	base := rune(0) // what joiners, looks and skins belong to
	return strings.Map(func(r rune) rune {
		skin, join := isSkin(r), r == joiner || isLook(r)
		switch {
		case skin && !takesSkin(base):
			base = '\ufffd'
			return base
		case skin && (!whole || width(string(base)) < 2), join && (!whole || standsIn(base)):
			return -1
		case !skin && !join:
			base = r
		}
		return r
	}, text)
}

const joiner = '\u200d'

// isLook reports a sign that makes an emoji of the character before it, or a text.
func isLook(r rune) bool { return r == '\ufe0e' || r == '\ufe0f' }

func isSkin(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// standsIn reports what clean put in the place of something else, or nothing at all.
func standsIn(r rune) bool {
	return r >= '\u2400' && r <= '\u2426' || strings.ContainsRune("\x00 -⏎\ufffd", r)
}

// takesSkin reports what may be a hand or a person.
func takesSkin(r rune) bool { return r >= '☝' && unicode.Is(unicode.So, r) }

// isJamo reports a part of a Korean syllable that joins others.
func isJamo(r rune) bool { return r >= 0x1100 && r <= 0x11ff }

func isDisputed(r rune) bool { return r == joiner || isLook(r) || isSkin(r) || isJamo(r) }

// isSeen reports a character that leaves a mark on the screen.
func isSeen(r rune) bool {
	r = cleanRune(r)
	return r > ' ' && !unicode.IsSpace(r) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}

// turnBack is what must stand around a text so that a terminal which turns
// right-to-left text around turns nothing beside it: a mark without a width, where
// the text has any.
func turnBack(text string) string {
	if isPlain(text) || !strings.ContainsFunc(text, turns) {
		return ""
	}
	return "\u200e"
}

// turns reports a character of a script that is written from right to left.
func turns(r rune) bool {
	if r < 0x590 {
		return false
	}
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL || p.Class() == bidi.AN
}
