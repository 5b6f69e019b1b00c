package cli_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
	"kindling/store/demodb"
)

// TestNoSecretLeavesTheProgram lives a whole life with the program itself, at the
// highest log level and among servers that repeat in their refusals what they
// were sent, and then looks for every secret in every byte that came out: files,
// streams, and the arguments and environment of each child. State and nonce are
// not looked for: they stand in the address.
func TestNoSecretLeavesTheProgram(t *testing.T) {
	l := newLife(t)
	l.browserLogin("--account", "alice")
	l.run("accounts", "--json")
	l.deviceLogin("--account", "bob")
	l.run("switch", "alice")
	l.changeTodos()
	l.edit()
	l.beRefused()
	l.ownCompanion()
	l.develop()
	l.open()
	l.pasteLogin("--account", "alice", "--as-other")
	keys := l.cacheKeys()
	l.run("status")
	l.run("logout", "--all", "--force")
	l.run("logout", "--purge", "--force")

	if found := l.leaks(keys...); len(found) > 0 {
		t.Errorf("written somewhere: %s", strings.Join(found, ", "))
	}
	for _, kind := range []string{"code", "code_verifier", "access_token", "refresh_token", "id_token", "device_code", "bearer", "renewal"} {
		if !l.has(kind) {
			t.Errorf("no %s was ever sent: the test does not test it", kind)
		}
	}
	l.run("add", "my secret is "+l.known["INSFORGE_JWT_SECRET"]) // which is printed: the search can find
	if found := l.leaks(); !slices.Equal(found, []string{"INSFORGE_JWT_SECRET"}) {
		t.Errorf("a secret that was printed: found %v", found)
	}
}

// The search itself sees a secret in any of its dresses.
func TestLeaksAreFound(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrcF8xIn0.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
	const key = "\x00\x9f key of a cache, 32 bytes \xff."
	secrets := map[string]string{"token": token, "key": key}
	for said, want := range map[string]string{
		"time=1 msg=sent token=" + token:                                                                       "token",
		"Bearer ..c2lnbmF0dXJlLW9mLWEtdG9rZW4":                                                                 "token",
		"?key=" + url.QueryEscape(key):                                                                         "key",
		"hexkey='" + hex.EncodeToString([]byte(key)) + "'":                                                     "key",
		strings.ToUpper(hex.EncodeToString([]byte(key))):                                                       "key",
		`{"v":"` + base64.StdEncoding.EncodeToString([]byte("ab"+key+"c")) + `"}`:                              "key",
		`{"v":"` + base64.RawURLEncoding.EncodeToString([]byte("a"+key)) + `"}`:                                "key",
		"SQLite" + key + "page":                                                                                "key",
		"another person's eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrcF8yIn0.YW5vdGhlcg in a line":                       "a JWT",
		"AGE-SECRET-KEY-1QQPQ":                                                                                 "a vault's key",
		"state=c3RhdGU and nonce, alice@example.com, " + base64.StdEncoding.EncodeToString([]byte("harmless")): "",
	} {
		if got := strings.Join(search([]byte(said), secrets), ", "); got != want {
			t.Errorf("%q: found %q, want %q", said, got, want)
		}
	}
}

// life is a person's computer with the program on it, and the servers around it.
type life struct {
	*testing.T
	dir, program string
	env          []string
	issuer       string
	project      *httptest.Server

	refuse  atomic.Int32 // how many requests with a token the project and its companion still refuse
	confuse atomic.Int32 // how many token requests Kinde still refuses

	mu    sync.Mutex
	known map[string]string   // every secret by where it was seen
	seen  map[string][]string // where each secret was seen
	said  bytes.Buffer        // every byte that came out
	files map[string]string   // what each file held when it was last read
}

func newLife(t *testing.T) *life {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SKIP: this test records children with shell scripts; run it on Linux or macOS")
	}
	l := &life{T: t, dir: t.TempDir(), program: buildProgram(t),
		known: map[string]string{}, seen: map[string][]string{}, files: map[string]string{}}
	for _, name := range []string{"INSFORGE_JWT_SECRET", "KINDE_CLIENT_SECRET", "KINDLING_KEYRING_PASSPHRASE"} {
		l.known[name] = hex.EncodeToString([]byte(t.Name()[:4])) + rand64()
	}
	l.serve()
	l.settle()
	l.watchProcesses()
	return l
}

