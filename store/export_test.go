package store

import (
	"context"
	"net/http"

	"github.com/google/uuid"
)

// Records is the client of the records API, for tests that run it against the
// pretend and the real backend; those stand in packages that store may not know.
type Records struct{ r *records }

func NewRecords(baseURL, sub string, hc *http.Client, t TokenSource) Records {
	return Records{newRecords(baseURL, sub, hc, t)}
}

func (r Records) Page(ctx context.Context, from uuid.UUID, limit int, etag string) (rows []Todo, tag string, notModified bool, err error) {
	p, err := r.r.page(ctx, from, limit, etag)
	return p.rows, p.etag, p.notModified, err
}

func (r Records) Count(ctx context.Context) int { return r.r.count(ctx) }

func (r Records) Identity(ctx context.Context) (string, error) { return r.r.identity(ctx) }

func (r Records) Look(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]Todo, error) {
	return r.r.look(ctx, ids...)
}

func (r Records) Insert(ctx context.Context, rows ...Todo) (map[uuid.UUID]Todo, error) {
	return r.r.insert(ctx, rows)
}

func (r Records) Update(ctx context.Context, base, want Todo) (Todo, bool, error) {
	return r.r.update(ctx, base, want)
}

func (r Records) Remove(ctx context.Context, base Todo) (bool, error) { return r.r.remove(ctx, base) }

// Refused reports whether err says for sure that nothing was written.
func Refused(err error) bool { return outcomeOf(err) == refused }
