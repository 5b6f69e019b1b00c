package store

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// APIError is an answer outside 2xx, whichever of the backend's two shapes it had.
type APIError struct {
	Status     int
	Code       string // PostgREST's or SQLSTATE ("23505"), else InsForge's ("AUTH_UNAUTHORIZED")
	Message    string // stripped of control characters
	RetryAfter time.Duration
	Date       time.Time // the server's clock, zero when not sent
}

func (e *APIError) Error() string {
	return fmt.Sprintf("the project answered %d %s: %s", e.Status, e.Code, e.Message)
}

// outcome is what an error of a write says about the row.
type outcome uint8

const (
	refused   outcome = iota + 1 // a definite no: nothing was written (4xx)
	notSent                      // no connection was made: name not found, refused, no route
	uncertain                    // 5xx, time-out, connection lost: it may be written, or land up to 20 s later
)

// outcomeOf classifies the error of a write; a nil error has no outcome.
func outcomeOf(err error) outcome { panic("todo") }

// records speaks InsForge's records API for the todos table, as one person. It
// renews the token once on a 401, never retries a write by itself, and never
// sends a PATCH or DELETE without id=eq.
type records struct{}

func newRecords(baseURL, sub string, hc *http.Client, t TokenSource) *records { panic("todo") }

// page is one answer of a pull.
type page struct {
	rows        []Todo
	etag        string
	notModified bool // 304: rows is nil, and as they were under that etag
}

// page reads up to limit rows with id >= from, by id. A row of somebody else is ErrForeign.
func (r *records) page(ctx context.Context, from uuid.UUID, limit int, etag string) (page, error) {
	panic("todo")
}

// identity asks the server whom it takes us for; "" is nobody (anon).
func (r *records) identity(ctx context.Context) (string, error) { panic("todo") }

// look reads the named rows; those absent are missing from the map.
func (r *records) look(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]Todo, error) {
	panic("todo")
}

// insert creates rows under their own ids and ignores those that exist, which
// are then missing from the answer. All or nothing on a refusal.
func (r *records) insert(ctx context.Context, rows []Todo) (map[uuid.UUID]Todo, error) {
	panic("todo")
}

// update changes the columns in which want differs from base, guarded by base's values
// of just those columns. No row back: the guard missed, or the row is gone; look.
func (r *records) update(ctx context.Context, base, want Todo) (row Todo, hit bool, err error) {
	panic("todo")
}

// remove deletes the row guarded by base's title and state.
func (r *records) remove(ctx context.Context, base Todo) (hit bool, err error) { panic("todo") }
