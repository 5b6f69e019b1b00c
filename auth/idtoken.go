package auth

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

// identity is who a verified token speaks of.
type identity struct{ sub, email, name string }

func newIdentity(sub, email, name, given, family string) identity {
	return identity{sub, plain(email), plain(cmp.Or(name, given+" "+family))}
}

// idClaims are those of a Kinde ID token.
type idClaims struct {
	jwt.RegisteredClaims
	AuthorizedParty string `json:"azp"`
	Nonce           string `json:"nonce"`
	AccessHash      string `json:"at_hash"`
	Email           string `json:"email"`
	Name            string `json:"name"`
	GivenName       string `json:"given_name"`
	FamilyName      string `json:"family_name"`
}

// errKeys means that the issuer's keys could not be had, which says nothing about the token.
var errKeys = errors.New("the issuer's keys could not be fetched")

// verifyID checks an ID token in full: signature by RS256 with one of the
// issuer's keys, issuer, audience, party, times, nonce, hash of the access token.
// nonce is "" where the flow has none.
func (c *Client) verifyID(ctx context.Context, p *provider, clientID, nonce string, t Tokens) (identity, error) {
	var claims idClaims
	err := c.verify(ctx, p, t.ID, &claims, jwt.WithAudience(clientID))
	if err == nil {
		err = claims.check(clientID, nonce, t.Access)
	}
	if err != nil {
		return identity{}, c.tokenProblem("ID token", err)
	}
	return newIdentity(claims.Subject, claims.Email, claims.Name, claims.GivenName, claims.FamilyName), nil
}

// verifyAccess checks the signature and the party of an access token, for a
// sign-in that came back without an ID token.
func (c *Client) verifyAccess(ctx context.Context, p *provider, clientID string, access Secret) (identity, error) {
	var claims idClaims
	err := c.verify(ctx, p, access, &claims)
	if err == nil && claims.AuthorizedParty != clientID {
		err = errors.New("it was made for another application")
	}
	if err == nil && claims.Subject == "" {
		err = errors.New("it names nobody")
	}
	if err != nil {
		return identity{}, c.tokenProblem("access token", err)
	}
	return identity{sub: claims.Subject, email: plain(claims.Email)}, nil
}

// verify parses a token with the issuer's keys, fetched for this one time:
// tokens are verified at sign-in and at a renewal, hours apart. The time is the
// issuer's own, so that a wrong clock here refuses nobody.
func (c *Client) verify(ctx context.Context, p *provider, token Secret, claims jwt.Claims, more ...jwt.ParserOption) error {
	keys, err := c.keys(ctx, p)
	if err != nil {
		return err
	}
	options := append(more,
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(p.Issuer), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(toleratedSkew), jwt.WithTimeFunc(c.clock.now))
	_, err = jwt.ParseWithClaims(token.Reveal(), claims, keyed(keys), options...)
	return err
}

// keys fetches the issuer's keys. One that cannot be read does not spoil the others.
func (c *Client) keys(ctx context.Context, p *provider) (jwt.Keyfunc, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	res, err := c.get(ctx, p.Keys)
	if err != nil || res.StatusCode != http.StatusOK || json.NewDecoder(res.Body).Decode(&set) != nil {
		return nil, errKeys
	}
	storage := jwkset.NewMemoryStorage()
	for _, raw := range set.Keys {
		if key, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{}); err == nil {
			_ = storage.KeyWrite(ctx, key) // into memory: it never fails
		}
	}
	keys, err := keyfunc.New(keyfunc.Options{Ctx: ctx, Storage: storage})
	if err != nil {
		return nil, errKeys
	}
	return keys.Keyfunc, nil
}

// keyed refuses a token that does not name its key: without a kid, keyfunc
// would try them all.
func keyed(next jwt.Keyfunc) jwt.Keyfunc {
	return func(t *jwt.Token) (any, error) {
		if kid, _ := t.Header["kid"].(string); kid == "" {
			return nil, errors.New("it names no key")
		}
		if _, ok := t.Header["crit"]; ok {
			return nil, errors.New("it asks for an unknown extension")
		}
		return next(t)
	}
}

// check holds what golang-jwt does not know of.
func (i *idClaims) check(clientID, nonce string, access Secret) error {
	switch {
	case i.Subject == "":
		return errors.New("it names nobody")
	case i.IssuedAt == nil:
		return errors.New("it does not say when it was issued")
	case i.AuthorizedParty != "" && i.AuthorizedParty != clientID,
		i.AuthorizedParty == "" && slices.ContainsFunc(i.Audience, func(a string) bool { return a != clientID }):
		return errors.New("it was made for another application")
	case nonce != "" && subtle.ConstantTimeCompare([]byte(i.Nonce), []byte(nonce)) != 1:
		return errors.New("it is not from this sign-in")
	case i.AccessHash != "" && i.AccessHash != halfHash(access.Reveal()):
		return errors.New("it belongs to another access token")
	}
	return nil
}

// halfHash is at_hash of OpenID Connect for RS256.
func halfHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// tokenProblem says in one line what is wrong with a token.
func (c *Client) tokenProblem(what string, err error) error {
	where := "the issuer " + c.host()
	if errors.Is(err, errKeys) {
		return &transient{error: fmt.Errorf("%s does not hand out its keys: try again later", where)}
	}
	return fmt.Errorf("%s sent an %s that does not check out (%s): try again", where, what, plain(err.Error()))
}
