package store

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func minimal(method, path, body string) request {
	return request{method: method, path: path, body: body, headers: map[string]string{"Prefer": "return=minimal"}}
}

// verdictOn looks at the answer of a write beside its effect; "" leaves the verdict.
type verdictOn func(response) (verdict, why string)

// accepted calls a 2xx a leak, whether or not the row can be seen afterwards.
func accepted(why string) verdictOn {
	return func(r response) (string, string) {
		if r.status/100 == 2 {
			return leak, why
		}
		return "", ""
	}
}

// existence calls a 409 what it is.
func existence(r response) (string, string) {
	if r.status == http.StatusConflict {
		return known, "409 tells that the id exists, and nothing more"
	}
	return "", ""
}

// write makes an attempt at a fresh row v of other's, with a fresh row of the
// attacker's own at hand. What other sees of its marked rows must be the same
// before and after, whatever the answer was.
func (a *attacker) write(name string, aim func(v, own planted) request, also verdictOn) attempt {
	t := attempt{name: name, try: func(ctx context.Context) finding {
		v, err := a.plant(ctx, a.other)
		if err != nil {
			return finding{verdict: untested, why: plain(err.Error(), longestMessage)}
		}
		own, err := a.plant(ctx, a.as)
		if err != nil {
			return finding{verdict: untested, why: plain(err.Error(), longestMessage)}
		}
		return a.compare(ctx, aim(v, own), also)
	}}
	t.needs = a.readOnly
	return t
}

// compare sends between two looks at other's marked rows.
func (a *attacker) compare(ctx context.Context, s request, also verdictOn) finding {
	before, err := a.snapshot(ctx)
	if err != nil {
		return finding{sent: s, verdict: untested, why: plain(err.Error(), longestMessage)}
	}
	r := a.sendAsOr(ctx, s)
	f := a.judge(s, r)
	after, err := a.snapshot(ctx)
	switch {
	case err != nil:
		return finding{sent: s, got: r, verdict: untested, why: plain(err.Error(), longestMessage)}
	case !maps.Equal(before, after):
		f.verdict, f.why = leak, difference(before, after)
	case also != nil && f.verdict == safe:
		if verdict, why := also(r); verdict != "" {
			f.verdict, f.why = verdict, why
		}
	}
	return f
}

// sendAsOr sends as the attacker, unless the request brings a key of its own.
func (a *attacker) sendAsOr(ctx context.Context, s request) response {
	if s.token != "" {
		return a.send(ctx, s)
	}
	return a.sendAs(ctx, a.as, s)
}

// snapshot is what other sees of its own marked rows.
func (a *attacker) snapshot(ctx context.Context) (map[string]string, error) {
	rows, err := a.rowsOf(ctx, a.other, a.marked()+"&user_id=eq."+escape(a.other.sub))
	if err != nil {
		return nil, err
	}
	seen := map[string]string{}
	for _, r := range rows {
		seen[r.ID] = jsonText(r)
	}
	return seen, nil
}

func difference(before, after map[string]string) string {
	for id := range before {
		if after[id] == "" {
			return "a row of another account is gone"
		}
		if after[id] != before[id] {
			return "a row of another account was changed"
		}
	}
	return "another account was given a row"
}

