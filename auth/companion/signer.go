package companion

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"kindling/auth"
)

// Signer signs InsForge JWTs in-process from verified Kinde tokens: dev mode. It implements auth.Minter.
type Signer struct {
	verifier *verifier
	secret   auth.Secret
}

// NewSigner makes the dev signer; it applies the same checks as the handler.
func NewSigner(c Config) (*Signer, error) {
	c, err := prepare(c)
	if err != nil {
		return nil, err
	}
	return &Signer{newVerifier(c), c.Secret}, nil
}

// Mint implements auth.Minter. A refused token is auth.ErrRejected; keys that
// cannot be had are not, and may be tried again.
func (s *Signer) Mint(ctx context.Context, access auth.Secret) (auth.Secret, time.Duration, error) {
	p, r := s.verifier.verify(ctx, access.Reveal())
	if r != nil && r.status == http.StatusUnauthorized {
		return auth.Secret{}, 0, fmt.Errorf("%w: %s", auth.ErrRejected, r.description)
	}
	if r != nil {
		return auth.Secret{}, 0, fmt.Errorf("mint InsForge token: %w", r)
	}
	m, err := sign(p, []byte(s.secret.Reveal()), s.verifier.now())
	if err != nil {
		return auth.Secret{}, 0, fmt.Errorf("mint InsForge token: %w", err)
	}
	return auth.NewSecret(m.token), time.Duration(m.lifetime) * time.Second, nil
}
