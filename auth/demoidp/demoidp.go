// Package demoidp is a pretend Kinde with two accounts, Alice and Bob, and
// Kinde's quirks. It is for the demo and for tests, and listens nowhere by itself.
//
// The quirks it keeps, because clients trip over them: only the scope "offline"
// gives a refresh token and "offline_access" is silently ignored; a state under
// eight characters is refused; access tokens carry no e-mail and an empty
// audience unless one was asked for; an early refresh returns the same access
// token; keys are refused to a request that carries an Authorization header;
// a callback that is not registered ends on the provider's own page.
package demoidp

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config shapes the pretend issuer.
type Config struct {
	Issuer                          string   // its own base URL
	Clients                         []string // public client ids; the first is the browser one
	ClientSecret                    string   // when set, the first client must send it
	DeviceClient                    string
	Redirects                       []string      // registered callbacks; empty: any loopback one
	Dir                             string        // keeps key, codes and refresh tokens between runs; "": memory
	AccessLife, IDLife, RefreshLife time.Duration // zero: Kinde's defaults
	RevokeFamily                    bool          // reuse of a rotated refresh token revokes the family
	Now                             func() time.Time

	// Overlap is how long a rotated refresh token still works where
	// RevokeFamily is off. Zero: one minute; negative: not at all.
	Overlap time.Duration
	// SameAccess is the age up to which a refresh returns the access token it
	// returned before. Zero: half of AccessLife; negative: never.
	SameAccess     time.Duration
	DeviceInterval time.Duration // least time between two polls; zero: 5 s
	DeviceLife     time.Duration // zero: 10 min
	DeviceBare     bool          // device sign-ins get an access token alone
	EmailInAccess  bool          // as if token customization put email into access tokens
	CallbackIssuer bool          // put iss on the callback, and say so in discovery
}

// Provider is the pretend issuer. Its methods are safe for concurrent use.
type Provider struct {
	config Config
	mux    *http.ServeMux
	mu     sync.Mutex // guards all below
	state  *state
	signer *signer
	counts map[string]int
	broken map[string]failure
}

// failure is what a broken path answers.
type failure struct {
	status int
	reset  time.Duration
}

// New makes a provider; it reads Dir.
func New(c Config) (*Provider, error) {
	if c.Issuer == "" || len(c.Clients) == 0 {
		return nil, errors.New("make pretend issuer: an issuer and a client id are needed")
	}
	p := &Provider{config: withDefaults(c), counts: map[string]int{}, broken: map[string]failure{}}
	if err := p.load(); err != nil {
		return nil, err
	}
	p.route()
	return p, nil
}

