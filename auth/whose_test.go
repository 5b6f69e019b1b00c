package auth_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// A session belongs to one account for its life: nobody else's tokens are used in it.

func TestAnotherAccountsTokensAreNeverAdopted(t *testing.T) {
	k := newKeptWorld(t, nil)
	bob := k.signIn("bob")
	other, err := k.accounts.Keep(ctx, "", bob)
	if err != nil {
		t.Fatal(err)
	}
	k.vault.swap(t, k.account, other)
	sent := len(k.to(demoidp.TokenPath))
	k.clock.Advance(20 * time.Hour)
	if _, err := k.session.Token(ctx, ""); !signInRequired(err) || !strings.Contains(err.Error(), "another account") {
		t.Errorf("token: %v", err)
	}
	if n := len(k.to(demoidp.TokenPath)) - sent; n != 0 || k.mint.Made() != 0 {
		t.Errorf("%d requests with somebody else's tokens", n)
	}
}

// Whatever lies under an account's name in the vault is its own, or nobody's.
func TestAVaultsEntryIsItsAccountsOwn(t *testing.T) {
	for name, change := range map[string]func(*auth.Account){
		"another person's":      func(a *auth.Account) { a.Sub = "kp_other" },
		"another issuer's":      func(a *auth.Account) { a.Issuer = "https://evil.example" },
		"another application's": func(a *auth.Account) { a.ClientID = "other" },
	} {
		k := newKeptWorld(t, nil)
		other := k.account
		change(&other)
		if err := k.vault.Set(ctx, auth.TokensName(k.account), auth.EncodeTokens(other, k.signIn("alice").Tokens)); err != nil {
			t.Fatal(err)
		}
		if _, err := k.session.Token(ctx, ""); !signInRequired(err) || !strings.Contains(err.Error(), "another account") || k.mint.Made() > 0 {
			t.Errorf("%s tokens: %v, %d minted", name, err, k.mint.Made())
		}
	}
}

func TestAKeptJWTIsItsAccountsOwn(t *testing.T) {
	k := newKeptWorld(t, nil)
	bob := k.keep(k.accounts, "bob")
	bobs := k.token(k.accounts.Session(bob, k.client, project, k.mint), "")
	hers := k.token(k.session, "")
	_, value := read(t, k.vault, auth.JWTName(bob, project))
	if err := k.vault.Set(ctx, auth.JWTName(k.account, project), value); err != nil {
		t.Fatal(err)
	}
	if got := k.token(k.open(), ""); got == bobs || got == hers || k.mint.Made() != 3 {
		t.Errorf("Bob's token was given to Alice: %v; %d minted", got == bobs, k.mint.Made())
	}
}

func TestRenewalForSomebodyElseIsRefused(t *testing.T) {
	k := newKeptWorld(t, nil)
	bob, alice := k.signIn("bob"), k.signIn("alice")
	hers, id := alice.Tokens.Access.Reveal(), func(claims map[string]any) string {
		return sign(map[string]any{"alg": "none"}, claims, nil)
	}
	k.clock.Advance(20 * time.Hour)
	for name, answer := range map[string]string{
		"ID token of another issuer":      `{"access_token":"opaque","id_token":"` + id(map[string]any{"sub": alice.Sub, "aud": browserClient, "iss": "https://evil.example"}) + `","refresh_token":"r","expires_in":86400}`,
		"ID token of another application": `{"access_token":"opaque","id_token":"` + id(map[string]any{"sub": alice.Sub, "aud": "other", "iss": alice.Issuer}) + `","refresh_token":"r","expires_in":86400}`,
		"no ID token at all":              `{"access_token":"` + hers + `","id_token":"x","refresh_token":"r","expires_in":86400}`,
		"access token":                    `{"access_token":"` + bob.Tokens.Access.Reveal() + `","refresh_token":"r","expires_in":86400}`,
		"ID token":                        `{"access_token":"opaque","id_token":"` + bob.Tokens.ID.Reveal() + `","refresh_token":"r","expires_in":86400}`,
	} {
		k.instead(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == demoidp.TokenPath {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = rw.Write([]byte(answer))
			}
			return r.URL.Path == demoidp.TokenPath
		})
		if _, err := k.session.KindeToken(ctx); !signInRequired(err) || !strings.Contains(err.Error(), "somebody else") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAccountOfAnotherIssuerIsNotSentThere(t *testing.T) {
	k := newKeptWorld(t, nil)
	elsewhere := newWorld(t, nil)
	s := k.accounts.Session(k.account, elsewhere.client, project, k.mint)
	k.clock.Advance(20 * time.Hour)
	if _, err := s.Token(ctx, ""); !signInRequired(err) || !strings.Contains(err.Error(), "KINDE_ISSUER_URL") {
		t.Errorf("token: %v", err)
	}
	if len(elsewhere.calls) > 0 {
		t.Error("the other issuer was asked")
	}
}

// swap puts each account's tokens where the other's are looked for.
func (v *brittleVault) swap(t *testing.T, a, b auth.Account) {
	t.Helper()
	nameA, valueA := entry(t, v.Vault, a)
	nameB, valueB := entry(t, v.Vault, b)
	if err := errors.Join(v.Vault.Set(ctx, nameA, valueB), v.Vault.Set(ctx, nameB, valueA)); err != nil {
		t.Fatal(err)
	}
}
