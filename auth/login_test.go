package auth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

func TestSignInWithABrowser(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "alice")
	page := make(chan string, 1)
	go func() { page <- visit(t, at) }()
	g, err := l.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if g.Issuer != w.server.URL || g.ClientID != browserClient || g.Sub == "" || !strings.HasPrefix(g.Email, "alice@") || g.Name == "" {
		t.Errorf("grant = %+v", g)
	}
	if g.Tokens.Access.IsZero() || g.Tokens.Refresh.IsZero() || g.Tokens.ID.IsZero() || g.Tokens.Lifetime.Round(time.Minute) != 24*time.Hour {
		t.Errorf("tokens = %+v", g.Tokens)
	}
	if p := <-page; !strings.Contains(p, "You are signed in") {
		t.Errorf("the browser was shown %q", p)
	}
	if c, err := net.DialTimeout("tcp", strings.TrimPrefix(strings.TrimSuffix(l.RedirectURL(), "/callback"), "http://"), time.Second); err == nil {
		c.Close()
		t.Error("the listener is still there")
	}
}

// TestEachSignInHasSecretsOfItsOwn checks state, nonce and verifier: 32 random bytes
// each, new for each attempt, and tied by S256.
func TestEachSignInHasSecretsOfItsOwn(t *testing.T) {
	w := newWorld(t, nil)
	seen := map[string]bool{}
	for range 3 {
		l := w.begin(auth.LoginOptions{})
		v := query(t, l.URL())
		if v.Get("code_challenge_method") != "S256" || v.Get("response_type") != "code" {
			t.Errorf("asked with %v", v)
		}
		at := w.callback(l, "alice")
		go visit(t, at)
		if _, err := l.Wait(ctx); err != nil {
			t.Fatal(err)
		}
		sent := w.to(demoidp.TokenPath)
		verifier := sent[len(sent)-1].form.Get("code_verifier")
		sum := sha256.Sum256([]byte(verifier))
		if v.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			t.Error("the challenge is not of the verifier")
		}
		for _, secret := range []string{v.Get("state"), v.Get("nonce"), verifier} {
			if b, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(b) != 32 || seen[secret] {
				t.Errorf("%d bytes, seen before: %v, %v", len(b), seen[secret], err)
			}
			seen[secret] = true
		}
	}
}

func TestWhatTheIssuerIsAsked(t *testing.T) {
	w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.Audience, c.OrgCode = "https://api.example", "org_1" })
	for name, c := range map[string]struct {
		options auth.LoginOptions
		want    url.Values
	}{
		"plain":     {auth.LoginOptions{}, url.Values{}},
		"create":    {auth.LoginOptions{Create: true}, url.Values{"prompt": {"create"}}},
		"as other":  {auth.LoginOptions{AsOther: true}, url.Values{"prompt": {"login"}}},
		"with hint": {auth.LoginOptions{Hint: "a@example.com"}, url.Values{"login_hint": {"a@example.com"}}},
	} {
		t.Run(name, func(t *testing.T) {
			l := w.begin(c.options)
			v := query(t, l.URL())
			for _, fixed := range []string{"state", "nonce", "code_challenge", "code_challenge_method", "response_type"} {
				v.Del(fixed)
			}
			c.want["client_id"], c.want["scope"] = []string{browserClient}, []string{"openid profile email offline"}
			c.want["redirect_uri"], c.want["audience"], c.want["org_code"] = []string{l.RedirectURL()}, []string{"https://api.example"}, []string{"org_1"}
			if v.Encode() != c.want.Encode() {
				t.Errorf("asked %v, want %v", v, c.want)
			}
		})
	}
}

