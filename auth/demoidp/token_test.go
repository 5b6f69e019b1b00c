package demoidp_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"kindling/auth/demoidp"
)

func TestCodeIsCheckedAndSpentOnce(t *testing.T) {
	p := start(t, demoidp.Config{})
	code := p.choose(p.authorizeURL(), "alice").Get("code")
	for name, change := range map[string][]string{
		"wrong verifier": {"code_verifier", strings.Repeat("x", 43)},
		"short verifier": {"code_verifier", "x"},
		"no verifier":    {"code_verifier", ""},
		"wrong redirect": {"redirect_uri", callback + "2"},
		"unknown code":   {"code", randomText()},
	} {
		if status, tk := p.exchange(code, change...); status != 400 || tk.Error != "invalid_grant" {
			t.Errorf("%s: %d %s", name, status, tk.Error)
		}
	}
	if status, tk := p.exchange(code, "client_id", "device"); status != 400 || tk.Error != "invalid_grant" {
		t.Errorf("other client: %d %s", status, tk.Error)
	}
	_, first := p.exchange(code)
	if status, tk := p.exchange(code); status != 400 || tk.Error != "invalid_grant" {
		t.Errorf("second use: %d %s", status, tk.Error)
	}
	if status, _ := p.refresh(first.Refresh); status != 400 {
		t.Error("the refresh token outlived a second use of its code")
	}
	late := p.choose(p.authorizeURL(), "alice").Get("code")
	p.clock.pass(11 * time.Minute)
	if status, _ := p.exchange(late); status != 400 {
		t.Error("a code lived longer than ten minutes")
	}
	if n := p.Exchanges("authorization_code"); n != 1 {
		t.Errorf("%d exchanges counted, want 1", n)
	}
}

