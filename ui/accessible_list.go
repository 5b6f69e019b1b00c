package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kindling/store"
	"kindling/store/todotxt"
)

// listPhrases are about what the list says, and in which order.
func listPhrases() []phrase {
	return []phrase{
		{[]string{"more"}, "", "the next of a long list", false, func(l *linear, _ string) { l.sayMore() }},
		{[]string{"select"}, "[N]", "take several todos, all or none; the next action without N is about them", false, (*linear).choose},
		{[]string{"sort"}, "[ORDER]", "order the list by " + oneOfWords(sortings), false, func(l *linear, rest string) { l.set("Sort by", rest) }},
		{[]string{"group"}, "[PART]", "put the list under headings by " + oneOfWords(groupings), false, func(l *linear, rest string) { l.set("Group by", rest) }},
		{[]string{"show"}, "[WHICH]", "keep the list to " + oneOfWords(showings), false, func(l *linear, rest string) { l.set("Show", rest) }},
		{[]string{"saved"}, "[N]", "the saved filters; with a number filter by that one", false, (*linear).saved},
		{[]string{"save filter"}, "[N]", "keep the filter for later, with a number on that one; a kept one is let go", false, (*linear).saveFilter},
		{[]string{"names"}, "", "the projects and contexts in use, the frequent first", false, func(l *linear, _ string) { l.names() }},
	}
}

// oneOfWords are the values that can be said: "open, all or done".
func oneOfWords(values []string) string {
	n := len(values) - 1
	return strings.Join(values[:n], ", ") + " or " + values[n]
}

// rows reads every todo of the account.
func (l *linear) rows() (*rows, error) {
	r := newRows()
	for it, err := range l.todos.All(l.ctx) {
		if err != nil {
			return nil, err
		}
		r.put(it)
	}
	r.complete = true
	return r, nil
}

// spec is what the settings say the list shows, as on the screen.
func (l *linear) spec() spec { return specOf(l.o.Settings, todotxt.DayOf(l.local())) }

// queried reads a query and the todos that it is about, or says what fails.
func (l *linear) queried(text string) (todotxt.Query, *rows, bool) {
	q, err := todotxt.ParseQuery(text, l.local())
	if err != nil {
		l.fail(err)
		return q, nil, false
	}
	r, err := l.rows()
	if err != nil {
		l.fail(err)
	}
	return q, r, err == nil
}

// list says the todos that the filter lets through, in the order of the settings,
// and numbers them.
func (l *linear) list(once string) {
	text := strings.TrimSpace(l.query + " " + once)
	q, r, ok := l.queried(text)
	if !ok {
		return
	}
	found := arrangeRows(l.ctx, r, arrangement{stale: true}, l.spec(), q, text).shown
	l.shown, l.said, l.groups = make([]store.Item, len(found.slots)), 0, found.groups
	for i, slot := range found.slots {
		l.shown[i] = r.at(slot).Item
	}
	if len(l.shown) == 0 {
		l.say(l.nothing(r, text))
		return
	}
	l.sayMore()
}

// nothing says why the list is empty, and what helps.
func (l *linear) nothing(r *rows, text string) string {
	switch show := l.spec().show; {
	case text != "":
		return "No todo matches " + text + "."
	case r.len() > 0 && show == showOpen:
		return "Everything is done. Say show all to hear the completed ones."
	case r.len() > 0:
		return "Nothing is completed yet. Say show all to hear the open ones."
	}
	return "No todos. Say: add, and a text."
}

// sayMore says the next of the list, with the headings that they stand under.
func (l *linear) sayMore() {
	if l.said >= len(l.shown) {
		l.say("That is all of the list.")
		return
	}
	for end := min(len(l.shown), l.said+mostSpoken); l.said < end; l.said++ {
		if i := slices.IndexFunc(l.groups, func(g group) bool { return g.start == l.said }); i >= 0 {
			l.say("%s:", l.groups[i].label)
		}
		l.say("%d. %s", l.said+1, l.spoken(l.shown[l.said]))
	}
	if n := len(l.shown) - l.said; n > 0 {
		l.say("And %d more. Say more, or list and a filter to find them.", n)
	}
}

// choose takes todos, for the next action.
func (l *linear) choose(which string) {
	switch all := l.meant(which); {
	case strings.EqualFold(which, "none"):
		l.chosen = nil
		l.say("Nothing is selected.")
	case len(all) > 0:
		l.chosen = all
		l.say("Selected %s. Say done, delete, copy, or select none.", count(len(all), "todo", "todos"))
	default:
		l.picked(which)
	}
}

// saved says the saved filters, or takes one into use.
func (l *linear) saved(which string) {
	kept := l.o.Settings.Filters
	if n := numbers(which, len(kept)); len(n) == 1 && kept[n[0]-1] != "" {
		l.filter(kept[n[0]-1])
		return
	}
	none := true
	for i, text := range kept {
		if text != "" {
			l.say("%d. %s", i+1, text)
			none = false
		}
	}
	if none {
		l.say("No filter is saved. Say filter and one, then save filter.")
	}
}

// saveFilter keeps the filter on a number, without one on the first that is free; where
// it is kept already, it is let go.
func (l *linear) saveFilter(which string) {
	s := l.o.Settings
	n, kept := s.keyOf(""), s.keyOf(l.query)
	if which != "" {
		n, kept = 0, 0
		if at := numbers(which, mostSaved); len(at) == 1 {
			n = at[0]
		}
	}
	switch {
	case l.query == "":
		l.say("Filter first. Say filter, and one such as +home.")
	case kept > 0:
		if l.keep(s.withSaved(kept, "")) {
			l.say("Filter %d is free again.", kept)
		}
	case which != "" && n == 0:
		l.say("Say save filter, or save filter and a number from 1 to %d.", mostSaved)
	case n == 0:
		l.say("All nine are taken. Say save filter and the number of one to replace it.")
	case l.keep(s.withSaved(n, l.query)):
		l.say("Kept. Say saved %d to filter by it.", n)
	}
}

func (l *linear) names() {
	r, err := l.rows()
	if err != nil {
		l.fail(err)
		return
	}
	all := namesOf(r)
	if len(all) == 0 {
		l.say("No todo has a project such as +home or a context such as @phone.")
		return
	}
	l.say("%s.", strings.Join(all[:min(len(all), mostSpoken)], ", "))
}

// clearCompleted deletes what is completed, as far as the filter lets it through.
func (l *linear) clearCompleted() {
	q, r, ok := l.queried(l.query)
	if !ok {
		return
	}
	l.save(clearing(r, func(it *store.Item) bool { return l.query == "" || q.Match(it, nil) }))
}

// keep takes settings into use and writes them.
func (l *linear) keep(s Settings) bool {
	l.o.Settings = s
	if err := l.o.Backend.SaveSettings(l.ctx, s); err != nil && !errors.Is(err, context.Canceled) {
		l.fail(err)
		return false
	}
	return true
}
