package demodb

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var secret = []byte("a secret of thirty-two characters")

func tokenFor(t testing.TB, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func open(t testing.TB, dir string) *DB {
	t.Helper()
	d, err := New(Config{Secret: secret, AnonKey: "anon_demo", Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// ask sends one request as sub, and returns status and body.
func ask(t testing.TB, d *DB, sub, method, query, body string, headers ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, "/api/database/records/todos"+query, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+tokenFor(t, jwt.MapClaims{"sub": sub}))
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestRowsOutliveARun(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for i := range 3 {
		ask(t, d, "kp_alice", "POST", "", fmt.Sprintf(`{"title":"todo %d","is_complete":null,"created_at":"0044-03-15T00:00:00.5+00:00 BC"}`, i))
	}
	ask(t, d, "kp_alice", "PATCH", "?title=eq.todo+1", `{"title":"changed \u0001 é"}`)
	ask(t, d, "kp_alice", "DELETE", "?title=eq.todo+2", "")
	_, want := ask(t, d, "kp_alice", "GET", "?order=id", "")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got := ask(t, open(t, dir), "kp_alice", "GET", "?order=id", ""); got != want || strings.Count(got, "{") != 2 {
		t.Fatalf("after a restart %s, before %s", got, want)
	}
}

func TestATornLastLineIsDroppedAndTheRestKept(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	ask(t, d, "kp_alice", "POST", "", `{"title":"kept"}`)
	d.Close()
	path := filepath.Join(dir, "todos.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, whole[:len(whole)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	d = open(t, dir)
	ask(t, d, "kp_alice", "POST", "", `{"title":"after"}`)
	d.Close()
	if _, got := ask(t, open(t, dir), "kp_alice", "GET", "", ""); strings.Count(got, "title") != 2 {
		t.Fatalf("%s", got)
	}
}

func TestADamagedFileIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "todos.jsonl")
	if err := os.WriteFile(path, []byte("nonsense\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Secret: secret, Dir: dir}); err == nil {
		t.Fatal("opened")
	}
	if b, _ := os.ReadFile(path); string(b) != "nonsense\n{}\n" {
		t.Fatalf("now %q", b)
	}
}

func TestCredentialsAreReadAsInsForgeReadsThem(t *testing.T) {
	d := open(t, "")
	past, future := time.Now().Add(-time.Second).Unix(), time.Now().Add(time.Minute).Unix()
	other, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "a"}).SignedString([]byte("another secret of 32 characters.."))
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, jwt.MapClaims{"sub": "a"}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	long, err := jwt.NewWithClaims(jwt.SigningMethodHS512, jwt.MapClaims{"sub": "a"}).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	as := func(c jwt.MapClaims) string { return "Bearer " + tokenFor(t, c) }
	for _, c := range []struct {
		name, authorization, apiKey string
		status                      int
		says                        string
	}{
		{"nothing", "", "", 401, "No token provided"},
		{"lower case", "bearer " + tokenFor(t, jwt.MapClaims{"sub": "a"}), "", 401, "No token provided"},
		{"garbage", "Bearer x.y.z", "", 401, "Invalid token"},
		{"another secret", "Bearer " + other, "", 401, "Invalid token"},
		{"alg none", "Bearer " + unsigned, "", 401, "Invalid token"},
		{"HS512", "Bearer " + long, "", 401, "Invalid token"},
		{"expired", as(jwt.MapClaims{"sub": "a", "exp": past}), "", 401, "Invalid token"},
		{"not yet", as(jwt.MapClaims{"sub": "a", "nbf": future}), "", 401, "Invalid token"},
		{"no sub", as(jwt.MapClaims{"role": "authenticated"}), "", 401, "Invalid token subject"},
		{"empty sub", as(jwt.MapClaims{"sub": ""}), "", 401, "Invalid token subject"},
		{"a number", as(jwt.MapClaims{"sub": 1}), "", 401, "PGRST301"},
		{"another role", as(jwt.MapClaims{"sub": "a", "role": "postgres"}), "", 403, "Invalid user role claim"},
		{"no role, no exp, other aud", as(jwt.MapClaims{"sub": "a", "aud": "x"}), "", 200, "[]"},
		{"junk beside a token", as(jwt.MapClaims{"sub": "a"}), "junk", 401, "Invalid API key"},
		{"an admin key", "Bearer ik_guess", "", 401, "Invalid API key"},
		{"the anon key", "Bearer anon_demo", "", 200, "[]"},
		{"an anon key", "Bearer anon_other", "", 401, "Invalid anon key"},
	} {
		r := httptest.NewRequest("GET", "/api/database/records/todos", nil)
		r.Header.Set("Authorization", c.authorization)
		r.Header.Set("X-Api-Key", c.apiKey)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
}

func TestTheETagIsThatOfExpress(t *testing.T) {
	if got := etag([]byte("[]")); got != `W/"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w"` {
		t.Fatal(got)
	}
	d := open(t, "")
	status, body := ask(t, d, "kp_alice", "GET", "", "", `If-None-Match: W/"2-l9Fw4VUO7kr8CvBlt4zaMCqXZ0w"`)
	if status != http.StatusNotModified || body != "" {
		t.Fatalf("%d %q", status, body)
	}
}

// BenchmarkAHundredThousandRows is an insert, a page and an edit of a long table.
func BenchmarkAHundredThousandRows(b *testing.B) {
	d := open(b, b.TempDir())
	seed(b, d, 100_000)
	for i := 0; b.Loop(); i++ {
		ask(b, d, "kp_alice", "POST", "", `{"title":"one more"}`)
		ask(b, d, "kp_alice", "GET", fmt.Sprintf("?order=id.asc&limit=10&id=gte.%08x-0000-4000-8000-000000000000", i%256<<24), "")
		ask(b, d, "kp_alice", "PATCH", "?title=eq.one+more&id=eq.00000000-0000-4000-8000-000000000000", `{"title":"x"}`)
	}
}

func seed(t testing.TB, d *DB, n int) {
	t.Helper()
	var b strings.Builder
	for i := 0; i < n; i += 10_000 {
		b.Reset()
		for j := range 10_000 {
			fmt.Fprintf(&b, `%c{"title":"todo %d"}`, "[,"[min(j, 1)], i+j)
		}
		if status, body := ask(t, d, "kp_alice", "POST", "", b.String()+"]"); status != 201 {
			t.Fatalf("%d %.200s", status, body)
		}
	}
}

func FuzzRequest(f *testing.F) {
	for _, q := range []string{"select=id,title&order=id.desc&limit=2", "or=(title.eq.a,and(id.is.null,not.title.like.*x*))",
		`title=in.("a,b","c\"d")`, "id=eq.nope", "title=match.^%5Ba", "created_at=gt.2026-01-01", "limit=-1", "is_complete=not.is.true", "and=()"} {
		f.Add(q, `{"title":"a"}`)
	}
	f.Add("columns=title", `[{"title":{"a":[1]},"x":1}]`)
	f.Add("", `{"title":"\ud800"}`)
	d := open(f, "")
	f.Fuzz(func(t *testing.T, query, body string) {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			r := httptest.NewRequest(method, "/api/database/records/todos", strings.NewReader(body))
			r.URL.RawQuery = query
			r.Header.Set("Authorization", "Bearer "+tokenFor(t, jwt.MapClaims{"sub": "kp_alice"}))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			if w.Code < 200 || w.Code > 500 {
				t.Fatalf("%s ?%s: %d", method, query, w.Code)
			}
			io.Copy(io.Discard, w.Body)
		}
	})
}