func TestCredentialsGoInTheFormOnce(t *testing.T) {
	for name, c := range map[string]struct {
		secret string
		status int
	}{"public": {"", 0}, "with a secret": {"a client secret", 0}, "refused": {"", 401}, "out of order": {"", 500}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(i *demoidp.Config, k *auth.Config) {
				i.ClientSecret, k.ClientSecret = c.secret, auth.NewSecret(c.secret)
			})
			w.idp.Break(demoidp.TokenPath, c.status, 0)
			l := w.begin(auth.LoginOptions{})
			at := w.callback(l, "alice")
			go visit(t, at)
			if _, err := l.Wait(ctx); (err == nil) != (c.status == 0) {
				t.Errorf("wait: %v", err)
			}
			sent := w.to(demoidp.TokenPath)
			if len(sent) != 1 {
				t.Fatalf("the code was sent %d times", len(sent))
			}
			if sent[0].header.Get("Authorization") != "" || sent[0].form.Get("client_secret") != c.secret || sent[0].form.Get("client_id") != browserClient {
				t.Errorf("sent %v with %v", sent[0].form, sent[0].header)
			}
		})
	}
}

func TestListenerIsOnLoopbackAlone(t *testing.T) {
	for redirect, want := range map[string][]string{
		"http://127.0.0.1:0/callback": {"127.0.0.1"},
		"http://localhost:0/callback": {"127.0.0.1", "[::1]"},
		"http://[::1]:0/":             {"[::1]"},
	} {
		t.Run(redirect, func(t *testing.T) {
			w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.RedirectURL = redirect })
			l := w.begin(auth.LoginOptions{})
			for _, host := range []string{"127.0.0.1", "[::1]", outside()} {
				c, err := net.DialTimeout("tcp", host+":"+mustPort(l), time.Second)
				if err == nil {
					c.Close()
				}
				if listens := strings.Contains(strings.Join(want, " "), host); host != "" && listens != (err == nil) && hasIPv6(host) {
					t.Errorf("%s: %v", host, err)
				}
			}
			at := w.callback(l, "alice")
			go visit(t, at)
			if _, err := l.Wait(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// outside is an address of this computer that others can reach, or "".
func outside() string {
	addresses, _ := net.InterfaceAddrs()
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLoopback() && ip.IP.To4() != nil {
			return ip.IP.String()
		}
	}
	return ""
}

func hasIPv6(host string) bool {
	if host != "[::1]" {
		return true
	}
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	l.Close()
	return true
}

func TestRedirectMustBeOnThisComputer(t *testing.T) {
	w := newWorld(t, nil)
	for _, redirect := range []string{
		"https://127.0.0.1:1/callback", "http://0.0.0.0:1/callback", "http://example.com/callback", "http://127.0.0.1.example.com/", "http://localhost.evil.example/",
		"http://192.168.1.2:1/", "http://user@127.0.0.1:1/", "http://127.0.0.1:1/?x=1", "kindling://callback", "\x1b", "http://:53180/callback",
	} {
		c := w.config
		c.RedirectURL = redirect
		if _, err := w.newClient(c).BeginLogin(ctx, auth.LoginOptions{}); err == nil || !strings.Contains(err.Error(), "KINDE_REDIRECT_URL") {
			t.Errorf("%q: %v", redirect, err)
		}
	}
}

func TestTakenPortIsNamedWithItsSetting(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "[::1]"} {
		if !hasIPv6(address) {
			continue
		}
		other, err := net.Listen("tcp", address+":0")
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		_, port, _ := net.SplitHostPort(other.Addr().String())
		w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.RedirectURL = "http://localhost:" + port + "/callback" })
		_, err = w.client.BeginLogin(ctx, auth.LoginOptions{})
		if !errors.Is(err, auth.ErrPortTaken) || !strings.Contains(err.Error(), port) || !strings.Contains(err.Error(), "KINDE_REDIRECT_URL") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// TestSignInEndsInTime runs on a pretend clock: five minutes, not more, and the
// message says what Kinde may have been missing.
func TestSignInEndsInTime(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	if left := l.Deadline().Sub(w.clock.Now()); left != 5*time.Minute {
		t.Errorf("it waits %v", left)
	}
	w.clock.Advance(5*time.Minute - 20*time.Millisecond)
	_, err := l.Wait(ctx)
	if !errors.Is(err, auth.ErrTimeout) || !strings.Contains(err.Error(), l.RedirectURL()+" is one of its allowed callback URLs") || !strings.Contains(err.Error(), "KINDE_CLIENT_ID") {
		t.Errorf("wait: %v", err)
	}
}

func TestSignInCanBeCancelled(t *testing.T) {
	w := newWorld(t, nil)
	for name, cancel := range map[string]func(*auth.Login, context.CancelFunc){
		"by its context": func(_ *auth.Login, stop context.CancelFunc) { stop() },
		"by closing it":  func(l *auth.Login, _ context.CancelFunc) { l.Close(); l.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l := w.begin(auth.LoginOptions{})
			waiting, stop := context.WithCancel(ctx)
			defer stop()
			ended := make(chan error, 1)
			go func() { _, err := l.Wait(waiting); ended <- err }()
			cancel(l, stop)
			if err := <-ended; !errors.Is(err, auth.ErrCancelled) {
				t.Errorf("wait: %v", err)
			}
			again, err := net.Listen("tcp", "127.0.0.1:"+mustPort(l))
			if err != nil {
				t.Fatalf("the port is still taken: %v", err)
			}
			again.Close()
		})
	}
}

