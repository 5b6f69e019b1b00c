package demodb

import (
	"fmt"
	"net/http"
	"strconv"
)

func (d *DB) read(q *request, who Caller) (Answer, *fault) {
	counted := q.prefer["count"] != ""
	found := d.table.find(q, who, counted)
	rows := q.slice(found)
	total := "*"
	status := http.StatusOK
	if counted {
		total = strconv.Itoa(len(found))
		if q.offset > 0 && q.offset >= len(found) {
			return Answer{}, postgrest(http.StatusRequestedRangeNotSatisfiable, "PGRST103", "Requested range not satisfiable",
				fmt.Sprintf("An offset of %d was requested, but there are only %d rows.", q.offset, len(found)))
		}
		if len(rows) < len(found) {
			status = http.StatusPartialContent
		}
	}
	return q.shown(status, rows, span(q.offset, len(rows), total), q.applied("count"))
}

// span is a content-range: where the rows lie in all that match.
func span(offset, n int, total string) string {
	if n == 0 {
		return "*/" + total
	}
	return fmt.Sprintf("%d-%d/%s", offset, offset+n-1, total)
}

// shown is an answer with rows in it.
func (q *request) shown(status int, rows []*row, contentRange, applied string) (Answer, *fault) {
	a := Answer{Status: status, ContentRange: contentRange, Applied: applied}
	switch {
	case !q.single:
		a.Body = appendRows(rows, q.chosen)
	case len(rows) != 1:
		return a, postgrest(http.StatusNotAcceptable, "PGRST116", "JSON object requested, multiple (or no) rows returned",
			fmt.Sprintf("The result contains %d rows", len(rows)))
	default:
		a.Body = appendRow(nil, rows[0], q.chosen)
	}
	return a, nil
}
