package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

// errInvalidGrant is the issuer's definite no to a code or a refresh token.
var errInvalidGrant = errors.New("the issuer does not accept the grant")

// withHTTP makes x/oauth2 use our bare client.
func (c *Client) withHTTP(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c.http)
}

// exchange spends an authorization code. It is sent once.
func (c *Client) exchange(ctx context.Context, p *provider, redirect, code, verifier string) (Tokens, error) {
	conf := c.oauth(p, c.config.ClientID)
	conf.RedirectURL = redirect
	t, err := conf.Exchange(c.withHTTP(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Tokens{}, c.explain(err, c.config.ClientID)
	}
	return received(t, c.now()), nil
}

// refresh spends a refresh token. It is sent once: what comes back must be
// kept before anything else happens, for the one sent is used up.
func (c *Client) refresh(ctx context.Context, p *provider, clientID string, old Secret) (Tokens, error) {
	source := c.oauth(p, clientID).TokenSource(c.withHTTP(ctx), &oauth2.Token{RefreshToken: old.Reveal()})
	t, err := source.Token()
	if err != nil {
		return Tokens{}, c.explain(err, clientID)
	}
	return received(t, c.now()), nil
}

// received wraps what the issuer sent.
func received(t *oauth2.Token, now time.Time) Tokens {
	id, _ := t.Extra("id_token").(string)
	return Tokens{
		Access:   NewSecret(t.AccessToken),
		Refresh:  NewSecret(t.RefreshToken),
		ID:       NewSecret(id),
		Received: now,
		Lifetime: lifetime(t.AccessToken, time.Duration(t.ExpiresIn)*time.Second),
	}
}

// lifetime is the shorter of what the token and what the answer around it say.
// It is counted from receipt: exp itself means nothing to a clock that is wrong.
func lifetime(token string, expiresIn time.Duration) time.Duration {
	const whenNobodySays = time.Hour
	var own time.Duration
	if c, err := readClaims(token); err == nil && c.ExpiresAt != nil && c.IssuedAt != nil {
		own = c.ExpiresAt.Sub(c.IssuedAt.Time)
	}
	switch {
	case own > 0 && expiresIn > 0:
		return min(own, expiresIn)
	case own > 0 || expiresIn > 0:
		return max(own, expiresIn)
	}
	return whenNobodySays
}

// rest is what is left of a token's life at a time on its issuer's clock.
func rest(token string, atIssuer time.Time) time.Duration {
	c, err := readClaims(token)
	if err != nil || c.ExpiresAt == nil {
		return math.MaxInt64
	}
	return c.ExpiresAt.Sub(atIssuer)
}

// readClaims reads a token without verifying it: to compare its sub and to
// know its lifetime, never to trust it.
func readClaims(token string) (jwt.RegisteredClaims, error) {
	var c jwt.RegisteredClaims
	_, _, err := jwt.NewParser().ParseUnverified(token, &c)
	return c, err
}

// subOf is whose an access token says it is, "" when it is opaque.
func subOf(access Secret) string {
	c, _ := readClaims(access.Reveal())
	return c.Subject
}

// explain turns x/oauth2's errors into one line each. RetrieveError prints the
// whole body when it finds no error code, so its own text is never used.
func (c *Client) explain(err error, clientID string) error {
	where := "the issuer " + c.host()
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return c.explainTransport(err, where)
	}
	switch refused.ErrorCode {
	case "invalid_grant":
		return errInvalidGrant
	case "invalid_client", "unauthorized_client":
		return fmt.Errorf("%s does not accept the client id %q: check KINDE_CLIENT_ID, and KINDE_CLIENT_SECRET for a back-end application", where, plain(clientID))
	}
	failed := failedAnswer(where, refused.Response)
	if refused.ErrorCode == "" || isTransient(failed) {
		return failed
	}
	return fmt.Errorf("%s answered %s: run `kindling doctor`", where, serverSays(refused.ErrorCode, refused.ErrorDescription))
}

func (c *Client) explainTransport(err error, where string) error {
	if _, ok := errors.AsType[*url.Error](err); ok || errors.Is(err, context.Canceled) {
		return unreachable(where, err)
	}
	return &transient{error: fmt.Errorf("%s gave an answer that cannot be read: try again later", where)}
}

// serverSays joins an error code and its description, fit for a terminal.
func serverSays(code, description string) string {
	return strings.TrimSuffix(strings.TrimSpace(plain(code)+" "+plain(description)), ".")
}

// serves refuses an account of another issuer: its tokens must not go there.
func (c *Client) serves(acc Account) error {
	if c.config.Issuer == acc.Issuer {
		return nil
	}
	return deadSession{fmt.Errorf("%s is signed in at %s, but KINDE_ISSUER_URL says %s: sign in there with `kindling login`, or set it back", plain(acc.Name), plain(acc.Issuer), plain(c.config.Issuer))}
}

// revoke tells the issuer to forget a sign-in, best effort: whether a public
// client may is not documented.
func (c *Client) revoke(ctx context.Context, acc Account, k kept) {
	if c == nil || c.serves(acc) != nil {
		return
	}
	p, err := c.discover(ctx)
	if err != nil || p.Revocation == "" {
		return
	}
	form := url.Values{"token": {cmp.Or(k.Refresh, k.Access)}, "client_id": {acc.ClientID}}
	if secret := c.oauth(p, acc.ClientID).ClientSecret; secret != "" {
		form.Set("client_secret", secret)
	}
	_, _ = c.post(ctx, p.Revocation, form)
}
