package auth_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// memoryIssuer is an issuer in memory, for tests on a pretend clock: a real socket would
// hold that clock still.
type memoryIssuer struct {
	*testing.T
	idp    *demoidp.Provider
	client *auth.Client

	mu    sync.Mutex
	polls []time.Time
	bend  func(path string, real http.Handler) (*http.Response, error)
}

const memoryIssuerURL = "https://pretend.kinde.com"

func newMemoryIssuer(t *testing.T, bend func(*demoidp.Config)) *memoryIssuer {
	t.Helper()
	c := demoidp.Config{Issuer: memoryIssuerURL, Clients: []string{browserClient}, DeviceClient: deviceClient, Dir: issuerDir(t)}
	if bend != nil {
		bend(&c)
	}
	idp, err := demoidp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	h := &memoryIssuer{T: t, idp: idp}
	h.client = auth.NewClient(auth.Config{Issuer: memoryIssuerURL, ClientID: browserClient, DeviceClientID: deviceClient, HTTP: &http.Client{Transport: h}})
	return h
}

func (h *memoryIssuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	h.mu.Lock()
	bend := h.bend
	if r.URL.Path == demoidp.TokenPath {
		h.polls = append(h.polls, time.Now())
	}
	h.mu.Unlock()
	served := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
		h.idp.ServeHTTP(w, r)
	})
	if bend != nil {
		if res, err := bend(r.URL.Path, served); res != nil || err != nil {
			return res, err
		}
	}
	rec := httptest.NewRecorder()
	served.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// enter types the code as a person at a browser.
func (h *memoryIssuer) enter(d *auth.Device, who string) {
	h.Helper()
	form := url.Values{"user_code": {d.Code()}, "who": {who}}
	r := httptest.NewRequest(http.MethodPost, demoidp.VerifyPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	h.idp.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		h.Errorf("the code was not taken: %d", rec.Code)
	}
}

// gaps are the times between polls.
func (h *memoryIssuer) gaps() (gaps []time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := 1; i < len(h.polls); i++ {
		gaps = append(gaps, h.polls[i].Sub(h.polls[i-1]))
	}
	return gaps
}

func (h *memoryIssuer) begin() *auth.Device {
	h.Helper()
	d, err := h.client.BeginDevice(ctx)
	if err != nil {
		h.Fatal(err)
	}
	return d
}

func reply(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func TestSignInByCode(t *testing.T) {
	for name, bare := range map[string]bool{"with all tokens": false, "with an access token alone": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryIssuer(t, func(c *demoidp.Config) { c.DeviceBare = bare })
				d := h.begin()
				if len(d.Code()) != 8 || !strings.Contains(d.VerificationURL(), d.Code()) || !strings.HasPrefix(d.VerificationURL(), memoryIssuerURL) {
					t.Errorf("code %q at %q", d.Code(), d.VerificationURL())
				}
				if left := time.Until(d.Deadline()); left < 9*time.Minute || left > 10*time.Minute {
					t.Errorf("it lives %v", left)
				}
				go func() { time.Sleep(22 * time.Second); h.enter(d, "alice") }()
				g, err := d.Wait(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if g.ClientID != deviceClient || g.Sub == "" || !strings.HasPrefix(g.Email, "alice@") || g.Name == "" || g.Tokens.Access.IsZero() || g.Tokens.Refresh.IsZero() != bare {
					t.Errorf("%+v", g)
				}
				for _, gap := range h.gaps() {
					if gap != 5*time.Second {
						t.Errorf("polled after %v", gap)
					}
				}
			})
		})
	}
}

