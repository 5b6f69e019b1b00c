package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	requestDeadline = 30 * time.Second
	largestAnswer   = 256 << 20 // titles have no limit of their own
)

// newHTTPClient makes a client for many requests to one host. Connections are
// given up long before InsForge does so (65 s): a write on one that the server just
// closed would have an unknown outcome, and an idle program is woken for one.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: requestDeadline,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       10 * time.Second,
	}}
}

// straight makes a client that follows no redirect: a token goes to the project's host alone.
func straight(hc *http.Client) *http.Client {
	if hc == nil {
		hc = newHTTPClient()
	}
	c := *hc
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// call is one request, before it has a token.
type call struct {
	method, url string
	prefer      string
	match       string // an etag for If-None-Match
	body        []byte
	identity    bool // the answer is a user id, not rows
}

// answer is what a 2xx or a 304 said.
type answer struct {
	status int
	etag   string
	total  int // of all rows that match, where it was asked for
	rows   []Todo
	sub    string
}

// send asks for a token, sends the call, and sends it once more with a new
// token where the first was refused: a 401 says that nothing was done.
func (r *records) send(ctx context.Context, c call) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	token, err := r.token(ctx, "")
	if err != nil {
		return answer{}, err
	}
	a, err := r.try(ctx, c, token)
	if !tokenRefused(err) {
		return a, err
	}
	fresh, tokenErr := r.token(ctx, token)
	if tokenErr != nil {
		return answer{}, tokenErr
	}
	if fresh == token {
		return answer{}, err
	}
	return r.try(ctx, c, fresh)
}

func (r *records) token(ctx context.Context, rejected string) (string, error) {
	token, err := r.tokens.Token(ctx, rejected)
	var dead interface{ SignInRequired() bool }
	switch {
	case err == nil:
		return token, nil
	case errors.As(err, &dead) && dead.SignInRequired():
		return "", unsent{fmt.Errorf("%w: %w", ErrSignIn, err)}
	case passing(err):
		return "", unsent{fmt.Errorf("%w: no token: %w", ErrOffline, err)}
	}
	return "", unsent{fmt.Errorf("%w: %w", ErrNoToken, err)}
}

// passing reports an error that says so of itself, or that the time was over.
func passing(err error) bool {
	var some interface{ Temporary() bool }
	return errors.As(err, &some) && some.Temporary() || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// try sends the call once.
func (r *records) try(ctx context.Context, c call, token string) (answer, error) {
	ctx, sent := traced(ctx)
	req, err := c.request(ctx, token)
	if err != nil {
		return answer{}, unsent{err}
	}
	res, err := r.http.Do(req)
	if err != nil {
		return answer{}, offline(req.URL.Host, err, sent)
	}
	defer res.Body.Close()
	return c.read(res, r.sub)
}

func (c call) request(ctx context.Context, token string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, errors.New("make a request: the project's address is not a URL")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "kindling")
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.prefer != "" {
		req.Header.Set("Prefer", c.prefer)
	}
	if c.match != "" {
		req.Header.Set("If-None-Match", c.match)
	}
	return req, nil
}

func (c call) read(res *http.Response, sub string) (answer, error) {
	a := answer{status: res.StatusCode, etag: res.Header.Get("ETag"), total: totalIn(res.Header.Get("Content-Range"))}
	if res.StatusCode == http.StatusNotModified && c.match != "" {
		return a, nil
	}
	if res.StatusCode/100 != 2 {
		return a, refusal(res)
	}
	var err error
	body := &io.LimitedReader{R: res.Body, N: largestAnswer}
	if c.identity {
		a.sub, err = decodeSub(body)
	} else {
		a.rows, err = decodeRows(body, sub)
	}
	switch {
	case err == nil || errors.Is(err, ErrForeign):
		return a, err
	case body.N <= 0:
		return a, unreadable("more than 256 MB")
	}
	return a, unreadable(plain(err.Error(), longestMessage))
}

// totalIn is how many rows match in all by a Content-Range such as "0-9/42", 0 where
// that does not say.
func totalIn(contentRange string) int {
	_, total, _ := strings.Cut(contentRange, "/")
	n, err := strconv.Atoi(total)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// count asks how many todos there are, 0 where that is not told: only how far a long
// pull is hangs on it.
func (r *records) count(ctx context.Context) int {
	a, err := r.send(ctx, call{method: http.MethodGet, url: query{columns, "limit=1"}.on(r.todos), prefer: "count=exact"})
	if err != nil {
		return 0
	}
	return a.total
}

// traced says, once the request has ended, whether any of it left this machine.
func traced(ctx context.Context) (context.Context, func() bool) {
	var asked, wrote atomic.Bool
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { asked.Store(true) },
		WroteHeaders: func() { wrote.Store(true) },
	}), func() bool { return wrote.Load() || !asked.Load() }
}

// offline makes the error of a request that got no answer. The URL is left out
// of it, since a guard in it holds a title.
func offline(host string, err error, sent func() bool) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	err = fmt.Errorf("%w: %w", ErrOffline, silence{host, err})
	if dialed(err) || !sent() {
		return unsent{err}
	}
	return err
}

// silence is a host that did not answer, and why, in the words of people.
type silence struct {
	host  string
	cause error
}

func (s silence) Error() string { return "cannot reach " + s.host + " (" + Why(s.cause) + ")" }
func (s silence) Unwrap() error { return s.cause }

// Why says in a few words why the network gave no answer.
func Why(err error) string {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		return "no answer in time"
	}
	if noName, ok := errors.AsType[*net.DNSError](err); ok && noName.IsNotFound {
		return "no such name"
	}
	if code, ok := errors.AsType[*os.SyscallError](err); ok {
		return code.Err.Error() // without the call and the addresses
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was cut"
	}
	return err.Error()
}

// dialed reports whether err says that no connection was made.
func dialed(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	_, noName := errors.AsType[*net.DNSError](err)
	return noName
}

// unreadable is an answer of success that cannot be one of InsForge: a sign-in
// page of the network, most often. What came of a write is not known.
func unreadable(what string) error {
	return fmt.Errorf("%w: the answer is not one of InsForge: %s", ErrOffline, what)
}
