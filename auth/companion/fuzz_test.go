package companion

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// FuzzAuthorizationHeader holds that what comes out of the header is one token or a refusal.
func FuzzAuthorizationHeader(f *testing.F) {
	for _, s := range []string{"Bearer a.b.c", "bearer  x", "Bearer", "Bearer a, Bearer b", "Basic YTpi", "", " \t", "Bearer\ta", "Bearer ,"} {
		f.Add(s, "")
	}
	f.Add("Bearer a", "Bearer b")
	f.Fuzz(func(t *testing.T, first, second string) {
		headers := []string{first}
		if second != "" {
			headers = append(headers, second)
		}
		token, refused := bearer(headers)
		if refused == nil && (token == "" || strings.ContainsAny(token, " ,\t") || !strings.HasSuffix(strings.TrimRight(first, " \t"), token)) {
			t.Errorf("%q gave the token %q", headers, token)
		}
		if refused != nil && (token != "" || refused.status != http.StatusUnauthorized && refused.status != http.StatusBadRequest) {
			t.Errorf("%q gave %q and %v", headers, token, refused)
		}
		if len(headers) == 2 && refused == nil {
			t.Errorf("two headers %q gave a token", headers)
		}
	})
}

// oneKey answers the same key for every kid.
type oneKey struct{ *rsa.PublicKey }

func (o oneKey) key(context.Context, string, float64) (*rsa.PublicKey, *refusal) {
	return o.PublicKey, nil
}

// FuzzToken holds that nothing but the one signed token is ever believed, in
// exactly one spelling.
func FuzzToken(f *testing.F) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	signed := b64([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + b64([]byte(`{"iss":"https://x.kinde.com","azp":"c","sub":"kp_1","aud":[],"exp":4000000000,"iat":1}`))
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, sum[:])
	if err != nil {
		f.Fatal(err)
	}
	good := signed + "." + b64(signature)
	v := &verifier{issuer: "https://x.kinde.com", clients: []string{"c"}, keys: oneKey{&private.PublicKey}, now: time.Now}
	for _, s := range []string{good, signed + ".", good + "=", good + "\n", strings.Replace(good, ".", "..", 1), "a.b.c", "e30.e30.", "..", "", b64([]byte(`{"alg":"none"}`)) + ".e30."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		p, refused := v.verify(context.Background(), token)
		if refused == nil && token != good {
			t.Errorf("believed %q: %+v", token, p)
		}
		if token == good && (refused != nil || p.sub != "kp_1") {
			t.Errorf("refused the good token: %v", refused)
		}
		if refused != nil && refused.status != http.StatusUnauthorized {
			t.Errorf("%q is refused with %d", token, refused.status)
		}
	})
}

// FuzzKeys holds that a key set never yields a key that is too short or nameless.
func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"},{"kty":"oct","k":"eA"},7,null]}`))
	f.Add([]byte(`{"keys":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for kid, key := range readKeys(data) {
			if kid == "" || key == nil || key.N.BitLen() < 2048 {
				t.Errorf("%q gave a key of kid %q", data, kid)
			}
		}
	})
}

// FuzzForwarded holds that a proxy's header yields an address or nothing.
func FuzzForwarded(f *testing.F) {
	for _, s := range []string{"203.0.113.1", "a, 2001:db8::1", ",", "[::1]:1", "::ffff:1.2.3.4", "fe80::1%eth0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = "198.51.100.7:1"
		r.Header["X-Forwarded-For"] = []string{value}
		if from := address(r, true); len(from) > 50 || strings.ContainsAny(from, " ,%\n") {
			t.Errorf("%q gave %q", value, from)
		}
	})
}
