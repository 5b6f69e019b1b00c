package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// document is what the issuer's discovery says, to be changed.
func (w *world) document() map[string]any {
	w.Helper()
	res, err := http.Get(w.server.URL + demoidp.DiscoveryPath)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	var doc map[string]any
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
		w.Fatal(err)
	}
	return doc
}

// discovering lets the issuer describe itself by doc.
func (w *world) discovering(doc map[string]any) {
	w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != demoidp.DiscoveryPath {
			return false
		}
		_ = json.NewEncoder(rw).Encode(doc)
		return true
	})
}

func TestDiscoveryIsChecked(t *testing.T) {
	w := newWorld(t, nil)
	good := w.document()
	for name, c := range map[string]struct {
		change map[string]any
		says   string // "" where the sign-in goes on
	}{
		"as it is":                  {nil, ""},
		"without what is optional":  {map[string]any{"userinfo_endpoint": nil, "revocation_endpoint": nil, "end_session_endpoint": nil, "device_authorization_endpoint": nil, "code_challenge_methods_supported": nil, "scopes_supported": nil}, ""},
		"another issuer":            {map[string]any{"issuer": "https://evil.example"}, "calls itself"},
		"a slash more":              {map[string]any{"issuer": w.server.URL + "/"}, "calls itself"},
		"no issuer":                 {map[string]any{"issuer": nil}, "calls itself"},
		"PKCE without S256":         {map[string]any{"code_challenge_methods_supported": []string{"plain"}}, "S256"},
		"no PKCE":                   {map[string]any{"code_challenge_methods_supported": []string{}}, "S256"},
		"no authorization endpoint": {map[string]any{"authorization_endpoint": nil}, "authorization_endpoint"},
		"no token endpoint":         {map[string]any{"token_endpoint": nil}, "token_endpoint"},
		"no keys":                   {map[string]any{"jwks_uri": nil}, "jwks_uri"},
		"tokens at another host":    {map[string]any{"token_endpoint": "https://evil.example/oauth2/token"}, "own host"},
		"tokens without https":      {map[string]any{"token_endpoint": "http://evil.example/oauth2/token"}, "own host"},
		"revocation elsewhere":      {map[string]any{"revocation_endpoint": "https://evil.example/"}, "own host"},
		"keys in a file":            {map[string]any{"jwks_uri": "file:///etc/passwd"}, "own host"},
		"an address with a control": {map[string]any{"token_endpoint": "http://127.0.0.1\x1b/"}, "own host"},
		"a sign-in page with a C1":  {map[string]any{"authorization_endpoint": w.server.URL + "/\u009b31m"}, "own host"},
		"a query that turns text":   {map[string]any{"authorization_endpoint": w.server.URL + "/?a=\u202e"}, "own host"},
		"a name and a password":     {map[string]any{"end_session_endpoint": strings.Replace(w.server.URL, "://", "://a:b@", 1)}, "own host"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := maps.Clone(good)
			maps.Copy(doc, c.change)
			w.discovering(doc)
			l, err := w.newClient(w.config).BeginLogin(ctx, auth.LoginOptions{})
			if err == nil {
				l.Close()
			}
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("begin: %v, want %q", err, c.says)
			}
		})
	}
}

// Wherever a token, a code or a person may be sent, the address is https and on the
// issuer's own host: by each of the endpoints, not by the token's alone.
func TestEachEndpointIsTheIssuersOwn(t *testing.T) {
	const issuer = "https://example.kinde.com"
	endpoints := []string{"authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "revocation_endpoint", "end_session_endpoint", "device_authorization_endpoint"}
	begin := func(endpoint, at string) error {
		document := map[string]string{"issuer": issuer}
		for _, e := range endpoints {
			document[e] = issuer + "/" + e
		}
		document[endpoint] = at
		answer := roundTrip(func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			err := json.NewEncoder(rec).Encode(document)
			return rec.Result(), err
		})
		l, err := auth.NewClient(auth.Config{Issuer: issuer, ClientID: "x", RedirectURL: "http://127.0.0.1:0/callback", HTTP: &http.Client{Transport: answer}}).BeginLogin(ctx, auth.LoginOptions{})
		if err == nil {
			l.Close()
		}
		return err
	}
	for _, endpoint := range endpoints {
		if err := begin(endpoint, "https://EXAMPLE.kinde.com/x"); err != nil {
			t.Errorf("%s on the issuer's host: %v", endpoint, err)
		}
		for _, at := range []string{"http://example.kinde.com/x", "https://evil.example/x", "https://example.kinde.com.evil.example/x", "https://example.kinde.com:8443/x",
			"https://a@example.kinde.com/x", "https://example.kinde.com@evil.example/x", "//example.kinde.com/x", "/x"} {
			if err := begin(endpoint, at); err == nil || !strings.Contains(err.Error(), "own host") {
				t.Errorf("%s at %s: %v", endpoint, at, err)
			}
		}
	}
}

