package store_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/assets"
	"kindling/store/demodb"
	"kindling/store/demodb/realdb"
)

func TestMain(m *testing.M) { os.Exit(realdb.Main(m)) }

const anonKey = realdb.AnonKey

// backend is a records API under test, with an empty todos table.
type backend struct {
	url    string
	secret []byte
	table  func() string // every row, by id, as JSON, whoever owns it
	clear  func()
	last   string // the table when it was last looked at
	fixed  string // the table with nothing but the fixture in it
}

// planted returns the table with the fixture in it, and makes it so where it is not.
func (b *backend) planted(t *testing.T) string {
	t.Helper()
	if b.last == "" || readable(b.last) != b.fixed {
		b.clear()
		if res, body := b.do(t, "admin", "POST", "/api/database/records/todos", nil, names.Replace(fixture)); res.StatusCode != 201 {
			t.Fatalf("plant the fixture: %d %s", res.StatusCode, body)
		}
		b.fixed = readable(b.seen())
	}
	return b.last
}

func (b *backend) seen() string {
	b.last = b.table()
	return b.last
}

// eachBackend runs the same test on the pretend and on the real records API.
func eachBackend(t *testing.T, test func(t *testing.T, b *backend)) {
	t.Run("pretend", func(t *testing.T) { test(t, pretend(t)) })
	t.Run("real", func(t *testing.T) {
		s := realdb.Get(t)
		s.Apply(t, assets.Schema)
		test(t, real(t, s))
	})
}

// real is judged by psql.
func real(t testing.TB, s *realdb.Server) *backend {
	return &backend{
		url: s.URL, secret: s.Secret,
		table: func() string { return s.PSQL(t, "select coalesce(json_agg(t order by id), '[]') from public.todos t") },
		clear: func() { s.PSQL(t, "truncate public.todos") },
	}
}

// pretend is judged through the key that row-level security does not bind.
func pretend(t testing.TB) *backend {
	b := &backend{secret: []byte("pretend secret, thirty-two bytes or more")}
	var db *demodb.DB
	b.clear = func() {
		var err error
		if db, err = demodb.New(demodb.Config{Secret: b.secret, AnonKey: anonKey}); err != nil {
			t.Fatal(err)
		}
	}
	b.clear()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { db.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	b.url = srv.URL
	b.table = func() string {
		_, body := b.do(t, "admin", "GET", "/api/database/records/todos?order=id", nil, "")
		return body
	}
	return b
}

// token signs for a person; "" is nobody.
func (b *backend) token(t testing.TB, who string) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": "kp_" + who, "role": "authenticated", "aud": "insforge-api", "exp": time.Now().Add(time.Hour).Unix()}
	switch who {
	case "nobody":
		return ""
	case "anon":
		return anonKey
	case "admin":
		claims["role"] = "project_admin"
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(b.secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// do sends one request as somebody, and returns the answer with its body read.
func (b *backend) do(t testing.TB, who, method, path string, headers map[string]string, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, b.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token := b.token(t, who); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

// signer is a TokenSource that signs for one person.
type signer struct {
	t   testing.TB
	b   *backend
	who string
}

func (p signer) Token(context.Context, string) (string, error) { return p.b.token(p.t, p.who), nil }

// Rows that every case of the contract starts with, and the names of their ids.
const fixture = `[
 {"id":"{A1}","user_id":"kp_alice","title":"one","is_complete":false,"created_at":"2026-01-02T03:04:05Z"},
 {"id":"{A2}","user_id":"kp_alice","title":"two, \"2\"","is_complete":true,"created_at":"2026-01-02T03:04:05.1Z"},
 {"id":"{A3}","user_id":"kp_alice","title":"","is_complete":null,"created_at":null},
 {"id":"{B1}","user_id":"kp_bob","title":"bob's","is_complete":false,"created_at":"2026-01-02T03:04:05Z"}]`

var names = strings.NewReplacer(
	"{A1}", "a0000000-0000-4000-8000-000000000001", "{A2}", "a0000000-0000-4000-8000-000000000002",
	"{A3}", "a0000000-0000-4000-8000-000000000003", "{B1}", "b0000000-0000-4000-8000-000000000001",
	"{N1}", "c0000000-0000-4000-8000-000000000001", "{N2}", "c0000000-0000-4000-8000-000000000002",
)

var (
	unnamed  = regexp.MustCompile(`([abc])0000000-0000-4000-8000-00000000000(\d)`)
	randomID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	recently = regexp.MustCompile(fmt.Sprintf(`"%d-\d\d-\d\dT[\d:.]+\+00:00"`, time.Now().Year()))
)

// readable names the ids of the fixture and hides what differs from run to run.
func readable(s string) string {
	s = unnamed.ReplaceAllStringFunc(s, func(id string) string {
		name := map[byte]string{'a': "A", 'b': "B", 'c': "N"}[id[0]]
		return "{" + name + id[len(id)-1:] + "}"
	})
	s = randomID.ReplaceAllString(s, "{random}")
	return recently.ReplaceAllStringFunc(s, func(stamp string) string {
		if strings.HasPrefix(stamp, `"2026-01-0`) {
			return stamp
		}
		return `"{now}"`
	})
}
