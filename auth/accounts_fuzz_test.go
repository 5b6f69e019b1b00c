package auth_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"kindling/auth"
)

// FuzzAccountsFile: whatever stands in accounts.json, it is read or refused whole; what
// is read can be added to, and one that is added is one more and nobody else.
func FuzzAccountsFile(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"version":2}`, `{"version":1,"accounts":null}`, `{"version":1,"current":"x","accounts":[{}]}`,
		`{"version":1,"current":"bob","accounts":[{"name":"bob","email":"b@example.com","issuer":"https://i","client_id":"c","sub":"kp_bob","projects":["https://p"],"former":["d",""]}]}`,
		`{"version":1,"accounts":[{"name":"new","sub":"kp_new","issuer":"https://new"},{"name":"new","sub":"kp_old"}]}`, `{"version":-1,"accounts":[{"name":"\u0000\u202e"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		path := filepath.Join(dir, "accounts.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		a := auth.OpenAccounts(dir, auth.NewMemoryVault())
		before, _, err := a.List()
		if err != nil {
			if now, _ := os.ReadFile(path); string(now) != text || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("%q became %q, told %q", text, now, err)
			}
			return
		}
		acc, err := a.Keep(ctx, "", auth.Grant{Issuer: "https://new", ClientID: "c", Sub: "kp_new"})
		if err != nil { // its name is somebody else's, or it has another
			return
		}
		after, current, err := a.List()
		if err != nil || current != acc.Name || !slices.Contains(after, acc) || len(after) > len(before)+1 || len(after) < len(before) {
			t.Errorf("%q: %v became %v (%q), %v", text, before, after, current, err)
		}
		if err := a.Logout(ctx, acc, nil); err != nil {
			t.Fatal(err)
		}
		if left, _, err := a.List(); err != nil || slices.Contains(left, acc) {
			t.Errorf("%q: left %v, %v", text, left, err)
		}
	})
}

// FuzzDeviceAnswer: no answer of an issuer to a sign-in by code breaks it, puts control
// characters on the screen, waits for ever, or signs anybody in without a checked token.
func FuzzDeviceAnswer(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"device_code":"d","user_code":"ABCD","verification_uri":"https://x/","expires_in":600,"interval":5}`,
		`{"device_code":"d","user_code":"\u001b[31m","verification_uri":"\u202ehttps://x/","expires_in":-1,"interval":-9}`,
		`{"device_code":"d","user_code":"U","verification_uri":"x","verification_uri_complete":"y","expires_in":9223372036854775807,"interval":9223372036854775807}`,
		`{"error":"authorization_pending"}`, `{"error":"slow_down","interval":1e99}`, `{"access_token":"a.b.c","id_token":"a.b.c","token_type":"Bearer"}`,
	} {
		f.Add(200, seed, 200, seed)
		f.Add(200, `{"device_code":"d","user_code":"U","verification_uri":"https://x/"}`, 400, seed)
		f.Add(500, seed, 200, seed)
	}
	const issuer = `{"issuer":"` + memoryIssuerURL + `","authorization_endpoint":"` + memoryIssuerURL + `/a","token_endpoint":"` + memoryIssuerURL +
		`/t","jwks_uri":"` + memoryIssuerURL + `/k","device_authorization_endpoint":"` + memoryIssuerURL + `/d"}`
	f.Fuzz(func(t *testing.T, status int, code string, tokenStatus int, token string) {
		if min(status, tokenStatus) < 200 || max(status, tokenStatus) > 599 {
			return
		}
		answers := roundTrip(func(r *http.Request) (*http.Response, error) {
			switch r.URL.Path {
			case "/d":
				return reply(status, nil, code), nil
			case "/t":
				return reply(tokenStatus, nil, token), nil
			case "/k":
				return reply(200, nil, `{"keys":[]}`), nil
			}
			return reply(200, nil, issuer), nil
		})
		now := time.Unix(1_800_000_000, 0)
		client := auth.NewClient(auth.Config{Issuer: memoryIssuerURL, ClientID: "c", DeviceClientID: "c", HTTP: &http.Client{Transport: answers}})
		client.SetClock(func() time.Time { return now })
		d, err := client.BeginDevice(ctx)
		if err != nil {
			return
		}
		if strings.ContainsFunc(d.Code()+d.VerificationURL(), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q shows %q at %q", code, d.Code(), d.VerificationURL())
		}
		if life := d.Deadline().Sub(now); status != 200 || life <= 0 || life > time.Hour {
			t.Errorf("%d %q lives %v", status, code, life)
		}
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if g, err := d.Wait(short); err == nil {
			t.Errorf("%q signed %q in", token, g.Sub)
		}
	})
}
