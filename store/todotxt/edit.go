package todotxt

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// WithPriority returns the text with priority p: in the place of the old one,
// or in front. 0 removes it.
func (t Title) WithPriority(p byte) string {
	lead := len(t.Spans) > 0 && t.Spans[0].Class == Priority
	switch {
	case p == 0:
		rest := Title{text: t.text, Spans: t.Spans}.without(func(s Span) bool { return s.Class == Tag && s.Key == "pri" })
		if lead {
			return rest[4:]
		}
		return rest
	case p < 'A' || p > 'Z':
		return t.text
	case lead:
		return t.text[:1] + string(p) + t.text[2:]
	case t.find("pri") >= 0:
		return t.WithTag("pri", string(p))
	}
	return "(" + string(p) + ") " + t.text
}

// WithTag returns the text with key:value: in the place of the first tag of
// that key, or at the end of the first line. "" removes every tag of that key. A key or
// value that Parse would not read as a tag changes nothing.
func (t Title) WithTag(key, value string) string {
	if value == "" {
		return t.without(func(s Span) bool { return s.Class == Tag && s.Key == key })
	}
	if !validTag(key, value) {
		return t.text
	}
	if i := t.find(key); i >= 0 {
		s := t.Spans[i]
		return t.text[:s.Start] + key + ":" + value + t.text[s.End:]
	}
	return appendWord(t.text, key+":"+value)
}

// WithProjects returns the text with exactly these projects: those that are not
// named go, those that are stay where they are, new ones are added at the end
// of the first line. Names that cannot be one are left out.
func (t Title) WithProjects(names []string) string { return t.withNames(Project, '+', names) }

// WithContexts does the same for contexts.
func (t Title) WithContexts(names []string) string { return t.withNames(Context, '@', names) }

func (t Title) withNames(c Class, sign byte, names []string) string {
	have := t.names(c)
	text := t.without(func(s Span) bool { return s.Class == c && !slices.Contains(names, s.Value) })
	for i, n := range names {
		if named(n) && spaceFree(n) && !slices.Contains(have, n) && !slices.Contains(names[:i], n) {
			text = appendWord(text, string(sign)+n)
		}
	}
	return text
}

// without drops spans, each with one white space character beside it: the one
// before it, or behind the priority and the dates the one behind it.
func (t Title) without(drop func(Span) bool) string {
	var b strings.Builder
	skip, lead := 0, t.lead()
	for _, s := range t.Spans {
		if !drop(s) {
			b.WriteString(t.text[max(s.Start, min(skip, s.End)):s.End])
			continue
		}
		kept := b.String()
		switch {
		case len(kept) > lead && spaceBefore(kept, len(kept)):
			_, n := utf8.DecodeLastRuneInString(kept)
			b.Reset()
			b.WriteString(kept[:len(kept)-n])
		case s.End < len(t.text):
			skip = s.End + spaceAt(t.text, s.End)
		}
	}
	return b.String()
}

// lead returns where the text behind the priority and the dates begins.
func (t Title) lead() (end int) {
	for i, s := range t.Spans {
		switch {
		case s.Class == Space && i > 0:
			end = t.Spans[i-1].End + spaceAt(t.text, s.Start)
		case s.Class != Priority && s.Class != Date:
			return end
		}
	}
	return end
}

// appendWord adds a word at the end of the first line.
func appendWord(text, w string) string {
	end := strings.IndexAny(text, "\r\n")
	if end < 0 {
		end = len(text)
	}
	if end > 0 && !spaceBefore(text, end) {
		w = " " + w
	}
	return text[:end] + w + text[end:]
}
