package store

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// shows says whether an answer has a row of other in it: by its id, by its owner, or
// by its title, if that is one of this run.
func (a *attacker) shows(r response) bool {
	if r.status/100 != 2 {
		return false
	}
	if a.target.ID != "" && strings.Contains(r.body, a.target.ID) {
		return true
	}
	if strings.HasPrefix(a.target.Title, a.marker) && strings.Contains(r.body, jsonText(a.target.Title)) {
		return true
	}
	var body any
	if json.Unmarshal([]byte(r.body), &body) != nil {
		return strings.Contains(r.body, a.other.sub)
	}
	return a.names(body)
}

// names looks for somebody else as a row's owner, or for other by any name, however
// deep: embedding puts rows into rows.
func (a *attacker) names(v any) bool {
	switch v := v.(type) {
	case string:
		return v == a.other.sub
	case []any:
		return slices.ContainsFunc(v, a.names)
	case map[string]any:
		if owner, ok := v["user_id"].(string); ok && owner != a.as.sub {
			return true
		}
		for _, inner := range v {
			if a.names(inner) {
				return true
			}
		}
	}
	return false
}

// judge is the verdict on an answer that should show nothing of other's. Where the
// project does not take the sender for anybody, the answer says nothing of what a
// person may do.
func (a *attacker) judge(s request, r response) finding {
	f := a.judgeForged(s, r)
	if f.verdict == safe && r.turnedAway() {
		f.verdict, f.why = untested, "the project does not accept the sign-in, or the key"
	}
	return f
}

// judgeForged is judge where to be turned away is what should come.
func (a *attacker) judgeForged(s request, r response) finding {
	f := finding{sent: s, got: r, verdict: safe}
	switch {
	case r.err != nil:
		f.verdict, f.why = untested, "no answer"
	case r.status >= 500 || r.status == http.StatusTooManyRequests:
		f.verdict, f.why = untested, "the project could not answer"
	case a.shows(r):
		f.verdict, f.why = leak, "rows of another account came back"
	}
	return f
}

// judgeCount is the verdict on a number of other's rows, which should be 0.
func (a *attacker) judgeCount(s request, r response) finding {
	f := a.judge(s, r)
	if n, ok := r.total(); ok && n > 0 && f.verdict == safe {
		f.verdict, f.why = leak, fmt.Sprintf("rows of another account were counted: %d", n)
	}
	return f
}

func (a *attacker) get(query string) request {
	return request{method: http.MethodGet, path: todosPath + query}
}

// asThem makes an attempt that sends as the attacker.
func (a *attacker) asThem(name string, s request, judge func(request, response) finding) attempt {
	return attempt{name: name, try: func(ctx context.Context) finding {
		return judge(s, a.sendAs(ctx, a.as, s))
	}}
}

func withHeader(s request, name, value string) request {
	s.headers = map[string]string{name: value}
	return s
}

// reads are the plain ways to read what belongs to other.
func (a *attacker) reads() []attempt {
	id, theirs := a.target.ID, "user_id=eq."+escape(a.other.sub)
	counted := a.get(theirs + "&limit=0")
	head := withHeader(a.get(theirs), "Prefer", "count=exact")
	head.method = http.MethodHead
	all := []attempt{
		a.asThem("read-list", a.get("limit=1000&select=id,user_id"), a.judge),
		a.asThem("read-list-of-other", a.get(theirs+"&limit=5&select=id,user_id,title"), a.judge),
		a.asThem("read-list-not-mine", a.get("user_id=neq."+escape(a.as.sub)+"&limit=5&select=id,user_id,title"), a.judge),
		a.asThem("read-list-not-null", a.get("user_id=not.in.("+quoted(a.as.sub)+")&limit=5&select=id,user_id,title"), a.judge),
		a.asThem("read-order", a.get("order=user_id."+a.towardsOther()+"&limit=1&select=id,user_id"), a.judge),
		a.asThem("read-range", withHeader(a.get("order=user_id."+a.towardsOther()+"&select=id,user_id"), "Range", "0-0"), a.judge),
		a.asThem("read-count-exact", withHeader(counted, "Prefer", "count=exact"), a.judgeCount),
		a.plannedCount(withHeader(counted, "Prefer", "count=planned")),
		a.asThem("read-count-head", head, a.judgeCount),
	}
	byID := []attempt{
		a.asThem("read-by-id", a.get("id=eq."+id), a.judge),
		a.asThem("read-by-ids", a.get("id=in.("+id+")&select=id,user_id"), a.judge),
		a.asThem("read-by-id-or", a.get("or=(id.eq."+id+",user_id.eq."+escape(quote(a.other.sub))+")&limit=5&select=id,user_id"), a.judge),
		a.asThem("read-from-id", a.get("id=gte."+id+"&order=id&limit=1&select=id,user_id"), a.judge),
		a.asThem("read-by-title", withHeader(a.get("title=eq."+escape(a.target.Title)+"&"+theirs+"&limit=0"), "Prefer", "count=exact"), a.judgeCount),
		a.asThem("read-as-one-object", withHeader(a.get("id=eq."+id), "Accept", "application/vnd.pgrst.object+json"), a.judge),
		a.asThem("read-as-csv", withHeader(a.get("id=eq."+id), "Accept", "text/csv"), a.judge),
	}
	if id == "" {
		for i := range byID {
			byID[i].needs = "the other account has no todo to go for: add one, or allow --plant"
		}
	}
	return append(all, byID...)
}

// towardsOther is the direction in which other's rows would come first.
func (a *attacker) towardsOther() string {
	if a.other.sub > a.as.sub {
		return "desc"
	}
	return "asc"
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func quoted(s string) string { return escape(quote(s)) }

// plannedCount asks for the planner's guess. Where the true count is closed, a
// guess tells how many rows there are of everybody's, roughly, and nothing more.
func (a *attacker) plannedCount(s request) attempt {
	return attempt{name: "read-count-planned", try: func(ctx context.Context) finding {
		f := a.judge(s, a.sendAs(ctx, a.as, s))
		guess, _ := f.got.total()
		if guess <= 1 || f.verdict != safe {
			return f
		}
		exact := a.sendAs(ctx, a.as, withHeader(s, "Prefer", "count=exact"))
		if n, _ := exact.total(); n > 0 {
			f.verdict, f.why = leak, "the count of another account's rows is open"
		} else {
			f.verdict, f.why = known, "the planner's guess; the true count is closed"
		}
		return f
	}}
}
