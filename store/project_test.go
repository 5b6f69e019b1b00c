package store

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// project is a pretend InsForge of the smallest kind: the todos table of one
// person behind the records API. Other than store/demodb it can be told to
// refuse, and its rows can be changed behind everybody's back.
type project struct {
	mu      sync.Mutex
	rows    map[uuid.UUID]Todo
	foreign map[uuid.UUID]bool // ids that belong to somebody else
	refuse  func(method string, t Todo) (status int, body string)
	calls   []string
}

func newProject() *project {
	return &project{rows: map[uuid.UUID]Todo{}, foreign: map[uuid.UUID]bool{}}
}

const (
	tokenAlice = "alice"
	tokenAnon  = "anon"
)

func (p *project) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.calls = append(p.calls, r.Method)
	if who != tokenAlice && who != tokenAnon {
		answer401(w)
		return
	}
	switch {
	case strings.HasSuffix(r.URL.Path, "/rpc/requesting_user_id"):
		sub := `"kp_alice"`
		if who == tokenAnon {
			sub = "null"
		}
		reply200(w, r, []byte(sub))
	case r.Method == http.MethodPost:
		p.post(w, r, who)
	case r.Method == http.MethodGet:
		p.get(w, r, who)
	default:
		p.modify(w, r, who)
	}
}

func answer401(w http.ResponseWriter) {
	w.WriteHeader(401)
	fmt.Fprint(w, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token","statusCode":401}`)
}

func reply200(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha1.Sum(body)
	etag := `W/"` + base64.RawStdEncoding.EncodeToString(sum[:]) + `"`
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if r.Method == http.MethodGet && r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body)
}

type wireRow struct {
	ID        string  `json:"id"`
	UserID    string  `json:"user_id"`
	Title     string  `json:"title"`
	Done      *bool   `json:"is_complete"`
	CreatedAt *string `json:"created_at"`
}

func toWire(t Todo) wireRow {
	w := wireRow{ID: t.ID.String(), UserID: "kp_alice", Title: t.Title}
	if t.Done != Null {
		b := t.Done.Bool()
		w.Done = &b
	}
	if s := t.Created.String(); s != "" {
		w.CreatedAt = &s
	}
	return w
}

func fromWire(w wireRow) Todo {
	t := Todo{ID: uuid.MustParse(w.ID), Title: w.Title, Created: NoInstant}
	if w.Done != nil {
		t.Done = BoolOf(*w.Done)
	}
	if w.CreatedAt != nil {
		t.Created, _ = ParseInstant(*w.CreatedAt)
	}
	return t
}

func writeRows(w http.ResponseWriter, r *http.Request, rows []Todo) {
	wires := make([]wireRow, len(rows))
	for i, t := range rows {
		wires[i] = toWire(t)
	}
	body, err := json.Marshal(wires)
	if err != nil {
		panic(err)
	}
	reply200(w, r, body)
}

