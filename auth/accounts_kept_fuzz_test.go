package auth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"kindling/auth"
)

// sameVault holds one text under every name.
type sameVault struct {
	auth.Vault
	text string
}

func (v sameVault) Get(context.Context, string) ([]byte, error) { return []byte(v.text), nil }

// FuzzKeptSignIn: whatever the vault holds under an account's name, no token of anybody
// else is handed out, and reading it ends.
func FuzzKeptSignIn(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `{"version":1}`, `{"jwt":"a.b.c","sub":"kp_me"}`, `{"jwt":"a.b.c","sub":"kp_you","from":"2033-01-01T00:00:00Z","life":900000000000}`,
		`{"version":1,"issuer":"https://pretend.kinde.com","client_id":"c","sub":"kp_you","access_token":"a.b.c","refresh_token":"r"}`,
		`{"version":1,"issuer":"https://pretend.kinde.com","client_id":"c","sub":"kp_me","access_token":"a.b.c","expires":"x"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a := auth.OpenAccounts(t.TempDir(), sameVault{auth.NewMemoryVault(), text})
		a.SetClock(func() time.Time { return time.Unix(1_800_000_000, 0) }, func(time.Duration) {})
		me := auth.Account{Name: "me", Issuer: memoryIssuerURL, ClientID: "c", Sub: "kp_me"}
		_ = a.Warning(ctx, me)
		nobody := roundTrip(func(*http.Request) (*http.Response, error) { return reply(500, nil, ""), nil })
		client := auth.NewClient(auth.Config{Issuer: memoryIssuerURL, ClientID: "c", HTTP: &http.Client{Transport: nobody}})
		companion := auth.NewCompanion("https://c.example/", &http.Client{Transport: nobody})
		token, err := a.Session(me, client, "https://p", companion).Token(ctx, "")
		var k struct{ JWT, Sub string }
		if err == nil && (json.Unmarshal([]byte(text), &k) != nil || k.Sub != "kp_me" || token != k.JWT) {
			t.Errorf("%q gave %q", text, token)
		}
	})
}