// TestCodeIdentityWithoutProfile: no ID token and no profile, so the access token's
// own sub, and that only where the issuer signed it, for this application and in time.
func TestCodeIdentityWithoutProfile(t *testing.T) {
	type change func(claims map[string]any) (signWith *rsa.PrivateKey)
	claim := func(name string, value any) change {
		return func(c map[string]any) *rsa.PrivateKey { c[name] = value; return forgersKey() }
	}
	other := stranger()
	for name, c := range map[string]struct {
		change change
		good   bool
	}{
		"good":                    {claim("aud", []string{}), true},
		"another application's":   {claim("azp", browserClient), false},
		"of no application":       {claim("azp", nil), false},
		"another issuer's":        {claim("iss", "https://evil.example"), false},
		"nobody's":                {claim("sub", ""), false},
		"over":                    {claim("exp", 1), false},
		"signed by somebody else": {func(map[string]any) *rsa.PrivateKey { return other }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryIssuer(t, nil)
				h.bend = func(path string, _ http.Handler) (*http.Response, error) {
					switch path {
					case demoidp.ProfilePath:
						return reply(500, nil, ""), nil
					case demoidp.KeysPath:
						rec := httptest.NewRecorder()
						(&forger{key: forgersKey()}).keys(rec)
						return rec.Result(), nil
					case demoidp.TokenPath:
						now := time.Now()
						claims := map[string]any{"iss": memoryIssuerURL, "azp": deviceClient, "sub": "kp_1", "aud": []string{}, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
						key := c.change(claims)
						token := sign(map[string]any{"alg": "RS256", "kid": "forger"}, claims, key)
						return reply(200, nil, `{"access_token":"`+token+`","token_type":"Bearer","expires_in":3600}`), nil
					}
					return nil, nil
				}
				g, err := h.begin().Wait(ctx)
				if (err == nil) != c.good || c.good && (g.Sub != "kp_1" || g.Email != "" || !g.Tokens.Refresh.IsZero()) {
					t.Errorf("%+v %v", g, err)
				}
			})
		})
	}
}

func TestCodeRefusedExpiredOrCancelled(t *testing.T) {
	for name, c := range map[string]struct {
		then func(h *memoryIssuer, d *auth.Device, stop context.CancelFunc)
		kind error
		took time.Duration
	}{
		"refused":   {func(h *memoryIssuer, d *auth.Device, _ context.CancelFunc) { h.enter(d, "cancel") }, auth.ErrDenied, 5 * time.Second},
		"expired":   {func(*memoryIssuer, *auth.Device, context.CancelFunc) {}, auth.ErrTimeout, 10 * time.Minute},
		"cancelled": {func(_ *memoryIssuer, _ *auth.Device, stop context.CancelFunc) { time.Sleep(12 * time.Second); stop() }, auth.ErrCancelled, 12 * time.Second},
		"late words": {func(h *memoryIssuer, _ *auth.Device, _ context.CancelFunc) {
			h.setBend(answerTokens(reply(400, nil, `{"error":"expired_token"}`), nil))
		}, auth.ErrTimeout, 5 * time.Second},
		"forgotten": {func(h *memoryIssuer, _ *auth.Device, _ context.CancelFunc) {
			h.setBend(answerTokens(reply(400, nil, `{"error":"invalid_grant"}`), nil))
		}, auth.ErrTimeout, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryIssuer(t, nil)
				d := h.begin()
				waiting, stop := context.WithCancel(ctx)
				defer stop()
				start := time.Now()
				go c.then(h, d, stop)
				_, err := d.Wait(waiting)
				if !errors.Is(err, c.kind) || time.Since(start).Round(time.Second) != c.took || strings.Contains(err.Error(), "\n") {
					t.Errorf("%v after %v", err, time.Since(start))
				}
			})
		})
	}
}

func (h *memoryIssuer) setBend(bend func(string, http.Handler) (*http.Response, error)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bend = bend
}

func answerTokens(res *http.Response, err error) func(string, http.Handler) (*http.Response, error) {
	return func(path string, _ http.Handler) (*http.Response, error) {
		if path != demoidp.TokenPath {
			return nil, nil
		}
		return res, err
	}
}

