package todotxt

import (
	"time"

	"kindling/store"
)

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
