package todotxt

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"kindling/store"
)

// Query is a filter over items, made of terms that all have to match:
//
//	milk           the letters of the word in order, anywhere in the title; a letter that is
//	               not in the word of the one before begins a word: mlk and bumi find buy milk
//	"buy milk"     exactly this, anywhere in the title
//	+proj @cont    a project or context that begins so; + and @ alone: any
//	is:open        or done, waiting, conflict, parked, synced
//	due:fri        any date that ReadDate reads, with <, <=, >, >= or = before it; today, late, none, any
//	pri:A          or a range A-C, none, any
//	-term          what the term does not match
//
// Case and accents do not matter, unless a word holds a capital letter; for
// projects, contexts and the words after a colon they never do. A quote that is
// not closed goes on to the end. The zero Query matches everything. A Query may
// be used by several goroutines at once.
type Query struct {
	terms []term
	need  Letters // of every word that has to be in the title
}

type kind uint8

// The kinds of terms, the cheapest to match first.
const (
	ofDone kind = iota
	ofState
	ofPriority
	ofDue
	ofName  // + or @
	ofExact // "quoted"
	ofWord
)

type term struct {
	kind kind
	not  bool

	from, to int // ofPriority, ofDue, ofState, ofDone: the values that match

	pattern   pattern // of the others: folded, or as typed when sensitive
	letters   Letters // that a title must hold for it
	sensitive bool
}

// What a title without the thing counts as; never inside a range of real ones.
const (
	noDue      = math.MinInt32
	noPriority = 0
)

// ParseQuery reads a query; a malformed term is an error that names it and says
// what is allowed. now says what today is.
func ParseQuery(text string, now time.Time) (Query, error) {
	var q Query
	today := DayOf(now)
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		t, n, err := parseTerm(rest, today)
		if err != nil {
			return Query{}, err
		}
		if t.kind < ofName || t.pattern.text != "" {
			q.terms = append(q.terms, t)
		}
		rest = rest[n:]
	}
	slices.SortStableFunc(q.terms, func(a, b term) int { return int(a.kind) - int(b.kind) })
	for i := range q.terms {
		t := &q.terms[i]
		t.letters = needs(t.pattern.text)
		if !t.not {
			q.need |= t.letters
		}
	}
	return q, nil
}

// parseTerm reads the first term of text and returns its length.
func parseTerm(text string, today Day) (t term, n int, err error) {
	body, not := strings.CutPrefix(text, "-")
	t, n, err = parseBare(body, today)
	if err != nil {
		return term{}, 0, err
	}
	t.not = not
	return t, n + len(text) - len(body), nil
}

func parseBare(text string, today Day) (term, int, error) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		part, _, _ := strings.Cut(quoted, `"`)
		return textTerm(ofExact, part), min(len(part)+2, len(text)), nil
	}
	w, n := word(text)
	if w == "" {
		return textTerm(ofWord, ""), 0, nil
	}
	if w[0] == '+' || w[0] == '@' {
		return term{kind: ofName, pattern: pattern{text: string(fold(nil, w))}}, n, nil
	}
	key, value, ok := strings.Cut(w, ":")
	if ok {
		switch key {
		case "is":
			t, err := parseIs(value)
			return t, n, err
		case "pri":
			t, err := parsePriority(value)
			return t, n, err
		case "due":
			return parseDue(text, today)
		}
	}
	return textTerm(ofWord, w), n, nil
}

func textTerm(k kind, text string) term {
	t := term{kind: k, sensitive: strings.ContainsFunc(text, unicode.IsUpper)}
	if !t.sensitive {
		text = string(fold(nil, text))
	}
	if k == ofWord && text != "" {
		t.pattern = newPattern(text)
	} else {
		t.pattern.text = text
	}
	return t
}

