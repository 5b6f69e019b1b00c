package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// TestNoSecretIsWrittenAnywhere goes through a whole life, with an issuer that puts
// every secret it ever saw into its refusals, and looks through all errors, logs,
// addresses and files for them.
func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	var said bytes.Buffer
	log.SetOutput(&said)
	slog.SetDefault(slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelDebug - 8})))
	t.Cleanup(func() { log.SetOutput(os.Stderr); slog.SetDefault(slog.New(slog.DiscardHandler)) })
	say := func(v ...any) { fmt.Fprintf(&said, "%v %+v %#v\n", v, v, v) }

	w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.ClientSecret = auth.NewSecret("the-client-secret") })
	dir := t.TempDir()
	accounts := auth.OpenAccounts(dir, auth.NewFileVault(filepath.Join(dir, "vault.age"), auth.NewSecret("the-passphrase")))
	accounts.SetClock(w.clock.Now, w.clock.Advance)
	l := w.begin(auth.LoginOptions{})
	say(l.URL(), l.RedirectURL())
	at := w.callback(l, "alice")
	go visit(t, at)
	g, err := l.Wait(ctx)
	say(g, err)
	acc, err := accounts.Keep(ctx, "", g)
	say(acc, err)
	key, err := accounts.CacheKey(ctx, acc, project, true)
	say(err)
	s := accounts.Session(acc, w.client, project, &mint{})
	jwt, err := s.Token(ctx, "")
	say(err, s.Warning())
	w.clock.Advance(20 * time.Hour)
	renewed, err := s.KindeToken(ctx)
	say(renewed, err)

	secrets := w.secretsSeen()
	secrets = append(secrets, jwt, renewed.Reveal(), string(key), "the-passphrase", "the-client-secret", query(t, at).Get("code"))
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool { return tellAll(rw, r, secrets) })
	w.clock.Advance(25 * time.Hour)
	for range 4 {
		_, err = s.Token(ctx, "")
		say(err)
		w.clock.Advance(time.Hour)
	}
	secrets = append(secrets, w.failLoudly(say)...)
	say(accounts.List())
	say(accounts.Logout(ctx, acc, w.client))
	_, err = s.Token(ctx, jwt)
	say(err)

	readFiles(t, &said, dir)
	if len(secrets) < 10 {
		t.Fatalf("only %d secrets were collected", len(secrets))
	}
	for i, secret := range secrets {
		if len(secret) > 4 && bytes.Contains(said.Bytes(), []byte(secret)) {
			t.Errorf("secret %d, %.12s…, was written", i, secret)
		}
	}
}

// failLoudly lets a sign-in fail after its code was sent, and returns the code.
func (w *world) failLoudly(say func(...any)) (secrets []string) {
	w.instead(nil)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "alice")
	code := query(w.T, at).Get("code")
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool { return tellAll(rw, r, []string{code}) })
	say(l.Paste(at + "x"))
	go visit(w.T, at)
	_, err := l.Wait(ctx)
	say(err)
	return []string{code}
}

// secretsSeen are the tokens, codes and verifiers that went to or came from the issuer.
func (w *world) secretsSeen() (secrets []string) {
	for _, c := range w.to(demoidp.TokenPath) {
		for _, name := range []string{"code", "code_verifier", "refresh_token"} {
			if v := c.form.Get(name); v != "" {
				secrets = append(secrets, v)
			}
		}
	}
	return append(secrets, w.issued()...)
}

// issued are the tokens in the issuer's answers so far.
func (w *world) issued() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.answers
}

var howToRefuse = 0

// tellAll refuses in one of several ways, with all secrets in the answer.
func tellAll(rw http.ResponseWriter, r *http.Request, secrets []string) bool {
	if r.URL.Path == demoidp.AuthorizePath || r.URL.Path == demoidp.DiscoveryPath {
		return false
	}
	howToRefuse++
	all, _ := json.Marshal(strings.Join(secrets, " "))
	body, status := `{"error":"weird","details":`+string(all)+`}`, 400
	switch howToRefuse % 4 {
	case 1:
		body = string(all)
	case 2:
		status = 500
	case 3:
		status, body = 200, `{"access_token":"","x":`+string(all)
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_, _ = io.WriteString(rw, body)
	return true
}

func readFiles(t *testing.T, into *bytes.Buffer, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		into.WriteString(path)
		if d.IsDir() {
			return err
		}
		files++
		text, readErr := os.ReadFile(path)
		into.Write(text)
		return errors.Join(err, readErr)
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}
