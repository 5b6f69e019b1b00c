package auth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// TestLogoutDoesNotWaitForAnIssuerThatHangs: telling the issuer is best effort, and
// everything here is deleted all the same.
func TestLogoutDoesNotWaitForAnIssuerThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newMemoryIssuer(t, nil)
		asked := false
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == demoidp.RevokePath {
				asked = true
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			rec := httptest.NewRecorder()
			h.idp.ServeHTTP(rec, r)
			return rec.Result(), nil
		})
		client := auth.NewClient(auth.Config{Issuer: memoryIssuerURL, ClientID: browserClient, HTTP: &http.Client{Transport: transport}})
		vault := auth.NewMemoryVault()
		accounts := auth.OpenAccounts(t.TempDir(), vault)
		acc, err := accounts.Keep(ctx, "", auth.Grant{Issuer: memoryIssuerURL, ClientID: browserClient, Sub: "kp_alice",
			Tokens: auth.Tokens{Access: auth.NewSecret("a"), Refresh: auth.NewSecret("r"), Received: time.Now(), Lifetime: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if err := accounts.Logout(ctx, acc, client); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); !asked || took != 5*time.Second {
			t.Errorf("asked %v, it took %v", asked, took)
		}
		if _, err := vault.Get(ctx, auth.TokensName(acc)); err == nil {
			t.Error("the tokens are still there")
		}
	})
}

// A token that was being minted when the person signed out is kept nowhere, and not used.
func TestSignedOutWhileATokenIsMinted(t *testing.T) {
	ring := newPretendRing()
	w := newWorld(t, nil)
	accounts := w.newAccounts(auth.NewRingVault(ring, auth.ReadPatience))
	acc := w.keep(accounts, "alice")
	m := &mint{refuse: func(string) error { return accounts.Logout(ctx, acc, nil) }}
	if token, err := accounts.Session(acc, w.client, project, m).Token(ctx, ""); !signInRequired(err) || token != "" || m.Made() != 1 {
		t.Errorf("%d made, %v", m.Made(), err)
	}
	if len(ring.items) > 0 {
		t.Errorf("left in the vault: %v", ring.names())
	}
}
