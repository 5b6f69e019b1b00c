// Package realdb runs a real PostgreSQL and a real PostgREST behind the same
// front as the pretend backend, for tests: an InsForge project as its users
// meet it. One server serves a whole test binary.
package realdb

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/store/demodb"
)

// AnonKey is the project's public key.
const AnonKey = "anon_realdb"

// Server is a running project. Its schema is empty until Apply.
type Server struct {
	URL    string
	Secret []byte // signs the JWTs

	dir     string
	tools   tools
	running []*exec.Cmd // in the order of their start
	front   *httptest.Server
	rest    *http.Client
	timeout time.Duration
}

var shared struct {
	sync.Once
	server *Server
	err    error
}

// Main runs a package's tests and stops what they started. Call it in TestMain.
func Main(m *testing.M) int {
	defer func() {
		if shared.server != nil {
			shared.server.stop()
		}
	}()
	return m.Run()
}

// Get returns the test binary's one server. Where its parts are missing the
// test is skipped, or fails with KINDLING_REQUIRE_REAL=1.
func Get(tb testing.TB) *Server {
	tb.Helper()
	shared.Do(func() { shared.server, shared.err = start() })
	missing, isMissing := errors.AsType[missingPart](shared.err)
	switch {
	case isMissing && os.Getenv("KINDLING_REQUIRE_REAL") != "1":
		tb.Skip("NOT RUN on the real database: " + missing.Error())
	case shared.err != nil:
		tb.Fatal(shared.err)
	}
	return shared.server
}

func start() (*Server, error) {
	t, err := findTools()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kindling-real")
	if err != nil {
		return nil, fmt.Errorf("make a place for PostgreSQL: %w", err)
	}
	s := &Server{Secret: []byte("pretend secret, thirty-two bytes or more"), dir: dir, tools: t, timeout: 10 * time.Second}
	if err := errors.Join(s.startPostgres(), s.startPostgREST()); err != nil {
		s.stop()
		return nil, err
	}
	s.front = httptest.NewServer(demodb.Front(demodb.Config{Secret: s.Secret, AnonKey: AnonKey}, s.answer))
	s.URL = s.front.URL
	return s, nil
}

func (s *Server) stop() {
	if s.front != nil {
		s.front.Close()
	}
	for i := len(s.running) - 1; i >= 0; i-- {
		_ = s.running[i].Process.Signal(os.Interrupt) // PostgreSQL: a fast shutdown
		_ = s.running[i].Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// Token signs claims as InsForge's secret would.
func (s *Server) Token(tb testing.TB, claims jwt.MapClaims) string {
	tb.Helper()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.Secret)
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

// Apply empties the project and runs the SQL in it as InsForge's import would:
// as project_admin, in one transaction.
func (s *Server) Apply(tb testing.TB, sql string) {
	tb.Helper()
	s.PSQL(tb, emptyProject)
	s.run(tb, "set role project_admin;\n"+sql)
	s.Reload(tb)
}

// Upgrade runs SQL over what is there.
func (s *Server) Upgrade(tb testing.TB, sql string) {
	tb.Helper()
	s.run(tb, "set role project_admin;\n"+sql)
	s.Reload(tb)
}

// PSQL runs SQL as the superuser and returns what psql prints: rows by line,
// fields by |, and NULL as ∅.
func (s *Server) PSQL(tb testing.TB, sql string) string {
	tb.Helper()
	return s.run(tb, sql)
}

func (s *Server) run(tb testing.TB, sql string) string {
	tb.Helper()
	cmd := exec.Command(s.tools.psql, "-X", "-q", "-A", "-t", "-P", "null=∅", "-1", "-v", "ON_ERROR_STOP=1",
		"-h", s.dir, "-U", "postgres", "-d", "postgres", "-f", "-")
	cmd.Stdin = strings.NewReader(sql)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("psql: %v: %s", err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// Reload makes PostgREST see a changed schema, and returns when it does: a
// marker function of a new name must answer.
func (s *Server) Reload(tb testing.TB) {
	tb.Helper()
	marker := fmt.Sprintf("marker_%d", time.Now().UnixNano())
	s.PSQL(tb, "create function public."+marker+"() returns int language sql as 'select 1'; notify pgrst, 'reload schema'")
	defer s.PSQL(tb, "drop function public."+marker+"()")
	for range 500 {
		res, err := s.rest.Get("http://postgrest/rpc/" + marker)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatal("PostgREST did not load the schema in 5 s")
}

func (s *Server) socket() string { return filepath.Join(s.dir, "postgrest.sock") }

// restClient speaks to PostgREST over its socket: no port of this machine is taken.
func (s *Server) restClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", s.socket())
		},
		MaxIdleConnsPerHost: 16,
	}}
}
