package cli_test

import (
	"bytes"
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
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
	"kindling/store/demodb"
)

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
	db, err := demodb.New(demodb.Config{Secret: []byte(l.secret("INSFORGE_JWT_SECRET")), AnonKey: "anon_public"})
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
		Issuer: l.issuer, Clients: []string{"web"}, ClientSecret: l.secret("KINDE_CLIENT_SECRET"), DeviceClient: "device",
		SameAccess: -1, DeviceInterval: time.Second,
	})
	l.must(err)
	function, err = companion.New(companion.Config{
		Issuer: l.issuer, Clients: []string{"web", "device"}, Secret: auth.NewSecret(l.secret("INSFORGE_JWT_SECRET")),
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
		"KINDE_CLIENT_SECRET=" + l.secret("KINDE_CLIENT_SECRET"), "KINDE_REDIRECT_URL=http://127.0.0.1:0/callback",
		"INSFORGE_URL=" + l.project.URL, "NEXT_PUBLIC_INSFORGE_ANON_KEY=anon_public",
		"KINDLING_KEYRING=file", "KINDLING_KEYRING_PASSPHRASE=" + l.secret("KINDLING_KEYRING_PASSPHRASE"),
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

// secret is one that was noted under its whole name.
func (l *life) secret(name string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[name]
}

func (l *life) has(kind string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
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

// heard is whether a text came out: the processes are watched meanwhile.
func (l *life) heard(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.said.Bytes(), []byte(text))
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
