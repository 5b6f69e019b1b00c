package auth

import (
	"net/url"
	"time"
)

// What the tests of package auth_test may bend.

func (c *Client) SetClock(now func() time.Time)   { c.now = now }
func (a *Accounts) SetClock(now func() time.Time) { a.now = now }

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

// NewRingVault is the OS vault on a ring, with its own patience.
func NewRingVault(r Ring, patience time.Duration) Vault {
	v := newRingVault("kindling", r)
	v.patience = patience
	return v
}

// MaxItem is the most characters the OS vault stores in one item.
const MaxItem = maxItem
