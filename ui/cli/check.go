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

	"kindling/auth"
	"kindling/store"
)

// check is one part that was looked at, and what to do when it is not well.
type check struct {
	Name   string `json:"name"`
	Result string `json:"result"` // ok, warning or failed
	Detail string `json:"detail"`
	Next   string `json:"next"` // what to do; "" where all is well
}

const (
	checkOK   = "ok"
	checkWarn = "warning"
	checkFail = "failed"
)

// report prints checks; a failed one makes the command fail.
func (a *app) report(checks []check) error {
	failed := 0
	for _, c := range checks {
		if c.Result == checkFail {
			failed++
		}
	}
	if a.flags.json {
		if err := a.printJSON(checks); err != nil {
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
	marks := map[string]string{checkOK: p.paint("32", "ok     "), checkWarn: p.paint("33", "warning"), checkFail: p.paint("31", "failed ")}
	for _, c := range checks {
		if _, err := fmt.Fprintf(a.Stdout, "%s  %-14s %s\n", marks[c.Result], c.Name, printable(c.Detail)); err != nil {
			return err
		}
		if c.Next != "" {
			if _, err := fmt.Fprintf(a.Stdout, "         %-14s → %s\n", "", printable(c.Next)); err != nil {
				return err
			}
		}
	}
	return nil
}

const columns = "id,user_id,title,is_complete,created_at"

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

// checkTable asks for exactly the five columns.
func (a *app) checkTable(ctx context.Context, acc auth.Account) check {
	const name = "table"
	c, err := a.project()
	if err != nil {
		return check{name, checkFail, err.Error(), "kindling setup"}
	}
	token, err := a.tokens(acc).Token(ctx, "")
	if err != nil {
		return check{name, checkFail, err.Error(), "kindling login"}
	}
	r, err := fetch(ctx, http.MethodGet, c.InsForgeURL+"/api/database/records/todos?limit=1&select="+columns, token, "")
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "see that the project runs and INSFORGE_URL is right"}
	case r.status == http.StatusOK:
		return check{name, checkOK, "todos has " + strings.ReplaceAll(columns, ",", ", "), ""}
	case r.code() == "42501" || r.status == http.StatusUnauthorized:
		return check{name, checkFail, "the project refuses this key", "the companion must sign with this project's own JWT_SECRET"}
	case r.code() == "42P01" || r.status == http.StatusNotFound:
		return check{name, checkFail, "there is no todos table", "kindling schema > schema.sql && npx @insforge/cli db import schema.sql"}
	case r.code() == "42703" || r.code() == "PGRST204":
		return check{name, checkFail, "a column is missing: " + message(r), "kindling schema shows the five that are needed"}
	}
	return check{name, checkFail, fmt.Sprintf("the project answered %d: %s", r.status, message(r)), "see the project's own log"}
}

func message(r answer) string {
	var e struct{ Message string }
	if json.Unmarshal(r.body, &e) != nil || e.Message == "" {
		return string(r.body[:min(len(r.body), 120)])
	}
	return e.Message
}

// checkIdentity asks the project whom it takes us for: the policy stands on that.
func (a *app) checkIdentity(ctx context.Context, acc auth.Account) check {
	const name = "identity"
	c, err := a.project()
	if err != nil {
		return check{name, checkFail, err.Error(), "kindling setup"}
	}
	token, err := a.tokens(acc).Token(ctx, "")
	if err != nil {
		return check{name, checkFail, err.Error(), "kindling login"}
	}
	r, err := fetch(ctx, http.MethodPost, c.InsForgeURL+"/api/database/rpc/requesting_user_id", token, "{}")
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "see that the project runs"}
	case r.status != http.StatusOK:
		return check{name, checkFail, "requesting_user_id() cannot be called: " + message(r), "apply kindling schema"}
	case string(bytes.TrimSpace(r.body)) != quoted(acc.Sub):
		return check{name, checkFail, "the project takes us for somebody else", "the companion must put Kinde's sub into the token"}
	}
	return check{name, checkOK, "the project knows us as " + acc.Sub, ""}
}

func quoted(s string) string {
	data, _ := json.Marshal(s) // a string always encodes
	return string(data)
}