// matching are the rows that all filters of q hold for, by id.
func (p *project) matching(q url.Values, who string) (rows []Todo) {
	if who == tokenAnon {
		return nil
	}
	for _, t := range p.rows {
		if holds(t, q) {
			rows = append(rows, t)
		}
	}
	slices.SortFunc(rows, func(a, b Todo) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return rows
}

func holds(t Todo, q url.Values) bool {
	for name, values := range q {
		for _, v := range values {
			op, arg, _ := strings.Cut(v, ".")
			if !filter(t, name, op, arg) {
				return false
			}
		}
	}
	return true
}

func filter(t Todo, name, op, arg string) bool {
	switch name + " " + op {
	case "id eq":
		return t.ID.String() == arg
	case "id gte":
		return t.ID.String() >= arg
	case "id in":
		return strings.Contains(arg, t.ID.String())
	case "title eq":
		return t.Title == arg
	case "title match":
		return regexp.MustCompile(`(?s)` + arg).MatchString(t.Title)
	case "is_complete is":
		return arg == map[Bool]string{Null: "null", False: "false", True: "true"}[t.Done]
	case "created_at eq":
		at, err := ParseInstant(arg)
		return err == nil && at == t.Created
	case "created_at is":
		return t.Created == NoInstant
	}
	return slices.Contains([]string{"select", "order", "limit", "on_conflict"}, name)
}

func (p *project) get(w http.ResponseWriter, r *http.Request, who string) {
	rows := p.matching(r.URL.Query(), who)
	limit := len(rows)
	if s := r.URL.Query().Get("limit"); s != "" {
		fmt.Sscan(s, &limit)
	}
	writeRows(w, r, rows[:min(limit, len(rows))])
}

func (p *project) refused(w http.ResponseWriter, method string, t Todo) bool {
	if p.refuse == nil {
		return false
	}
	status, body := p.refuse(method, t)
	if status == 0 {
		return false
	}
	w.WriteHeader(status)
	fmt.Fprint(w, body)
	return true
}

func (p *project) post(w http.ResponseWriter, r *http.Request, who string) {
	if who == tokenAnon {
		w.WriteHeader(401)
		fmt.Fprint(w, `{"code":"42501","message":"new row violates row-level security policy"}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	var rows []wireRow
	if err := json.Unmarshal(body, &rows); err != nil {
		panic(err)
	}
	for _, row := range rows {
		if p.refused(w, r.Method, fromWire(row)) {
			return
		}
	}
	made := []Todo{}
	for _, row := range rows {
		t := fromWire(row)
		if _, there := p.rows[t.ID]; !there && !p.foreign[t.ID] {
			p.put(nil, &t)
			made = append(made, t)
		}
	}
	writeRows(w, r, made)
}

// modify is PATCH and DELETE.
func (p *project) modify(w http.ResponseWriter, r *http.Request, who string) {
	q := r.URL.Query()
	if !strings.HasPrefix(q.Get("id"), "eq.") {
		panic(r.Method + " without id=eq.: " + r.URL.String())
	}
	hit := []Todo{}
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get(deviceHeader) != "web" {
		mustGuard(r, body)
	}
	for _, t := range p.matching(q, who) {
		before := t
		if r.Method == http.MethodDelete {
			if p.refused(w, r.Method, t) {
				return
			}
			p.put(&before, nil)
			hit = append(hit, before)
			continue
		}
		patch := toWire(t)
		if err := json.Unmarshal(body, &patch); err != nil {
			panic(err)
		}
		after := fromWire(patch)
		if p.refused(w, r.Method, after) {
			return
		}
		p.put(&before, &after)
		hit = append(hit, after)
	}
	writeRows(w, r, hit)
}

// mustGuard panics where a write could overwrite what its sender has not seen.
func mustGuard(r *http.Request, body []byte) {
	need := []string{"title", "is_complete"}
	if r.Method == http.MethodPatch {
		var patch map[string]any
		if err := json.Unmarshal(body, &patch); err != nil {
			panic(err)
		}
		need = slices.Collect(maps.Keys(patch))
	}
	for _, column := range need {
		if !r.URL.Query().Has(column) {
			panic(r.Method + " without a guard on " + column + ": " + r.URL.String())
		}
	}
}

// put makes a change and remembers it; a nil side is a row that is not there.
func (p *project) put(before, after *Todo) {
	if after == nil {
		delete(p.rows, before.ID)
		return
	}
	p.rows[after.ID] = *after
}

// all returns the rows in the default order.
func (p *project) all() []Todo {
	p.mu.Lock()
	defer p.mu.Unlock()
	var rows []Todo
	for _, t := range p.rows {
		rows = append(rows, t)
	}
	slices.SortFunc(rows, compareShown)
	return rows
}

func (p *project) count(method string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.calls {
		n += b2i(m == method)
	}
	return n
}

// transport answers requests by a handler, with no network between.
type transport struct{ http.Handler }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	t.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// sortTodos puts todos by title, to compare sets of them.
func sortTodos(all []Todo) []Todo {
	slices.SortFunc(all, func(a, b Todo) int { return cmp.Or(cmp.Compare(a.Title, b.Title), slices.Compare(a.ID[:], b.ID[:])) })
	return all
}

// pages serves the table of p as it is now, by pages made ahead, so that a
// benchmark of a pull does not measure the project.
func pages(p *project) http.Handler {
	rows := p.matching(nil, tokenAlice)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.RawQuery, "id=gte.") {
			p.ServeHTTP(w, r)
			return
		}
		from := uuid.MustParse(strings.TrimPrefix(r.URL.Query().Get("id"), "gte."))
		at, _ := slices.BinarySearchFunc(rows, from, func(t Todo, id uuid.UUID) int { return bytes.Compare(t.ID[:], id[:]) })
		writeRows(w, r, rows[at:min(at+pageRows, len(rows))])
	})
}