func TestRefusedByThePerson(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "cancel")
	go visit(t, at)
	if _, err := l.Wait(ctx); !errors.Is(err, auth.ErrDenied) {
		t.Errorf("wait: %v", err)
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"wrong client id": {401, `{"error":"invalid_client"}`, "KINDE_CLIENT_ID"},
		"wrong type":      {400, `{"error":"unauthorized_client"}`, "KINDE_CLIENT_ID"},
		"spent code":      {400, `{"error":"invalid_grant","error_description":"code-1234"}`, "try again"},
		"a bad request":   {400, `{"error":"invalid_request","error_description":"no\u001b[31m such thing"}`, "invalid_request no [31m such thing"},
		"a page":          {403, `<html>code-1234`, "403"},
		"garbage":         {200, `<html>code-1234`, "cannot be read"},
		"no ID token":     {200, `{"access_token":"code-1234"}`, "allow the scope openid"},
		"nothing":         {200, `{"id_token":"code-1234"}`, "cannot be read"},
		"moved":           {302, ``, "302"},
		"limited":         {429, ``, "429"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != demoidp.TokenPath {
					return false
				}
				rw.Header().Set("Content-Type", "application/json")
				rw.Header().Set("Location", w.server.URL+"/elsewhere")
				rw.WriteHeader(c.status)
				_, _ = rw.Write([]byte(c.body))
				return true
			})
			l := w.begin(auth.LoginOptions{})
			at := w.callback(l, "alice")
			go visit(t, at)
			_, err := l.Wait(ctx)
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "code-1234") || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("wait: %v", err)
			}
			if n := len(w.to("/elsewhere")); n > 0 {
				t.Errorf("a redirect was followed with the code in it")
			}
		})
	}
}

func TestNoRefreshTokenIsTold(t *testing.T) {
	w := newWorld(t, nil)
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.AuthorizePath {
			v := r.URL.Query()
			v.Set("scope", "openid profile email offline_access")
			r.URL.RawQuery = v.Encode()
		}
		return false
	})
	if g := w.signIn("alice"); !g.Tokens.Refresh.IsZero() || g.Tokens.Access.IsZero() {
		t.Errorf("tokens = %+v", g.Tokens)
	}
}

// An issuer that repeats what it was sent does not get it shown.
func TestRefusalsRepeatNoSecret(t *testing.T) {
	w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.ClientSecret = auth.NewSecret("the-client-secret") })
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != demoidp.TokenPath {
			return false
		}
		_ = r.ParseForm()
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(rw).Encode(map[string]string{"error": "odd", "error_description": "I got " + r.PostForm.Get("code") +
			", " + r.PostForm.Get("code_verifier") + " and " + r.PostForm.Get("client_secret")})
		return true
	})
	l := w.begin(auth.LoginOptions{})
	go visit(t, w.callback(l, "alice"))
	if _, err := l.Wait(ctx); err == nil || !strings.Contains(err.Error(), "odd I got [secret], [secret] and [secret]") {
		t.Errorf("%v", err)
	}
}
