// Package demodb is a pretend InsForge records API with row-level security, as
// the guide's policy has it. It is for the demo and for tests: one table,
// todos, in memory and in a log on disk, behind the statuses, bodies and
// headers of the real one. What it does not know it refuses as the real one would.
package demodb

import (
	"net/http"
	"slices"
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
	config Config
	mu     sync.Mutex // one statement at a time
	table  *table
	log    *journal
}

// New opens or makes the data.
func New(c Config) (*DB, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	d := &DB{config: c, table: newTable()}
	if c.Dir == "" {
		return d, nil
	}
	var err error
	d.log, err = openJournal(c.Dir, d.table)
	return d, err
}

// Close writes what is not on disk yet.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.log.close()
}

const (
	recordsPath = "/api/database/records/"
	rpcPath     = "/api/database/rpc/"
)

// ServeHTTP implements http.Handler.
func (d *DB) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w.Header(), r)
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	a, f := d.answer(r)
	if f != nil {
		a = f.answer()
	}
	a.write(w, r)
}

// allowOrigin lets every web page in, with credentials, as InsForge does.
func allowOrigin(h http.Header, r *http.Request) {
	h.Set("Vary", "Origin")
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Content-Range,Preference-Applied")
	if origin := r.Header.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
		h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	}
}

func (d *DB) answer(r *http.Request) (answer, *fault) {
	if r.URL.Path == "/api/health" {
		return answer{status: http.StatusOK, body: []byte(`{"status":"ok"}`)}, nil
	}
	name, isRPC := strings.CutPrefix(r.URL.Path, rpcPath)
	if !isRPC {
		var isTable bool
		if name, isTable = strings.CutPrefix(r.URL.Path, recordsPath); !isTable {
			return answer{}, noEndpoint(r)
		}
	}
	if name == "" || strings.Contains(name, "/") {
		return answer{}, noEndpoint(r)
	}
	who, f := d.caller(r)
	if f != nil {
		return answer{}, f
	}
	if isRPC {
		return callFunction(r, name, who)
	}
	if f := onlyPublic(r); f != nil {
		return answer{}, f
	}
	if name != "todos" {
		return answer{}, postgres("42P01", `relation "public.`+name+`" does not exist`)
	}
	return d.statement(r, who)
}

// onlyPublic refuses every schema but the one that the API shows.
func onlyPublic(r *http.Request) *fault {
	header := "Content-Profile"
	if reads(r) {
		header = "Accept-Profile"
	}
	for _, schema := range []string{r.Header.Get(header), r.URL.Query().Get("schema")} {
		if schema != "" && schema != "public" {
			return &fault{status: http.StatusNotAcceptable, code: "PGRST106", message: "The schema must be one of the following: public"}
		}
	}
	return nil
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// statement runs one request against the table, as one transaction.
func (d *DB) statement(r *http.Request, who caller) (answer, *fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PATCH", "DELETE"}, r.Method) {
		return answer{}, noEndpoint(r)
	}
	q, f := parseRequest(r)
	if f != nil {
		return answer{}, f
	}
	switch r.Method {
	case http.MethodPost:
		return d.insert(r, q, who)
	case http.MethodPatch:
		return d.update(r, q, who)
	case http.MethodDelete:
		return d.delete(q, who)
	}
	return d.read(q, who)
}

func callFunction(r *http.Request, name string, who caller) (answer, *fault) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return answer{}, noEndpoint(r)
	}
	if name != "requesting_user_id" {
		return answer{}, &fault{status: http.StatusNotFound, code: "PGRST202",
			details: "Searched for the function public." + name + " without parameters or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.",
			message: "Could not find the function public." + name + " without parameters in the schema cache"}
	}
	body := []byte("null")
	if who.sub != "" {
		body = appendString(nil, who.sub)
	}
	return answer{status: http.StatusOK, body: body, contentRange: "*/*"}, nil
}