func rand64() string {
	f, err := os.Open("/dev/urandom")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	b := make([]byte, 24)
	_, _ = io.ReadFull(f, b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func buildProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kindling")
	if out, err := exec.Command("go", "build", "-o", path, "kindling").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return path
}

// serve starts Kinde, and InsForge with the companion in it.
func (l *life) serve() {
	db, err := demodb.New(demodb.Config{Secret: []byte(l.known["INSFORGE_JWT_SECRET"]), AnonKey: "anon_public"})
	l.must(err)
	var kinde, function http.Handler
	idp := httptest.NewServer(l.watch(&l.confuse, func(w http.ResponseWriter, r *http.Request) { kinde.ServeHTTP(w, r) }))
	mux := http.NewServeMux()
	mux.HandleFunc("/functions/kindling-token", func(w http.ResponseWriter, r *http.Request) { function.ServeHTTP(w, r) })
	mux.Handle("/", db)
	l.project = httptest.NewServer(l.watch(&l.refuse, mux.ServeHTTP))
	l.Cleanup(func() { idp.Close(); l.project.Close() })
	l.issuer = idp.URL
	kinde, err = demoidp.New(demoidp.Config{
		Issuer: l.issuer, Clients: []string{"web"}, ClientSecret: l.known["KINDE_CLIENT_SECRET"], DeviceClient: "device",
		SameAccess: -1, DeviceInterval: time.Second,
	})
	l.must(err)
	function, err = companion.New(companion.Config{
		Issuer: l.issuer, Clients: []string{"web", "device"}, Secret: auth.NewSecret(l.known["INSFORGE_JWT_SECRET"]),
	})
	l.must(err)
}

// settle is the computer: an empty home, and a browser and an editor that write
// down what they were given.
func (l *life) settle() {
	const spy = "#!/bin/sh\n{ printf '%s\\n' \"$0\" \"$@\"; env; } > \"$SPIED/${0##*/}.$$\"\n"
	bin := l.T.TempDir()
	l.must(os.WriteFile(filepath.Join(bin, "browser"), []byte(spy+"printf %s \"$1\" > \"$SPIED/url.new\" && mv \"$SPIED/url.new\" \"$SPIED/url\"\n"), 0o700))
	l.must(os.WriteFile(filepath.Join(bin, "editor"), []byte(spy+"echo edited > \"$1\"\n"), 0o700))
	for _, name := range []string{"spied", "tmp"} {
		l.must(os.Mkdir(filepath.Join(l.dir, name), 0o700))
	}
	l.env = []string{
		"HOME=" + l.dir, "TMPDIR=" + filepath.Join(l.dir, "tmp"), "PATH=" + os.Getenv("PATH"), "SPIED=" + filepath.Join(l.dir, "spied"),
		"BROWSER=" + filepath.Join(bin, "browser"), "EDITOR=" + filepath.Join(bin, "editor"), "TERM=xterm",
		"KINDLING_LOG=debug", "KINDE_ISSUER_URL=" + l.issuer, "KINDE_CLIENT_ID=web", "KINDE_DEVICE_CLIENT_ID=device",
		"KINDE_CLIENT_SECRET=" + l.known["KINDE_CLIENT_SECRET"], "KINDE_REDIRECT_URL=http://127.0.0.1:0/callback",
		"INSFORGE_URL=" + l.project.URL, "NEXT_PUBLIC_INSFORGE_ANON_KEY=anon_public",
		"KINDLING_KEYRING=file", "KINDLING_KEYRING_PASSPHRASE=" + l.known["KINDLING_KEYRING_PASSPHRASE"],
	}
}

func (l *life) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// watch notes every secret that goes by. While refusals are left, a request with
// a secret is refused, with all of what it sent in the answer. What Kinde gives
// lives for a few seconds, so that it is renewed all the time.
func (l *life) watch(refusals *atomic.Int32, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		sent := l.noteRequest(r, string(body))
		if sent != "" && refusals.Add(-1) >= 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]string{
				"error": "invalid_token", "code": "PGRST301", "message": "not " + sent, "error_description": "not " + sent,
			})
			return
		}
		rec := httptest.NewRecorder()
		next(rec, r)
		answer := l.noteAnswer(rec)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(rec.Code)
		_, _ = w.Write(answer)
	}
}

