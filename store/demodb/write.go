package demodb

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"
)

const rowSecurity = `new row violates row-level security policy for table "todos"`

// check is what PostgreSQL asks of a new row, in its order: the policy, then NOT NULL.
func check(r *row, who Caller) *fault {
	if !who.owns(r) {
		return postgres("42501", rowSecurity)
	}
	for i, c := range columns {
		if c.notNull && r[i].null {
			return postgres("23502", `null value in column "`+c.name+`" of relation "todos" violates not-null constraint`)
		}
	}
	return nil
}

func duplicate() *fault {
	return postgres("23505", `duplicate key value violates unique constraint "todos_pkey"`)
}

// insert runs a POST: each row is checked before the first one is stored.
func (d *DB) insert(r *http.Request, q *request, who Caller) (Answer, *fault) {
	bodies, f := rowsOf(r, q)
	if f != nil {
		return Answer{}, f
	}
	var stored []*row
	batch := map[string]bool{}
	inserted := false
	for _, fields := range bodies {
		fresh, f := d.newRow(fields, who)
		if f != nil {
			return Answer{}, f
		}
		final, isNew, f := d.resolve(fresh, fields, q, who, batch)
		if f != nil {
			return Answer{}, f
		}
		inserted = inserted || isNew
		if final != nil {
			batch[final[id].text] = true
			stored = append(stored, final)
		}
	}
	status := http.StatusCreated
	if q.prefer["resolution"] == "merge-duplicates" && !inserted && len(stored) > 0 {
		status = http.StatusOK
	}
	a, f := q.written(status, stored, "*/"+q.total(len(stored)))
	if f == nil {
		f = d.commit(stored, nil)
	}
	return a, f
}

// newRow fills in what the body left out, and checks the result.
func (d *DB) newRow(fields map[int]value, who Caller) (*row, *fault) {
	key := uuid.New()
	r := &row{
		id:        {text: string(key[:])},
		userID:    {text: who.Sub, null: who.Sub == ""},
		title:     {null: true},
		createdAt: {number: d.now().UnixMicro()},
	}
	for c, v := range fields {
		r[c] = v
	}
	return r, check(r, who)
}

// resolve decides what becomes of a new row whose id may exist: nil is ignored.
func (d *DB) resolve(fresh *row, fields map[int]value, q *request, who Caller, batch map[string]bool) (final *row, isNew bool, f *fault) {
	key := fresh[id].text
	old := d.table.byID[key]
	switch {
	case old == nil && !batch[key]:
		return fresh, true, nil
	case q.prefer["resolution"] == "ignore-duplicates":
		return nil, false, nil
	case q.prefer["resolution"] != "merge-duplicates":
		return nil, false, duplicate()
	case batch[key]:
		f := postgres("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time")
		f.hint = "Ensure that no rows proposed for insertion within the same command have duplicate constrained values."
		return nil, false, f
	case !who.owns(old):
		return nil, false, postgres("42501", `new row violates row-level security policy (USING expression) for table "todos"`)
	}
	merged := *old
	for c, v := range fields {
		merged[c] = v
	}
	return &merged, false, check(&merged, who)
}

func (d *DB) update(r *http.Request, q *request, who Caller) (Answer, *fault) {
	bodies, f := rowsOf(r, q)
	if f != nil {
		return Answer{}, f
	}
	var old, fresh []*row
	if len(bodies) > 0 && len(bodies[0]) > 0 {
		old = q.slice(d.table.find(q, who, true))
	}
	for _, was := range old {
		now := *was
		for c, v := range bodies[0] {
			now[c] = v
		}
		if f := check(&now, who); f != nil {
			return Answer{}, f
		}
		if now[id] != was[id] && (d.table.byID[now[id].text] != nil || len(old) > 1) {
			return Answer{}, duplicate()
		}
		fresh = append(fresh, &now)
	}
	a, f := q.written(http.StatusOK, fresh, span(0, len(fresh), q.total(len(fresh))))
	if f == nil {
		f = d.commit(fresh, moved(old, fresh))
	}
	return a, f
}

// moved lists the rows that left their id.
func moved(old, fresh []*row) []*row {
	var gone []*row
	for i := range old {
		if old[i][id] != fresh[i][id] {
			gone = append(gone, old[i])
		}
	}
	return gone
}

func (d *DB) delete(q *request, who Caller) (Answer, *fault) {
	gone := slices.Clone(q.slice(d.table.find(q, who, true)))
	a, f := q.written(http.StatusOK, gone, "*/"+q.total(len(gone)))
	if f == nil {
		f = d.commit(nil, gone)
	}
	return a, f
}

// total is the second half of a content-range: a number where a count was asked for.
func (q *request) total(n int) string {
	if q.prefer["count"] == "exact" {
		return strconv.Itoa(n)
	}
	return "*"
}

// written is the answer to a write that goes through.
func (q *request) written(status int, rows []*row, contentRange string) (Answer, *fault) {
	applied := q.applied("resolution", "missing", "return", "count")
	if q.prefer["return"] == "representation" {
		return q.shown(status, rows, contentRange, applied)
	}
	a := Answer{Status: http.StatusNoContent, ContentRange: contentRange, Applied: applied}
	if status == http.StatusCreated {
		a.Status, a.Body = status, []byte("[]")
		if q.prefer["return"] == "headers-only" && len(rows) == 1 {
			a.Location = "/todos?id=eq." + idText(rows[0])
		}
	}
	return a, nil
}

// commit makes the write durable, then visible.
func (d *DB) commit(put, gone []*row) *fault {
	if err := d.log.append(put, gone); err != nil {
		return insforge(http.StatusInternalServerError, "INTERNAL_ERROR", err.Error())
	}
	if len(gone) > 0 {
		d.table.drop(gone)
	}
	d.table.put(put)
	return nil
}
