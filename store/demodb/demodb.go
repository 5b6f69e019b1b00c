// Package demodb is a pretend InsForge records API with row-level security, as
// the guide's policy has it. It is for the demo and for tests: one table,
// todos, in memory and in a log on disk, behind the statuses, bodies and
// headers of the real one. What it does not know it refuses as the real one would.
package demodb

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config shapes the pretend backend.
type Config struct {
	Secret  []byte // signs and checks the JWTs (HS256)
	AnonKey string // "anon_…", the public key of a project; "": there is none
	Dir     string // keeps the rows between runs; "": memory
	Now     func() time.Time
}

// DB is the pretend backend: /api/database/records/todos, /api/database/rpc/requesting_user_id, /api/health.
type DB struct {
	front http.Handler
	now   func() time.Time
	mu    sync.Mutex // one statement at a time
	table *table
	log   *journal
}

// New opens or makes the data.
func New(c Config) (*DB, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &DB{now: c.Now, table: newTable()}
	d.front = Front(c, d.answer)
	if c.Dir == "" {
		return d, nil
	}
	var err error
	d.log, err = openJournal(c.Dir, d.table)
	return d, err
}

// ServeHTTP implements http.Handler.
func (d *DB) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.front.ServeHTTP(w, r) }

// Close writes what is not on disk yet.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.close()
}

// answer is the pretend engine.
func (d *DB) answer(r *http.Request, who Caller) Answer {
	a, f := d.route(r, who)
	if f != nil {
		if who.Role == "anon" && f.code == "42501" {
			f.status = http.StatusUnauthorized
		}
		return f.answer()
	}
	return a
}

func (d *DB) route(r *http.Request, who Caller) (Answer, *fault) {
	if fn, ok := strings.CutPrefix(r.URL.Path, rpcPath); ok {
		return callFunction(r, fn, who)
	}
	if f := onlyPublic(r); f != nil {
		return Answer{}, f
	}
	if name := strings.TrimPrefix(r.URL.Path, recordsPath); name != "todos" {
		return Answer{}, postgres("42P01", `relation "public.`+name+`" does not exist`)
	}
	q, f := parseRequest(r)
	if f != nil {
		return Answer{}, f
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return d.read(q, who)
	case http.MethodPost:
		return d.insert(r, q, who)
	case http.MethodPatch:
		return d.update(r, q, who)
	case http.MethodDelete:
		return d.delete(q, who)
	}
	return Answer{}, noEndpoint(r)
}

// onlyPublic refuses every schema but the one that the API shows.
func onlyPublic(r *http.Request) *fault {
	header := "Content-Profile"
	if reads(r) {
		header = "Accept-Profile"
	}
	for _, schema := range []string{r.Header.Get(header), r.URL.Query().Get("schema")} {
		if schema != "" && schema != "public" {
			return postgrest(http.StatusNotAcceptable, "PGRST106", "The schema must be one of the following: public", "")
		}
	}
	return nil
}

func callFunction(r *http.Request, name string, who Caller) (Answer, *fault) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return Answer{}, noEndpoint(r)
	}
	if name != "requesting_user_id" {
		return Answer{}, postgrest(http.StatusNotFound, "PGRST202",
			"Could not find the function public."+name+" without parameters in the schema cache",
			"Searched for the function public."+name+" without parameters, but no matches were found in the schema cache.")
	}
	body := []byte("null")
	if who.Sub != "" {
		body = appendString(nil, who.Sub)
	}
	return Answer{Status: http.StatusOK, Body: body, ContentRange: "0-0/*"}, nil
}
