package auth

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// What the tests of package auth_test may bend.

func (c *Client) SetClock(now func() time.Time) { c.now, c.clock.ours = now, now }
func (a *Accounts) SetClock(now func() time.Time, sleep func(time.Duration)) {
	a.now = now
	a.wait = func(_ context.Context, d time.Duration) error { sleep(d); return nil }
}

// TimeOuts are how long a browser may take: for its headers, its whole request,
// the answer, and doing nothing.
func (l *Login) TimeOuts() []time.Duration {
	s := l.server.http
	return []time.Duration{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout}
}

func ParseCallback(rawQuery, state string) (code string, err error) {
	c, err := parseCallback(rawQuery, state)
	if err == nil {
		err = c.refusal("issuer")
	}
	return c.code, err
}

func PastedQuery(pasted string, redirect *url.URL) (string, error) {
	return pastedQuery(pasted, redirect)
}

// Ring is a keyring that a test brings.
type Ring = ring

// SystemRing is the one of this computer.
func SystemRing() Ring { return systemRing{} }

// ReadUnlocked is the short way to an item.
func ReadUnlocked(service, name string) (string, bool) { return readUnlocked(service, name) }

// NewRingVault is the OS vault on a ring, with its own patience.
func NewRingVault(r Ring, patience time.Duration) Vault {
	v := newRingVault("kindling", r)
	v.patience = patience
	return v
}

// MaxItem is the most characters the OS vault stores in one item.
const MaxItem = maxItem

// ReadPatience is how long it waits for an answer.
const ReadPatience = readPatience

func (a *Accounts) Clock() func() time.Time { return a.now }

func (a *Accounts) Dir() string { return a.dir }

// TokensName is where a vault holds an account's tokens.
func TokensName(acc Account) string { return tokensName(acc) }

// EncodeTokens is what it holds there.
func EncodeTokens(acc Account, t Tokens) []byte {
	text, err := json.Marshal(keptTokens(acc, t))
	if err != nil {
		panic(err)
	}
	return text
}

// JWTName is where it holds what was minted for an account in a project.
func JWTName(acc Account, project string) string { return jwtName(acc, project) }

// HeadlessOn is Headless on any system.
func HeadlessOn(getenv func(string) string, system string, exists func(string) bool) string {
	return headless(getenv, system, exists)
}

// What the fuzz targets try by itself.

func Plain(s string) string { return plain(s) }

func RetryAfter(h http.Header, now time.Time) time.Duration { return retryAfter(h, now) }

func Lifetime(token string, expiresIn int64) time.Duration {
	return lifetime(token, time.Duration(expiresIn)*time.Second)
}

// Lease is how far a life is, received at a time.
func Lease(received time.Time, life time.Duration, now time.Time) (left time.Duration, due bool) {
	l := lease{received, life}
	return l.left(now), l.due(now)
}
