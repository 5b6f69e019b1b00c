package demoidp

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
	grantDevice  = "urn:ietf:params:oauth:grant-type:device_code"
)

// issue is what a grant entitles to.
type issue struct {
	family  *family
	refresh string // "" for none
	nonce   string
	withID  bool
}

// token is the token endpoint: client first, then the grant, then the tokens.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		fail("invalid_request", "The form cannot be read").write(w)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	answer, err := p.exchange(r)
	// What a refused grant changed (a revoked family, a poll) is kept too.
	if e := p.save(); e != nil && err == nil {
		err = &oauthError{http.StatusInternalServerError, "server_error", "The state could not be saved"}
	}
	var refused *oauthError
	if errors.As(err, &refused) {
		refused.write(w)
		return
	}
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": "server_error"})
		return
	}
	p.counts["grant:"+r.PostForm.Get("grant_type")]++
	writeJSON(w, http.StatusOK, answer)
}

func (p *Provider) exchange(r *http.Request) (map[string]any, error) {
	client, err := p.client(r)
	if err != nil {
		return nil, err
	}
	var is issue
	switch r.PostForm.Get("grant_type") {
	case grantCode:
		is, err = p.byCode(client, r)
	case grantRefresh:
		is, err = p.byRefresh(client, r.PostForm.Get("refresh_token"))
	case grantDevice:
		is, err = p.byDevice(client, r.PostForm.Get("device_code"))
	default:
		err = fail("unsupported_grant_type", "The grant type is not supported")
	}
	if err != nil {
		return nil, err
	}
	return p.answer(is)
}

// client tells which application asks. HTTP Basic is refused: Kinde's
// applications send their id, and their secret if they have one, in the form.
func (p *Provider) client(r *http.Request) (string, error) {
	id := r.PostForm.Get("client_id")
	refused := &oauthError{http.StatusUnauthorized, "invalid_client", "The client is unknown or did not prove itself"}
	if r.Header.Get("Authorization") != "" || (!slices.Contains(p.config.Clients, id) && (id == "" || id != p.config.DeviceClient)) {
		return "", refused
	}
	secret := []byte(r.PostForm.Get("client_secret"))
	if id == p.config.Clients[0] && p.config.ClientSecret != "" && subtle.ConstantTimeCompare(secret, []byte(p.config.ClientSecret)) != 1 {
		return "", refused
	}
	return id, nil
}

// byCode spends an authorization code. A second use revokes what the first gave.
func (p *Provider) byCode(client string, r *http.Request) (issue, error) {
	c := p.state.Codes[digest(r.PostForm.Get("code"))]
	if c == nil || c.Family.Client != client || p.config.Now().After(c.Until) {
		return issue{}, fail("invalid_grant", "The code is unknown, expired or another application's")
	}
	if c.SpentFamily != "" {
		p.revokeFamily(c.SpentFamily)
		return issue{}, fail("invalid_grant", "The code was used before")
	}
	if c.Redirect != r.PostForm.Get("redirect_uri") {
		return issue{}, fail("invalid_grant", "The redirect_uri is not the one of the request")
	}
	if !proves(r.PostForm.Get("code_verifier"), c.Challenge) {
		return issue{}, fail("invalid_grant", "The code_verifier does not match the code_challenge")
	}
	c.SpentFamily = randomHex(16)
	f := c.Family
	return p.begin(c.SpentFamily, &f, c.Nonce), nil
}

// proves checks PKCE's S256.
func proves(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

// begin starts a family: the first access token and, when asked for, the first refresh token.
func (p *Provider) begin(id string, f *family, nonce string) issue {
	p.state.Families[id] = f
	f.LastUntil = p.config.Now().Add(p.config.RefreshLife)
	p.renewAccess(f)
	is := issue{family: f, nonce: nonce, withID: slices.Contains(f.Scopes, "openid")}
	if slices.Contains(f.Scopes, "offline") {
		is.refresh = p.addRefresh(id)
	}
	return is
}

// renewAccess gives the family's next access token its identity.
func (p *Provider) renewAccess(f *family) {
	f.AccessID, f.AccessAt = randomHex(16), p.config.Now().Truncate(time.Second)
}

// answer is the token endpoint's JSON for an issue.
func (p *Provider) answer(is issue) (map[string]any, error) {
	access, err := p.signer.sign(p.accessClaims(is.family))
	if err != nil {
		return nil, err
	}
	left := is.family.AccessAt.Add(p.config.AccessLife).Sub(p.config.Now())
	out := map[string]any{"access_token": access, "token_type": "bearer", "expires_in": int(left.Seconds()),
		"scope": strings.Join(is.family.Scopes, " ")}
	if is.refresh != "" {
		out["refresh_token"] = is.refresh
	}
	if is.withID {
		out["id_token"], err = p.signer.sign(p.idClaims(is, access))
	}
	return out, err
}

func (p *Provider) accessClaims(f *family) jwt.MapClaims {
	audience := []string{}
	if f.Audience != "" {
		audience = append(audience, f.Audience)
	}
	claims := jwt.MapClaims{"iss": p.config.Issuer, "sub": f.Sub, "azp": f.Client, "aud": audience, "scp": f.Scopes,
		"org_code": orgCode(f), "permissions": []string{}, "jti": f.AccessID,
		"iat": f.AccessAt.Unix(), "exp": f.AccessAt.Add(p.config.AccessLife).Unix()}
	if who, ok := p.state.person(f.Sub); ok && p.config.EmailInAccess {
		claims["email"] = who.Email
	}
	return claims
}

func orgCode(f *family) string {
	if f.Org != "" {
		return f.Org
	}
	return "org_demo"
}

// idClaims tells who signed in. Name and e-mail come with their scopes alone.
func (p *Provider) idClaims(is issue, access string) jwt.MapClaims {
	now, half := p.config.Now(), sha256.Sum256([]byte(access))
	who, _ := p.state.person(is.family.Sub)
	claims := jwt.MapClaims{"iss": p.config.Issuer, "sub": who.Sub, "azp": is.family.Client,
		"aud": []string{is.family.Client, p.config.Issuer}, "org_codes": []string{orgCode(is.family)},
		"jti": randomHex(16), "iat": now.Unix(), "exp": now.Add(p.config.IDLife).Unix(),
		"auth_time": is.family.SignedIn.Unix(), "rat": is.family.SignedIn.Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16])}
	if is.nonce != "" {
		claims["nonce"] = is.nonce
	}
	if slices.Contains(is.family.Scopes, "email") {
		claims["email"], claims["email_verified"] = who.Email, true
	}
	if slices.Contains(is.family.Scopes, "profile") {
		claims["name"], claims["given_name"], claims["family_name"] = who.Name(), who.Given, who.Family
	}
	return claims
}
