package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"kindling/store"
)

// check is one part that was looked at, and what to do when it is not well.
type check struct {
	Name   string `json:"name"`
	Result string `json:"result"` // ok, warning, failed or skipped
	Detail string `json:"detail"`
	Next   string `json:"next"` // what to do, or what this check leaves open; "" for nothing
}

const (
	checkOK   = "ok"
	checkWarn = "warning"
	checkFail = "failed"
	checkSkip = "skipped" // it cannot be looked at yet
)

// report prints checks; a failed one makes the command fail.
func (a *app) report(checks []check) error {
	failed := 0
	for _, c := range checks {
		if c.Result == checkFail {
			failed++
		}
	}
	if !a.forPeople() {
		if err := a.printValue(checks); err != nil {
			return err
		}
	} else if err := a.printChecks(checks); err != nil {
		return err
	}
	if failed > 0 {
		return errors.New(count(failed, "check") + " failed")
	}
	return nil
}

func (a *app) printChecks(checks []check) error {
	p := a.palette()
	marks := map[string]string{checkOK: p.paint("32", "ok     "), checkWarn: p.paint("33", "warning"), checkFail: p.paint("31", "failed "), checkSkip: p.faint("skipped")}
	said := ""
	for _, c := range checks {
		if _, err := fmt.Fprintf(a.Stdout, "%s  %-14s %s\n", marks[c.Result], c.Name, printable(c.Detail)); err != nil {
			return err
		}
		if next := c.Next; next != "" && next != said { // once for several in a row
			said = next
			if _, err := fmt.Fprintf(a.Stdout, "         %-14s → %s\n", "", printable(next)); err != nil {
				return err
			}
		}
	}
	return nil
}

// answer is what the project said to one request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code is the error code in a body of either shape that the backend has.
func (r answer) code() string {
	var e struct{ Code, Error string }
	_ = json.Unmarshal(r.body, &e) // not JSON: no code
	return cmp.Or(e.Code, e.Error)
}

// fetch makes one small request, for a check.
func fetch(ctx context.Context, method, address, token, body string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := still.Do(req)
	if err != nil {
		var told *url.Error // names the method and the address too
		if errors.As(err, &told) {
			err = told.Err
		}
		return answer{}, fmt.Errorf("cannot reach %s (%s)", req.URL.Host, store.Why(err))
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if token != "" {
		data = bytes.ReplaceAll(data, []byte(token), []byte("[secret]")) // a refusal may repeat it, and is shown
	}
	return answer{resp.StatusCode, resp.Header, data}, err
}

// still follows no redirect: a token must not travel on.
var still = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func message(r answer) string {
	var e struct{ Message string }
	if json.Unmarshal(r.body, &e) != nil || e.Message == "" {
		return string(r.body[:min(len(r.body), 120)])
	}
	return e.Message
}
