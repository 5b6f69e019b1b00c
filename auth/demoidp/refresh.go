package demoidp

import (
	"net/http"
	"slices"
	"strings"
)

// addRefresh gives the family one more refresh token. The caller holds the lock.
func (p *Provider) addRefresh(familyID string) string {
	secret := randomToken()
	until := p.config.Now().Add(p.config.RefreshLife)
	p.state.Refresh[digest(secret)] = &refreshToken{Family: familyID, Until: until}
	p.state.Families[familyID].LastUntil = until
	return secret
}

// byRefresh rotates a refresh token, always.
func (p *Provider) byRefresh(client, secret string) (issue, error) {
	now := p.config.Now()
	refused := fail("invalid_grant", "The refresh token is unknown, expired, used or revoked")
	t := p.state.Refresh[digest(secret)]
	if t == nil || now.After(t.Until) {
		return issue{}, refused
	}
	f := p.state.Families[t.Family]
	if f == nil || f.Revoked || f.Client != client {
		return issue{}, refused
	}
	if !t.Rotated.IsZero() && p.isReuse(t) {
		return issue{}, refused
	}
	if t.Rotated.IsZero() {
		t.Rotated = now
	}
	if now.Sub(f.AccessAt) >= p.config.SameAccess {
		p.renewAccess(f)
	}
	return issue{family: f, refresh: p.addRefresh(t.Family), withID: slices.Contains(f.Scopes, "openid")}, nil
}

// isReuse judges a second use of a refresh token: a thief's, which ends the
// whole family, or one inside the overlap, where a client that lost the
// answer may try again.
func (p *Provider) isReuse(t *refreshToken) bool {
	if p.config.RevokeFamily {
		p.revokeFamily(t.Family)
		return true
	}
	return p.config.Now().Sub(t.Rotated) > p.config.Overlap
}

func (p *Provider) revokeFamily(id string) {
	if f := p.state.Families[id]; f != nil {
		f.Revoked = true
	}
}

// RevokeAll ends every sign-in of a person ("": of everybody): their refresh
// tokens are refused from here on. Access tokens live until they expire.
func (p *Provider) RevokeAll(sub string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.state.Families {
		f.Revoked = f.Revoked || sub == "" || f.Sub == sub
	}
	return p.save()
}

// revoke is RFC 7009: a token that is unknown is revoked already.
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		fail("invalid_request", "The form cannot be read").write(w)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	client, err := p.client(r)
	if err != nil {
		(&oauthError{http.StatusUnauthorized, "invalid_client", "The client is unknown"}).write(w)
		return
	}
	if t := p.state.Refresh[digest(r.PostForm.Get("token"))]; t != nil {
		if f := p.state.Families[t.Family]; f != nil && f.Client == client {
			f.Revoked = true
		}
	}
	if err := p.save(); err != nil {
		(&oauthError{http.StatusInternalServerError, "server_error", "The state could not be saved"}).write(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// profile is the user-info endpoint.
func (p *Provider) profile(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	defer p.mu.Unlock()
	claims, err := p.signer.verify(token, p.config.Issuer, p.config.Now)
	sub, _ := claims["sub"].(string)
	who, ok := p.state.person(sub)
	if err != nil || !ok {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"id": who.Sub, "sub": who.Sub, "name": who.Name(), "given_name": who.Given,
		"family_name": who.Family, "email": who.Email, "email_verified": true, "picture": nil, "preferred_username": who.Email})
}