func TestIssuerMustBeHTTPSOrOnThisComputer(t *testing.T) {
	for issuer, says := range map[string]string{
		"http://example.kinde.com":               "https://",
		"":                                       "KINDE_ISSUER_URL",
		"example.kinde.com":                      "KINDE_ISSUER_URL",
		"https://user:pass@example.kinde.com":    "KINDE_ISSUER_URL",
		"ftp://example.kinde.com":                "https://",
		"https://example.kinde.com?x=1":          "KINDE_ISSUER_URL",
		"http://127.0.0.1.example.com":           "https://",
		"http://localhost.example.com":           "https://",
		"https://nobody.invalid":                 "cannot reach",
		"https://[::1]:1":                        "cannot reach",
		"http://localhost:1":                     "cannot reach",
		"https://example.kinde.com\x1b]0;hi\x07": "KINDE_ISSUER_URL",
	} {
		if says == "cannot reach" && strings.Contains(issuer, "invalid") && testing.Short() {
			continue
		}
		_, err := auth.NewClient(auth.Config{Issuer: issuer, ClientID: "x"}).BeginLogin(ctx, auth.LoginOptions{})
		if err == nil || !strings.Contains(err.Error(), says) || strings.ContainsAny(err.Error(), "\n\x1b\x07") || strings.Contains(err.Error(), "pass") {
			t.Errorf("%q: %v", issuer, err)
		}
	}
	_, err := auth.NewClient(auth.Config{Issuer: "https://example.kinde.com"}).BeginLogin(ctx, auth.LoginOptions{})
	if err == nil || !strings.Contains(err.Error(), "KINDE_CLIENT_ID") {
		t.Errorf("no client id: %v", err)
	}
}

func TestInsecureHTTPIsAChoice(t *testing.T) {
	c := auth.Config{Issuer: "http://kinde.example", ClientID: "x", InsecureHTTP: true, HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("asked")
	})}}
	if _, err := auth.NewClient(c).BeginLogin(ctx, auth.LoginOptions{}); err == nil || !strings.Contains(err.Error(), "asked") {
		t.Errorf("begin: %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestIssuerThatDoesNotAnswerAsOne(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		says   string
	}{
		"a page":         {func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>Welcome to the hotel")) }, "does not answer as an OpenID issuer"},
		"nothing there":  {func(w http.ResponseWriter) { w.WriteHeader(404) }, "check KINDE_ISSUER_URL"},
		"out of order":   {func(w http.ResponseWriter) { w.WriteHeader(503) }, "try again later"},
		"moved":          {func(w http.ResponseWriter) { w.Header().Set("Location", "/elsewhere"); w.WriteHeader(302) }, "302"},
		"an endless one": {func(w http.ResponseWriter) { endless(w) }, "1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { requests.Add(1); c.answer(w) }))
			defer s.Close()
			_, err := auth.NewClient(auth.Config{Issuer: s.URL, ClientID: "x"}).BeginLogin(ctx, auth.LoginOptions{})
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hotel") {
				t.Errorf("begin: %v", err)
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func endless(w http.ResponseWriter) {
	block := make([]byte, 64<<10)
	for range 64 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

func TestEveryRequestHasADeadline(t *testing.T) {
	w := newWorld(t, func(_ *demoidp.Config, c *auth.Config) { c.HTTP = &http.Client{Timeout: 50 * time.Millisecond} })
	release := make(chan struct{})
	defer close(release)
	w.instead(func(http.ResponseWriter, *http.Request) bool { <-release; return true })
	_, err := w.client.BeginLogin(context.Background(), auth.LoginOptions{})
	if err == nil || !strings.Contains(err.Error(), "cannot reach") {
		t.Errorf("begin: %v", err)
	}
}

func TestDiscoveryIsReadOnce(t *testing.T) {
	w := newWorld(t, nil)
	for range 3 {
		w.begin(auth.LoginOptions{})
	}
	if n := w.idp.Count(demoidp.DiscoveryPath); n != 1 {
		t.Errorf("read %d times", n)
	}
}

func TestCancelledWhileDiscovering(t *testing.T) {
	w := newWorld(t, nil)
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := w.client.BeginLogin(stopped, auth.LoginOptions{}); !errors.Is(err, auth.ErrCancelled) {
		t.Errorf("begin: %v", err)
	}
	if _, err := w.client.BeginDevice(stopped); !errors.Is(err, auth.ErrCancelled) {
		t.Errorf("device: %v", err)
	}
}

func TestLogoutURLComesFromDiscovery(t *testing.T) {
	w := newWorld(t, nil)
	if got := w.client.LogoutURL(ctx); got != w.server.URL+demoidp.LogoutPath {
		t.Errorf("logout URL %q", got)
	}
	w.idp.Break("", 503, 0)
	if got := w.newClient(w.config).LogoutURL(ctx); got != "" {
		t.Errorf("unknown, and yet %q", got)
	}
}

// TestWhatAConnectionSaysIsPlain: a certificate's names, say, come from whoever answers.
func TestWhatAConnectionSaysIsPlain(t *testing.T) {
	hostile := errors.New("certificate is valid for \x1b]0;evil\x07\u202e\nexample.com")
	c := auth.Config{Issuer: "https://example.kinde.com", ClientID: "x", HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, hostile })}}
	_, err := auth.NewClient(c).BeginLogin(ctx, auth.LoginOptions{})
	if !errors.Is(err, hostile) || strings.ContainsAny(err.Error(), "\x1b\x07\n\u202e") || !strings.Contains(err.Error(), "cannot reach the issuer example.kinde.com (certificate") {
		t.Errorf("begin: %q", err)
	}
}
