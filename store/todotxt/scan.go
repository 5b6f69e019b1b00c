package todotxt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads any text; it never fails.
func Parse(text string) Title { return ParseInto(text, make([]Span, 0, 12)) }

// ParseInto is Parse with the spans in room, as far as that reaches: who reads many
// titles, one after the other, needs it once.
func ParseInto(text string, room []Span) Title {
	s := scanner{text: text, spans: room[:0]}
	s.scan()
	return Title{Spans: s.spans, text: text}
}

type scanner struct {
	text  string
	spans []Span
}

func (s *scanner) scan() {
	i := s.lead()
	for i < len(s.text) {
		if n := spaces(s.text[i:]); n > 0 {
			s.add(Span{Class: Space, Start: i, End: i + n})
			i += n
		}
		w, n := word(s.text[i:])
		s.word(i, w)
		i += n
	}
}

// lead reads the priority and the leading dates.
func (s *scanner) lead() (i int) {
	if priorityAt(s.text) {
		s.add(Span{Class: Priority, Start: 0, End: 3, Value: s.text[1:2]})
		s.add(Span{Class: Space, Start: 3, End: 4})
		i = 4
	}
	for range 2 {
		if _, ok := dayAt(s.text, i); !ok || len(s.text) == i+10 {
			break
		}
		n := spaceAt(s.text, i+10)
		s.add(Span{Class: Date, Start: i, End: i + 10})
		s.add(Span{Class: Space, Start: i + 10, End: i + 10 + n})
		i += 10 + n
	}
	return i
}

func priorityAt(text string) bool {
	return len(text) > 3 && text[0] == '(' && text[1] >= 'A' && text[1] <= 'Z' && text[2] == ')' && text[3] == ' '
}

func (s *scanner) word(at int, w string) {
	if w == "" {
		return
	}
	end := at + len(w)
	switch c := w[0]; {
	case (c == '+' || c == '@') && named(w[1:]):
		class := Project
		if c == '@' {
			class = Context
		}
		s.add(Span{Class: class, Start: at, End: end, Value: w[1:]})
		return
	case c == '+' || c == '@':
		s.add(Span{Start: at, End: end})
		return
	}
	colon := strings.IndexByte(w, ':')
	if colon > 0 && validTag(w[:colon], w[colon+1:]) {
		s.add(Span{Class: Tag, Start: at, End: end, Key: w[:colon], Value: w[colon+1:]})
		return
	}
	if colon > 0 {
		if from, to, ok := findURL(w); ok {
			s.add(Span{Start: at, End: at + from})
			s.add(Span{Class: URL, Start: at + from, End: at + to})
			at += to
		}
	}
	s.add(Span{Start: at, End: end})
}

// add appends a span; an empty one is dropped, and text joins the text before it.
func (s *scanner) add(p Span) {
	n := len(s.spans)
	switch {
	case p.Start == p.End:
	case p.Class == Space && n > 0 && s.spans[n-1].Class == Space:
		s.spans[n-1].End = p.End
	case p.Class == Text && n > 1 && s.spans[n-1].Class == Space && s.spans[n-2].Class == Text:
		s.spans[n-2].End = p.End
		s.spans = s.spans[:n-1]
	case p.Class == Text && n > 0 && s.spans[n-1].Class == Text:
		s.spans[n-1].End = p.End
	default:
		s.spans = append(s.spans, p)
	}
}

// named reports whether s can be the name of a project or context.
func named(s string) bool {
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' ||
			r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) && r != utf8.RuneError) {
			return true
		}
	}
	return false
}

// validTag reports whether key:value is one of ours.
func validTag(key, value string) bool {
	switch key {
	case "due", "t":
		_, ok := ParseDay(value)
		return ok
	case "rec":
		_, ok := parseRecurrence(value)
		return ok
	case "pri":
		return len(value) == 1 && value[0] >= 'A' && value[0] <= 'Z'
	case "h":
		return value == "0" || value == "1"
	case "note":
		return value != "" && !strings.ContainsRune(value, ':') && spaceFree(value)
	}
	return false
}

func spaceFree(s string) bool {
	w, _ := word(s)
	return len(w) == len(s)
}

// asciiSpace are the ASCII bytes that are white space.
var asciiSpace = [utf8.RuneSelf]bool{'\t': true, '\n': true, '\v': true, '\f': true, '\r': true, ' ': true}

// spaceAt returns the length of the white space character at i, 0 for none.
func spaceAt(s string, i int) int {
	if c := s[i]; c < utf8.RuneSelf {
		if asciiSpace[c] {
			return 1
		}
		return 0
	}
	if r, n := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
		return n
	}
	return 0
}

// spaceBefore reports whether the character that ends at i is white space.
func spaceBefore(s string, i int) bool {
	if c := s[i-1]; c < utf8.RuneSelf {
		return asciiSpace[c]
	}
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsSpace(r)
}

// spaces returns the length of the white space that s begins with.
func spaces(s string) (n int) {
	for n < len(s) {
		w := spaceAt(s, n)
		if w == 0 {
			break
		}
		n += w
	}
	return n
}

// word returns what stands before the first white space of s.
func word(s string) (string, int) {
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && asciiSpace[c] || c >= utf8.RuneSelf && utf8.RuneStart(c) && spaceAt(s, i) > 0 {
			return s[:i], i
		}
	}
	return s, len(s)
}