// TestCodePollingSlowsDown: by slow_down, by a failed connection, and by what a
// limiter asks for. None of them ends the sign-in.
func TestCodePollingSlowsDown(t *testing.T) {
	for name, c := range map[string]struct {
		first func() (*http.Response, error)
		gap   time.Duration
	}{
		"slow_down":  {func() (*http.Response, error) { return reply(400, nil, `{"error":"slow_down"}`), nil }, 10 * time.Second},
		"pending":    {func() (*http.Response, error) { return reply(400, nil, `{"error":"authorization_pending"}`), nil }, 5 * time.Second},
		"no network": {func() (*http.Response, error) { return nil, errors.New("no route to host") }, 10 * time.Second},
		"a gateway":  {func() (*http.Response, error) { return reply(502, nil, `<html>`), nil }, 10 * time.Second},
		"limited":    {func() (*http.Response, error) { return reply(429, http.Header{"Ratelimit-Reset": {"42"}}, ``), nil }, 42 * time.Second},
		"a hotel":    {func() (*http.Response, error) { return reply(200, nil, `<html>`), nil }, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newMemoryIssuer(t, nil)
				once := false
				h.bend = func(path string, _ http.Handler) (*http.Response, error) {
					if path != demoidp.TokenPath || once {
						return nil, nil
					}
					once = true
					return c.first()
				}
				d := h.begin()
				go func() { time.Sleep(7 * time.Second); h.enter(d, "alice") }()
				if _, err := d.Wait(ctx); err != nil {
					t.Fatal(err)
				}
				if gaps := h.gaps(); gaps[0] != c.gap {
					t.Errorf("polled after %v", gaps)
				}
			})
		})
	}
}

func TestCodesThatCannotBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		config func(*auth.Config)
		answer *http.Response
		says   string
	}{
		"no client id":      {func(c *auth.Config) { c.DeviceClientID = "" }, nil, "KINDE_DEVICE_CLIENT_ID"},
		"a browser's id":    {func(c *auth.Config) { c.DeviceClientID = browserClient }, nil, "does not accept the client id"},
		"an empty answer":   {nil, reply(200, nil, `{}`), "no code"},
		"null":              {nil, reply(200, nil, `null`), "no code"},
		"a page":            {nil, reply(200, nil, `<html>`), "no code"},
		"out of order":      {nil, reply(503, nil, `secret`), "try again later"},
		"a link elsewhere?": {nil, reply(200, nil, `{"device_code":"d","user_code":"A\u001b[31mB","verification_uri":"https://x/\u0007"}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newMemoryIssuer(t, nil)
			if c.answer != nil {
				h.bend = func(path string, _ http.Handler) (*http.Response, error) {
					if path == demoidp.DevicePath {
						return c.answer, nil
					}
					return nil, nil
				}
			}
			config := auth.Config{Issuer: memoryIssuerURL, ClientID: browserClient, DeviceClientID: deviceClient, HTTP: &http.Client{Transport: h}}
			if c.config != nil {
				c.config(&config)
			}
			d, err := auth.NewClient(config).BeginDevice(ctx)
			if c.says == "" {
				if err != nil || strings.ContainsAny(d.Code()+d.VerificationURL(), "\x1b\x07") || time.Until(d.Deadline()) < time.Minute {
					t.Errorf("%v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
				t.Errorf("begin: %v", err)
			}
		})
	}
}

func TestIssuerWithoutCodes(t *testing.T) {
	w := newWorld(t, nil)
	doc := w.document()
	delete(doc, "device_authorization_endpoint")
	w.discovering(doc)
	if _, err := w.newClient(w.config).BeginDevice(ctx); err == nil || !strings.Contains(err.Error(), "offers no sign-in by code") {
		t.Errorf("begin: %v", err)
	}
}

// TestSessionOfACodeWithoutRefresh works while the access token lives.
func TestSessionOfACodeWithoutRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryIssuer(t, func(c *demoidp.Config) { c.DeviceBare = true })
		d := h.begin()
		h.enter(d, "alice")
		g, err := d.Wait(ctx)
		if err != nil {
			t.Fatal(err)
		}
		accounts := auth.OpenAccounts(t.TempDir(), auth.NewMemoryVault())
		acc, err := accounts.Keep(ctx, "", g)
		if err != nil {
			t.Fatal(err)
		}
		s := accounts.Session(acc, h.client, project, &mint{})
		if w := accounts.Warning(ctx, acc); !strings.HasPrefix(w, "this sign-in ends at ") {
			t.Errorf("before it is used: %q", w)
		}
		if _, err := s.Token(ctx, ""); err != nil {
			t.Error(err)
		}
		if w := s.Warning(); w == "" || w != accounts.Warning(ctx, acc) {
			t.Errorf("that it will end is not said: %q", w)
		}
		time.Sleep(23 * time.Hour)
		if _, err := s.Token(ctx, ""); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Hour)
		if _, err := s.Token(ctx, ""); !signInRequired(err) {
			t.Errorf("after its end: %v", err)
		}
	})
}