func (l *life) noteRequest(r *http.Request, body string) (sent string) {
	form, _ := url.ParseQuery(body)
	for _, name := range []string{"code", "code_verifier", "refresh_token", "device_code", "client_secret", "token"} {
		sent += l.note(name, form.Get(name))
	}
	if form.Get("grant_type") == "refresh_token" {
		l.note("renewal", form.Get("refresh_token"))
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token != "anon_public" {
		sent += l.note("bearer", token)
	}
	return sent
}

func (l *life) noteAnswer(rec *httptest.ResponseRecorder) []byte {
	if at, err := url.Parse(rec.Header().Get("Location")); err == nil {
		l.note("code", at.Query().Get("code"))
	}
	body := rec.Body.Bytes()
	var tokens map[string]any
	if json.Unmarshal(body, &tokens) != nil {
		return body
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token", "device_code"} {
		text, _ := tokens[name].(string)
		l.note(name, text)
	}
	if _, ours := tokens["id_token"]; ours {
		tokens["expires_in"] = 7
		body, _ = json.Marshal(tokens)
	}
	return body
}

func (l *life) note(kind, secret string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if secret != "" && !slices.Contains(l.seen[secret], kind) {
		l.seen[secret] = append(l.seen[secret], kind)
		l.known[fmt.Sprintf("%s %d", kind, len(l.known))] = secret
	}
	return secret
}

func (l *life) has(kind string) bool {
	for name := range l.known {
		if strings.HasPrefix(name, kind+" ") {
			return true
		}
	}
	return false
}

// say keeps what came out.
func (l *life) say(text ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range text {
		l.said.WriteString(s + "\n")
	}
}

// watchProcesses keeps the arguments of every process there is while this lasts.
func (l *life) watchProcesses() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	seen := map[string]bool{}
	go func() {
		defer close(stopped)
		for {
			all, _ := filepath.Glob("/proc/[0-9]*/cmdline") // none where there is no /proc
			for _, path := range all {
				if line, err := os.ReadFile(path); err == nil && !seen[string(line)] {
					seen[string(line)] = true
					l.say(string(line))
				}
			}
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	l.Cleanup(func() { close(stop); <-stopped })
}

// readFiles keeps what lies in the home now: files come and go.
func (l *life) readFiles() {
	err := filepath.WalkDir(l.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // gone meanwhile
		}
		text, _ := os.ReadFile(path)
		if l.files[path] != string(text) {
			l.files[path] = string(text)
			l.say(path, string(text))
		}
		return nil
	})
	l.must(err)
}

// leaks names the secrets that came out, of those known and of more.
func (l *life) leaks(more ...string) []string {
	l.readFiles()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, secret := range more {
		l.known[fmt.Sprintf("cache key %d", i)] = secret
	}
	if l.said.Len() < 10_000 || len(l.known) < 20 {
		l.Errorf("only %d bytes and %d secrets were collected", l.said.Len(), len(l.known))
	}
	return search(l.said.Bytes(), l.known)
}

var (
	anyJWT    = regexp.MustCompile(`eyJ[\w-]{8,}\.eyJ[\w-]{8,}`)
	anyAgeKey = regexp.MustCompile(`AGE-SECRET-KEY-1`)
)

// search names the secrets that stand in a text, in whatever dress, and what
// looks like a secret of any other run.
func search(said []byte, secrets map[string]string) (found []string) {
	for name, secret := range secrets {
		if slices.ContainsFunc(dresses(secret), func(d string) bool { return bytes.Contains(said, []byte(d)) }) {
			found = append(found, name)
		}
	}
	if len(found) == 0 && anyJWT.Match(said) {
		found = append(found, "a JWT")
	}
	if anyAgeKey.Match(said) {
		found = append(found, "a vault's key")
	}
	slices.Sort(found)
	return found
}

// dresses are the ways in which a secret may be written. A JWT is text of its
// own already, and its signature makes the rest of it good.
func dresses(secret string) []string {
	raw := []byte(secret)
	if parts := strings.Split(secret, "."); len(parts) == 3 {
		return slices.DeleteFunc([]string{secret, parts[2]}, func(d string) bool { return d == "" })
	}
	all := []string{secret, url.QueryEscape(secret), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw))}
	for skip := range 3 { // wherever it stands in a longer text
		whole := raw[skip : skip+(len(raw)-skip)/3*3]
		all = append(all, base64.RawStdEncoding.EncodeToString(whole), base64.RawURLEncoding.EncodeToString(whole))
	}
	return slices.Compact(all)
}

func (l *life) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(l.Context(), 30*time.Second)
	l.Cleanup(cancel)
	c := exec.CommandContext(ctx, l.program, args...)
	c.Env, c.Dir = l.env, l.dir
	return c
}

// run runs a command to its end, whatever that is.
func (l *life) run(args ...string) string {
	l.Helper()
	out, err := l.command(args...).CombinedOutput()
	l.say(strings.Join(args, " "), string(out), fmt.Sprint(err))
	l.readFiles()
	return string(out)
}

