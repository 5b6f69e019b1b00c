package todotxt

import (
	"strings"
	"unicode/utf8"
)

// A pattern finds a word's characters in order, where each of them that does
// not stand in the word of the one before begins a word: "mlk" and "bumi" are
// in "buy milk", "uil" is not. So a match means something without being ranked,
// and what no longer matches does not match again when more is typed.
//
// It walks all ways at once: bit k of a set says that the first k+1 bytes were found.
type pattern struct {
	text  string
	end   uint64 // the bit of the whole text
	masks *[256]uint64
}

// longestPattern bytes fit in a set; longer words are looked for in one piece.
const longestPattern = 64

func newPattern(text string) pattern {
	p := pattern{text: text}
	if len(text) > longestPattern {
		return p
	}
	p.end = 1 << (len(text) - 1)
	p.masks = new([256]uint64)
	for i := range len(text) {
		p.masks[text[i]] |= 1 << i
	}
	return p
}

// What a byte is for the walk. Every byte of a character beyond ASCII is
// inside, since it takes more than a byte to tell.
type place uint8

const (
	apart  place = iota // spaces and punctuation: begins a word, and ends it
	inside              // letters and digits
	within              // a later byte of a character
)

var places = func() (ps [256]place) {
	for c := range ps {
		switch {
		case c >= utf8.RuneSelf && !utf8.RuneStart(byte(c)):
			ps[c] = within
		case c >= utf8.RuneSelf, '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			ps[c] = inside
		}
	}
	return ps
}()

// walk is where all ways stand behind a byte.
type walk struct {
	last uint64 // found with this very byte
	word uint64 // found with a byte of the current word
	ever uint64
	in   bool // the byte was a letter or digit
}

func (w *walk) step(p *pattern, c byte) {
	mask := p.masks[c]
	switch k := places[c]; {
	case k == within:
		w.last = w.last << 1 & mask
		w.word |= w.last
		w.in = true
	case k == inside && w.in:
		w.last = (w.word<<1 | 1) & mask
		w.word |= w.last
	default:
		w.last = (w.ever<<1 | 1) & mask
		w.word = w.last
		w.in = k == inside
	}
	w.ever |= w.last
}

// in reports whether text holds the pattern.
func (p *pattern) in(text string) bool {
	i := strings.IndexByte(text, p.text[0])
	if i < 0 || len(p.text) == 1 {
		return i >= 0
	}
	if p.masks == nil {
		return strings.Contains(text[i:], p.text)
	}
	w := walk{in: i > 0 && places[text[i-1]] != apart}
	for ; i < len(text); i++ {
		if w.step(p, text[i]); w.ever&p.end != 0 {
			return true
		}
	}
	return false
}

// find appends where the bytes of the pattern stand in text, in no order: in one
// piece where there is one, best at a word's beginning.
func (p *pattern) find(at []int, text string) []int {
	if i := indexWord(text, p.text); i >= 0 || p.masks == nil {
		for j := range len(p.text) {
			at = append(at, i+j)
		}
		return at
	}
	found := make([]walk, 0, len(text))
	var w walk
	for i := range len(text) {
		w.step(p, text[i])
		if found = append(found, w); w.ever&p.end != 0 {
			return p.trace(at, text, found)
		}
	}
	return at
}

// trace goes a way back from its end, each time to the nearest byte that may stand before.
func (p *pattern) trace(at []int, text string, found []walk) []int {
	i := len(found) - 1
	at = append(at, i)
	for want := p.end >> 1; want != 0; want >>= 1 {
		for i--; found[i].last&want == 0; {
			i--
		}
		at = append(at, i)
	}
	return at
}

// indexWord finds part in text, where it begins a word if it does anywhere.
func indexWord(text, part string) int {
	first := strings.Index(text, part)
	for i := first; i >= 0; {
		if i == 0 || places[text[i-1]] == apart {
			return i
		}
		n := strings.Index(text[i+1:], part)
		if n < 0 {
			break
		}
		i += 1 + n
	}
	return first
}
