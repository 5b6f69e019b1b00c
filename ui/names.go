package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/store/todotxt"
)

// namesGathered brings the projects and contexts of the list.
type namesGathered struct{ names []string }

// gatherNames collects projects and contexts for a screen that completes them, behind the typing.
func (sh *shared) gatherNames(s screen) tea.Cmd {
	snap := sh.rows.snapshot()
	return sh.ask(s, func(context.Context) tea.Msg { return namesGathered{namesOf(snap)} })
}

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

// lastWord is what stands behind the last space of a text.
func lastWord(text string) string { return text[strings.LastIndexAny(text, " \t\n")+1:] }

// lastName is the last word of a text where that begins with + or @, "" otherwise.
func lastName(text string) string {
	if word := lastWord(text); strings.HasPrefix(word, "+") || strings.HasPrefix(word, "@") {
		return word
	}
	return ""
}

// matches are the names that complete the one being typed. A name that is there whole is
// left alone: the key that completes goes on to the next field then.
func (e *edit) matches() []string {
	if !e.naming {
		return nil
	}
	begun := e.begun()
	if slices.Contains(e.names, begun) {
		return nil
	}
	return completions(e.names, begun)
}

// begun is the name before the cursor, with its sign: in a field of names that need not be typed.
func (e *edit) begun() string {
	switch f := e.field(); {
	case f == nil:
		return lastName(e.text.text[:e.text.at])
	case f.sign != "":
		return f.sign + strings.TrimPrefix(lastWord(f.input.head()), f.sign)
	}
	return ""
}

// complete puts the first match in the place of the name that was begun.
func (e *edit) complete(name string) tea.Cmd {
	if f := e.field(); f != nil {
		head := f.input.head()
		f.input.complete(strings.TrimSuffix(head, lastWord(head)) + strings.TrimPrefix(name, f.sign) + " ")
	} else {
		e.text.cut(e.text.at-len(e.begun()), e.text.at)
		e.text.insert(name + " ")
	}
	return e.typed()
}

// nameHint says which names complete the one being typed, and by which key.
func (e *edit) nameHint(w int) string {
	found, st := e.matches(), e.shared.styles
	if len(found) == 0 {
		return ""
	}
	b := brush{left: w, pens: &st.pens}
	b.put(e.shared.keys.key(verbNext)+" ", st.Key)
	b.put(clean(strings.Join(found, "  ")), st.Faint)
	return b.b.String()
}
