package demoidp

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signer holds the parsed keys; the first one signs, all are published.
type signer struct {
	keys []*rsa.PrivateKey
	kids []string
}

// RotateKey makes a new signing key. The old ones stay published when
// keepOld is set, as during an orderly rotation.
func (p *Provider) RotateKey(keepOld bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !keepOld {
		p.state.Keys = nil
	}
	return p.addKey()
}

func (p *Provider) addKey() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode signing key: %w", err)
	}
	p.state.Keys = append([][]byte{der}, p.state.Keys...)
	if err := p.useKeys(); err != nil {
		return err
	}
	return p.save()
}

func (p *Provider) useKeys() error {
	p.signer = &signer{}
	for _, der := range p.state.Keys {
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		key, ok := parsed.(*rsa.PrivateKey)
		if err != nil || !ok {
			return fmt.Errorf("read signing key: not an RSA key: %w", err)
		}
		p.signer.keys = append(p.signer.keys, key)
		p.signer.kids = append(p.signer.kids, keyID(key))
	}
	return nil
}

func keyID(key *rsa.PrivateKey) string {
	sum := sha256.Sum256(key.N.Bytes())
	return "demo:" + base64.RawURLEncoding.EncodeToString(sum[:9])
}

// sign makes a JWT. Equal claims give an equal token, since PKCS#1 v1.5
// signatures are deterministic: that is how an early refresh returns the same
// access token without keeping one.
func (s *signer) sign(claims jwt.MapClaims) (string, error) {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = s.kids[0]
	return t.SignedString(s.keys[0])
}

// verify returns the claims of one of our own tokens.
func (s *signer) verify(token, issuer string, now func() time.Time) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		for i, kid := range s.kids {
			if t.Header["kid"] == kid {
				return s.keys[i].Public(), nil
			}
		}
		return nil, fmt.Errorf("find key: unknown kid")
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now))
	return claims, err
}

// keys publishes the public halves. Kinde answers 403 to a request that
// carries an Authorization header, so a client has to use a bare one.
func (p *Provider) keys(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		writeJSON(w, http.StatusForbidden, map[string]string{"message": "Forbidden"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	set := []map[string]string{}
	for i, key := range p.signer.keys {
		set = append(set, map[string]string{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": p.signer.kids[i],
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())})
	}
	writeJSON(w, http.StatusOK, map[string]any{"keys": set})
}
