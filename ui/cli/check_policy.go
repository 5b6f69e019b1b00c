package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kindling/auth"
	"kindling/ui/cli/config"
)

// checkPolicy asks what can be asked without writing a row: whether a row in another's
// name is refused, and whether a row is shown to somebody whose it is not.
// Changes and deletes take two people and planted rows, and so the isolation probe.
func (a *app) checkPolicy(ctx context.Context, c config.Config, w witness) check {
	const name = "policy"
	p := policyCheck{app: a, config: c, w: w, records: c.InsForgeURL + "/api/database/records/todos"}
	var held []string
	for _, ask := range []question{p.ownRows, p.rowsForOthers, p.rowsOfOthers, p.anon, p.stranger} {
		well, leak, err := ask(ctx)
		switch {
		case err != nil:
			return check{name, checkWarn, "it could not be asked: " + err.Error(), "see that the project runs, then kindling doctor"}
		case leak != "":
			return check{name, checkFail, leak, "apply what kindling schema prints, then run kindling isolation --plant"}
		case well != "":
			held = append(held, well)
		}
	}
	return check{name, checkOK, strings.Join(held, "; "), "changes and deletes are tried by kindling isolation --plant alone"}
}

// question is one thing that a policy decides: what is well, or what leaks; both
// are "" where the question cannot be put.
type question func(context.Context) (well, leak string, err error)

type policyCheck struct {
	app     *app
	config  config.Config
	w       witness
	records string // their address
}

// refuses sends a row that no table takes: its id, the primary key, is NULL, and
// so is its title. PostgreSQL asks the policy before it looks at those, and so the
// code of its refusal tells what the policy thinks of the owner.
func (p policyCheck) refuses(ctx context.Context, owner string) (bool, error) {
	r, err := fetch(ctx, http.MethodPost, p.records, p.w.token, `{"id":null,"title":null,"user_id":`+quoted(owner)+`}`)
	switch {
	case err != nil:
		return false, err
	case r.code() == "42501":
		return true, nil
	case r.code() == "23502" || r.status/100 == 2:
		return false, nil
	}
	return false, fmt.Errorf("the project answered %d: %s", r.status, message(r))
}

// shows reports whether a query shows a row to whoever has the token.
func (p policyCheck) shows(ctx context.Context, token, query string) (bool, error) {
	r, err := fetch(ctx, http.MethodGet, p.records+"?limit=1&select=user_id&"+query, token, "")
	if err == nil && r.status != http.StatusOK && r.code() != "42501" {
		err = fmt.Errorf("the project answered %d: %s", r.status, message(r))
	}
	return r.status == http.StatusOK && strings.Contains(string(r.body), "{"), err
}

// ownRows is the counterproof: what refuses everybody proves nothing.
func (p policyCheck) ownRows(ctx context.Context) (well, leak string, err error) {
	if p.w.sub == "" {
		return "", "", nil
	}
	refused, err := p.refuses(ctx, p.w.sub)
	if err == nil && refused {
		leak = "the project refuses a row in one's own name"
	}
	return "", leak, err
}

func (p policyCheck) rowsForOthers(ctx context.Context) (well, leak string, err error) {
	refused, err := p.refuses(ctx, stranger+"_other")
	if err == nil && !refused {
		leak = p.w.who + " may add rows in another's name"
	}
	return "rows in another's name are refused", leak, err
}

func (p policyCheck) rowsOfOthers(ctx context.Context) (well, leak string, err error) {
	if p.w.sub == "" {
		return "", "", nil
	}
	seen, err := p.shows(ctx, p.w.token, "or="+url.QueryEscape("(user_id.neq."+quoted(p.w.sub)+",user_id.is.null)"))
	if seen {
		leak = "rows of other people are shown to " + p.w.who
	}
	return "no row of others is shown to " + p.w.who, leak, err
}

func (p policyCheck) anon(ctx context.Context) (well, leak string, err error) {
	if p.config.AnonKey == "" {
		return "", "", nil
	}
	seen, err := p.shows(ctx, p.config.AnonKey, "")
	if err != nil {
		err = fmt.Errorf("as the anon key, NEXT_PUBLIC_INSFORGE_ANON_KEY: %w", err)
	}
	if seen {
		leak = "anybody who has the project's anon key is shown rows"
	}
	return "the anon key sees no row", leak, err
}

// stranger asks for the witness's own rows as somebody else: only where there are
// some, an empty answer proves anything.
func (p policyCheck) stranger(ctx context.Context) (well, leak string, err error) {
	other, token := p.app.otherPerson(ctx, p.config, p.w)
	if other == "" || p.w.sub == "" {
		return "", "", nil
	}
	theirs := "user_id=eq." + url.QueryEscape(p.w.sub)
	if own, err := p.shows(ctx, p.w.token, theirs); err != nil || !own {
		return "", "", err
	}
	seen, err := p.shows(ctx, token, theirs)
	if seen {
		leak = "your rows are shown to " + other
	}
	return other + " sees no row of yours", leak, err
}

// otherPerson is somebody beside the witness: a made-up person in dev mode, or else
// another account of this machine. "" is nobody.
func (a *app) otherPerson(ctx context.Context, c config.Config, w witness) (name, token string) {
	if token, err := a.mintedStranger(c); err == nil && w.sub != stranger {
		return "a made-up person", token
	}
	accounts, err := a.accounts()
	if err != nil {
		return "", ""
	}
	all, _, _ := accounts.List() // no list: nobody
	i := slices.IndexFunc(all, func(acc auth.Account) bool { return acc.Issuer == c.Issuer && acc.Sub != w.sub })
	if i < 0 || w.sub == stranger {
		return "", ""
	}
	token, err = a.tokens(all[i]).Token(ctx, "")
	if err != nil {
		return "", ""
	}
	return all[i].Name, token
}

// mintedStranger signs a token for nobody, in dev mode.
func (a *app) mintedStranger(c config.Config) (string, error) {
	if c.JWTSecret.IsZero() {
		return "", errors.New("no secret signs here")
	}
	return mintWith([]byte(c.JWTSecret.Reveal()), a.Now)(stranger, a.Now().Add(time.Minute))
}