func parseIs(value string) (term, error) {
	switch v := strings.ToLower(value); v {
	case "open":
		return term{kind: ofDone}, nil
	case "done":
		return term{kind: ofDone, from: 1, to: 1}, nil
	default:
		for s := store.Synced; s <= store.Parked; s++ {
			if v == s.String() {
				return term{kind: ofState, from: int(s), to: int(s)}, nil
			}
		}
	}
	return term{}, fmt.Errorf("is:%s is nothing a todo can be: use is:open, is:done, is:waiting, is:conflict or is:parked", value)
}

func parsePriority(value string) (term, error) {
	switch v := strings.ToUpper(value); {
	case v == "NONE":
		return term{kind: ofPriority, from: noPriority, to: noPriority}, nil
	case v == "ANY":
		return term{kind: ofPriority, from: 'A', to: 'Z'}, nil
	case len(v) == 1 && isLetter(v[0]):
		return term{kind: ofPriority, from: int(v[0]), to: int(v[0])}, nil
	case len(v) == 3 && isLetter(v[0]) && v[1] == '-' && isLetter(v[2]) && v[0] <= v[2]:
		return term{kind: ofPriority, from: int(v[0]), to: int(v[2])}, nil
	}
	return term{}, fmt.Errorf("pri:%s is no priority: use pri:A, pri:A-C, pri:none or pri:any", value)
}

func isLetter(c byte) bool { return 'A' <= c && c <= 'Z' }

// parseDue reads due: and as many words behind it as make a date; the date may be quoted.
func parseDue(text string, today Day) (term, int, error) {
	start := len("due:")
	op := text[start:]
	op = op[:len(op)-len(strings.TrimLeft(op, "<>="))]
	start += len(op)
	w, end := word(text[start:])
	end += start
	switch v := strings.ToLower(w); {
	case op != "":
	case v == "none":
		return term{kind: ofDue, from: noDue, to: noDue}, end, nil
	case v == "any":
		return term{kind: ofDue, from: int(firstDay), to: int(lastDay)}, end, nil
	case v == "late":
		return term{kind: ofDue, from: int(firstDay), to: int(today) - 1}, end, nil
	}
	if w != "" {
		if e, d, ok := readValue(text, pieces(text, 0, len(text), longest), start, today); ok {
			if t, ok := dueRange(op, int(d)); ok {
				return t, e, nil
			}
		}
	}
	return term{}, 0, fmt.Errorf("%s is no date to look for: use due:today, due:<fri, due:>=2026-12-24, due:late, due:none or due:any", text[:end])
}

func dueRange(op string, d int) (term, bool) {
	t := term{kind: ofDue, from: int(firstDay), to: int(lastDay)}
	switch op {
	case "", "=":
		t.from, t.to = d, d
	case "<":
		t.to = d - 1
	case "<=":
		t.to = d
	case ">":
		t.from = d + 1
	case ">=":
		t.from = d
	default:
		return term{}, false
	}
	return t, true
}

// PicksDone reports whether q itself says is:open or is:done, so that a choice
// made elsewhere of what to show does not apply.
func (q Query) PicksDone() bool {
	return slices.ContainsFunc(q.terms, func(t term) bool { return t.kind == ofDone })
}

// Narrows reports whether every match of q is a match of old, so that old's
// result can be filtered further. It may say false where that is so.
func (q Query) Narrows(old Query) bool {
	for i := range old.terms {
		if !slices.ContainsFunc(q.terms, func(t term) bool { return t.implies(&old.terms[i]) }) {
			return false
		}
	}
	return true
}

// implies reports whether whatever t matches is matched by old.
func (t *term) implies(old *term) bool {
	if t.kind != old.kind || t.not != old.not || t.sensitive != old.sensitive {
		return false
	}
	if t.not {
		t, old = old, t // what is kept out grows where the positive term loosens
	}
	switch t.kind {
	case ofName:
		return strings.HasPrefix(t.pattern.text, old.pattern.text)
	case ofExact, ofWord:
		return strings.Contains(t.pattern.text, old.pattern.text)
	}
	return old.from <= t.from && t.to <= old.to
}
