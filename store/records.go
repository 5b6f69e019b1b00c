package store

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

const lookAtOnce = 100 // ids in one look: more would not fit a request's 16 kB of headers

// records speaks InsForge's records API for the todos table, as one person. It
// renews the token once on a 401, never retries a write by itself, and never
// sends a PATCH or DELETE without id=eq.
type records struct {
	todos  string // the table's URL
	whoami string // the URL of requesting_user_id
	sub    string
	http   *http.Client
	tokens TokenSource
}

// newRecords makes the client of one person; a nil hc is one with deadlines of its own.
func newRecords(baseURL, sub string, hc *http.Client, t TokenSource) *records {
	base := strings.TrimRight(baseURL, "/") + "/api/database"
	return &records{
		todos:  base + "/records/todos",
		whoami: base + "/rpc/requesting_user_id",
		sub:    sub,
		http:   straight(hc),
		tokens: t,
	}
}

// page is one answer of a pull.
type page struct {
	rows        []Todo
	etag        string
	notModified bool // 304: rows is nil, and as they were under that etag
}

// page reads up to limit rows with id >= from, by id. A row of somebody else is ErrForeign.
func (r *records) page(ctx context.Context, from uuid.UUID, limit int, etag string) (page, error) {
	q := query{columns, "order=id.asc", "limit=" + strconv.Itoa(limit), "id=gte." + from.String()}
	c := call{method: http.MethodGet, url: q.on(r.todos), match: etag}
	a, err := r.send(ctx, c)
	if err != nil {
		return page{}, fmt.Errorf("read a page of todos: %w", err)
	}
	if a.status == http.StatusNotModified {
		return page{etag: etag, notModified: true}, nil
	}
	if !ascending(a.rows, from) {
		return page{}, fmt.Errorf("read a page of todos: %w", unreadable("rows that were not asked for, or out of order"))
	}
	return page{rows: a.rows, etag: a.etag}, nil
}

// ascending reports whether rows begin at from or later and grow by id: a
// server that ignores a filter would make rows look deleted.
func ascending(rows []Todo, from uuid.UUID) bool {
	if len(rows) > 0 && bytes.Compare(rows[0].ID[:], from[:]) < 0 {
		return false
	}
	for i := 1; i < len(rows); i++ {
		if bytes.Compare(rows[i-1].ID[:], rows[i].ID[:]) >= 0 {
			return false
		}
	}
	return true
}

// identity asks the server whom it takes us for; "" is nobody (anon).
func (r *records) identity(ctx context.Context) (string, error) {
	a, err := r.send(ctx, call{method: http.MethodGet, url: r.whoami, identity: true})
	if err != nil {
		return "", err
	}
	return a.sub, nil
}

// look reads the named rows; those absent are missing from the map.
func (r *records) look(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]Todo, error) {
	found := make(map[uuid.UUID]Todo, len(ids))
	for some := range slices.Chunk(ids, lookAtOnce) {
		a, err := r.send(ctx, call{method: http.MethodGet, url: query{columns, idIn(some)}.on(r.todos)})
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", todosOf(len(ids)), err)
		}
		collect(found, a.rows)
	}
	return found, nil
}

func todosOf(n int) string {
	if n == 1 {
		return "a todo"
	}
	return strconv.Itoa(n) + " todos"
}

func collect(into map[uuid.UUID]Todo, rows []Todo) {
	for _, t := range rows {
		into[t.ID] = t
	}
}

// insert creates rows under their own ids and ignores those that exist, which
// are then missing from the answer. All or nothing on a refusal.
func (r *records) insert(ctx context.Context, rows []Todo) (map[uuid.UUID]Todo, error) {
	body, err := encodeRows(rows, r.sub)
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", todosOf(len(rows)), err)
	}
	a, err := r.send(ctx, call{
		method: http.MethodPost,
		url:    query{"on_conflict=id", columns}.on(r.todos),
		prefer: "resolution=ignore-duplicates,return=representation",
		body:   body,
	})
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", todosOf(len(rows)), err)
	}
	made := make(map[uuid.UUID]Todo, len(rows))
	collect(made, a.rows)
	return made, nil
}

// update changes the columns in which want differs from base, guarded by base's values
// of just those columns. No row back: the guard missed, or the row is gone; look.
func (r *records) update(ctx context.Context, base, want Todo) (row Todo, hit bool, err error) {
	cols := changed(base, want)
	if len(cols) == 0 {
		return Todo{}, false, fmt.Errorf("change a todo: %w", ErrNothing)
	}
	body, err := encodeColumns(want, cols)
	if err != nil {
		return Todo{}, false, fmt.Errorf("change a todo: %w", err)
	}
	rows, err := r.guarded(ctx, call{method: http.MethodPatch, body: body}, base, cols)
	if err != nil || len(rows) == 0 {
		return Todo{}, false, wrap("change a todo", err)
	}
	return rows[0], true, nil
}

// remove deletes the row guarded by base's title and state.
func (r *records) remove(ctx context.Context, base Todo) (hit bool, err error) {
	rows, err := r.guarded(ctx, call{method: http.MethodDelete}, base, []column{titleCol, isComplete})
	return len(rows) > 0, wrap("delete a todo", err)
}

// guarded sends a PATCH or DELETE to one row, if its columns are still as in base.
// Where the guard would not fit a URL, it compares by reading first and guards
// the write with the beginning of the title: see weakGuard.
func (r *records) guarded(ctx context.Context, c call, base Todo, cols []column) ([]Todo, error) {
	weak := weakGuard(base, cols)
	if weak {
		seen, err := r.look(ctx, base.ID)
		if err != nil {
			return nil, unsent{err} // the write was never attempted
		}
		if now, ok := seen[base.ID]; !ok || len(changedOf(base, now, cols)) > 0 {
			return nil, nil
		}
	}
	c.url = append(query{"id=eq." + base.ID.String(), columns}, guards(base, cols, weak)...).on(r.todos)
	c.prefer = "return=representation"
	a, err := r.send(ctx, c)
	if err != nil {
		return nil, err
	}
	if len(a.rows) > 1 || len(a.rows) == 1 && a.rows[0].ID != base.ID {
		return nil, unreadable("another row than the one that was named")
	}
	return a.rows, nil
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
