package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"kindling/auth"
	"kindling/ui/cli/config"
)

const columns = "id,user_id,title,is_complete,created_at"

// witness is whom the project is asked as, when its table is looked at. Without
// a sub it is nobody: whoever has the project's public key.
type witness struct{ who, sub, token string }

// you is how the checks speak to the person whose account they use.
const you = "you"

// stranger is who nobody is: no todo is theirs.
const stranger = "kindling_check"

// standIn is a witness where nobody is signed in: a made-up person in dev mode,
// or else the anon key. ok is false where there is neither.
func (a *app) standIn(c config.Config) (w witness, ok bool) {
	if token, err := a.mintedStranger(c); err == nil {
		return witness{"a made-up person", stranger, token}, true
	}
	return witness{"the anon key", "", c.AnonKey}, c.AnonKey != ""
}

// checkTodos looks at the table, whom it takes the witness for, and its policy.
func (a *app) checkTodos(ctx context.Context, c config.Config, w witness) []check {
	table := checkTable(ctx, c, w)
	if table.Result != checkOK {
		return append([]check{table}, skipped("the table comes first", "", "identity", "policy")...)
	}
	return []check{table, checkIdentity(ctx, c, w), a.checkPolicy(ctx, c, w)}
}

// skipped are checks that cannot be made yet.
func skipped(why, next string, names ...string) []check {
	checks := make([]check, len(names))
	for i, name := range names {
		checks[i] = check{name, checkSkip, why, next}
	}
	return checks
}

// checkTable asks for exactly the five columns.
func checkTable(ctx context.Context, c config.Config, w witness) check {
	const name = "table"
	r, err := fetch(ctx, http.MethodGet, c.InsForgeURL+"/api/database/records/todos?limit=1&select="+columns, w.token, "")
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "see that the project runs and INSFORGE_URL is right"}
	case r.status == http.StatusOK:
		return check{name, checkOK, "todos has " + strings.ReplaceAll(columns, ",", ", "), ""}
	case r.code() == "42501" && w.sub == "":
		return check{name, checkSkip, "the anon key may not read the table, which is well", "kindling login, then kindling doctor"}
	case r.status == http.StatusUnauthorized && w.sub == "":
		return check{name, checkFail, "the project refuses the anon key", "set NEXT_PUBLIC_INSFORGE_ANON_KEY to the project's own"}
	case r.code() == "42501" || r.status == http.StatusUnauthorized:
		return check{name, checkFail, "the project refuses this key", "the companion must sign with this project's own JWT_SECRET"}
	case r.code() == "42P01" || r.status == http.StatusNotFound:
		return check{name, checkFail, "there is no todos table", "kindling schema > schema.sql && npx @insforge/cli db import schema.sql"}
	case r.code() == "42703" || r.code() == "PGRST204":
		return check{name, checkFail, "a column is missing: " + message(r), "kindling schema shows the five that are needed"}
	}
	return check{name, checkFail, fmt.Sprintf("the project answered %d: %s", r.status, message(r)), "see the project's own log"}
}

// checkIdentity asks the project whom it takes the witness for: the policy stands on that.
func checkIdentity(ctx context.Context, c config.Config, w witness) check {
	const name = "identity"
	r, err := fetch(ctx, http.MethodPost, c.InsForgeURL+"/api/database/rpc/requesting_user_id", w.token, "{}")
	body := string(bytes.TrimSpace(r.body))
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "see that the project runs"}
	case r.status != http.StatusOK:
		return check{name, checkFail, "requesting_user_id() cannot be called: " + message(r), "apply what kindling schema prints"}
	case w.sub == "" && cmp.Or(body, "null") == "null":
		return check{name, checkOK, "requesting_user_id() answers, and knows nobody behind the anon key", ""}
	case body != quoted(w.sub):
		return check{name, checkFail, "the project takes " + w.who + " for somebody else", "the companion must put Kinde's sub into the token"}
	}
	return check{name, checkOK, "the project knows " + w.who + " as " + w.sub, ""}
}

func quoted(s string) string {
	data, _ := json.Marshal(s) // a string always encodes
	return string(data)
}

// witness is the one that a signed-in account is.
func (a *app) witness(ctx context.Context, acc auth.Account) (witness, error) {
	token, err := a.tokens(acc).Token(ctx, "")
	return witness{you, acc.Sub, token}, err
}
