package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// request is what the probe sends once. It is sent with token, or with none; keys
// that are not tokens stand in headers.
type request struct {
	method  string
	path    string // below /api/database/
	headers map[string]string
	body    string
	token   string
}

const todosPath = "records/todos?"

func escape(s string) string { return url.QueryEscape(s) }

// line is the request as a person reads it: no token, no key.
func (s request) line() string {
	if s.method == "" {
		return ""
	}
	line := s.method + " /api/database/" + s.path
	for _, name := range slices.Sorted(maps.Keys(s.headers)) {
		value := s.headers[name]
		if name == "X-Api-Key" {
			value = "…"
		}
		line += " [" + name + ": " + value + "]"
	}
	if s.body != "" {
		line += " " + s.body
	}
	return plain(line, longestMessage)
}

// response is what came back.
type response struct {
	status       int
	contentRange string
	body         string
	err          error
}

// line is the status and the body's beginning.
func (r response) line() string {
	switch {
	case r.err != nil:
		return plain(r.err.Error(), 120)
	case r.status == 0:
		return ""
	case r.contentRange != "" && !strings.HasSuffix(r.contentRange, "/*"):
		return plain(fmt.Sprintf("%d %s %s", r.status, r.contentRange, r.body), 160)
	}
	return strings.TrimSpace(plain(fmt.Sprintf("%d %s", r.status, r.body), 160))
}

// turnedAway reports that the token or key does not count. What a policy refuses to
// nobody is a 401 too.
func (r response) turnedAway() bool {
	code, _ := describe([]byte(r.body))
	return r.status == http.StatusUnauthorized && code != "42501"
}

// total is the number behind the content-range's stroke, and whether there is one.
func (r response) total() (int, bool) {
	_, after, _ := strings.Cut(r.contentRange, "/")
	n, err := strconv.Atoi(after)
	return n, err == nil
}

// send sends a request as it is. A row that is on its way is waited for, also when
// ctx ends: it must not arrive after the run has cleaned up.
func (a *attacker) send(ctx context.Context, s request) response {
	if s.method == http.MethodPost && ctx.Err() == nil {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, s.method, a.BaseURL+"/api/database/"+s.path, strings.NewReader(s.body))
	if err != nil {
		return response{err: errors.New("the project's address is not a URL")}
	}
	req.Header.Set("Accept", "application/json")
	if s.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	for name, value := range s.headers {
		req.Header.Set(name, value)
	}
	res, err := a.http.Do(req)
	if err != nil {
		return response{err: offline(req.URL.Host, err, func() bool { return true })}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return response{status: res.StatusCode, contentRange: res.Header.Get("Content-Range"), body: string(withoutToken(body, req)), err: err}
}

// sendAs sends a request under a person's token, and once more where that had run out.
func (a *attacker) sendAs(ctx context.Context, who party, s request) response {
	var err error
	if s.token, err = who.tokens.Token(ctx, ""); err != nil {
		return response{err: err}
	}
	r := a.send(ctx, s)
	if !r.turnedAway() {
		return r
	}
	fresh, err := who.tokens.Token(ctx, s.token)
	if err != nil || fresh == s.token {
		return r
	}
	s.token = fresh
	return a.send(ctx, s)
}

// planted is a row that an attack goes for.
type planted struct {
	ID      string  `json:"id"`
	Owner   *string `json:"user_id"`
	Title   string  `json:"title"`
	Done    *bool   `json:"is_complete"`
	Created *string `json:"created_at"`
}

// rowsOf reads rows as a person.
func (a *attacker) rowsOf(ctx context.Context, who party, filter string) ([]planted, error) {
	r := a.sendAs(ctx, who, request{method: http.MethodGet, path: todosPath + columns + "&" + filter})
	if err := r.failure(); err != nil {
		return nil, err
	}
	var rows []planted
	if err := json.Unmarshal([]byte(r.body), &rows); err != nil {
		return nil, unreadable("no rows")
	}
	return rows, nil
}

// failure is nil for a 2xx; else the error that the client itself would give.
func (r response) failure() error {
	if r.err != nil {
		return r.err
	}
	if r.status/100 == 2 {
		return nil
	}
	e := &APIError{Status: r.status}
	e.Code, e.Message = describe([]byte(r.body))
	if kind := kindOf(e); kind != nil {
		return fmt.Errorf("%w: %w", kind, e)
	}
	return e
}
