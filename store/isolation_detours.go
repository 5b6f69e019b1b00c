package store

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// detours are the ways around the table: other schemas, embedding, views and functions.
func (a *attacker) detours() []attempt {
	all := []attempt{
		a.asThem("read-embedded", a.get("select=id,user_id,others:todos(*)&limit=5"), a.judge),
		a.asThem("read-embedded-users", a.get("select=id,users(*)&limit=5"), a.judge),
	}
	for _, schema := range []string{"auth", "system", "pg_catalog", "storage"} {
		s := withHeader(request{method: http.MethodGet, path: todosPath + "limit=5"}, "Accept-Profile", schema)
		all = append(all, a.asThem("read-schema-"+schema, s, a.judge))
	}
	return append(all,
		a.rpcAsOther(),
		attempt{name: "read-through-view", try: a.throughView},
		attempt{name: "read-through-function", try: a.throughFunction},
	)
}

// rpcAsOther asks who it is while claiming to be other.
func (a *attacker) rpcAsOther() attempt {
	s := request{method: http.MethodGet, path: "rpc/requesting_user_id?sub=" + escape(a.other.sub)}
	return a.asThem("read-rpc", s, func(s request, r response) finding {
		f := a.judge(s, r)
		if f.verdict == leak {
			f.why = "the function answers as another account"
		}
		return f
	})
}

// likelyNames are what people call a view, or a function, over todos. A public
// API has no list of them.
var likelyNames = []string{
	"all_todos", "todos_all", "todos_view", "view_todos", "v_todos", "todos_v", "todo_view", "todo_list", "todos_list", "todos_public",
	"public_todos", "my_todos", "user_todos", "users_todos", "open_todos", "active_todos", "completed_todos", "recent_todos", "todos_summary",
	"todos_with_users", "todos_admin", "admin_todos", "shared_todos", "get_todos", "get_all_todos", "list_todos", "list_all_todos",
	"fetch_todos", "search_todos", "find_todos", "read_todos", "get_my_todos", "get_user_todos", "get_todo", "todo_by_id", "todos_for_user",
}

// throughView tries views by likely names: one that runs with its owner's
// rights shows everybody's rows.
func (a *attacker) throughView(ctx context.Context) finding {
	first := request{method: http.MethodGet, path: fmt.Sprintf("records/{%d likely names}?…", len(likelyNames))}
	f := finding{sent: first, verdict: safe, why: "no view of a likely name shows another's rows"}
	for _, name := range likelyNames {
		for _, filter := range a.aimed() {
			s := request{method: http.MethodGet, path: "records/" + name + "?" + filter}
			now := a.judge(s, a.sendAs(ctx, a.as, s))
			if now.verdict == leak {
				now.why = "the view " + name + " shows rows of another account"
				return now
			}
			f.note(now)
			if now.got.status == http.StatusNotFound {
				break
			}
		}
	}
	return f
}

// note adds an answer without a leak to those before it: none of them is proof where
// one did not come.
func (f *finding) note(now finding) {
	if f.got = now.got; now.verdict == untested {
		f.verdict, f.why = untested, now.why
	}
}

// aimed are filters that find a row of other in a view or a function's result.
func (a *attacker) aimed() []string {
	filters := []string{"limit=5&user_id=eq." + escape(a.other.sub)}
	if a.target.ID != "" {
		filters = append(filters, "id=eq."+a.target.ID)
	}
	return append(filters, "limit=1000")
}

// throughFunction tries functions by likely names, and then those that the API
// itself proposes. It asks by GET, in which nothing can be written.
func (a *attacker) throughFunction(ctx context.Context) finding {
	f := finding{sent: request{method: http.MethodGet, path: fmt.Sprintf("rpc/{%d likely names}?…", len(likelyNames))}, verdict: safe,
		why: "no function of a likely name shows another's rows"}
	queue := append([]string{"todos"}, likelyNames...)
	tried := map[string]bool{}
	for len(queue) > 0 && len(tried) < 4*len(likelyNames) {
		name := queue[0]
		queue = queue[1:]
		if tried[name] {
			continue
		}
		tried[name] = true
		for _, call := range a.calls(name) {
			s := request{method: http.MethodGet, path: "rpc/" + call}
			now := a.judge(s, a.sendAs(ctx, a.as, s))
			if now.verdict == leak {
				now.why = "the function " + name + " shows rows of another account"
				return now
			}
			f.note(now)
			queue = append(queue, proposals(name, now.got)...)
		}
	}
	return f
}

// calls makes the queries for a name, which was guessed, or for what was
// proposed: "get_todos()", whose arguments are not told, or "get_todos(uid, n)".
func (a *attacker) calls(name string) []string {
	name, args, proposed := strings.Cut(strings.TrimSuffix(name, ")"), "(")
	var queries []string
	if !proposed {
		return []string{name + "?limit=5&user_id=eq." + escape(a.other.sub)}
	}
	if args == "" {
		for _, filter := range append(a.aimed(), "") {
			queries = append(queries, name+"?"+filter)
		}
		for _, arg := range []string{"user_id", "owner", "sub", "id"} { // near the right one, its name is proposed
			queries = append(queries, name+"?"+arg+"="+escape(a.other.sub))
		}
		return queries
	}
	for _, value := range []string{a.other.sub, a.target.ID, "1"} {
		var set []string
		for arg := range strings.SplitSeq(args, ",") {
			set = append(set, strings.TrimSpace(arg)+"="+escape(value))
		}
		queries = append(queries, name+"?"+strings.Join(set, "&"))
	}
	return queries
}

// hinted is PostgREST's proposal where a function's name or arguments are nearly right.
var hinted = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`public\.(\w+)(?:\(([\w, ]*)\))?`)
})

// proposals are the functions that an answer shows to exist: that of the guessed
// name, unless it is a 404, and those of an error's hint.
func proposals(name string, r response) []string {
	if r.status != http.StatusNotFound && !strings.Contains(name, "(") {
		return []string{name + "()"}
	}
	var e struct {
		Hint string `json:"hint"`
	}
	if json.Unmarshal([]byte(r.body), &e) != nil {
		return nil
	}
	var names []string
	for _, m := range hinted().FindAllStringSubmatch(e.Hint, -1) {
		names = append(names, m[1]+"("+m[2]+")")
	}
	return names
}