// works runs a command that must do what it is asked.
func (l *life) works(args ...string) string {
	l.Helper()
	c := l.command(args...)
	out, err := c.CombinedOutput()
	l.say(string(out))
	l.readFiles()
	if err != nil {
		l.Fatalf("kindling %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// session is a program that runs while the test acts.
type session struct {
	*life
	cmd  *exec.Cmd
	keys *os.File // of a terminal, which shows nothing that is typed
	mu   sync.Mutex
	out  bytes.Buffer
	read chan struct{} // closed at the end of what it writes
}

func (s *session) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *session) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// start runs a command beside the test, on pipes.
func (l *life) start(args ...string) *session {
	s := &session{life: l, cmd: l.command(args...), read: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = s, s
	l.must(s.cmd.Start())
	close(s.read)
	return s
}

// onTerminal runs a command on a terminal of its own.
func (l *life) onTerminal(args ...string) *session {
	s := &session{life: l, cmd: l.command(args...), read: make(chan struct{})}
	keys, tty, err := pty.Open()
	l.must(err)
	_, err = term.MakeRaw(tty.Fd())
	l.must(err)
	l.must(pty.Setsize(keys, &pty.Winsize{Rows: 24, Cols: 100}))
	s.keys = keys
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	l.must(s.cmd.Start())
	_ = tty.Close()
	go func() { defer close(s.read); _, _ = io.Copy(s, keys) }()
	return s
}

// sees waits for what the program writes, and returns its first group.
func (s *session) sees(pattern string) string {
	s.Helper()
	want := regexp.MustCompile(pattern)
	for range 2000 {
		if m := want.FindStringSubmatch(s.text()); m != nil {
			return m[len(m)-1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatalf("%v never wrote %q:\n%s", s.cmd.Args[1:], pattern, s.text())
	return ""
}

func (s *session) types(text string) {
	_, err := s.keys.WriteString(text)
	s.must(err)
}

// ends waits until it has ended well.
func (s *session) ends() {
	s.Helper()
	err := s.cmd.Wait()
	<-s.read
	if s.keys != nil {
		_ = s.keys.Close()
	}
	s.say(s.text())
	s.readFiles()
	if err != nil {
		s.Fatalf("%v: %v\n%s", s.cmd.Args[1:], err, s.text())
	}
}

func (l *life) browserLogin(args ...string) {
	s := l.start(append([]string{"login"}, args...)...)
	back, err := demoidp.Choose(l.Context(), http.DefaultClient, l.opened(), "alice")
	l.must(err)
	visit, err := http.Get(back)
	l.must(err)
	page, err := io.ReadAll(visit.Body)
	l.must(err)
	_ = visit.Body.Close()
	l.say(string(page), fmt.Sprint(visit.Header))
	s.ends()
}

// opened is the address that the browser was given.
func (l *life) opened() string {
	at := filepath.Join(l.dir, "spied", "url")
	for range 2000 {
		if address, err := os.ReadFile(at); err == nil {
			l.must(os.Remove(at))
			return string(address)
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.Fatal("no browser was opened")
	return ""
}

func (l *life) deviceLogin(args ...string) {
	s := l.start(append([]string{"login", "--device"}, args...)...)
	code := s.sees(`enter the code (\w+)`)
	page, err := http.PostForm(l.issuer+demoidp.VerifyPath, url.Values{"user_code": {code}, "who": {"bob"}})
	l.must(err)
	_ = page.Body.Close()
	s.ends()
}

// pasteLogin is a sign-in on another computer's browser, by a person who also
// types the vault's passphrase.
func (l *life) pasteLogin(args ...string) {
	env := l.env
	l.env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, "KINDLING_KEYRING_PASSPHRASE=") })
	s := l.onTerminal(append([]string{"login", "--no-browser"}, args...)...)
	l.env = env
	s.sees("Passphrase of Kindling's vault: ")
	s.types(l.known["KINDLING_KEYRING_PASSPHRASE"] + "\n")
	s.sees("paste here")
	back, err := demoidp.Choose(l.Context(), http.DefaultClient, s.sees(`(http://\S+/oauth2/auth\S+)`), "alice")
	l.must(err)
	s.types(strings.Replace(back, "state=", "state=x", 1) + "\n")
	s.sees("paste the whole address")
	s.types(back + "\n")
	s.ends()
}

func (l *life) changeTodos() {
	list := filepath.Join(l.T.TempDir(), "list.txt")
	l.must(os.WriteFile(list, []byte("(A) imported +home\nx done\n"), 0o600))
	l.works("add", "water the plants")
	l.works("import", list)
	l.works("ls", "--json")
	l.works("undo")
	l.works("redo")
	l.works("sync")
	l.works("export")
	l.works("export", filepath.Join(l.dir, "all.json"))
	l.works("status")
	l.works("status", "--json")
	l.works("whoami")
	l.run("doctor")
	l.run("doctor", "--json")
	l.works("isolation", "--as", "alice", "--other", "bob", "--plant", "--json")
}

func (l *life) edit() {
	var todos []struct{ ID, Title string }
	l.must(json.Unmarshal([]byte(l.works("ls", "--json", "water")), &todos))
	s := l.onTerminal("edit", todos[0].ID)
	s.ends()
	if !strings.Contains(s.text(), "edited") {
		l.Errorf("the editor's text was not taken: %s", s.text())
	}
}

// beRefused meets 401s and refusals that repeat what was sent, some of them once.
func (l *life) beRefused() {
	for _, n := range []int32{1, 3, 1000} {
		for _, args := range [][]string{{"sync"}, {"add", "while refused"}, {"doctor"}, {"status"}, {"isolation", "--other", "bob"}, {"schema", "--check"}} {
			l.refuse.Store(n)
			l.run(args...)
		}
	}
	l.refuse.Store(1000)
	l.confuse.Store(1000)
	l.run("sync")
	l.run("login", "--device")
	s := l.start("login")
	if back, err := demoidp.Choose(l.Context(), http.DefaultClient, l.opened(), "alice"); err == nil {
		if visit, err := http.Get(back); err == nil {
			_ = visit.Body.Close()
		}
	}
	_ = s.cmd.Wait()
	l.say(s.text())
	l.refuse.Store(0)
	l.confuse.Store(0)
	l.works("sync")
}

// ownCompanion uses one that runs as a process, and sends it what it refuses.
func (l *life) ownCompanion() {
	env := l.env
	l.env = append(slices.Clone(env), "INSFORGE_JWT_SECRET="+l.known["INSFORGE_JWT_SECRET"])
	c := l.start("companion", "--addr", "127.0.0.1:0")
	at := c.sees(`listens on (http://\S+)`)
	l.env = append(slices.Clone(env), "KINDLING_COMPANION_URL="+at)
	l.refuse.Store(1)
	l.works("sync")
	for _, secret := range l.bearers() {
		req, err := http.NewRequestWithContext(l.Context(), http.MethodPost, at, strings.NewReader(secret))
		l.must(err)
		req.Header.Set("Authorization", "Bearer "+secret+"x")
		answer, err := http.DefaultClient.Do(req)
		l.must(err)
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		l.say(string(text))
	}
	l.env = env
	l.must(c.cmd.Process.Signal(os.Interrupt))
	c.ends()
}

func (l *life) bearers() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, secret := range l.known {
		if strings.HasPrefix(name, "bearer ") && len(all) < 5 {
			all = append(all, secret)
		}
	}
	return all
}

// develop signs here, with the secret that opens everything.
func (l *life) develop() {
	env := l.env
	l.env = append(slices.Clone(env), "INSFORGE_JWT_SECRET="+l.known["INSFORGE_JWT_SECRET"])
	l.works("isolation", "--mint", "--json")
	l.works("sync")
	l.works("status")
	l.run("doctor")
	l.browserLogin("--account", "alice")
	l.env = slices.DeleteFunc(l.env, func(v string) bool { return strings.HasPrefix(v, "KINDE_CLIENT_SECRET=") }) // which setup keeps, for its owner alone
	l.run("setup")
	l.env = env
}

// open opens the program itself, for a moment.
func (l *life) open() {
	s := l.onTerminal()
	s.sees("alice")
	s.sees("synced")
	s.types("q")
	s.ends()
}

// cacheKeys reads the keys that the caches are encrypted with.
func (l *life) cacheKeys() (keys []string) {
	data := filepath.Join(l.dir, ".local", "share", "kindling")
	if runtime.GOOS == "darwin" {
		data = filepath.Join(l.dir, "Library", "Application Support", "kindling")
	}
	vault := auth.NewFileVault(filepath.Join(data, "vault.age"), auth.NewSecret(l.known["KINDLING_KEYRING_PASSPHRASE"]))
	accounts := auth.OpenAccounts(filepath.Join(data, "accounts"), vault)
	all, _, err := accounts.List()
	l.must(err)
	for _, acc := range all {
		key, err := accounts.CacheKey(l.Context(), acc, l.project.URL, false)
		l.must(err)
		keys = append(keys, string(key))
	}
	if len(keys) != 2 {
		l.Fatalf("%d cache keys", len(keys))
	}
	return keys
}
