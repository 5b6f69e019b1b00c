package ui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes outside text safe to draw on one line: every control character,
// bidi override and broken byte becomes a visible stand-in of one cell, and
// what terminals count differently is drawn as they all count it: see agreed.
func clean(text string) string {
	if isPlain(text) {
		return text
	}
	return agreed(strings.Map(cleanRune, strings.ToValidUTF8(text, "\uFFFD")))
}

// isPlain reports that text is printable ASCII, which most is.
func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

const softHyphen = '\u00ad'

func cleanRune(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return '⏎'
	case r == '\t':
		return ' '
	case r < ' ':
		return '\u2400' + r // the control pictures
	case r == 0x7f:
		return '\u2421'
	case r == softHyphen:
		return '-' // some terminals show it, others do not
	case unicode.IsControl(r), isBidi(r), unicode.Is(unicode.Prepended_Concatenation_Mark, r), r == '\ufeff', r >= 0xe0000 && r <= 0xe0fff && r != 0xe0020 && !isTagRune(r):
		return '\uFFFD'
	}
	return r
}

// isBidi reports a character that turns the direction of the text after it.
func isBidi(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
}

// isTagRune reports a tag character, which some flags are made of.
func isTagRune(r rune) bool { return r >= 0xe0020 && r <= 0xe007f }

// pasteable takes out of a text what a terminal obeys when it is pasted there:
// an escape sequence could end the paste, and what follows would be typed.
func pasteable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// mostDrawn bounds the bytes of a title that are looked at to draw a part of it:
// a title may be a whole book.
const mostDrawn = 16 << 10

// start is the beginning of a text, as far as a screen may show it.
func start(text string) string {
	if len(text) <= mostDrawn {
		return text
	}
	end := mostDrawn
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// oneLine makes outside text one clean line.
func oneLine(text string) string { return strings.TrimSpace(clean(text)) }

// count says "1 todo", "2 todos".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// either is the text yes when so holds, else no.
func either(so bool, yes, no string) string {
	if so {
		return yes
	}
	return no
}

// upper begins a sentence with a step's name: "complete 2 todos" → "Complete 2 todos".
func upper(name string) string {
	if name == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(name)
	return clean(string(unicode.ToUpper(r)) + name[n:])
}

// cleanLines is clean with line breaks kept.
func cleanLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = clean(line)
	}
	return strings.Join(lines, "\n")
}
