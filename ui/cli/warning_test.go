package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
	"kindling/store"
	"kindling/store/demodb"
	"kindling/ui/cli"
)

// forgetful is a Kinde that gives no refresh token, and lives an hour ahead of us.
func forgetful(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		var tokens map[string]any
		if r.URL.Path == demoidp.TokenPath && json.Unmarshal(body, &tokens) == nil {
			delete(tokens, "refresh_token")
			body, _ = json.Marshal(tokens)
		}
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body)
	}
}

// newForgetfulWorld is a project behind such a Kinde: its settings.
func newForgetfulWorld(t *testing.T) map[string]string {
	t.Helper()
	const secret = "a secret of the tests, of at least 32 bytes"
	var kinde, function http.Handler
	idp := httptest.NewServer(forgetful(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { kinde.ServeHTTP(w, r) })))
	db, err1 := demodb.New(demodb.Config{Secret: []byte(secret)})
	mux := http.NewServeMux()
	mux.HandleFunc("/functions/kindling-token", func(w http.ResponseWriter, r *http.Request) { function.ServeHTTP(w, r) })
	mux.Handle("/", db)
	project := httptest.NewServer(mux)
	t.Cleanup(func() { idp.Close(); project.Close() })
	kinde, err2 := demoidp.New(demoidp.Config{Issuer: idp.URL, Clients: []string{"web"}, Now: func() time.Time { return time.Now().Add(time.Hour) }})
	function, err3 := companion.New(companion.Config{Issuer: idp.URL, Clients: []string{"web"}, Secret: auth.NewSecret(secret),
		Now: func() time.Time { return time.Now().Add(time.Hour) }})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir(), "KINDE_ISSUER_URL": idp.URL, "KINDE_CLIENT_ID": "web", "KINDE_REDIRECT_URL": "http://127.0.0.1:0/callback",
		"INSFORGE_URL": project.URL, "KINDLING_KEYRING": "file", "KINDLING_KEYRING_PASSPHRASE": "a passphrase",
	}
}

// A sign-in that nothing will renew, and a clock that is wrong, are said where
// people look: at the sign-in, in status, and by the doctor.
func TestWarningsAreSaid(t *testing.T) {
	env := newForgetfulWorld(t)
	run := func(out, told *cli.Transcript, args ...string) int {
		return cli.Run(t.Context(), cli.Process{
			Args: args, Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stdout: out, Stderr: told,
			Connect: func(s *auth.Session) store.TokenSource { return s },
		})
	}
	var out, told cli.Transcript
	signedIn := make(chan int)
	go func() { signedIn <- run(&out, &told, "login", "--no-browser") }()
	visit(t, &told)
	if code := <-signedIn; code != 0 {
		t.Fatalf("login: %d\n%s", code, told.String())
	}
	const ends, clock = `this sign-in ends at \d+ \w+ \d\d:\d\d: Kinde gave no token to renew it`, `clock is \w+ behind the issuer's`
	for what, want := range map[string]string{"the end": "(?m)^warning: " + ends, "the clock": "(?m)^warning: this computer's " + clock} {
		if n := len(regexp.MustCompile(want).FindAllString(told.String(), -1)); n != 1 {
			t.Errorf("%s was said %d times at the sign-in:\n%s", what, n, told.String())
		}
	}
	for _, args := range [][]string{{"status"}, {"doctor"}, {"status", "--json"}} {
		var out, told cli.Transcript
		run(&out, &told, args...)
		if !regexp.MustCompile(ends).MatchString(out.String()) {
			t.Errorf("%v:\n%s%s", args, out.String(), told.String())
		}
	}
}

// visit finds the address in what a sign-in told, and finishes it as Alice.
func visit(t *testing.T, told *cli.Transcript) {
	t.Helper()
	at := told.Await(t, `http://\S+`+regexp.QuoteMeta(demoidp.AuthorizePath)+`\S+`)
	back, err := demoidp.Choose(t.Context(), http.DefaultClient, at, "alice")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(back)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
}
