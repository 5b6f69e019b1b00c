package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"kindling/assets"
	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
	"kindling/store/demodb"
	"kindling/store/demodb/realdb"
)

// TestMain makes this test binary the program itself, and the browsers that
// choose Alice or Bob, when it is started under their names.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"kindling":     main,
		"choose-alice": func() { choose("alice") },
		"choose-bob":   func() { choose("bob") },
		"choose-none":  func() { choose("cancel") },
	})
}

// tests ends the real parts with the tests that started them.
type tests struct{ *testing.M }

func (t tests) Run() int { return realdb.Main(t.M) }

// choose is a browser: it opens the sign-in page, presses a button, and goes
// where it is sent.
func choose(who string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	callback, err := demoidp.Choose(ctx, http.DefaultClient, os.Args[1], who)
	if err == nil {
		var resp *http.Response
		if resp, err = http.Get(callback); err == nil {
			_ = resp.Body.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// site is a server that can be taken off the network and put back at the same address.
type site struct {
	addr    string
	handler http.Handler
	server  *http.Server
}

func newSite() (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	return &site{addr: l.Addr().String()}, l.Close()
}

func (s *site) url() string { return "http://" + s.addr }

// start serves, unless it does. While a site is down, somebody's connection may have
// its port for a moment.
func (s *site) start() (err error) {
	if s.server != nil {
		return nil
	}
	var l net.Listener
	for range 1000 {
		if l, err = net.Listen("tcp", s.addr); err == nil {
			s.server = &http.Server{Handler: s.handler}
			go func(server *http.Server) { _ = server.Serve(l) }(s.server)
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return err
}

func (s *site) stop() {
	if s.server != nil {
		_ = s.server.Close()
		s.server = nil
	}
}

// world is one script's Kinde, companion and InsForge. While it leaks, everybody
// is an administrator: there is no row-level security. While it refuses, no todo
// changes: a constraint of the project's own forbids it. While it has an answer of
// its own, that is what every request for todos gets.
type world struct {
	kinde, project *site
	leaks, refuses atomic.Bool
	answer         atomic.Pointer[answer]
}

type answer struct {
	status int
	body   string
}

const testSecret = "a secret of the tests, of at least 32 bytes"

// pretend is an InsForge that a script has for itself.
func pretend() (http.Handler, string, error) {
	db, err := demodb.New(demodb.Config{Secret: []byte(testSecret), AnonKey: "anon_test"})
	return db, testSecret, err
}

func newWorld(db http.Handler, secret string) (*world, error) {
	kinde, err1 := newSite()
	project, err2 := newSite()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	idp, err1 := demoidp.New(demoidp.Config{Issuer: kinde.url(), Clients: []string{"test-client"}, DeviceClient: "test-device"})
	function, err2 := companion.New(companion.Config{Issuer: kinde.url(), Clients: []string{"test-client"}, Secret: auth.NewSecret(secret)})
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/functions/kindling-token", function)
	w := &world{kinde: kinde, project: project}
	mux.Handle("/", w.policy(db))
	kinde.handler, project.handler = idp, mux
	return w, errors.Join(kinde.start(), project.start())
}

func (w *world) policy(db http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if a := w.answer.Load(); a != nil {
			rw.WriteHeader(a.status)
			_, _ = io.WriteString(rw, a.body)
			return
		}
		if w.refuses.Load() && r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/records/") {
			rw.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(rw, `{"code":"23514","message":"violates check constraint \"todos_frozen\""}`)
			return
		}
		claims := jwt.MapClaims{}
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, _, err := jwt.NewParser().ParseUnverified(token, claims); ok && err == nil && w.leaks.Load() && strings.Contains(r.URL.Path, "/records/") {
			claims["role"] = "project_admin"
			token, _ = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(testSecret))
			r.Header.Set("Authorization", "Bearer "+token)
		}
		db.ServeHTTP(rw, r)
	})
}

type worldKey struct{}

type command = func(*testscript.TestScript, bool, []string)

func TestScripts(t *testing.T) { runScripts(t, filepath.Join("testdata", "script"), pretend, nil) }

func runScripts(t *testing.T, dir string, project func() (http.Handler, string, error), psql command) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               func(env *testscript.Env) error { return setUp(env, project) },
		Cmds: map[string]command{
			"exits": exits, "network": network, "demo": demo, "setvar": setVar, "await": await, "psql": psql, "device": device,
			"answers": answers,
		},
	})
}

// The same program, on real PostgreSQL and PostgREST.
func TestRealProject(t *testing.T) {
	real := realdb.Get(t)
	real.Apply(t, assets.Schema)
	at, err := url.Parse(real.URL)
	if err != nil {
		t.Fatal(err)
	}
	project := func() (http.Handler, string, error) {
		return httputil.NewSingleHostReverseProxy(at), string(real.Secret), nil
	}
	runScripts(t, filepath.Join("testdata", "real"), project, func(ts *testscript.TestScript, _ bool, args []string) {
		_, _ = fmt.Fprintln(ts.Stdout(), real.PSQL(t, args[0]))
	})
}