func withDefaults(c Config) Config {
	c.Issuer = strings.TrimSuffix(c.Issuer, "/")
	c.AccessLife = cmp.Or(c.AccessLife, 24*time.Hour)
	c.IDLife = cmp.Or(c.IDLife, time.Hour)
	c.RefreshLife = cmp.Or(c.RefreshLife, 15*24*time.Hour)
	c.Overlap = cmp.Or(c.Overlap, time.Minute)
	c.SameAccess = cmp.Or(c.SameAccess, c.AccessLife/2)
	c.DeviceInterval = cmp.Or(c.DeviceInterval, 5*time.Second)
	c.DeviceLife = cmp.Or(c.DeviceLife, 10*time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// The paths of the endpoints, for Break and Count.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/.well-known/jwks"
	AuthorizePath = "/oauth2/auth"
	TokenPath     = "/oauth2/token"
	ProfilePath   = "/oauth2/v2/user_profile"
	RevokePath    = "/oauth2/revoke"
	DevicePath    = "/oauth2/device/auth"
	VerifyPath    = "/device"
	LogoutPath    = "/logout"
)

func (p *Provider) route() {
	p.mux = http.NewServeMux()
	p.mux.HandleFunc("GET "+DiscoveryPath, p.discovery)
	p.mux.HandleFunc("GET "+KeysPath, p.keys)
	p.mux.HandleFunc("GET "+AuthorizePath, p.authorize)
	p.mux.HandleFunc("POST "+AuthorizePath, p.chosen)
	p.mux.HandleFunc("POST "+AuthorizePath+"/{request}", p.chosen)
	p.mux.HandleFunc("POST "+TokenPath, p.token)
	p.mux.HandleFunc("GET "+ProfilePath, p.profile)
	p.mux.HandleFunc("POST "+RevokePath, p.revoke)
	p.mux.HandleFunc("POST "+DevicePath, p.deviceCode)
	p.mux.HandleFunc("GET "+VerifyPath, p.deviceForm)
	p.mux.HandleFunc("POST "+VerifyPath, p.deviceChosen)
	p.mux.HandleFunc("GET "+LogoutPath, p.logout)
	p.mux.HandleFunc("/", p.notFound)
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, broken := p.count(r.URL.Path)
	if !broken {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		p.mux.ServeHTTP(w, r)
		return
	}
	if f.reset > 0 {
		w.Header().Set("RateLimit-Reset", strconv.Itoa(int(f.reset.Seconds())))
	}
	writeJSON(w, f.status, map[string]string{"error": "pretend_outage"})
}

// count notes a request and tells whether its path is broken.
func (p *Provider) count(path string) (failure, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[path]++
	if f, ok := p.broken[path]; ok {
		return f, f.status != 0
	}
	f := p.broken[""]
	return f, f.status != 0
}

// Break makes a path ("": every path) answer status until it is called with
// status 0. A reset over zero is sent as RateLimit-Reset, in seconds.
func (p *Provider) Break(path string, status int, reset time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken[path] = failure{status, reset}
	if status == 0 {
		delete(p.broken, path)
	}
}

// Count returns how many requests reached a path, broken or not.
func (p *Provider) Count(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[path]
}

// Exchanges returns how many times a grant type ("authorization_code",
// "refresh_token", …) ended in new tokens.
func (p *Provider) Exchanges(grantType string) int { return p.Count("grant:" + grantType) }

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	at := func(path string) string { return p.config.Issuer + path }
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer":                                         p.config.Issuer,
		"authorization_endpoint":                         at(AuthorizePath),
		"token_endpoint":                                 at(TokenPath),
		"userinfo_endpoint":                              at(ProfilePath),
		"jwks_uri":                                       at(KeysPath),
		"revocation_endpoint":                            at(RevokePath),
		"device_authorization_endpoint":                  at(DevicePath),
		"end_session_endpoint":                           at(LogoutPath),
		"scopes_supported":                               knownScopes,
		"response_types_supported":                       []string{"code"},
		"grant_types_supported":                          []string{grantCode, grantRefresh, grantDevice},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_post", "none"},
		"authorization_response_iss_parameter_supported": p.config.CallbackIssuer,
	})
}

// logout ends the browser's session, which is all that Kinde's does, and goes
// back only to an address it knows.
func (p *Provider) logout(w http.ResponseWriter, r *http.Request) {
	p.endSession(w, r)
	back := r.URL.Query().Get("redirect")
	if back != "" && p.registered(back) {
		http.Redirect(w, r, back, http.StatusFound)
		return
	}
	p.showMessage(w, http.StatusOK, "Signed out", "You can close this page.")
}

// registered reports whether a callback may be used: exactly as registered,
// or on loopback where none is registered.
func (p *Provider) registered(callback string) bool {
	for _, known := range p.config.Redirects {
		if callback == known {
			return true
		}
	}
	u, err := url.Parse(callback)
	return len(p.config.Redirects) == 0 && err == nil && u.Scheme == "http" && u.Fragment == "" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

func (p *Provider) notFound(w http.ResponseWriter, r *http.Request) {
	p.showMessage(w, http.StatusNotFound, "Nothing here", "This pretend Kinde has no page at this address.")
}
