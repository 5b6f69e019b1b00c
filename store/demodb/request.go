package demodb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// request is what a query string and the headers ask for.
type request struct {
	where   predicate
	only    []string // ids that where can hold for, nil: any
	from    string   // the least id that where can hold for
	order   []sorting
	limit   int // -1: none
	offset  int
	chosen  []int    // columns of the answer
	payload []string // ?columns=: the keys of the body that count, nil: all
	prefer  map[string]string
	single  bool // an object is wanted, not an array
}

type sorting struct {
	column     int
	descending bool
	nullsFirst bool
}

func parseRequest(r *http.Request) (*request, *fault) {
	q := &request{limit: -1, prefer: preferences(r.Header), chosen: []int{0, 1, 2, 3, 4}}
	q.single = strings.Contains(r.Header.Get("Accept"), "vnd.pgrst.object+json")
	var ps []predicate
	values := r.URL.Query()
	for _, key := range slices.Sorted(mapKeys(values)) {
		p, f := q.parameter(key, values[key])
		if f != nil {
			return nil, f
		}
		ps = append(ps, p...)
	}
	q.where = all(ps)
	if f := q.window(r.Header); f != nil {
		return nil, f
	}
	if q.limit >= 0 && len(q.order) == 0 && !reads(r) && r.Method != http.MethodPost {
		f := postgrest(http.StatusBadRequest, "PGRST109", "A 'limit' was applied without an explicit 'order'", "")
		f.hint = "Apply an 'order' using unique column(s)"
		return nil, f
	}
	return q, nil
}

func mapKeys(v url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range v {
			if !yield(k) {
				return
			}
		}
	}
}

// preferences reads Prefer: "return=representation, count=exact".
func preferences(h http.Header) map[string]string {
	prefer := map[string]string{}
	for _, line := range h.Values("Prefer") {
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			if _, again := prefer[name]; !again {
				prefer[name] = value
			}
		}
	}
	return prefer
}

// parameter takes one key of the query string with all its values.
func (q *request) parameter(key string, values []string) ([]predicate, *fault) {
	last := values[len(values)-1]
	switch key {
	case "select":
		return nil, q.choose(last)
	case "order":
		return nil, q.sort(last)
	case "limit", "offset", "on_conflict", "schema":
		return nil, q.number(key, last)
	case "columns":
		for name := range strings.SplitSeq(last, ",") {
			q.payload = append(q.payload, strings.Trim(name, `"`))
		}
		return nil, nil
	case "and", "or", "not.and", "not.or":
		return q.logic(key, values)
	}
	return q.filters(key, values)
}

func (q *request) filters(name string, values []string) ([]predicate, *fault) {
	var ps []predicate
	for _, text := range values {
		p, f := columnFilter(name, text)
		if f != nil {
			return nil, f
		}
		ps = append(ps, p)
		if name == columns[id].name {
			q.narrow(text)
		}
	}
	return ps, nil
}

func (q *request) logic(key string, values []string) ([]predicate, *fault) {
	if len(values) > 1 { // Express makes key[] of it, which PostgREST cannot read
		return nil, unparsed("filter", key+"[]")
	}
	op, negated := strings.CutPrefix(key, "not.")
	p, f := logicFilter(op, values[0])
	if f == nil && negated {
		p = not(p)
	}
	return []predicate{p}, f
}

// narrow remembers which ids can match, so that a page or a look costs no scan.
func (q *request) narrow(filter string) {
	if text, ok := strings.CutPrefix(filter, "eq."); ok {
		q.only = appendIDs(q.only, []string{text})
	} else if text, ok := strings.CutPrefix(filter, "in.("); ok {
		q.only = appendIDs(q.only, listItems(strings.TrimSuffix(text, ")")))
	} else if text, ok := strings.CutPrefix(filter, "gte."); ok {
		v, _ := parseUUID(text)
		q.from = max(q.from, v.text)
	}
}

func appendIDs(ids, texts []string) []string {
	for _, text := range texts {
		if v, ok := parseUUID(text); ok && !slices.Contains(ids, v.text) {
			ids = append(ids, v.text)
		}
	}
	if ids == nil {
		ids = []string{string(uuid.Nil[:0])} // in.() holds for no row
	}
	return ids
}

func (q *request) number(key, text string) *fault {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil: // PostgREST ignores what is no number
	case key == "limit" && n < 0:
		return postgrest(http.StatusRequestedRangeNotSatisfiable, "PGRST103", "Requested range not satisfiable", "Limit should be greater than or equal to zero.")
	case key == "limit":
		q.limit = n
	case key == "offset":
		q.offset = max(n, 0)
	}
	return nil
}

// window takes Range: 0-9, which says the same as limit and offset, on a read.
func (q *request) window(h http.Header) *fault {
	first, last, ok := strings.Cut(h.Get("Range"), "-")
	from, err := strconv.Atoi(first)
	if !ok || err != nil {
		return nil
	}
	q.offset = from
	if to, err := strconv.Atoi(last); err == nil {
		if to < from {
			return postgrest(http.StatusRequestedRangeNotSatisfiable, "PGRST103", "Requested range not satisfiable", "The lower boundary must be lower than or equal to the upper boundary in the Range header.")
		}
		q.limit = to - from + 1
	}
	return nil
}

func (q *request) choose(text string) *fault {
	if text == "*" || text == "" {
		return nil
	}
	q.chosen = nil
	for _, name := range topLevel(text) {
		name = strings.TrimSpace(name)
		if relation, _, embeds := strings.Cut(name, "("); embeds {
			return notEmbedded(relation)
		}
		if name == "*" {
			q.chosen = append(q.chosen, 0, 1, 2, 3, 4)
			continue
		}
		c, ok := columnOf(strings.Trim(name, `"`))
		if !ok {
			return postgres("42703", "column todos."+name+" does not exist")
		}
		q.chosen = append(q.chosen, c)
	}
	return nil
}

func notEmbedded(relation string) *fault {
	if relation == "count" {
		return postgrest(http.StatusBadRequest, "PGRST123", "Use of aggregate functions is not allowed", "")
	}
	return &fault{status: http.StatusBadRequest, code: "PGRST200",
		message: "Could not find a relationship between 'todos' and '" + relation + "' in the schema cache",
		details: "Searched for a foreign key relationship between 'todos' and '" + relation + "' in the schema 'public', but no matches were found."}
}

// sort reads "created_at.desc.nullslast,id". NULLs come last upwards and first downwards.
func (q *request) sort(text string) *fault {
	for term := range strings.SplitSeq(text, ",") {
		name, how, _ := strings.Cut(term, ".")
		c, ok := columnOf(name)
		if !ok {
			return postgres("42703", "column todos."+name+" does not exist")
		}
		by, ok := map[string]sorting{
			"": {}, "asc": {}, "asc.nullslast": {}, "nullslast": {}, "asc.nullsfirst": {nullsFirst: true}, "nullsfirst": {nullsFirst: true},
			"desc": {descending: true, nullsFirst: true}, "desc.nullsfirst": {descending: true, nullsFirst: true}, "desc.nullslast": {descending: true},
		}[how]
		if !ok {
			return unparsed("order", text)
		}
		by.column = c
		q.order = append(q.order, by)
	}
	return nil
}
