package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
)

// TryOne attacks one todo of Other as As, for people to watch, and harms nothing
// whatever the policy is: its one write sets the title that the row has already,
// and only while it has it. The first attempt is the owner's own, which shows
// that the todo is there to be found.
func (p Probe) TryOne(ctx context.Context, t Todo) iter.Seq2[Attack, error] {
	const told = "select=title,id,user_id" // the title first: people watch
	byID, byTitle := "id=eq."+t.ID.String(), "title=eq."+url.QueryEscape(t.Title)
	attempts := []oneAttempt{
		{name: "read-as-owner", by: p.Other, method: http.MethodGet, query: query{byID, told}, owner: true},
		{name: "read-by-id", by: p.As, method: http.MethodGet, query: query{byID, told}},
		{name: "read-by-title", by: p.As, method: http.MethodGet, query: query{byTitle, told}},
		{name: "update-by-id", by: p.As, method: http.MethodPatch, query: query{byID, byTitle, told}, body: map[string]string{"title": t.Title}},
	}
	return func(yield func(Attack, error) bool) {
		if err := p.landsAsItself(ctx); err != nil {
			yield(Attack{}, err)
			return
		}
		for _, a := range attempts {
			attack, err := p.attempt(ctx, a, t)
			if !yield(attack, err) || err != nil {
				return
			}
		}
	}
}

// landsAsItself makes sure that the attacker is taken for who it is: a request
// that lands as nobody finds nothing either, and would prove nothing.
func (p Probe) landsAsItself(ctx context.Context) error {
	sub, err := newRecords(p.BaseURL, p.AsSub, p.HTTP, p.As).identity(ctx)
	if err == nil && sub != p.AsSub {
		err = fmt.Errorf("%w: the project takes the attacker for somebody else", ErrRefused)
	}
	return err
}

// oneAttempt is one request of TryOne.
type oneAttempt struct {
	name, method string
	by           TokenSource
	query        query
	body         map[string]string
	owner        bool
}

// attempt sends one request and judges its answer.
func (p Probe) attempt(ctx context.Context, a oneAttempt, t Todo) (Attack, error) {
	path := a.query.on("/api/database/records/todos")
	attack := Attack{Name: a.name, Sent: a.method + " " + path}
	if weakGuard(t, []column{titleCol}) && strings.Contains(path, "title=eq.") {
		attack.Answer, attack.Verdict, attack.Why = "not sent", "untested", "the title is too long for a URL"
		return attack, nil
	}
	token, err := a.by.Token(ctx, "")
	if err != nil {
		return attack, wrap("try "+a.name, err)
	}
	status, body, err := p.rawAnswer(ctx, a, strings.TrimRight(p.BaseURL, "/")+path, token)
	if err != nil {
		return attack, wrap("try "+a.name, err)
	}
	attack.Answer = fmt.Sprintf("%d %s", status, excerpt(body))
	attack.Verdict, attack.Why = a.judge(status, body, t.ID)
	return attack, nil
}

// rawAnswer sends the request once. Of the answer it reads as much as any row needs.
func (p Probe) rawAnswer(ctx context.Context, a oneAttempt, address, token string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestDeadline)
	defer cancel()
	c := call{method: a.method, url: address}
	if a.body != nil {
		c.body, _ = json.Marshal(a.body) // of strings: it does not fail
		c.prefer = "return=representation"
	}
	req, err := c.request(ctx, token)
	if err != nil {
		return 0, nil, err
	}
	res, err := straight(p.HTTP).Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrOffline, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	return res.StatusCode, body, err
}

// judge says what an answer means. A refusal and an empty answer are both safe;
// the owner has to find the row, or else nothing is shown by the others.
func (a oneAttempt) judge(status int, body []byte, id uuid.UUID) (verdict, why string) {
	found := status < 300 && bytes.Contains(bytes.ToLower(body), []byte(id.String()))
	switch {
	case a.owner && found:
		return "safe", "the owner finds it"
	case a.owner:
		return "untested", "the project does not hold it yet: sync first"
	case found && a.method == http.MethodPatch:
		return "leak", "somebody else's todo was written to"
	case found:
		return "leak", "somebody else's todo was read"
	case status >= 500 || status == http.StatusTooManyRequests:
		return "untested", "the project could not answer"
	case status == http.StatusUnauthorized:
		return "untested", "the sign-in was not accepted"
	case status >= 400:
		return "safe", "it was refused"
	}
	return "safe", "as if it did not exist"
}

// excerpt is the beginning of a body on one line.
func excerpt(body []byte) string {
	const most = 300
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body), "\ufffd")), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
