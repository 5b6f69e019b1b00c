package todotxt

import (
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"kindling/store"
)

// Match reports whether it matches. Where pos is not nil, the byte offsets in the
// title of the characters that the words, quotes and names found are appended
// to it, ascending and each once, for highlighting. Without pos, and with a title
// that is not very long, nothing is allocated: 100,000 todos take less than a frame.
func (q Query) Match(it *store.Item, pos *[]int) bool {
	if n := len(q.terms); n == 0 || q.terms[n-1].kind < ofName { // nothing is about the text
		return q.match(it, 0, pos)
	}
	return q.match(it, LettersOf(it.Title), pos)
}

// MatchLetters is Match without positions, where the letters of the title are known:
// most titles are told by them alone.
func (q Query) MatchLetters(it *store.Item, has Letters) bool { return q.match(it, has, nil) }

func (q *Query) match(it *store.Item, has Letters, pos *[]int) bool {
	if has&q.need != q.need {
		return false
	}
	texts := 0
	for texts < len(q.terms) && q.terms[texts].kind < ofName {
		if t := &q.terms[texts]; t.holds(it) == t.not {
			return false
		}
		texts++
	}
	if texts == len(q.terms) {
		return true
	}
	return matchText(q.terms[texts:], it.Title, has, pos)
}

// holds matches a term that is not about the text.
func (t *term) holds(it *store.Item) bool {
	v := 0
	switch t.kind {
	case ofDone:
		if it.Done.Bool() {
			v = 1
		}
	case ofState:
		v = int(it.State)
	case ofPriority:
		p, _ := PriorityOf(it.Title)
		v = int(p)
	case ofDue:
		v = noDue
		if d, ok := DueOf(it.Title); ok {
			v = int(d)
		}
	}
	return t.from <= v && v <= t.to
}

func matchText(terms []term, title string, has Letters, pos *[]int) bool {
	var room [256]byte
	folded := fold(room[:0], title)
	r := read{title, unsafe.String(unsafe.SliceData(folded), len(folded))} // ends with this call, as folded does
	for i := range terms {
		if t := &terms[i]; (has&t.letters == t.letters && t.in(r)) == t.not {
			return false
		}
	}
	if pos != nil {
		positions(terms, r, pos)
	}
	return true
}

// read is a title as words are looked for in it.
type read struct{ title, folded string }

func (t *term) text(r read) string {
	if t.sensitive {
		return r.title
	}
	return r.folded
}

func (t *term) in(r read) bool {
	switch t.kind {
	case ofName:
		return indexName(r.folded, t.pattern.text) >= 0
	case ofExact:
		return strings.Contains(t.text(r), t.pattern.text)
	}
	return t.pattern.in(t.text(r))
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

func positions(terms []term, r read, pos *[]int) {
	begin := len(*pos)
	var room [2][128]int
	from, at := origins(room[0][:0], r.title), room[1][:0]
	for i := range terms {
		t := &terms[i]
		if t.not {
			continue
		}
		at = t.find(at[:0], r)
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
func (t *term) find(at []int, r read) []int {
	i := 0
	switch t.kind {
	case ofWord:
		return t.pattern.find(at, t.text(r))
	case ofName:
		i = indexName(r.folded, t.pattern.text)
	case ofExact:
		i = indexWord(t.text(r), t.pattern.text)
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
