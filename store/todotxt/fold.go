package todotxt

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold appends s as searches see it: in lower case, without accents, and with
// compatibility forms (ﬁ, full width, no-break space) as the plain ones.
func fold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c |= 0x20
			}
			dst = append(dst, c)
			i++
			continue
		}
		n := 0
		dst, n = foldRune(dst, s[i:])
		i += n
	}
	return dst
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

// origins returns for each byte of fold(s) where its character begins in s.
func origins(s string) []int {
	var at []int
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

// A letters is a set of the letters that a folded text holds: a quick way to see that
// one text cannot hold another. Letters and digits have a bit each; the rest share.
type letters uint64

var letterBit = func() (bits [256]letters) {
	for c := range bits {
		switch {
		case 'a' <= c && c <= 'z':
			bits[c] = 1 << (c - 'a')
		case '0' <= c && c <= '9':
			bits[c] = 1 << (26 + c - '0')
		default:
			bits[c] = 1 << (36 + c%28)
		}
	}
	return bits
}()

func lettersOf(folded []byte) (l letters) {
	for _, c := range folded {
		l |= letterBit[c]
	}
	return l
}