// writes are the ways to change what belongs to other.
func (a *attacker) writes() []attempt {
	set := func(pairs ...string) string {
		row := map[string]string{}
		for pair := range slices.Chunk(pairs, 2) {
			row[pair[0]] = pair[1]
		}
		return jsonText(row)
	}
	changedTitle := a.marker + " overwritten"
	byID := func(v planted) string { return todosPath + "id=eq." + v.ID + "&" + a.marked() }
	return []attempt{
		a.write("insert-as-other", func(_, _ planted) request {
			_, body := a.newRow(a.other.sub)
			return minimal(http.MethodPost, todosPath, body) // representation would hide the leak behind SELECT's policy
		}, accepted("a row was added in another's name")),
		a.write("insert-as-nobody", func(_, _ planted) request { return a.ownerless() }, func(r response) (string, string) {
			if r.status == http.StatusConflict || r.status/100 == 2 {
				return leak, "a row without an owner passes the policy"
			}
			return "", ""
		}),
		a.defaultOwner(),
		a.write("insert-over-ignore", func(v, _ planted) request {
			return request{method: http.MethodPost, path: todosPath + "on_conflict=id", body: set("id", v.ID, "title", changedTitle),
				headers: map[string]string{"Prefer": "resolution=ignore-duplicates,return=representation"}}
		}, nil),
		a.write("insert-over-merge", func(v, _ planted) request {
			return request{method: http.MethodPost, path: todosPath + "on_conflict=id", body: set("id", v.ID, "title", changedTitle),
				headers: map[string]string{"Prefer": "resolution=merge-duplicates"}}
		}, nil),
		a.write("insert-duplicate-id", func(v, _ planted) request {
			return minimal(http.MethodPost, todosPath, set("id", v.ID, "title", changedTitle))
		}, existence),
		a.write("update-by-id", func(v, _ planted) request {
			return request{method: http.MethodPatch, path: byID(v), body: set("title", changedTitle), headers: map[string]string{"Prefer": "return=representation"}}
		}, nil),
		a.write("update-other-schema", func(v, _ planted) request {
			s := minimal(http.MethodPatch, byID(v), set("title", changedTitle))
			s.headers["Content-Profile"] = "auth"
			return s
		}, nil),
		a.write("update-without-id", func(_, _ planted) request {
			return minimal(http.MethodPatch, todosPath+a.marked(), jsonText(map[string]bool{"is_complete": true}))
		}, nil),
		a.write("update-take-over", func(v, _ planted) request { return minimal(http.MethodPatch, byID(v), set("user_id", a.as.sub)) }, nil),
		a.write("update-give-away", func(_, own planted) request { return minimal(http.MethodPatch, byID(own), set("user_id", a.other.sub)) },
			accepted("a row was given to another")),
		a.write("update-to-taken-id", func(v, own planted) request { return minimal(http.MethodPatch, byID(own), set("id", v.ID)) }, existence),
		a.updateBlind(),
		a.write("delete-by-id", func(v, _ planted) request { return minimal(http.MethodDelete, byID(v), "") }, nil),
		a.write("delete-without-id", func(_, _ planted) request { return minimal(http.MethodDelete, todosPath+a.marked(), "") }, nil),
		{name: "delete-blind", needs: "a DELETE that is open behind a SELECT that is not cannot be tried without deleting rows"},
	}
}

// ownerless tries to add a row of nobody's, twice under one id: the second one
// makes the statement fail in any case, so that no row is left that nobody may remove.
func (a *attacker) ownerless() request {
	id, _ := a.newRow("")
	row := fmt.Sprintf(`{"id":%q,"title":"%s ownerless","user_id":null}`, id, a.marker)
	return minimal(http.MethodPost, todosPath, "["+row+","+row+"]")
}

// defaultOwner adds a row that names no owner: it must become its maker's.
// return=representation makes it fail where its maker could not see it.
func (a *attacker) defaultOwner() attempt {
	return a.write("insert-default-owner", func(_, _ planted) request {
		_, body := a.newRow("")
		return request{method: http.MethodPost, path: todosPath + columns, body: body, headers: map[string]string{"Prefer": "return=representation"}}
	}, func(r response) (string, string) {
		if r.status/100 == 2 && strings.Contains(r.body, jsonText(a.as.sub)) {
			return safe, ""
		}
		return leak, "a row that names no owner does not become its maker's: user_id has no right default"
	})
}

// beyond is what this probe does not reach.
func (a *attacker) beyond() []attempt {
	return []attempt{{name: "read-realtime", needs: "Kindling has no live updates yet, and opens no channel"}}
}