func TestClientProvesItself(t *testing.T) {
	p := start(t, demoidp.Config{Clients: []string{"backend"}, ClientSecret: "shh"})
	code := p.choose(p.authorizeURL("client_id", "backend"), "alice").Get("code")
	for _, secret := range []string{"", "wrong"} {
		if status, tk := p.exchange(code, "client_id", "backend", "client_secret", secret); status != 401 || tk.Error != "invalid_client" {
			t.Errorf("secret %q: %d %s", secret, status, tk.Error)
		}
	}
	if status, _ := p.exchange(code, "client_id", "backend", "client_secret", "shh"); status != 200 {
		t.Errorf("right secret: %d", status)
	}
	if status, tk := p.post("grant_type", "refresh_token", "client_id", "nobody"); status != 401 || tk.Error != "invalid_client" {
		t.Errorf("unknown client: %d %s", status, tk.Error)
	}
	if status, tk := p.post("grant_type", "password", "client_id", "web"); status != 400 || tk.Error != "unsupported_grant_type" {
		t.Errorf("password grant: %d %s", status, tk.Error)
	}
	req, _ := http.NewRequest(http.MethodPost, p.url+demoidp.TokenPath, strings.NewReader("client_id=web"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("web", "")
	resp, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 401 {
		t.Errorf("HTTP Basic: %d", resp.StatusCode)
	}
}

func TestEarlyRefreshReturnsTheSameAccessToken(t *testing.T) {
	p := start(t, demoidp.Config{AccessLife: time.Hour})
	first := p.signIn("alice")
	p.clock.pass(20 * time.Minute)
	_, second := p.refresh(first.Refresh)
	if second.Access != first.Access || second.Refresh == first.Refresh || second.Expires != 2400 {
		t.Errorf("early refresh: same access %v, rotated %v, expires_in %d", second.Access == first.Access, second.Refresh != first.Refresh, second.Expires)
	}
	p.clock.pass(20 * time.Minute)
	_, third := p.refresh(second.Refresh)
	if third.Access == first.Access || third.Expires != 3600 {
		t.Errorf("late refresh: same access %v, expires_in %d", third.Access == first.Access, third.Expires)
	}
	if id := p.claims(third.ID); id["nonce"] != nil || id["sub"] != demoidp.Alice.Sub {
		t.Errorf("refreshed ID token %v", id)
	}
	if n := p.Exchanges("refresh_token"); n != 2 {
		t.Errorf("%d refreshes counted, want 2", n)
	}
}

func TestRotationWithOverlap(t *testing.T) {
	p := start(t, demoidp.Config{})
	first := p.signIn("alice")
	_, second := p.refresh(first.Refresh)
	p.clock.pass(30 * time.Second)
	if status, again := p.refresh(first.Refresh); status != 200 || again.Refresh == second.Refresh {
		t.Errorf("inside the overlap: %d", status)
	}
	p.clock.pass(31 * time.Second)
	if status, tk := p.refresh(first.Refresh); status != 400 || tk.Error != "invalid_grant" {
		t.Errorf("after the overlap: %d %s", status, tk.Error)
	}
	if status, _ := p.refresh(second.Refresh); status != 200 {
		t.Error("a late reuse revoked the family though it should not")
	}
	p.clock.pass(16 * 24 * time.Hour)
	if status, _ := p.refresh(second.Refresh); status != 400 {
		t.Error("a refresh token outlived its 15 days")
	}
}

func TestReuseRevokesTheFamilyWhenConfigured(t *testing.T) {
	p := start(t, demoidp.Config{RevokeFamily: true})
	first, bob := p.signIn("alice"), p.signIn("bob")
	_, second := p.refresh(first.Refresh)
	if status, tk := p.refresh(first.Refresh); status != 400 || tk.Error != "invalid_grant" {
		t.Errorf("reuse: %d %s", status, tk.Error)
	}
	if status, _ := p.refresh(second.Refresh); status != 400 {
		t.Error("the family outlived a reuse")
	}
	if status, _ := p.refresh(bob.Refresh); status != 200 {
		t.Error("another sign-in was revoked too")
	}
}

func TestRevocation(t *testing.T) {
	p := start(t, demoidp.Config{})
	alice, bob := p.signIn("alice"), p.signIn("bob")
	if status := p.form(demoidp.RevokePath, nil, "client_id", "web", "token", alice.Refresh); status != 200 {
		t.Errorf("revoke: %d", status)
	}
	if status := p.form(demoidp.RevokePath, nil, "client_id", "web", "token", "unknown"); status != 200 {
		t.Errorf("revoke of an unknown token: %d", status)
	}
	if status := p.form(demoidp.RevokePath, nil, "client_id", "device", "token", bob.Refresh); status != 200 {
		t.Errorf("revoke by another client: %d", status)
	}
	if status, _ := p.refresh(alice.Refresh); status != 400 {
		t.Error("a revoked token refreshes")
	}
	if status, _ := p.post("grant_type", "refresh_token", "client_id", "device", "refresh_token", bob.Refresh); status != 400 {
		t.Error("another client may refresh")
	}
	status, bob := p.refresh(bob.Refresh)
	if status != 200 {
		t.Error("another client revoked a token")
	}
	if err := p.RevokeAll(demoidp.Bob.Sub); err != nil {
		t.Fatal(err)
	}
	if status, _ := p.refresh(bob.Refresh); status != 400 {
		t.Error("RevokeAll left a sign-in alive")
	}
}

func TestStateOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	c := demoidp.Config{Issuer: "http://127.0.0.1:1", Clients: []string{"web"}, Dir: dir}
	p := start(t, c)
	tk := p.signIn("alice")
	code := p.choose(p.authorizeURL(), "bob").Get("code")
	data, err := os.ReadFile(filepath.Join(dir, "pretend-kinde.json"))
	if err != nil || strings.Contains(string(data), tk.Refresh) || strings.Contains(string(data), code) {
		t.Errorf("the state is unreadable or holds a secret as text (%v)", err)
	}
	if info, _ := os.Stat(filepath.Join(dir, "pretend-kinde.json")); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}

	again := start(t, c)
	again.claims(again.signIn("alice").Access)
	if status, _ := again.refresh(tk.Refresh); status != 200 {
		t.Errorf("refresh after a restart: %d", status)
	}
	if status, _ := again.exchange(code); status != 200 {
		t.Errorf("code after a restart: %d", status)
	}

	if err := os.WriteFile(filepath.Join(dir, "pretend-kinde.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demoidp.New(c); err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("half a file: %v", err)
	}
}

func TestBrokenPathsAnswerAsTold(t *testing.T) {
	p := start(t, demoidp.Config{})
	first := p.signIn("alice")
	p.Break(demoidp.TokenPath, 429, 7*time.Second)
	resp, err := p.client.PostForm(p.url+demoidp.TokenPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 429 || resp.Header.Get("RateLimit-Reset") != "7" {
		t.Errorf("429: %d, RateLimit-Reset %q", resp.StatusCode, resp.Header.Get("RateLimit-Reset"))
	}
	p.Break(demoidp.TokenPath, 0, 0)
	p.Break("", 503, 0)
	if status, _ := p.refresh(first.Refresh); status != 503 {
		t.Errorf("down: %d", status)
	}
	p.Break("", 0, 0)
	if status, _ := p.refresh(first.Refresh); status != 200 {
		t.Errorf("up again: %d", status)
	}
	if n := p.Count(demoidp.TokenPath); n != 4 {
		t.Errorf("%d requests counted, want 4", n)
	}
}

func TestConfigurationIsRequired(t *testing.T) {
	for _, c := range []demoidp.Config{{}, {Issuer: "http://127.0.0.1"}, {Clients: []string{"web"}}} {
		if _, err := demoidp.New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
