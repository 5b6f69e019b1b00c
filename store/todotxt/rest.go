package todotxt

import (
	"time"

	"kindling/store"
)

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
