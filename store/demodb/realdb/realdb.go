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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindling/store/demodb"
)

// AnonKey is the project's public key.
const AnonKey = "anon_realdb"

// Server is a running project. Its schema is empty until Apply.
type Server struct {
	URL    string
	Secret []byte // signs the JWTs

	dir      string
	tools    tools
	running  []*exec.Cmd // in the order of their start
	psql     *session
	applied  string // the schema that is there, "" when it was changed since
	loaded   string // the schema that PostgREST knows
	front    *httptest.Server
	rest     *http.Client
	patience atomic.Int64 // with PostgREST, as a time.Duration
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
	s := &Server{Secret: []byte("pretend secret, thirty-two bytes or more"), dir: dir, tools: t}
	s.patience.Store(int64(10 * time.Second))
	if err := s.startAll(); err != nil {
		s.stop()
		return nil, err
	}
	s.front = httptest.NewServer(demodb.Front(demodb.Config{Secret: s.Secret, AnonKey: AnonKey}, s.answer))
	s.URL = s.front.URL
	return s, nil
}

func (s *Server) startAll() error {
	for _, part := range []func() error{s.startPostgres, s.startPSQL, s.prepare, s.startPostgREST} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// prepare makes the roles and rights of a new project.
func (s *Server) prepare() error {
	_, err := s.psql.run(insforgeRoles)
	return err
}

func (s *Server) stop() {
	if s.front != nil {
		s.front.Close()
	}
	s.psql.stop()
	for i := len(s.running) - 1; i >= 0; i-- {
		_ = s.running[i].Process.Signal(os.Interrupt) // PostgreSQL: a fast shutdown
		_ = s.running[i].Wait()
	}
	_ = os.RemoveAll(s.dir)
}

// Impatient makes the project give up on a statement after d, instead of 10 s,
// until the test ends. The statement goes on, as it does in InsForge.
func (s *Server) Impatient(tb testing.TB, d time.Duration) {
	s.patience.Store(int64(d))
	tb.Cleanup(func() { s.patience.Store(int64(10 * time.Second)) })
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
