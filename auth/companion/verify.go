package companion

import (
	"context"
	"crypto/rsa"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	skew    = 60 * time.Second // how far iat and nbf may lie ahead of us
	minLeft = 5 * time.Second  // a token with less left is as good as expired
)

// person is who a verified token speaks for, and until when.
type person struct {
	sub, email string
	expires    float64 // seconds; a NumericDate may have a fraction
}

// keySource finds the key that Kinde publishes under a kid. issued is the
// token's own iat, so that a source knows whether it could have seen the key.
type keySource interface {
	key(ctx context.Context, kid string, issued float64) (*rsa.PublicKey, *refusal)
}

// verifier holds the rules for one issuer.
type verifier struct {
	issuer, audience string
	clients          []string
	keys             keySource
	now              func() time.Time
}

func newVerifier(c Config) *verifier {
	return &verifier{c.Issuer, c.Audience, c.Clients, newKeys(c), c.Now}
}

// verify is the one way from a token to a person.
func (v *verifier) verify(ctx context.Context, token string) (person, *refusal) {
	t, r := parse(token)
	if r != nil {
		return person{}, r
	}
	issued, _ := t.claims["iat"].(float64)
	key, r := v.keys.key(ctx, t.kid, issued)
	if r != nil {
		return person{}, r
	}
	if jwt.SigningMethodRS256.Verify(t.signed, t.signature, key) != nil {
		return person{}, errSignature
	}
	return v.judge(t.claims)
}

// judge applies the rules to claims whose signature holds.
func (v *verifier) judge(claims map[string]any) (person, *refusal) {
	if claims["iss"] != v.issuer {
		return person{}, errIssuer
	}
	expires, r := v.inTime(claims)
	if r != nil {
		return person{}, r
	}
	if azp, _ := claims["azp"].(string); !slices.Contains(v.clients, azp) {
		return person{}, errClient
	}
	if r := v.forUs(claims); r != nil {
		return person{}, r
	}
	sub, _ := claims["sub"].(string)
	if sub == "" {
		return person{}, errNobody
	}
	email, _ := claims["email"].(string)
	return person{sub, email, expires}, nil
}

// inTime requires exp, without leeway, and takes iat and nbf with one.
func (v *verifier) inTime(claims map[string]any) (float64, *refusal) {
	now := float64(v.now().UnixMilli())
	expires, ok := claims["exp"].(float64)
	if !ok || expires*1000-now < float64(minLeft.Milliseconds()) {
		return 0, errExpired
	}
	for _, name := range []string{"iat", "nbf"} {
		claim, there := claims[name]
		start, ok := claim.(float64)
		if there && (!ok || start*1000-now > float64(skew.Milliseconds())) {
			return 0, errEarly
		}
	}
	return expires, nil
}

// forUs refuses ID tokens, and tokens without the configured audience. Kinde's
// access tokens have an empty aud unless an API was asked for, and its ID
// tokens name the client and the issuer there.
func (v *verifier) forUs(claims map[string]any) *refusal {
	_, nonce := claims["nonce"]
	_, hash := claims["at_hash"]
	aud, ok := audiences(claims)
	if nonce || hash || slices.Contains(aud, v.issuer) || slices.ContainsFunc(aud, func(a string) bool { return slices.Contains(v.clients, a) }) {
		return errIDToken
	}
	if !ok || v.audience != "" && !slices.Contains(aud, v.audience) {
		return errAudience
	}
	return nil
}

// audiences reads aud, which may be absent, a string or an array of strings.
func audiences(claims map[string]any) ([]string, bool) {
	switch aud := claims["aud"].(type) {
	case nil:
		_, there := claims["aud"]
		return nil, !there
	case string:
		return []string{aud}, true
	case []any:
		all := make([]string, 0, len(aud))
		for _, a := range aud {
			if s, ok := a.(string); ok {
				all = append(all, s)
			}
		}
		return all, len(all) == len(aud)
	}
	return nil, false
}
