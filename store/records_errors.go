package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
)

const (
	longestMessage = 300
	largestError   = 64 << 10
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
	if e.Code == "" { // a proxy's answer has none
		return fmt.Sprintf("the project answered %d: %s", e.Status, e.Message)
	}
	return fmt.Sprintf("the project answered %d %s: %s", e.Status, e.Code, e.Message)
}

// outcome is what an error of a write says about the row.
type outcome uint8

const (
	refused   outcome = iota + 1 // a definite no: nothing was written (4xx)
	notSent                      // no connection was made: name not found, refused, no route
	uncertain                    // 5xx, time-out, connection lost: it may be written, or land up to 20 s later
)

// outcomeOf classifies the error of a write; a nil error has no outcome. A 429
// was not written and may simply be sent again later, as if it never was.
func outcomeOf(err error) outcome {
	if err == nil {
		return 0
	}
	if _, ok := errors.AsType[unsent](err); ok {
		return notSent
	}
	api, ok := errors.AsType[*APIError](err)
	switch {
	case errors.Is(err, ErrTitle), errors.Is(err, ErrNothing):
		return refused
	case !ok || api.Status == http.StatusRequestTimeout || api.Status/100 != 4:
		return uncertain
	case api.Status == http.StatusTooManyRequests:
		return notSent
	}
	return refused
}

// unsent marks an error of a request that never left this machine.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

// refusal makes the error of an answer outside 2xx.
func refusal(res *http.Response) error {
	e := &APIError{
		Status:     res.StatusCode,
		RetryAfter: retryAfter(res.Header, time.Now()),
	}
	e.Date, _ = http.ParseTime(res.Header.Get("Date"))
	body, _ := io.ReadAll(io.LimitReader(res.Body, largestError))
	body = withoutToken(body, res.Request)
	e.Code, e.Message = describe(body)
	if e.Message == "" {
		e.Message = strings.ToLower(http.StatusText(res.StatusCode))
	}
	if kind := kindOf(e); kind != nil {
		return fmt.Errorf("%w: %w", kind, e)
	}
	return e
}

// withoutToken takes the token of a request out of what came back: a server may
// repeat it in a text that is shown.
func withoutToken(text []byte, req *http.Request) []byte {
	if req == nil {
		return text
	}
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	if token == "" {
		return text
	}
	return bytes.ReplaceAll(text, []byte(token), []byte("[secret]"))
}

// describe reads either shape of error: PostgREST's has code, InsForge's has error.
func describe(body []byte) (code, message string) {
	var shape struct {
		Code    any    `json:"code"`
		Error   any    `json:"error"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &shape) != nil {
		return "", "" // a proxy's page says nothing worth a line
	}
	for _, name := range []any{shape.Code, shape.Error} {
		if s, ok := name.(string); ok && code == "" {
			code = plain(s, 60)
		}
	}
	return code, plain(shape.Message, longestMessage)
}

// kindOf names what a caller can do about an answer, nil where it concerns the one request alone.
func kindOf(e *APIError) error {
	switch {
	case e.Code == "42501", e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden && e.Code == "AUTH_UNAUTHORIZED":
		return ErrRefused
	case e.Status == http.StatusNotFound:
		return ErrNoTable
	case e.Status/100 != 4, e.Status == http.StatusRequestTimeout, e.Status == http.StatusTooManyRequests:
		return ErrOffline
	}
	return nil
}

// tokenRefused reports whether a new token may help: row-level security also
// answers 401 to nobody, by 42501, and that is not a matter of the token's age.
func tokenRefused(err error) bool {
	api, ok := errors.AsType[*APIError](err)
	return ok && api.Status == http.StatusUnauthorized && api.Code != "42501"
}

func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil {
		return time.Duration(min(max(s, 0), 24*3600)) * time.Second
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

// plain makes text of a server fit for one line of a terminal, by the rule that auth
// has too: no control or formatting characters, and not long.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
