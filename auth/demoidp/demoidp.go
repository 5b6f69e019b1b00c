// Package demoidp is a pretend Kinde with two accounts, Alice and Bob, and
// Kinde's quirks. It is for the demo and for tests, and listens nowhere by itself.
package demoidp

import (
	"net/http"
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
}

// Provider is the pretend issuer.
type Provider struct{}

// New makes a provider; it reads Dir.
func New(c Config) (*Provider, error) { panic("todo") }

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { panic("todo") }
