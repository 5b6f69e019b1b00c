// Package todotxt reads titles as todo.txt without ever changing what it was not
// asked to change: a title is cut into byte spans, and an edit replaces its own
// span only.
package todotxt

import (
	"time"

	"kindling/store"
)

// Class is what a span of a title is.
type Class uint8

// The classes of spans. Everything that is not one of the others is Text.
const (
	Text Class = iota
	Space
	Priority // "(A)" in first place, followed by a space
	Project  // +name
	Context  // @name
	Tag      // one of the closed set of keys, with a valid value: due, t, rec, pri, h, note
	URL
	Date // leading creation date
)

// Span is a part of a title: title[Start:End].
type Span struct {
	Class      Class
	Start, End int
	Key, Value string // of a Tag; Value of a Project or Context without its sign
}

// Title is a read title; Print gives back exactly what Parse got.
type Title struct {
	Spans []Span
	text  string
}

// Parse reads any text; it never fails.
func Parse(text string) Title { panic("todo") }

// String returns the text, byte for byte.
func (t Title) String() string { return t.text }

// Accessors; ok is false where the title has none. Due and Threshold are
// dates in the reader's own zone, at midnight of loc.
func (t Title) Priority() (byte, bool)                         { panic("todo") }
func (t Title) Due(loc *time.Location) (time.Time, bool)       { panic("todo") }
func (t Title) Threshold(loc *time.Location) (time.Time, bool) { panic("todo") }
func (t Title) Recurrence() (Recurrence, bool)                 { panic("todo") }
func (t Title) Projects() []string                             { panic("todo") }
func (t Title) Contexts() []string                             { panic("todo") }

// Edits return the new text; each touches its own span only, or adds one at the
// end (priority: at the start). A zero value removes.
func (t Title) WithPriority(p byte) string         { panic("todo") }
func (t Title) WithTag(key, value string) string   { panic("todo") }
func (t Title) WithProjects(names []string) string { panic("todo") }
func (t Title) WithContexts(names []string) string { panic("todo") }

// Recurrence is rec:[+]N{d,b,w,m,y}; Strict counts from the old due date.
type Recurrence struct {
	Strict bool
	N      int
	Unit   byte
}

// Next returns the op that adds the next occurrence of a completed rec: todo,
// under an id derived from the parent's id and the parent's due date (UUIDv5), so that two
// devices make one; false when the title does not recur.
func Next(parent store.Todo, today time.Time) (store.Op, bool) { panic("todo") }

// ReadDate reads a natural date ("tomorrow", "fri", "in 3 days", "next month",
// "2026-12-24", "24 dec") as seen from now.
func ReadDate(words string, now time.Time) (time.Time, bool) { panic("todo") }

// Reading is a title with its natural dates made into due:, and where they stood.
type Reading struct {
	Text  string // as it would be saved
	Words string // the words that were read, "" when none
	Date  time.Time
}

// ReadDates reads bare trailing or leading date words and due:WORD values. bare
// allows bare words (the TUI); otherwise only values are read (the command line).
func ReadDates(text string, now time.Time, bare bool) Reading { panic("todo") }

// Query is a filter over items: fuzzy smart-case words, "quoted parts",
// is:open|done|waiting|conflict|parked, due:<fri, due:today, +project, @context,
// pri:A; terms are joined by and; -term negates.
type Query struct{}

// ParseQuery reads a query; a malformed term is an error that names it.
func ParseQuery(text string, now time.Time) (Query, error) { panic("todo") }

// Match reports whether it matches; positions (byte offsets in the title) are
// appended to pos when it is not nil, for highlighting.
func (q Query) Match(it *store.Item, pos *[]int) bool { panic("todo") }

// Narrows reports whether every match of q is a match of old, so that old's
// result can be filtered further.
func (q Query) Narrows(old Query) bool { panic("todo") }
