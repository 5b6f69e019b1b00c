// Package todotxt reads titles as todo.txt without ever changing what it was not
// asked to change: a title is cut into byte spans, and an edit replaces its own
// span only.
//
// The rules are those of todo.txt, narrowed so that ordinary text stays text:
//
//   - "(A) " is a priority at the very start only; one or two dates behind it, or
//     at the start, are dates (creation, or completion and creation).
//   - +name and @name stand at the start of a word and hold a letter or a digit;
//     2+2 and a@b.c are text.
//   - key:value is a tag only for the keys due, t, rec, pri, h and note, and only
//     with a valid value: due:someday, 11:00 and link:x are text.
//   - http, https, ftp and mailto addresses that name a host are URLs, without
//     the punctuation around them.
//   - Where a key stands more than once, the first one counts.
//   - Spaces are what Unicode calls white space. Any bytes may stand in a title.
package todotxt

import (
	"slices"
	"strings"
	"time"
)

// Class is what a span of a title is.
type Class uint8

// The classes of spans. Everything that is not one of the others is Text; the
// spaces between two words of text belong to it.
const (
	Text Class = iota
	Space
	Priority // "(A)" in first place, followed by a space
	Project  // +name
	Context  // @name
	Tag      // one of the closed set of keys, with a valid value: due, t, rec, pri, h, note
	URL
	Date // a leading date: of creation, or of completion and creation
)

// Span is a part of a title: title[Start:End].
type Span struct {
	Class      Class
	Start, End int
	Key, Value string // of a Tag; Value of a Project or Context without its sign
}

// Title is a read title. Its spans follow each other without a gap, from the
// first byte to the last.
type Title struct {
	Spans []Span
	text  string
}

// String returns the text, byte for byte.
func (t Title) String() string { return t.text }

// Priority returns the letter of the leading (A), or else of pri:A.
func (t Title) Priority() (byte, bool) {
	if len(t.Spans) > 0 && t.Spans[0].Class == Priority {
		return t.text[1], true
	}
	if v, ok := t.Tag("pri"); ok {
		return v[0], true
	}
	return 0, false
}

// Tag returns the value of the first tag of that key.
func (t Title) Tag(key string) (value string, ok bool) {
	i := t.find(key)
	if i < 0 {
		return "", false
	}
	return t.Spans[i].Value, true
}

func (t Title) find(key string) int {
	return slices.IndexFunc(t.Spans, func(s Span) bool { return s.Class == Tag && s.Key == key })
}

// DueDay and ThresholdDay return the dates of due: and t:, from which on the todo is to
// be shown.
func (t Title) DueDay() (Day, bool)       { return t.day("due") }
func (t Title) ThresholdDay() (Day, bool) { return t.day("t") }

func (t Title) day(key string) (Day, bool) {
	v, ok := t.Tag(key)
	if !ok {
		return 0, false
	}
	return ParseDay(v)
}

// Due returns the date of due: as a date of the reader's own zone, at the
// beginning of that day in loc.
func (t Title) Due(loc *time.Location) (time.Time, bool) {
	d, ok := t.DueDay()
	if !ok {
		return time.Time{}, false
	}
	return d.In(loc), true
}

// Dates returns the leading dates, none to two.
func (t Title) Dates() []Day {
	var days []Day
	for _, s := range t.Spans {
		if s.Class == Date {
			d, _ := ParseDay(t.text[s.Start:s.End])
			days = append(days, d)
		}
	}
	return days
}

// Recurrence returns the rule of rec:.
func (t Title) Recurrence() (Recurrence, bool) {
	v, ok := t.Tag("rec")
	if !ok {
		return Recurrence{}, false
	}
	return parseRecurrence(v)
}

// Projects returns the names after +, each once, in their order.
func (t Title) Projects() []string { return t.names(Project) }

// Contexts returns the names after @, each once, in their order.
func (t Title) Contexts() []string { return t.names(Context) }

func (t Title) names(c Class) []string {
	var names []string
	for _, s := range t.Spans {
		if s.Class == c && !slices.Contains(names, s.Value) {
			names = append(names, s.Value)
		}
	}
	return names
}

// DueOf returns what Parse(text).DueDay() does, many times faster: for sorting
// and grouping a whole list.
func DueOf(text string) (Day, bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], "due:")
		if i < 0 {
			return 0, false
		}
		i += from
		from = i + 4
		if d, ok := dayAt(text, from); ok && (i == 0 || spaceBefore(text, i)) {
			return d, true
		}
	}
}

// dayAt reads a date that is a word's end.
func dayAt(text string, i int) (Day, bool) {
	if len(text) < i+10 || len(text) > i+10 && spaceAt(text, i+10) == 0 {
		return 0, false
	}
	return ParseDay(text[i : i+10])
}

// PriorityOf returns what Parse(text).Priority() does, many times faster.
func PriorityOf(text string) (byte, bool) {
	if priorityAt(text) {
		return text[1], true
	}
	for from := 0; ; {
		i := strings.Index(text[from:], "pri:")
		if i < 0 {
			return 0, false
		}
		i += from
		from = i + 4
		if i > 0 && !spaceBefore(text, i) {
			continue
		}
		if v, _ := word(text[from:]); validTag("pri", v) {
			return v[0], true
		}
	}
}
