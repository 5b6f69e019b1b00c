package demoidp_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth/demoidp"
)

const (
	callback = "http://127.0.0.1:53180/callback"
	verifier = "0123456789012345678901234567890123456789012"
)

// clock is a time that only moves when told.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// idp is a provider that answers over real HTTP.
type idp struct {
	*demoidp.Provider
	t      *testing.T
	url    string
	clock  *clock
	client *http.Client
}

func start(t *testing.T, c demoidp.Config) *idp {
	t.Helper()
	ck := &clock{t: time.Unix(1_800_000_000, 0)}
	srv := httptest.NewUnstartedServer(nil)
	c.Issuer = "http://" + srv.Listener.Addr().String()
	c.Clients = append(c.Clients, "web")
	c.DeviceClient = "device"
	c.Now = ck.now
	p, err := demoidp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = p
	srv.Start()
	t.Cleanup(srv.Close)
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &idp{p, t, c.Issuer, ck, hc}
}

// authorizeURL is an ordinary request; changes replace or ("") remove parameters.
func (p *idp) authorizeURL(changes ...string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{"client_id": {"web"}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"0123456789"},
		"scope": {"openid profile email offline"}, "nonce": {"n0nce"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return p.url + demoidp.AuthorizePath + "?" + q.Encode()
}

// choose presses a button on the sign-in page and returns the callback's query.
func (p *idp) choose(authorizeURL, who string) url.Values {
	p.t.Helper()
	location, err := demoidp.Choose(p.t.Context(), p.client, authorizeURL, who)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.query(location)
}

func (p *idp) query(location string) url.Values {
	p.t.Helper()
	u, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, callback+"?") {
		p.t.Fatalf("the answer goes to %q, not to the callback (%v)", location, err)
	}
	return u.Query()
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Expires int    `json:"expires_in"`
	Error   string `json:"error"`
}

// post sends a form to the token endpoint.
func (p *idp) post(pairs ...string) (int, tokens) {
	p.t.Helper()
	var out tokens
	status := p.form(demoidp.TokenPath, &out, pairs...)
	return status, out
}

func (p *idp) form(path string, out any, pairs ...string) int {
	p.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	resp, err := p.client.PostForm(p.url+path, form)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if out != nil {
		if err := json.Unmarshal(body, out); err != nil {
			p.t.Fatalf("%s answered %s", path, body)
		}
	}
	return resp.StatusCode
}

func (p *idp) exchange(code string, changes ...string) (int, tokens) {
	p.t.Helper()
	pairs := append([]string{"grant_type", "authorization_code", "client_id", "web", "redirect_uri", callback,
		"code_verifier", verifier, "code", code}, changes...)
	return p.post(pairs...)
}

func (p *idp) refresh(token string) (int, tokens) {
	p.t.Helper()
	return p.post("grant_type", "refresh_token", "client_id", "web", "refresh_token", token)
}

// signIn is the whole way from the page to the tokens.
func (p *idp) signIn(who string, changes ...string) tokens {
	p.t.Helper()
	status, tk := p.exchange(p.choose(p.authorizeURL(changes...), who).Get("code"))
	if status != http.StatusOK {
		p.t.Fatalf("exchange answered %d %s", status, tk.Error)
	}
	return tk
}

// claims verifies a token with the published keys, as a client would.
func (p *idp) claims(token string) jwt.MapClaims {
	p.t.Helper()
	resp, err := p.client.Get(p.url + demoidp.KeysPath)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		p.t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		for _, k := range set.Keys {
			if k.Kid == t.Header["kid"] {
				n, _ := base64.RawURLEncoding.DecodeString(k.N)
				return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}, nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithTimeFunc(p.clock.now), jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		p.t.Fatalf("verify: %v", err)
	}
	return claims
}

func randomText() string { return rand.Text() + rand.Text() }
