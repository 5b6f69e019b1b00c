package store

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// deviceHeader says who writes. No backend knows it.
const deviceHeader = "X-Device"

// recorder stands right before a backend, pretend or real, and keeps what its
// table holds and ever held: it reads the table after each write.
type recorder struct {
	behind http.RoundTripper
	base   string // URL of the backend
	token  string // of the person whose todos these are
	rows   map[uuid.UUID]Todo
	titles map[string]bool
	wrote  func(who string, before, after *Todo)
}

// RoundTrip implements http.RoundTripper.
func (c *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.behind.RoundTrip(r)
	if r.Method != http.MethodGet && err == nil {
		c.look(r.Header.Get(deviceHeader))
	}
	return res, err
}

// look compares the table with what it held before.
func (c *recorder) look(who string) {
	before := c.rows
	c.rows = c.read()
	for id := range before {
		if _, there := c.rows[id]; !there {
			gone := before[id]
			c.wrote(who, &gone, nil)
		}
	}
	for id, now := range c.rows {
		c.titles[now.Title] = true
		if old, there := before[id]; !there {
			c.wrote(who, nil, &now)
		} else if old != now {
			c.wrote(who, &old, &now)
		}
	}
}

func (c *recorder) read() map[uuid.UUID]Todo {
	res, body := c.do(http.MethodGet, "?order=id", nil)
	if res.StatusCode != 200 {
		panic("read the table: " + res.Status + " " + string(body))
	}
	rows, err := decodeRows(strings.NewReader(string(body)), "kp_alice")
	if err != nil {
		panic(err)
	}
	all := map[uuid.UUID]Todo{}
	for _, t := range rows {
		all[t.ID] = t
	}
	return all
}

// do sends one request as the web demo would, past the bad network.
func (c *recorder) do(method, query string, body any) (*http.Response, []byte) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequest(method, c.base+"/api/database/records/todos"+query, strings.NewReader(string(raw)))
	if err != nil {
		panic(err)
	}
	maps.Copy(r.Header, http.Header{
		"Authorization": {"Bearer " + c.token}, "Content-Type": {"application/json"}, deviceHeader: {"web"},
		"Prefer": {"return=representation"},
	})
	res, err := c.behind.RoundTrip(r)
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		panic(err)
	}
	return res, answer
}

// write makes a change as the web demo would: by id, without a guard. A nil
// before is an insert, a nil after a delete.
func (c *recorder) write(before, after *Todo) {
	method, query := http.MethodPatch, ""
	var body any
	switch {
	case before == nil:
		method, body = http.MethodPost, []wireRow{toWire(*after)}
	case after == nil:
		method, query = http.MethodDelete, "?id=eq."+before.ID.String()
	case before.Title != after.Title:
		query, body = "?id=eq."+before.ID.String(), map[string]any{"title": after.Title}
	default:
		query, body = "?id=eq."+before.ID.String(), map[string]any{"is_complete": after.Done.Bool()}
	}
	if res, answer := c.do(method, query, body); res.StatusCode/100 != 2 {
		panic(method + " as the web demo: " + res.Status + " " + string(answer))
	}
	c.look("web")
}

// named sends requests in the name of a device.
type named struct {
	name string
	http.RoundTripper
}

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(deviceHeader, n.name)
	return n.RoundTripper.RoundTrip(r)
}
