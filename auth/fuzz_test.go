package auth_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"kindling/auth"
)

// FuzzPlain holds what comes from outside to one line that a terminal can be given.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"", "plain", "\x1b[31mred\x1b[0m", "a\r\nb", "\u202eevil", "\xff\xfe", "\u009b31m", strings.Repeat("é", 500), "\u2028x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := auth.Plain(s)
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) || len([]rune(got)) > 201 {
			t.Errorf("%q became %q", s, got)
		}
		if again := auth.Plain(got); len([]rune(got)) <= 200 && again != got {
			t.Errorf("%q is changed once more, to %q", got, again)
		}
	})
}

// FuzzRetryAfter: whatever a server asks, it is between nothing and an hour.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"7", ""}, {"", "7"}, {"-1", "3"}, {"1e300", ""}, {"NaN", "Inf"}, {"Wed, 21 Oct 2037 07:28:00 GMT", ""}, {"0x10", "1_000"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, after, reset string) {
		h := http.Header{"Retry-After": {after}, "Ratelimit-Reset": {reset}}
		if got := auth.RetryAfter(h, time.Unix(1_800_000_000, 0)); got < 0 || got > time.Hour {
			t.Errorf("%q %q: %v", after, reset, got)
		}
	})
}

// FuzzLifetime: any text may come as a token; its life is always over zero.
func FuzzLifetime(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "eyJhbGciOiJub25lIn0.eyJleHAiOjEwLCJpYXQiOjV9.", "eyJhbGciOiJub25lIn0.eyJleHAiOjUsImlhdCI6MTB9.", "eyJhbGciOiJub25lIn0.eyJleHAiOjFlMzAwLCJpYXQiOi0xZTMwMH0."} {
		f.Add(seed, int64(900))
		f.Add(seed, int64(-1))
	}
	f.Fuzz(func(t *testing.T, token string, expiresIn int64) {
		if got := auth.Lifetime(token, expiresIn); got <= 0 {
			t.Errorf("%q, %d: %v", token, expiresIn, got)
		}
	})
}

// FuzzDiscovery: no document sends tokens to another host.
func FuzzDiscovery(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"issuer":"https://pretend.kinde.com","authorization_endpoint":"https://pretend.kinde.com/a","token_endpoint":"https://pretend.kinde.com/t","jwks_uri":"https://pretend.kinde.com/k"}`,
		`{"issuer":"https://pretend.kinde.com","authorization_endpoint":"https://pretend.kinde.com@evil/","token_endpoint":"//evil/t","jwks_uri":"https://pretend.kinde.com:444/k"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		client := auth.NewClient(auth.Config{Issuer: memoryIssuerURL, ClientID: "c", RedirectURL: "http://127.0.0.1:0/", HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(200, nil, string(doc)), nil
		})}})
		l, err := client.BeginLogin(ctx, auth.LoginOptions{})
		if err != nil {
			return
		}
		defer l.Close()
		u, err := url.Parse(l.URL())
		if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, "pretend.kinde.com") {
			t.Errorf("the browser is sent to %q by %s", l.URL(), doc)
		}
	})
}

// FuzzKeyringEntry: whatever lies in the keyring, reading it ends, and writing heals it.
func FuzzKeyringEntry(f *testing.F) {
	for _, seed := range []string{``, `{}`, `{"g":1,"n":2,"sum":"x"}`, `{"g":18446744073709551615,"v":"eA=="}`, `{"n":-1}`, `{"n":64}`, `null`, `{"v":"?"}`} {
		f.Add(seed, "")
		f.Add(seed, "eA==")
	}
	f.Fuzz(func(t *testing.T, manifest, part string) {
		ring := newPretendRing()
		ring.items["x"], ring.items["x.0.0"], ring.items["x.1.0"], ring.items["x.1.1"] = manifest, part, part, part
		v := auth.NewRingVault(ring, time.Minute)
		_, _ = v.Get(ctx, "x")
		if err := v.Set(ctx, "x", []byte("healed")); err != nil {
			t.Fatal(err)
		}
		if got, err := v.Get(ctx, "x"); err != nil || string(got) != "healed" {
			t.Errorf("%q %v", got, err)
		}
		if err := v.Delete(ctx, "x"); err != nil || len(ring.items) != 0 {
			t.Errorf("left %v, %v", ring.names(), err)
		}
	})
}

// FuzzCompanionAnswer: no answer of a companion breaks the client or gives an empty token.
func FuzzCompanionAnswer(f *testing.F) {
	for _, seed := range []string{``, `{}`, `null`, `{"access_token":"a.b.c","expires_in":900}`, `{"access_token":"","expires_in":-1}`, `{"access_token":1}`, `{"error":"invalid_token"}`} {
		f.Add(200, seed)
		f.Add(401, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 200 || status > 599 {
			return
		}
		hc := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return reply(status, nil, body), nil })}
		jwt, life, err := auth.NewCompanion("https://c.example/", hc).Mint(ctx, auth.NewSecret("kinde-token"))
		if err == nil && (jwt.IsZero() || life <= 0 || status != 200) {
			t.Errorf("%d %q gave a token that lives %v", status, body, life)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%d %q: %q", status, body, err)
		}
	})
}

// FuzzNormalURL: writing an address in one way twice changes nothing.
func FuzzNormalURL(f *testing.F) {
	for _, seed := range []string{"", "https://x.example.com/", "HTTP://X:80//", "https://[::1]:443/a?b#c", "https://é.example/%2f/", "x", "https://u:p@h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		acc := auth.Account{Issuer: "i", Sub: "s"}
		once := auth.NormalURL(s)
		if auth.NormalURL(once) != once || auth.DataID(acc, once) != auth.DataID(acc, s) {
			t.Errorf("%q, %q, %q", s, once, auth.NormalURL(once))
		}
		if _, err := json.Marshal(once); err != nil {
			t.Error(err)
		}
	})
}