// Every kindling command that the README shows works as it stands there. Its
// example id is the id of the todo that the line before added.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, files := &strings.Builder{}, &strings.Builder{}
	script.WriteString("[!exec:sh] skip 'SKIP: needs sh'\nexec sh guide.sh\nexec kindling login\n")
	shown := regexp.MustCompile("(?m)^ *(kindling [^\n`]+)$").FindAllStringSubmatch(string(readme), -1)
	for i, line := range shown {
		command := strings.ReplaceAll(line[1], "3f2", "$(kindling add example)")
		fmt.Fprintf(script, "exec sh line%d.sh\n", i)
		fmt.Fprintf(files, "-- line%d.sh --\n%s\n", i, command)
	}
	if len(shown) < 6 {
		t.Fatalf("the README shows only %d commands", len(shown))
	}
	dir := t.TempDir()
	text := script.String() + files.String() + readmeFiles
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	runScripts(t, dir, pretend, nil)
}

// readmeFiles are the files that the README's reader has: a todo.txt, the
// guide's .env.local, and a second account.
const readmeFiles = `-- todo.txt --
(A) call mum +family
x read the README
-- guide.sh --
echo "INSFORGE_URL=$INSFORGE_URL" > .env.local
BROWSER=choose-bob kindling login
`

// setUp gives a script an empty home, and a world that its environment points to.
func setUp(env *testscript.Env, project func() (http.Handler, string, error)) error {
	db, secret, err := project()
	if err != nil {
		return err
	}
	w, err := newWorld(db, secret)
	if err != nil {
		return err
	}
	env.Defer(func() { w.kinde.stop(); w.project.stop() })
	back, err1 := newSite() // two free addresses: for the sign-in, and for what a script starts
	own, err2 := newSite()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	for name, value := range map[string]string{
		"KINDE_ISSUER_URL": w.kinde.url(), "KINDE_CLIENT_ID": "test-client", "KINDE_REDIRECT_URL": back.url() + "/callback",
		"INSFORGE_URL": w.project.url(), "BROWSER": "choose-alice",
		"KINDLING_KEYRING": "file", "KINDLING_KEYRING_PASSPHRASE": "a passphrase",
		"NEXT_PUBLIC_INSFORGE_ANON_KEY": "anon_test", "ADDR": own.addr, "SECRET": testSecret, "TZ": "UTC",
	} {
		env.Setenv(name, value)
	}
	env.Values[worldKey{}] = w
	return useDevice(env, filepath.Join(env.WorkDir, "home"))
}

// useDevice makes a directory the home of what is run next. The XDG names are
// set too, so that the places in it are the same on every system.
func useDevice(env interface{ Setenv(name, value string) }, home string) error {
	for name, below := range map[string]string{"HOME": "", "XDG_CONFIG_HOME": ".config", "XDG_DATA_HOME": ".local/share", "XDG_STATE_HOME": ".local/state"} {
		env.Setenv(name, filepath.Join(home, below))
	}
	return os.MkdirAll(home, 0o700)
}

// device goes on as another machine: device other.
func device(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(useDevice(ts, filepath.Join(ts.Getenv("WORK"), args[0])))
}

// exits runs a program and checks its exit code: exits 4 kindling show abc.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	got := 0
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exited with %d, not %d", strings.Join(args[1:], " "), got, want)
	}
}

// network takes the project or Kinde off the network, or puts it back, or takes
// the project's policy away, or has it refuse every change: network project off.
func network(ts *testscript.TestScript, _ bool, args []string) {
	w := ts.Value(worldKey{}).(*world)
	w.leaks.Store(args[1] == "leaks")
	w.refuses.Store(args[1] == "refuses")
	if w.leaks.Load() || w.refuses.Load() {
		return
	}
	at := map[string]*site{"project": w.project, "kinde": w.kinde}[args[0]]
	if args[1] == "on" {
		ts.Check(at.start())
		return
	}
	at.stop()
}

// answers has the project answer every request for todos alike, or as it does by
// itself again: answers 404 '{"code":"42P01"}', or answers.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	w := ts.Value(worldKey{}).(*world)
	if len(args) == 0 {
		w.answer.Store(nil)
		return
	}
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	w.answer.Store(&answer{status, args[1]})
}

// await waits until something listens at an address.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for range 6000 { // a minute: only what hangs takes it
		if c, err := net.Dial("tcp", args[0]); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("nothing listens at %s", args[0])
}

// setVar keeps the first word of a file in a variable: setvar ID stdout.
func setVar(ts *testscript.TestScript, _ bool, args []string) {
	words := strings.Fields(ts.ReadFile(args[1]))
	if len(words) == 0 {
		ts.Fatalf("%s is empty", args[1])
	}
	ts.Setenv(args[0], words[0])
}

