package todotxt

import (
	"slices"
	"strings"
	"unicode/utf8"

	"kindling/store"
)

// row is what a query looks at, made once for each item.
type row struct {
	folded  string
	title   string
	letters letters
	due     int32
	pri     byte
	state   store.State
	done    uint8
}

func (r *row) read(it *store.Item, folded string, l letters) {
	*r = row{folded: folded, title: it.Title, letters: l, due: noDue, state: it.State}
	if d, ok := DueOf(it.Title); ok {
		r.due = int32(d)
	}
	r.pri, _ = PriorityOf(it.Title)
	if it.Done.Bool() {
		r.done = 1
	}
}

// Match reports whether it matches. Where pos is not nil, the byte offsets in the
// title of the characters that the words, quotes and names found are appended
// to it, ascending and each once, for highlighting. For many items, see Index.
func (q Query) Match(it *store.Item, pos *[]int) bool {
	var r row
	folded := fold(nil, it.Title)
	r.read(it, string(folded), lettersOf(folded))
	if !q.matches(&r) {
		return false
	}
	if pos != nil {
		q.positions(&r, pos)
	}
	return true
}

func (q *Query) matches(r *row) bool {
	if r.letters&q.need != q.need {
		return false
	}
	for i := range q.terms {
		if t := &q.terms[i]; t.matches(r) == t.not {
			return false
		}
	}
	return true
}

func (t *term) matches(r *row) bool {
	if r.letters&t.letters != t.letters {
		return false
	}
	switch t.kind {
	case ofDone:
		return t.has(int(r.done))
	case ofState:
		return t.has(int(r.state))
	case ofPriority:
		return t.has(int(r.pri))
	case ofDue:
		return t.has(int(r.due))
	case ofName:
		return indexName(r.folded, t.pattern.text) >= 0
	case ofExact:
		return strings.Contains(t.in(r), t.pattern.text)
	}
	return t.pattern.in(t.in(r))
}

func (t *term) has(v int) bool { return t.from <= v && v <= t.to }

// in returns the text of r that t looks in.
func (t *term) in(r *row) string {
	if t.sensitive {
		return r.title
	}
	return r.folded
}

// indexName returns where a project or context that begins so stands, sign included; -1 for nowhere.
func indexName(folded, begin string) int {
	for from := 0; ; {
		i := strings.Index(folded[from:], begin)
		if i < 0 {
			return -1
		}
		i += from
		from = i + len(begin)
		if i > 0 && !spaceBefore(folded, i) {
			continue
		}
		if w, _ := word(folded[i:]); named(w[1:]) {
			return i
		}
	}
}

func (q *Query) positions(r *row, pos *[]int) {
	begin := len(*pos)
	var at []int
	var from []int // of the folded text, made when first needed
	for i := range q.terms {
		t := &q.terms[i]
		if t.not || t.kind < ofName {
			continue
		}
		at = t.find(at[:0], r)
		if !t.sensitive && from == nil {
			from = origins(r.title)
		}
		for _, b := range at {
			if t.sensitive {
				*pos = append(*pos, runeStart(r.title, b))
			} else {
				*pos = append(*pos, from[b])
			}
		}
	}
	slices.Sort((*pos)[begin:])
	*pos = append((*pos)[:begin], slices.Compact((*pos)[begin:])...)
}

// find appends where t's bytes stand in the text it looks in.
func (t *term) find(at []int, r *row) []int {
	if t.kind == ofWord {
		return t.pattern.find(at, t.in(r))
	}
	i := indexName(r.folded, t.pattern.text)
	if t.kind == ofExact {
		i = indexWord(t.in(r), t.pattern.text)
	}
	for j := range len(t.pattern.text) {
		at = append(at, i+j)
	}
	return at
}

func runeStart(s string, i int) int {
	for i > 0 && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
