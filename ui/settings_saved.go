package ui

import (
	"cmp"
	"fmt"
	"strconv"
)

// mostSaved is how many filters number keys can keep.
const mostSaved = 9

// saved is the filter on a number key from 1, "" for none.
func (s *Settings) saved(n int) string {
	if n > len(s.Filters) {
		return ""
	}
	return s.Filters[n-1]
}

// withSaved keeps a filter on a number key from 1, or with "" none.
func (s Settings) withSaved(n int, text string) Settings {
	all := make([]string, max(n, len(s.Filters)))
	copy(all, s.Filters)
	all[n-1] = text
	for len(all) > 0 && all[len(all)-1] == "" {
		all = all[:len(all)-1]
	}
	s.Filters = all
	return s
}

// keyOf is the number key that keeps a filter, or for "" the first that keeps none; 0 for no such key.
func (s *Settings) keyOf(text string) int {
	for n := 1; n <= mostSaved; n++ {
		if s.saved(n) == text {
			return n
		}
	}
	return 0
}

// savedFilter takes the filter on a number key into use, or lifts it when it is in use.
func (l *list) savedFilter(n int) action {
	switch saved := l.shared.settings.saved(n); saved {
	case "":
		return say{toneInfo, fmt.Sprintf("no filter is saved on %d · filter, then %s", n, l.shared.keys.key(verbSaveFilter))}
	case l.text:
		return setFilter{""}
	default:
		return setFilter{saved}
	}
}

// saveFilter asks on which number key to keep the filter, beginning at the one that
// has it, else at the first that has none.
func (l *list) saveFilter() action {
	if l.text == "" {
		return say{toneInfo, "filter first · " + l.shared.keys.key(verbFilter)}
	}
	s := &l.shared.settings
	ask := newChoice(l.shared, "Keep "+inQuotes(l.text)+" on which number key?")
	for n := 1; n <= mostSaved; n++ {
		ask.options = append(ask.options, l.saving(n))
	}
	ask.does = "choose it"
	ask.at = max(1, cmp.Or(s.keyOf(l.text), s.keyOf(""))) - 1
	return openScreen{ask}
}

// saving is the answer that keeps the filter on a number key, or lets it go there.
func (l *list) saving(n int) option {
	s, key := l.shared.settings, strconv.Itoa(n)
	switch has := s.saved(n); has {
	case l.text:
		return option{key, "kept here: let it go", all{changeSettings{s.withSaved(n, "")}, say{toneInfo, key + " is free again"}}}
	case "":
		return option{key, "free", keepOn(s, n, l.text)}
	default:
		return option{key, "instead of " + has, keepOn(s, n, l.text)}
	}
}

// keepOn keeps a filter on one number key, and on no other.
func keepOn(s Settings, n int, text string) action {
	if was := s.keyOf(text); was > 0 {
		s = s.withSaved(was, "")
	}
	return all{changeSettings{s.withSaved(n, text)}, say{toneGood, fmt.Sprintf("kept: %d filters by %s", n, inQuotes(text))}}
}
