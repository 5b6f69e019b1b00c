package store_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// between stands before b. What answers is true for is answered by it alone.
func between(t *testing.T, b *backend, answers func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	target, err := url.Parse(b.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answers(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// gullible believes every token, whoever signed it and however long ago; role
// and sub are taken as they come.
func gullible(t *testing.T, b *backend) string {
	return between(t, b, func(_ http.ResponseWriter, r *http.Request) bool {
		claims := jwt.MapClaims{}
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, _, err := jwt.NewParser().ParseUnverified(token, claims); err == nil {
			delete(claims, "exp")
			signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(b.secret)
			if err != nil {
				t.Error(err)
			}
			r.Header.Set("Authorization", "Bearer "+signed)
		}
		r.Header.Del("X-Api-Key")
		return false
	})
}

func TestIsolationNamesAProjectThatBelievesAnyToken(t *testing.T) {
	b := pretend(t)
	before := settle(t, b)
	p := b.probe(t, true)
	p.BaseURL = gullible(t, b)
	got := named(run(t, p), "leak")
	want := []string{"read-kinde-token", "read-token-alg-none", "read-token-expired", "read-token-other-sub", "read-token-role-admin", "read-token-wrong-secret"}
	if !slices.Equal(got, want) {
		t.Errorf("leaks %v, want %v", got, want)
	}
	if after := b.table(); after != before {
		t.Errorf("the table is now %s", after)
	}
}

// Every way in that real parts keep shut is told where it is open.
func TestIsolationNamesEveryOpenDoor(t *testing.T) {
	b := pretend(t)
	settle(t, b)
	const his = `{"id":"b0000000-0000-4000-8000-000000000009","user_id":"kp_bob","title":"his"}`
	asks := func(part string) func(*http.Request) bool {
		return func(r *http.Request) bool { return strings.Contains(r.URL.RawQuery, part) }
	}
	says := func(name, value string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Header.Get(name) == value }
	}
	for attack, door := range map[string]struct {
		opens func(*http.Request) bool
		body  string
	}{
		"read-embedded":          {asks("others"), `[{"id":"a0000000-0000-4000-8000-000000000001","user_id":"kp_alice","others":[` + his + `]}]`},
		"read-embedded-users":    {asks("users(*)"), `[{"id":"a0000000-0000-4000-8000-000000000001","users":{"sub":"kp_bob"}}]`},
		"read-schema-auth":       {says("Accept-Profile", "auth"), "[" + his + "]"},
		"read-schema-system":     {says("Accept-Profile", "system"), "[" + his + "]"},
		"read-schema-pg_catalog": {says("Accept-Profile", "pg_catalog"), "[" + his + "]"},
		"read-schema-storage":    {says("Accept-Profile", "storage"), "[" + his + "]"},
		"read-no-token":          {func(r *http.Request) bool { return r.Header.Get("Authorization") == "" }, "[" + his + "]"},
		"read-api-key-junk":      {func(r *http.Request) bool { return r.Header.Get("X-Api-Key") != "" }, "[" + his + "]"},
		"read-as-csv":            {says("Accept", "text/csv"), "id,user_id\n1,kp_bob"},
	} {
		t.Run(attack, func(t *testing.T) {
			p := b.probe(t, false)
			p.BaseURL = between(t, b, func(w http.ResponseWriter, r *http.Request) bool {
				if door.opens(r) {
					_, _ = w.Write([]byte(door.body))
				}
				return door.opens(r)
			})
			if leaks := named(run(t, p), "leak"); !slices.Equal(leaks, []string{attack}) {
				t.Errorf("leaks %v", leaks)
			}
		})
	}
}

// What a failing project does not answer is not called safe.
func TestIsolationCallsNoAnswerUntested(t *testing.T) {
	b := pretend(t)
	settle(t, b)
	p := b.probe(t, false)
	p.BaseURL = between(t, b, func(w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.RawQuery, "id=eq.b0000000") {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}
		return false
	})
	if a := run(t, p)["read-by-id"]; a.Verdict != "untested" || a.Why == "" || !strings.HasPrefix(a.Answer, "500") {
		t.Errorf("%+v", a)
	}
}

// An answer to nobody, or none at all, says nothing of what a person may do.
func TestIsolationProvesNothingWhereItIsNotHeard(t *testing.T) {
	b := pretend(t)
	settle(t, b)
	for name, c := range map[string]struct {
		path   string
		status int
		body   string
		attack string
	}{
		"a sign-in that ended":        {"/records/todos?", 401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token"}`, "read-list-not-mine"},
		"a wrong anon key":            {"/records/todos?", 401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid anon key"}`, "anon-read"},
		"too many requests":           {"/records/todos?", 429, `{"error":"TOO_MANY_REQUESTS"}`, "read-list-not-mine"},
		"views that fail":             {"/records/my_todos?", 500, `{}`, "read-through-view"},
		"functions that are not told": {"/rpc/get_todos?", 429, `{}`, "read-through-function"},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.probe(t, false)
			p.BaseURL = between(t, b, func(w http.ResponseWriter, r *http.Request) bool {
				prepares := strings.Contains(r.URL.RawQuery, "user_id=eq.kp_bob&order=id")
				if prepares || !strings.Contains(r.URL.Path+"?", c.path) {
					return false
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
				return true
			})
			if a := run(t, p)[c.attack]; a.Verdict != "untested" || a.Why == "" {
				t.Errorf("%+v", a)
			}
		})
	}
}

// Where rows cannot be planted, what only reads is tried all the same, and the rest says why not.
func TestIsolationReadsWhereItCannotPlant(t *testing.T) {
	b := pretend(t)
	before := settle(t, b)
	p := b.probe(t, true)
	p.BaseURL = between(t, b, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"code":"42501","message":"new row violates row-level security policy"}`))
			return true
		}
		return false
	})
	attacks := run(t, p)
	if a := attacks["update-by-id"]; a.Verdict != "untested" || !strings.Contains(a.Why, "planted") {
		t.Errorf("%+v", a)
	}
	if a := attacks["read-by-id"]; a.Verdict != "safe" {
		t.Errorf("%+v", a)
	}
	if after := b.table(); after != before {
		t.Errorf("the table is now %s", after)
	}
}
