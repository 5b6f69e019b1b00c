package todotxt

import (
	"fmt"
	"strings"
	"unicode"

	"kindling/store"
)

// StepName names a step as a toast says it: `complete "Buy milk"` for one todo,
// "complete 3 todos" for more or none.
func StepName(verb string, items []store.Todo) string {
	if len(items) == 1 {
		return verb + ` "` + Headline(items[0].Title, 40) + `"`
	}
	return fmt.Sprintf("%s %d todos", verb, len(items))
}

// Headline returns the first line of a title that is not blank, without control
// characters and cut to n characters, for a sentence about it.
func Headline(title string, n int) string {
	line, _, _ := strings.Cut(strings.TrimLeftFunc(title, unicode.IsSpace), "\n")
	line = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, line))
	if runes := []rune(line); len(runes) > n {
		return strings.TrimSpace(string(runes[:n-1])) + "…"
	}
	return line
}
