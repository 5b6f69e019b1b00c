package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	requestTimeout = 10 * time.Second
	maxBody        = 1 << 20
	longestPause   = time.Hour
	toleratedSkew  = 60 * time.Second
)

// bareHTTP is the client for everything that carries tokens: no cookies, no
// redirects, a deadline on each request and a cap on each body. clock may be nil.
func bareHTTP(base *http.Client, clock *issuerClock) *http.Client {
	next, timeout := http.DefaultTransport, requestTimeout
	if base != nil && base.Transport != nil {
		next = base.Transport
	}
	if base != nil && base.Timeout > 0 {
		timeout = base.Timeout
	}
	return &http.Client{
		Transport:     &cappedTransport{next, timeout, clock},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// cappedTransport reads each answer whole, up to maxBody and before a deadline:
// no decoder behind it has to be trusted with an endless body, and nobody has to
// close one.
type cappedTransport struct {
	next    http.RoundTripper
	timeout time.Duration
	clock   *issuerClock // may be nil
}

var errBodyTooLong = errors.New("the answer is over 1 MiB")

func (t *cappedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), t.timeout)
	defer cancel()
	sent := time.Now()
	res, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if t.clock != nil {
		t.clock.observe(res.Header, time.Since(sent))
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errBodyTooLong
	}
	if res.StatusCode >= http.StatusBadRequest {
		body = withoutSecrets(body, req)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// withoutSecrets takes out of a refusal what the request sent and nobody may
// read: a server may repeat it in a text that is shown.
func withoutSecrets(body []byte, req *http.Request) []byte {
	for _, secret := range secretsOf(req) {
		if secret != "" {
			body = bytes.ReplaceAll(body, []byte(secret), []byte("[secret]"))
		}
	}
	return body
}

func secretsOf(req *http.Request) []string {
	_, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	all := []string{token}
	if req.GetBody == nil {
		return all
	}
	body, err := req.GetBody()
	if err != nil {
		return all
	}
	text, _ := io.ReadAll(body) // it lies in memory
	form, _ := url.ParseQuery(string(text))
	for _, name := range []string{"code", "code_verifier", "device_code", "refresh_token", "token", "client_secret"} {
		all = append(all, form[name]...)
	}
	return all
}

// issuerClock knows how far the issuer's clock is from ours, by the Date of its
// latest answer.
type issuerClock struct {
	ours  func() time.Time
	ahead atomic.Int64
}

// observe reads Date, and Age: an answer that a cache kept carries the time of its
// making, which would make every token look like one from the future.
func (c *issuerClock) observe(h http.Header, took time.Duration) {
	theirs, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	if age, err := strconv.ParseUint(h.Get("Age"), 10, 31); err == nil {
		theirs = theirs.Add(time.Duration(age) * time.Second)
	}
	c.ahead.Store(int64(theirs.Sub(c.ours().Add(-took / 2))))
}

// now is the time at the issuer, as far as it told.
func (c *issuerClock) now() time.Time { return c.ours().Add(time.Duration(c.ahead.Load())) }

// warning is one line about a clock that is over a minute wrong, or "".
func (c *issuerClock) warning() string {
	ahead := time.Duration(c.ahead.Load())
	side := "behind"
	if ahead < 0 {
		side, ahead = "ahead of", -ahead
	}
	if ahead <= toleratedSkew {
		return ""
	}
	return fmt.Sprintf("this computer's clock is %s %s the issuer's: set the clock", ahead.Round(time.Second), side)
}

// ClockWarning is one line when this computer's clock and the issuer's were
// over a minute apart at the latest answer, or "".
func (c *Client) ClockWarning() string { return c.clock.warning() }

// unreachable turns a failed request into one line that holds no URL.
func unreachable(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	err = plainly(err)
	return &transient{error: problemf(err, "cannot reach %s (%s): check the network and its address", what, plain(err.Error()))}
}

// plainly says what the network did as people say it, without the call, the
// addresses and the name server.
func plainly(err error) error {
	if code, ok := errors.AsType[*os.SyscallError](err); ok {
		return code.Err
	}
	noName, ok := errors.AsType[*net.DNSError](err)
	switch {
	case ok && noName.IsNotFound:
		return inWords{err, "no such name"}
	case ok:
		return inWords{err, "its name could not be looked up"}
	case errors.Is(err, context.DeadlineExceeded):
		return inWords{err, "no answer in time"}
	}
	return err
}

// inWords is an error that is told in other words.
type inWords struct {
	error
	words string
}

func (e inWords) Error() string { return e.words }
func (e inWords) Unwrap() error { return e.error }

// failedAnswer is the error of an answer without a definite meaning.
func failedAnswer(what string, res *http.Response) error {
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 {
		return &transient{fmt.Errorf("%s answered %d: try again later", what, res.StatusCode), retryAfter(res.Header, time.Now())}
	}
	return fmt.Errorf("%s answered %d: run `kindling doctor`", what, res.StatusCode)
}

// retryAfter reads Retry-After (seconds or a date), else RateLimit-Reset (seconds).
func retryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After", "RateLimit-Reset"} {
		v := h.Get(name)
		if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && !math.IsNaN(s) {
			return time.Duration(min(s, longestPause.Seconds()) * float64(time.Second))
		}
		if at, err := http.ParseTime(v); err == nil && at.After(now) {
			return min(at.Sub(now), longestPause)
		}
	}
	return 0
}
