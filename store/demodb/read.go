package demodb

import (
	"fmt"
	"net/http"
	"strconv"
)

func (d *DB) read(q *request, who caller) (answer, *fault) {
	counted := q.prefer["count"] != ""
	found := d.table.find(q, who, counted)
	rows := q.slice(found)
	total := "*"
	status := http.StatusOK
	if counted {
		total = strconv.Itoa(len(found))
		if q.offset > 0 && q.offset >= len(found) {
			return answer{}, &fault{status: http.StatusRequestedRangeNotSatisfiable, code: "PGRST103",
				message: "Requested range not satisfiable",
				details: fmt.Sprintf("An offset of %d was requested, but there are only %d rows.", q.offset, len(found))}
		}
		if len(rows) < len(found) {
			status = http.StatusPartialContent
		}
	}
	return q.shown(status, rows, span(q.offset, len(rows), total), "count")
}

// span is a content-range: where the rows lie in all that match.
func span(offset, n int, total string) string {
	if n == 0 {
		return "*/" + total
	}
	return fmt.Sprintf("%d-%d/%s", offset, offset+n-1, total)
}

// shown is an answer with rows in it.
func (q *request) shown(status int, rows []*row, contentRange string, obeyed ...string) (answer, *fault) {
	a := answer{status: status, contentRange: contentRange, applied: q.applied(obeyed)}
	switch {
	case !q.single:
		a.body = appendRows(rows, q.chosen)
	case len(rows) != 1:
		return a, &fault{status: http.StatusNotAcceptable, code: "PGRST116",
			message: "JSON object requested, multiple (or no) rows returned",
			details: fmt.Sprintf("The result contains %d rows", len(rows))}
	default:
		a.body = appendRow(nil, rows[0], q.chosen)
	}
	return a, nil
}

// applied names which preferences of those that a method knows were given.
func (q *request) applied(known []string) []string {
	var names []string
	for _, name := range known {
		if v := q.prefer[name]; v != "" {
			names = append(names, name+"="+v)
		}
	}
	return names
}
