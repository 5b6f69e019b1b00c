package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// network is a bad one, in front of any server. Its time is simulated: a write
// that lands late is delivered when the clock is moved past its moment.
type network struct {
	behind http.RoundTripper
	clock  *manualClock
	mu     sync.Mutex
	turn   sync.Mutex // of a proxy: one request at a time
	rng    *rand.Rand
	bad    int // per cent of requests that meet a fault
	late   []lateWrite
	crash  func() // when set, may be called in the middle of a request
	during func() // when set, is called at the beginning of each request
	anon   string // the token of nobody
	trace  func(format string, args ...any)
}

type lateWrite struct {
	at  time.Time
	req *http.Request
}

var errReset = errors.New("connection reset by peer")

const writtenLate = 4

// faults are the ways in which a request can go wrong.
var faults = []struct {
	name string
	do   func(n *network, r *http.Request) (*http.Response, error)
}{
	{"no connection", func(n *network, r *http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}},
	{"request lost", func(n *network, r *http.Request) (*http.Response, error) {
		n.advance(time.Duration(n.roll(10)) * time.Second)
		return nil, errReset
	}},
	{"answer lost", func(n *network, r *http.Request) (*http.Response, error) {
		n.deliver(r)
		n.advance(time.Duration(n.roll(10)) * time.Second)
		return nil, errReset
	}},
	{"500, written", func(n *network, r *http.Request) (*http.Response, error) {
		n.deliver(r)
		return answered(r, 500, `{"error":"INTERNAL_ERROR","message":"timeout of 10000ms exceeded","statusCode":500}`, nil), nil
	}},
	{"500, written late", func(n *network, r *http.Request) (*http.Response, error) {
		n.advance(10 * time.Second)
		n.later(r)
		return answered(r, 500, `{"error":"INTERNAL_ERROR","message":"timeout of 10000ms exceeded","statusCode":500}`, nil), nil
	}},
	{"500, nothing", func(n *network, r *http.Request) (*http.Response, error) {
		return answered(r, 503, `{"code":"PGRST000","message":"Database connection error. Retrying the connection."}`, nil), nil
	}},
	{"slow", func(n *network, r *http.Request) (*http.Response, error) {
		n.advance(5 * time.Second)
		res, err := n.behind.RoundTrip(r)
		n.advance(5 * time.Second)
		return res, err
	}},
	{"twice", func(n *network, r *http.Request) (*http.Response, error) {
		n.deliver(r)
		return n.behind.RoundTrip(r)
	}},
	{"401", func(n *network, r *http.Request) (*http.Response, error) {
		return answered(r, 401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token","statusCode":401}`, nil), nil
	}},
	{"429", func(n *network, r *http.Request) (*http.Response, error) {
		return answered(r, 429, `{"error":"TOO_MANY_REQUESTS","message":"wait","statusCode":429}`, http.Header{"Retry-After": {"7"}}), nil
	}},
	{"refused", func(n *network, r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			return n.behind.RoundTrip(r)
		}
		return answered(r, 400, `{"code":"23514","message":"new row violates check constraint"}`, nil), nil
	}},
	{"as anon", func(n *network, r *http.Request) (*http.Response, error) {
		anon := cloned(r)
		anon.Header.Set("Authorization", "Bearer "+n.anon)
		return n.behind.RoundTrip(anon)
	}},
}

// RoundTrip implements http.RoundTripper.
func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	r = cloned(r)
	if n.during != nil {
		n.during()
	}
	if n.crash != nil && n.roll(map[bool]int{true: 8, false: 2}[r.Method == http.MethodGet]) == 0 {
		when := n.roll(3)
		n.trace("  crash in %s (%d)", brief(r), when)
		switch when {
		case 1:
			n.deliver(r)
		case 2:
			n.later(r)
		}
		n.crash()
		n.crash = nil
		return nil, errReset
	}
	if n.roll(100) >= n.bad {
		n.trace("  %s", brief(r))
		return n.behind.RoundTrip(r)
	}
	f := faults[n.roll(len(faults))]
	if r.Method != http.MethodGet && n.roll(3) == 0 {
		f = faults[writtenLate] // the worst of them
	}
	n.trace("  %s: %s", brief(r), f.name)
	return f.do(n, r)
}

func (n *network) roll(sides int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.rng.IntN(sides)
}

func brief(r *http.Request) string {
	path := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	return r.Method + " " + path + "?" + strings.TrimPrefix(r.URL.RawQuery, columns)
}

// cloned copies a request with its body, so that it can be sent twice.
func cloned(r *http.Request) *http.Request {
	c := r.Clone(r.Context())
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		r.Body, c.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	}
	return c
}

func answered(r *http.Request, status int, body string, h http.Header) *http.Response {
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: h, Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Status: fmt.Sprint(status, " ", http.StatusText(status)), Body: io.NopCloser(strings.NewReader(body)),
	}
}

// deliver sends a request whose answer nobody will read.
func (n *network) deliver(r *http.Request) {
	r = cloned(r)
	res, err := n.behind.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}

// later delivers a write up to 20 s from now.
func (n *network) later(r *http.Request) {
	if r.Method == http.MethodGet {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.late = append(n.late, lateWrite{n.clock.Now().Add(time.Duration(n.rng.Int64N(int64(20 * time.Second)))), cloned(r)})
}

// advance moves the clock, and delivers what lands meanwhile in its order.
func (n *network) advance(d time.Duration) {
	end := n.clock.Now().Add(d)
	for {
		n.mu.Lock()
		slices.SortStableFunc(n.late, func(a, b lateWrite) int { return a.at.Compare(b.at) })
		if len(n.late) == 0 || n.late[0].at.After(end) {
			n.mu.Unlock()
			break
		}
		next := n.late[0]
		n.late = n.late[1:]
		n.mu.Unlock()
		if wait := next.at.Sub(n.clock.Now()); wait > 0 {
			n.clock.add(wait)
		}
		n.trace("  lands late: %s", brief(next.req))
		n.deliver(next.req)
	}
	if wait := end.Sub(n.clock.Now()); wait > 0 {
		n.clock.add(wait)
	}
}
