// Package auth signs people in with Kinde, keeps their tokens in a vault, and
// turns them into tokens for InsForge. It knows nothing of todos.
//
// The path of a token: a Client signs a person in (BeginLogin, BeginDevice)
// and gives a Grant; Accounts keeps it in a Vault under a name; a Session,
// bound to that account for its life, turns it into InsForge JWTs through a
// Minter, and renews Kinde's tokens under a lock shared by every process.
package auth

import (
	"net/http"
	"sync"
	"time"
)

// DefaultRedirectURL is the callback to register in Kinde.
const DefaultRedirectURL = "http://127.0.0.1:53180/callback"

// Config names one Kinde application. Every URL was checked by the caller:
// https, or http on loopback, or http allowed by InsecureHTTP.
type Config struct {
	Issuer         string
	ClientID       string
	ClientSecret   Secret // only for a "Back-end web" application
	RedirectURL    string // "": DefaultRedirectURL; port 0 takes a free one
	Audience       string
	OrgCode        string
	DeviceClientID string
	InsecureHTTP   bool
	HTTP           *http.Client // nil: one with deadlines; its redirects are never followed
}

// Client speaks to one issuer. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
	clock  *issuerClock
	now    func() time.Time

	mu    sync.Mutex
	found *provider // what discovery said, once it answered
}

// NewClient makes a client; it does no I/O.
func NewClient(c Config) *Client {
	if c.RedirectURL == "" {
		c.RedirectURL = DefaultRedirectURL
	}
	clock := &issuerClock{ours: time.Now}
	return &Client{config: c, http: bareHTTP(c.HTTP, clock), clock: clock, now: time.Now}
}

// Grant is a finished sign-in that nobody kept yet. A zero Tokens.Refresh
// means that Kinde gave no refresh token: the session ends with its access token.
type Grant struct {
	Issuer, ClientID string // ClientID is the one signed in with (browser or device)
	Sub              string
	Email, Name      string // "" when unknown
	Tokens           Tokens
}

// Tokens are what Kinde issued. Refresh is zero when none came back.
type Tokens struct {
	Access, Refresh, ID Secret
	Received            time.Time     // by this computer's clock
	Lifetime            time.Duration // of Access, from Received on
}

// LoginOptions are what a sign-in may ask of Kinde; zero asks for nothing special.
type LoginOptions struct {
	Create  bool   // prompt=create: Kinde's sign-up
	AsOther bool   // prompt=login: ask for credentials again
	Hint    string // login_hint
}