// demo starts kindling demo --serve, and takes over the settings that it
// prints: in one write, when its servers answer. It ends with the script.
func demo(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath("kindling")
	ts.Check(err)
	cmd := exec.Command(path, append([]string{"demo", "--serve"}, args...)...)
	cmd.Dir = ts.Getenv("WORK")
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "PATH", "TZ", "SYSTEMROOT", "TMP"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		if cmd.Process.Signal(os.Interrupt) != nil { // Windows
			_ = cmd.Process.Kill()
		}
		_ = cmd.Wait()
	})
	text := make([]byte, 1<<16)
	n, err := out.Read(text)
	ts.Check(err)
	for line := range strings.Lines(string(text[:n])) {
		name, value, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if !ok || !strings.HasPrefix(line, "export ") {
			ts.Fatalf("demo --serve printed %q", line)
		}
		ts.Setenv(name, value)
	}
}

// parts is everything below the interface.
var parts = []string{"kindling/assets", "kindling/auth", "kindling/auth/companion", "kindling/auth/demoidp",
	"kindling/store", "kindling/store/todotxt", "kindling/store/demodb"}

// arrows are the imports that each package may make inside the module. A
// package that is not here may not exist. A test may also use the assets, and
// reach down into its own package's sub-packages.
var arrows = map[string][]string{
	"kindling":                     append([]string{"kindling/ui", "kindling/ui/cli", "kindling/ui/cli/config"}, parts...),
	"kindling/ui/cli":              append([]string{"kindling/ui", "kindling/ui/cli/config"}, parts...),
	"kindling/ui/cli/config":       {"kindling/ui", "kindling/auth"},
	"kindling/ui":                  parts,
	"kindling/auth":                {"kindling/assets"},
	"kindling/auth/companion":      {"kindling/auth", "kindling/assets"},
	"kindling/auth/demoidp":        {},
	"kindling/store":               {},
	"kindling/store/todotxt":       {"kindling/store"},
	"kindling/store/demodb":        {},
	"kindling/store/demodb/realdb": {"kindling/store/demodb"},
	"kindling/assets":              {},
}

// listed is a package as go list tells it.
type listed struct {
	ImportPath           string
	Imports, TestImports []string
}

func TestArrows(t *testing.T) {
	packages := list(t)
	if len(packages) < len(arrows)-1 {
		t.Fatalf("go list found %d packages", len(packages))
	}
	for _, wrong := range wrongArrows(packages) {
		t.Error(wrong)
	}
}

// The test itself can fail: each of these is not allowed.
func TestArrowsAreHeld(t *testing.T) {
	for _, p := range []listed{
		{ImportPath: "kindling/store", Imports: []string{"kindling/auth"}},
		{ImportPath: "kindling/auth", TestImports: []string{"kindling/store"}},
		{ImportPath: "kindling/ui", Imports: []string{"kindling/ui/cli"}},
		{ImportPath: "kindling/utils"},
		{ImportPath: "kindling/assets", Imports: []string{"html/template"}},
	} {
		if len(wrongArrows([]listed{p})) != 1 {
			t.Errorf("%+v passed", p)
		}
	}
}

func wrongArrows(packages []listed) []string {
	var wrong []string
	for _, p := range packages {
		allowed, known := arrows[p.ImportPath]
		if !known {
			wrong = append(wrong, p.ImportPath+" is not on the map: add it to ARCHITECTURE.md and to arrows, or put it elsewhere")
			continue
		}
		if slices.ContainsFunc(p.Imports, func(to string) bool { return strings.HasSuffix(to, "/template") }) {
			wrong = append(wrong, p.ImportPath+" must not import a template: where one runs, the linker keeps every method of every type, 3.5 MB of the program")
		}
		tests := slices.DeleteFunc(p.TestImports, func(to string) bool { return to == "kindling/assets" || strings.HasPrefix(to, p.ImportPath+"/") })
		for _, to := range slices.Concat(p.Imports, tests) {
			if inModule(to) && !slices.Contains(allowed, to) {
				wrong = append(wrong, fmt.Sprintf("%s must not import %s", p.ImportPath, to))
			}
		}
	}
	return wrong
}

func inModule(path string) bool { return path == "kindling" || strings.HasPrefix(path, "kindling/") }

// list asks the go command for every package of the module. It needs no network.
func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// The table of libraries names each that go.mod asks for itself.
func TestLibrariesHaveTheirReason(t *testing.T) {
	mod, err1 := os.ReadFile("go.mod")
	text, err2 := os.ReadFile("ARCHITECTURE.md")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var names []string // the first column's
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, strings.FieldsFunc(row[1], func(r rune) bool { return strings.ContainsRune("/, ", r) })...)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+?)(?:/v\d+)? v\S+$`).FindAllStringSubmatch(string(mod), -1)
	if len(direct) < 20 {
		t.Fatalf("go.mod names only %d", len(direct))
	}
	for _, m := range direct {
		if !slices.Contains(names, path.Base(m[1])) {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", m[1])
		}
	}
}
