package ui

import (
	"cmp"
	"slices"
	"strings"

	"kindling/store/todotxt"
)

// namesOf are all projects and contexts with their signs, the frequent first.
func namesOf(r *rows) []string {
	uses := map[string]int{}
	for w := range r.all() {
		if !strings.ContainsAny(w.Title, "+@") {
			continue
		}
		for _, s := range todotxt.Parse(w.Title).Spans {
			if s.Class == todotxt.Project || s.Class == todotxt.Context {
				uses[strings.Clone(w.Title[s.Start:s.End])]++
			}
		}
	}
	names := make([]string, 0, len(uses))
	for name := range uses {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(uses[b], uses[a]), cmp.Compare(a, b)) })
	return names
}

// completions are the names that go on as word begins, without regard to case.
func completions(names []string, word string) []string {
	var found []string
	for _, n := range names {
		if word != "" && n != word && len(n) >= len(word) && strings.EqualFold(n[:len(word)], word) {
			found = append(found, n)
		}
		if len(found) == 8 {
			break
		}
	}
	return found
}
