package realdb

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// session is one psql that stays: a new one for each question would cost more
// than all the rest of a test.
type session struct {
	mu     sync.Mutex
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	asked  int
}

func (s *Server) startPSQL() error {
	cmd := exec.Command(s.tools.psql, "-X", "-q", "-A", "-t", "-P", "null=∅", "-h", s.dir, "-U", "postgres", "-d", "postgres", "-f", "-")
	dieWithParent(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start psql: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start psql: %w", err)
	}
	cmd.Stderr = cmd.Stdout // one stream, so that an error comes before the mark behind it
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start psql: %w", err)
	}
	s.psql = &session{cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout)}
	return nil
}

// run plays SQL in one transaction and returns what psql printed.
func (s *session) run(sql string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	mark := fmt.Sprintf("-- mark %d --", s.asked)
	if _, err := fmt.Fprintf(s.stdin, "begin;\n%s\n;\ncommit;\nselect '%s';\n", sql, mark); err != nil {
		return "", fmt.Errorf("ask psql: %w", err)
	}
	var out, errs strings.Builder
	for {
		line, err := s.stdout.ReadString('\n')
		switch {
		case err != nil:
			return "", fmt.Errorf("read psql: %w: %s", err, errs.String())
		case line == mark+"\n" && errs.Len() > 0:
			return "", fmt.Errorf("psql: %s", errs.String())
		case line == mark+"\n":
			return strings.TrimSuffix(out.String(), "\n"), nil
		case strings.Contains(line, "psql:<stdin>:") && strings.Contains(line, "ERROR:"):
			errs.WriteString(line)
		case !strings.Contains(line, "psql:<stdin>:"): // the rest are notices
			out.WriteString(line)
		}
	}
}

func (s *session) stop() {
	if s != nil {
		_ = s.stdin.Close()
		_ = s.cmd.Wait()
	}
}

// Apply empties the project and runs the SQL in it as InsForge's import would:
// as project_admin, in one transaction. Of a schema that is there it only takes the rows.
func (s *Server) Apply(tb testing.TB, sql string) {
	tb.Helper()
	if sql == s.applied {
		s.PSQL(tb, "truncate public.todos")
		return
	}
	s.PSQL(tb, emptyProject+asAdmin+sql)
	if sql != s.loaded {
		s.reload(tb)
	}
	s.applied, s.loaded = sql, sql
}

const asAdmin = ";\nset local role project_admin;\n"

// Upgrade runs SQL over what is there, as Apply does.
func (s *Server) Upgrade(tb testing.TB, sql string) {
	tb.Helper()
	s.Alter(tb, sql)
	s.reload(tb)
	s.loaded = ""
}

// Alter runs SQL that PostgREST need not learn of: policies, rights, defaults.
func (s *Server) Alter(tb testing.TB, sql string) {
	tb.Helper()
	s.applied = ""
	s.PSQL(tb, asAdmin+sql)
}

// PSQL runs SQL as the superuser, in one transaction, and returns what psql
// prints: rows by line, fields by |, and NULL as ∅.
func (s *Server) PSQL(tb testing.TB, sql string) string {
	tb.Helper()
	out, err := s.psql.run(sql)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// reload makes PostgREST see a changed schema, and returns when it does. A load
// that was under way may show the first marker without having seen the tables:
// what shows the second one began after that.
func (s *Server) reload(tb testing.TB) {
	tb.Helper()
	s.awaitMarker(tb)
	s.awaitMarker(tb)
}

// awaitMarker makes a function of a new name and waits until it answers.
func (s *Server) awaitMarker(tb testing.TB) {
	tb.Helper()
	marker := fmt.Sprintf("marker_%d", time.Now().UnixNano())
	s.PSQL(tb, "create function public."+marker+"() returns int language sql as 'select 1'")
	defer s.PSQL(tb, "drop function public."+marker+"()")
	for i := range 12_000 {
		if i%100 == 0 { // PostgREST drops what it is told while it loads
			s.PSQL(tb, "notify pgrst, 'reload schema'")
		}
		res, err := s.rest.Get("http://postgrest/rpc/" + marker)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	tb.Fatal("PostgREST did not load the schema in a minute")
}
