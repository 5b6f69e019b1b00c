// Package demodb is a pretend InsForge records API with row-level security, as
// the guide's policy has it. It is for the demo and for tests.
package demodb

import (
	"net/http"
	"time"
)

// Config shapes the pretend backend.
type Config struct {
	Secret []byte // signs and checks the JWTs (HS256)
	Dir    string // keeps the rows between runs; "": memory
	Now    func() time.Time
}

// DB is the pretend backend: /api/database/records/todos, /api/database/rpc/requesting_user_id, /api/health.
type DB struct{}

// New opens or makes the data.
func New(c Config) (*DB, error) { panic("todo") }

// ServeHTTP implements http.Handler.
func (d *DB) ServeHTTP(w http.ResponseWriter, r *http.Request) { panic("todo") }

// Close writes what is not on disk yet.
func (d *DB) Close() error { panic("todo") }
