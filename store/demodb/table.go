package demodb

import (
	"maps"
	"slices"
	"strings"
)

// table holds the rows by id, and in the order of id.
type table struct {
	byID   map[string]*row
	sorted []*row
}

func newTable() *table { return &table{byID: map[string]*row{}} }

func byID(a, b *row) int { return strings.Compare(a[id].text, b[id].text) }

// put adds rows, or replaces those under their ids. Rows are never changed in
// place: an answer under way keeps what it saw.
func (t *table) put(rows []*row) {
	if len(rows) > 100 { // one by one, each would move half of the others
		for _, r := range rows {
			t.byID[r[id].text] = r
		}
		t.sort()
		return
	}
	for _, r := range rows {
		i, found := slices.BinarySearchFunc(t.sorted, r, byID)
		if found {
			t.sorted[i] = r
		} else {
			t.sorted = slices.Insert(t.sorted, i, r)
		}
		t.byID[r[id].text] = r
	}
}

func (t *table) drop(rows []*row) {
	for _, r := range rows {
		delete(t.byID, r[id].text)
	}
	if len(rows) == 1 {
		i, _ := slices.BinarySearchFunc(t.sorted, rows[0], byID)
		t.sorted = slices.Delete(t.sorted, i, i+1)
		return
	}
	t.sorted = slices.DeleteFunc(t.sorted, func(r *row) bool { return t.byID[r[id].text] == nil })
}

// sort brings sorted up to byID.
func (t *table) sort() {
	t.sorted = slices.SortedFunc(maps.Values(t.byID), byID)
}

// find returns the rows that who may see and q asks for, in q's order. Without
// a count it stops at the limit where the order is that of id.
func (t *table) find(q *request, who Caller, counted bool) []*row {
	enough := -1
	if len(q.order) == 1 && q.order[0] == (sorting{column: id}) && q.limit >= 0 && !counted {
		enough = q.offset + q.limit
	}
	var found []*row
	for _, r := range t.candidates(q) {
		if len(found) == enough {
			break
		}
		if who.owns(r) && q.where(r) == yes {
			found = append(found, r)
		}
	}
	if enough < 0 && len(q.order) > 0 {
		slices.SortStableFunc(found, q.compare)
	}
	return found
}

func (t *table) candidates(q *request) []*row {
	if q.only == nil {
		from, _ := slices.BinarySearchFunc(t.sorted, q.from, func(r *row, least string) int { return strings.Compare(r[id].text, least) })
		return t.sorted[from:]
	}
	var rows []*row
	for _, key := range q.only {
		if r := t.byID[key]; r != nil {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, byID)
	return rows
}

func (q *request) compare(a, b *row) int {
	for _, by := range q.order {
		if n := by.compare(a[by.column], b[by.column]); n != 0 {
			return n
		}
	}
	return 0
}

func (s sorting) compare(a, b value) int {
	switch {
	case a.null && b.null:
		return 0
	case a.null || b.null:
		if a.null == s.nullsFirst {
			return -1
		}
		return 1
	case s.descending:
		return b.compare(a)
	}
	return a.compare(b)
}

// slice cuts rows to offset and limit.
func (q *request) slice(rows []*row) []*row {
	rows = rows[min(q.offset, len(rows)):]
	if q.limit >= 0 {
		rows = rows[:min(q.limit, len(rows))]
	}
	return rows
}
