// Package companion is the token endpoint: it verifies a Kinde access token and
// signs the InsForge JWT for the same person.
package companion

import (
	"log/slog"
	"net/http"
	"time"

	"kindling/auth"
)

// Config is the companion's environment.
type Config struct {
	Issuer       string
	Clients      []string // a token's azp must be one of them, always
	Audience     string   // when set, required in aud too
	Secret       auth.Secret
	BehindProxy  bool // addresses come from X-Forwarded-For
	InsecureHTTP bool
	Log          *slog.Logger
	HTTP         *http.Client
	Now          func() time.Time
}

// New returns the handler for /, /functions/kindling-token, /healthz and
// /readyz; an error when the secret has under 32 bytes or no client is allowed.
func New(c Config) (http.Handler, error) { panic("todo") }

// Signer signs InsForge JWTs in-process from verified Kinde tokens: dev mode. It implements auth.Minter.
type Signer struct{}

// NewSigner makes the dev signer; it applies the same checks as the handler.
func NewSigner(c Config) (*Signer, error) { panic("todo") }
