// Package auth signs people in with Kinde, keeps their tokens in a vault, and
// turns them into tokens for InsForge. It knows nothing of todos.
package auth

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// Config names one Kinde application. Every URL was checked by the caller:
// https, or http on loopback, or http allowed by InsecureHTTP.
type Config struct {
	Issuer         string
	ClientID       string
	ClientSecret   Secret // only for a "Back-end web" application
	RedirectURL    string // default http://127.0.0.1:53180/callback
	Audience       string
	OrgCode        string
	DeviceClientID string
	InsecureHTTP   bool
	HTTP           *http.Client // nil: one with deadlines and no redirects
}

// Errors a caller branches on. Those that a new sign-in would cure also have
// SignInRequired() bool, which is how the store knows them.
var (
	ErrCancelled = errors.New("sign-in was cancelled")
	ErrTimeout   = errors.New("nobody finished the sign-in in time")
	ErrDenied    = errors.New("the sign-in was refused")
	ErrLinkStale = errors.New("the e-mail link expired")
	ErrPortTaken = errors.New("the callback port is taken")
	ErrState     = errors.New("this address is not from this sign-in")
	ErrNoAccount = errors.New("no such account")
	ErrOther     = errors.New("another account is kept under that name")
	ErrLocked    = errors.New("the keyring is locked")
	ErrNoKeyring = errors.New("no keyring answers")
)

// Grant is a finished sign-in that nobody kept yet.
type Grant struct {
	Issuer, ClientID string // ClientID is the one signed in with (browser or device)
	Sub              string
	Email, Name      string // "" when unknown
	Tokens           Tokens
}

// Tokens are what Kinde issued. Refresh is zero when none came back.
type Tokens struct {
	Access, Refresh, ID Secret
	Received            time.Time
	Lifetime            time.Duration
}

// Client speaks to one issuer.
type Client struct{}

// NewClient makes a client; it does no I/O.
func NewClient(c Config) *Client { panic("todo") }

// LoginOptions bends a sign-in.
type LoginOptions struct {
	Create  bool   // prompt=create: Kinde's sign-up
	AsOther bool   // prompt=login: ask for credentials again
	Hint    string // login_hint
}

// Login is one sign-in in a browser. Its listener is bound when it exists.
type Login struct{}

// BeginLogin discovers the issuer, binds the loopback listener and makes the URL.
func (c *Client) BeginLogin(ctx context.Context, o LoginOptions) (*Login, error) { panic("todo") }

// URL is what to open in a browser; it holds state and nonce, no token.
func (l *Login) URL() string { panic("todo") }

// RedirectURL is the callback that must be registered in Kinde.
func (l *Login) RedirectURL() string { panic("todo") }

// Deadline is when Wait gives up.
func (l *Login) Deadline() time.Time { panic("todo") }

// Paste takes the address a browser on another machine ended at; same parser,
// same state check as the listener. ErrState leaves the sign-in open.
func (l *Login) Paste(redirectURL string) error { panic("todo") }

// Wait returns the verified grant, or why there is none. It closes the listener.
func (l *Login) Wait(ctx context.Context) (Grant, error) { panic("todo") }

// Close ends the sign-in and frees the port.
func (l *Login) Close() { panic("todo") }

// Device is one sign-in by device code (RFC 8628).
type Device struct {
	UserCode                string
	VerificationURI         string
	VerificationURIComplete string // may be ""
	Expires                 time.Time
}

// BeginDevice asks for a device code.
func (c *Client) BeginDevice(ctx context.Context) (*Device, error) { panic("todo") }

// Wait polls as the issuer asks until the person finished, refused or was late.
func (d *Device) Wait(ctx context.Context) (Grant, error) { panic("todo") }

// LogoutURL is where a browser ends the person's session at Kinde; "" when unknown.
func (c *Client) LogoutURL(ctx context.Context) string { panic("todo") }

// Vault keeps small secrets by name. Implementations: OS keyring, age file, memory.
// Get of an absent name is ErrNoEntry.
type Vault interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Set(ctx context.Context, name string, value []byte) error
	Delete(ctx context.Context, name string) error
	Kind() string // "os", "file" or "memory"
}

// ErrNoEntry means that a vault holds nothing under a name.
var ErrNoEntry = errors.New("no such vault entry")

// Account is a signed-in person, without secrets: what accounts.json holds.
type Account struct {
	Name     string `json:"name"` // as kept: --account NAME
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	Sub      string `json:"sub"`
	Email    string `json:"email"`
}

// Minter turns a Kinde access token into an InsForge JWT: the companion's
// client, or the dev signer. A refusal of the Kinde token itself is ErrRejected.
type Minter interface {
	Mint(ctx context.Context, access Secret) (jwt Secret, lifetime time.Duration, err error)
}

// ErrRejected is a Minter's definite no to a Kinde token.
var ErrRejected = errors.New("the companion refuses the Kinde token")

// Accounts is who is signed in on this machine. The list itself is a plain
// file without secrets, so that reading it asks no keyring.
type Accounts struct{}

// OpenAccounts uses dir for the list and the locks, and vault for secrets.
func OpenAccounts(dir string, vault Vault) *Accounts { panic("todo") }

// List returns the accounts in the order they were added, and the current one's name.
func (a *Accounts) List() (all []Account, current string, err error) { panic("todo") }

// Switch changes which account the next start opens.
func (a *Accounts) Switch(name string) error { panic("todo") }

// Keep stores a grant under name ("" lets it choose: the account's present name, the
// e-mail, or the sub) and makes it current. Another sub under a kept name is
// ErrOther; a sub kept under another name is refused naming that one.
func (a *Accounts) Keep(ctx context.Context, name string, g Grant) (Account, error) { panic("todo") }

// CacheKey returns the 32 bytes that open the account's cache for the project,
// made at first use when make is set. Gone and not make: ErrNoEntry.
func (a *Accounts) CacheKey(ctx context.Context, acc Account, project string, make bool) ([]byte, error) {
	panic("todo")
}

// Session opens the account for its life: it never adopts another's tokens.
func (a *Accounts) Session(acc Account, c *Client, project string, m Minter) *Session { panic("todo") }

// Session gives tokens for one account and one project.
type Session struct{}

// Token returns an InsForge JWT: the kept one while it is good, else a minted
// one, after a refresh of Kinde's tokens where needed. rejected is a JWT that
// InsForge just refused. Safe for concurrent use; one exchange across processes.
func (s *Session) Token(ctx context.Context, rejected string) (string, error) { panic("todo") }

// KindeToken returns the Kinde access token, refreshed when due.
func (s *Session) KindeToken(ctx context.Context) (Secret, error) { panic("todo") }

// Logout revokes (best effort, 5 s) and deletes every secret of the account,
// cache keys of all its projects included. It is the only thing that deletes.
func (a *Accounts) Logout(ctx context.Context, acc Account, c *Client) error { panic("todo") }
