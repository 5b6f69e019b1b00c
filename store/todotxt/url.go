package todotxt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// findURL returns where the first URL of a word stands: an http, https or ftp
// address with a host, or a mailto: with somebody at one. Its cost is linear.
func findURL(w string) (from, to int, ok bool) {
	for at := 0; ; {
		i := strings.IndexByte(w[at:], ':')
		if i < 0 {
			return 0, 0, false
		}
		at += i + 1
		from = schemeStart(w, at-1)
		if hasHost(w[from:at-1], w[at:]) {
			return from, at + urlLen(w[at:]), true
		}
	}
}

// schemeStart returns where the letters before a colon begin; a scheme of ours
// has at most six.
func schemeStart(w string, colon int) int {
	i := colon
	for i > 0 && colon-i < 7 && (w[i-1]|0x20 >= 'a' && w[i-1]|0x20 <= 'z') {
		i--
	}
	return i
}

func hasHost(scheme, rest string) bool {
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp":
		host, ok := strings.CutPrefix(rest, "//")
		return ok && beginsHost(host)
	case "mailto":
		at := strings.IndexAny(rest, "@:\"<>`")
		return at > 0 && rest[at] == '@' && beginsHost(rest[at+1:]) && urlLen(rest) > at+1
	}
	return false
}

// beginsHost reports whether s begins as a host does; [ begins an IPv6 address.
func beginsHost(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '[' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// urlLen returns how much of s can belong to a URL: no control characters,
// quotes or angle brackets, and no punctuation that ends a sentence. A closing
// bracket belongs to it where the URL itself opened one.
func urlLen(s string) int {
	end := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r == utf8.RuneError || unicode.IsControl(r) || strings.ContainsRune("\"<>`", r)
	})
	if end < 0 {
		end = len(s)
	}
	const brackets = "()[]{}"
	var surplus [3]int // closing brackets without an opening one
	for i := range end {
		if b := strings.IndexByte(brackets, s[i]); b >= 0 {
			surplus[b/2] += b%2*2 - 1
		}
	}
	for end > 0 {
		c := s[end-1]
		if b := strings.IndexByte(brackets, c); b >= 0 && b%2 == 1 && surplus[b/2] > 0 {
			surplus[b/2]--
		} else if strings.IndexByte(".,;:!?'", c) < 0 {
			break
		}
		end--
	}
	return end
}
