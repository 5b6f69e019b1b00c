package auth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
)

const loginPatience = 5 * time.Minute

// Login is one sign-in in a browser. Its listener is bound when it exists.
// Finish it with Wait or Close.
type Login struct {
	client   *Client
	provider *provider
	redirect *url.URL
	secrets  loginSecrets
	authURL  string
	deadline time.Time
	server   *callbackServer

	mu     sync.Mutex
	won    bool          // a valid state was seen: no later one counts
	answer chan callback // holds the winner
	closed chan struct{}
	end    sync.Once
}

// loginSecrets tie the answer to the question: 32 random bytes each, used once.
type loginSecrets struct{ state, nonce, verifier string }

func newLoginSecrets() loginSecrets {
	return loginSecrets{oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()}
}

// BeginLogin discovers the issuer, binds the loopback listener and makes the URL.
// ErrPortTaken where another program listens there; cancelled: ErrCancelled.
func (c *Client) BeginLogin(ctx context.Context, o LoginOptions) (*Login, error) {
	redirect, err := ParseRedirect(c.config.RedirectURL)
	if err != nil {
		return nil, err
	}
	p, err := c.discover(ctx)
	if err != nil {
		return nil, cancelled(err)
	}
	if c.config.ClientID == "" {
		return nil, errors.New("no client id for the browser: set KINDE_CLIENT_ID, or sign in with `kindling login --device`")
	}
	listeners, err := listenLoopback(redirect)
	if err != nil {
		return nil, err
	}
	l := &Login{
		client: c, provider: p, redirect: redirect, secrets: newLoginSecrets(),
		deadline: c.now().Add(loginPatience),
		answer:   make(chan callback, 1), closed: make(chan struct{}),
	}
	l.authURL = l.makeURL(o)
	l.server = serveCallback(l, listeners)
	return l, nil
}

func (l *Login) makeURL(o LoginOptions) string {
	conf := l.client.oauth(l.provider, l.client.config.ClientID)
	conf.RedirectURL = l.RedirectURL()
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(l.secrets.verifier),
		oauth2.SetAuthURLParam("nonce", l.secrets.nonce),
	}
	add := func(name, value string) {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	add("audience", l.client.config.Audience)
	add("org_code", l.client.config.OrgCode)
	add("login_hint", o.Hint)
	switch {
	case o.Create:
		add("prompt", "create")
	case o.AsOther:
		add("prompt", "login")
	}
	return conf.AuthCodeURL(l.secrets.state, options...)
}

// URL is what to open in a browser; it holds state and nonce, no token.
func (l *Login) URL() string { return l.authURL }

// RedirectURL is the callback that must be registered in Kinde.
func (l *Login) RedirectURL() string { return l.redirect.String() }

// Deadline is when Wait gives up.
func (l *Login) Deadline() time.Time { return l.deadline }

// Wait returns the verified grant, or why there is none: ErrDenied, ErrLinkStale,
// ErrTimeout or ErrCancelled; any other error is about the issuer's answer. It closes
// the listener, after the browser got its page. Call it once.
func (l *Login) Wait(ctx context.Context) (Grant, error) {
	defer l.Close()
	late := time.NewTimer(l.deadline.Sub(l.client.now()))
	defer late.Stop()
	select {
	case got := <-l.answer:
		g, err := l.redeem(ctx, got)
		l.tell(got, err)
		return g, err
	case <-ctx.Done():
		return Grant{}, ErrCancelled
	case <-l.closed:
		return Grant{}, ErrCancelled
	case <-late.C:
		return Grant{}, l.timedOut()
	}
}

// tell lets the browser know how it ended, and waits until its page is sent.
func (l *Login) tell(got callback, err error) {
	if got.page == nil {
		return
	}
	got.page <- pageOf(err)
	select {
	case <-got.shown:
	case <-time.After(time.Second):
	}
}

// Advice says what to check where the browser shows an error: Kinde looks at these
// two before it answers at all, and a wrong one never comes here.
func (l *Login) Advice() string {
	return fmt.Sprintf("check that KINDE_CLIENT_ID (%s) is your application's, and that %s is one of its allowed callback URLs (in Kinde: Settings → Applications)",
		plain(l.client.config.ClientID), l.RedirectURL())
}

func (l *Login) timedOut() error {
	return problemf(ErrTimeout, "%v: if the browser showed an error, %s; then try again", ErrTimeout, l.Advice())
}

// redeem turns the winning answer into a grant.
func (l *Login) redeem(ctx context.Context, got callback) (Grant, error) {
	if err := got.refusal(l.client.host()); err != nil {
		return Grant{}, err
	}
	t, err := l.client.exchange(ctx, l.provider, l.RedirectURL(), got.code, l.secrets.verifier)
	switch {
	case errors.Is(err, errInvalidGrant):
		return Grant{}, errors.New("the issuer does not accept its own code (used twice, or too late): try again")
	case err != nil:
		return Grant{}, cancelled(err)
	case t.ID.IsZero():
		return Grant{}, fmt.Errorf("the issuer %s sent no ID token: allow the scope openid for your application", l.client.host())
	}
	who, err := l.client.verifyID(ctx, l.provider, l.client.config.ClientID, l.secrets.nonce, t)
	if err != nil {
		return Grant{}, cancelled(err)
	}
	return l.client.grant(ctx, l.provider, l.client.config.ClientID, who, t)
}

// grant completes an identity: the e-mail is asked for where no token has it.
func (c *Client) grant(ctx context.Context, p *provider, clientID string, who identity, t Tokens) (Grant, error) {
	if sub := subOf(t.Access); sub != "" && sub != who.sub {
		return Grant{}, fmt.Errorf("the issuer %s sent tokens of two people: try again", c.host())
	}
	if who.email == "" {
		if more, err := c.profile(ctx, p, t.Access); err == nil && more.sub == who.sub {
			who = more
		}
	}
	return Grant{Issuer: p.Issuer, ClientID: clientID, Sub: who.sub, Email: who.email, Name: who.name, Tokens: t}, nil
}

// Paste takes the address a browser on another machine ended at; same parser,
// same state check as the listener. ErrState leaves the sign-in open.
func (l *Login) Paste(redirectURL string) error {
	query, err := pastedQuery(redirectURL, l.redirect)
	if err != nil {
		return err
	}
	_, err = l.take(query, browser{})
	return err
}

// take checks an answer, and keeps it if it is the first with the right state.
func (l *Login) take(rawQuery string, from browser) (first bool, err error) {
	got, err := parseCallback(rawQuery, l.secrets.state)
	if err != nil {
		return false, err
	}
	if got.issuer != l.provider.Issuer && (got.issuer != "" || l.provider.SendsIssuer) {
		got = callback{refused: "wrong_issuer"}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.won {
		return false, nil
	}
	l.won, got.browser = true, from
	l.answer <- got
	return true, nil
}

// Close ends the sign-in and frees the port.
func (l *Login) Close() {
	l.end.Do(func() { close(l.closed) })
	l.server.close()
}
