package todotxt

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends s as searches see it: in lower case, without accents, and with
// compatibility forms (ﬁ, full width, no-break space) as the plain ones.
func fold(dst []byte, s string) []byte {
	dst = slices.Grow(dst, len(s))
	for i := 0; i < len(s); {
		n := foldASCII(dst[len(dst):cap(dst)], s[i:])
		dst = dst[:len(dst)+n]
		if i += n; i < len(s) && s[i] >= utf8.RuneSelf {
			dst, n = foldRune(dst, s[i:])
			i += n
		} else if i < len(s) {
			dst = slices.Grow(dst, len(s)-i)
		}
	}
	return dst
}

// foldASCII folds into dst what fits of the ASCII that s begins with.
func foldASCII(dst []byte, s string) int {
	dst = dst[:min(len(dst), len(s))]
	for i := range dst {
		c := s[i]
		if c >= utf8.RuneSelf {
			return i
		}
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		dst[i] = c
	}
	return len(dst)
}

// foldRune appends the first character of s, which is not ASCII, and returns
// its length in s. Bytes that are no character stay as they are.
func foldRune(dst []byte, s string) ([]byte, int) {
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError {
		return append(dst, s[:n]...), n
	}
	parts := norm.NFKD.PropertiesString(s[:n]).Decomposition()
	if parts == nil {
		return appendFolded(dst, r), n
	}
	for len(parts) > 0 {
		r, size := utf8.DecodeRune(parts)
		dst = appendFolded(dst, r)
		parts = parts[size:]
	}
	return dst, n
}

func appendFolded(dst []byte, r rune) []byte {
	if r >= 0x300 && r <= 0x36f { // combining accents
		return dst
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// origins appends for each byte of fold(s) where its character begins in s.
func origins(at []int, s string) []int {
	var room [16]byte
	for i := 0; i < len(s); {
		n, folded := 1, room[:1]
		if s[i] >= utf8.RuneSelf {
			folded, n = foldRune(room[:0], s[i:])
		}
		for range folded {
			at = append(at, i)
		}
		i += n
	}
	return at
}

// Letters are a set of the letters that a text may hold once it is folded: a quick
// way to see that one text cannot hold another. Letters and digits have a bit each,
// the rest shares some, and what is not ASCII stands for all: it may fold to anything.
type Letters uint64

var letterBits = func() (bits [256]Letters) {
	for c := range bits {
		switch {
		case c >= utf8.RuneSelf:
			bits[c] = ^Letters(0)
		case 'a' <= c && c <= 'z':
			bits[c] = 1 << (c - 'a')
		case 'A' <= c && c <= 'Z':
			bits[c] = 1 << (c - 'A')
		case '0' <= c && c <= '9':
			bits[c] = 1 << (26 + c - '0')
		default:
			bits[c] = 1 << (36 + c%28)
		}
	}
	return bits
}()

// LettersOf returns the letters of a title.
func LettersOf(title string) (l Letters) {
	for i := range len(title) {
		l |= letterBits[title[i]]
	}
	return l
}

// needs returns the letters that a title with this pattern must hold; those
// that are not ASCII ask for nothing.
func needs(pattern string) (l Letters) {
	for _, c := range fold(nil, pattern) {
		if c < utf8.RuneSelf {
			l |= letterBits[c]
		}
	}
	return l
}
