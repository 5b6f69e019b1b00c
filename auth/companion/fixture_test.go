package companion_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	secret  = "an-insforge-secret-of-over-32-bytes"
	browser = "browser-client"
	device  = "device-client"
)

// start is the instant all tables are about.
var start = time.Unix(1_800_000_000, 0)

// keyPair makes RSA keys once for all tests: it is the slowest thing they do.
var keyPair = sync.OnceValues(func() (*rsa.PrivateKey, *rsa.PrivateKey) {
	return newKey(2048), newKey(2048)
})

func newKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// kinde publishes keys in many ways, each below a path of its own, so that
// https://host/down is an issuer that is down.
type kinde struct {
	*httptest.Server
	mu     sync.Mutex
	counts map[string]int
	change map[string]string // path → body to answer instead
}

func startKinde(t testing.TB) *kinde {
	k := &kinde{counts: map[string]int{}, change: map[string]string{}}
	k.Server = httptest.NewServer(k)
	t.Cleanup(k.Close)
	return k
}

func jwk(key *rsa.PrivateKey, kid string, more ...string) map[string]any {
	out := map[string]any{"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256",
		"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func keySet(keys ...any) string {
	data, _ := json.Marshal(map[string]any{"keys": keys})
	return string(data)
}

// ServeHTTP answers for every issuer.
func (k *kinde) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	issuer, document, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	k.mu.Lock()
	k.counts[r.URL.Path]++
	changed := k.change[r.URL.Path]
	k.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "":
		w.WriteHeader(http.StatusForbidden)
	case changed == "down":
		w.WriteHeader(http.StatusBadGateway)
	case changed != "":
		fmt.Fprint(w, changed)
	case document == ".well-known/openid-configuration":
		k.discovery(w, r, issuer)
	default:
		k.keys(w, r, issuer)
	}
}

func (k *kinde) discovery(w http.ResponseWriter, r *http.Request, issuer string) {
	d := map[string]any{"issuer": k.URL + "/" + issuer, "jwks_uri": k.URL + "/" + issuer + "/.well-known/jwks"}
	switch issuer {
	case "down":
		w.WriteHeader(http.StatusInternalServerError)
		return
	case "limited":
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case "moved":
		http.Redirect(w, r, "/ok/.well-known/openid-configuration", http.StatusFound)
		return
	case "html":
		fmt.Fprint(w, "<!doctype html><title>maintenance</title>")
		return
	case "list":
		fmt.Fprint(w, "[]")
		return
	case "foreign":
		d["issuer"] = k.URL + "/ok"
	case "elsewhere":
		d["jwks_uri"] = strings.Replace(k.URL, "127.0.0.1", "localhost", 1) + "/ok/.well-known/jwks"
	case "nowhere":
		delete(d, "jwks_uri")
	case "relative":
		d["jwks_uri"] = "/ok/.well-known/jwks"
	}
	_ = json.NewEncoder(w).Encode(d)
}

func (k *kinde) keys(w http.ResponseWriter, r *http.Request, issuer string) {
	good, other := keyPair()
	switch issuer {
	case "keysdown": // an error is no answer, whatever it says
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, keySet(jwk(good, "k1")))
	case "keysmoved":
		http.Redirect(w, r, "/ok/.well-known/jwks", http.StatusFound)
	case "empty":
		fmt.Fprint(w, keySet())
	case "null":
		fmt.Fprint(w, `{"keys":null}`)
	case "nokeys":
		fmt.Fprint(w, `{}`)
	case "text":
		fmt.Fprint(w, `keys`)
	case "huge":
		fmt.Fprint(w, keySet(jwk(good, "k1", "pad", strings.Repeat("x", 1<<20))))
	case "small":
		fmt.Fprint(w, keySet(jwk(smallKey(), "k1")))
	case "encryption":
		fmt.Fprint(w, keySet(jwk(good, "k1", "use", "enc")))
	case "rs512":
		fmt.Fprint(w, keySet(jwk(good, "k1", "alg", "RS512")))
	case "anonymous":
		fmt.Fprint(w, keySet(jwk(good, "")))
	case "secret":
		fmt.Fprint(w, keySet(map[string]any{"kty": "oct", "kid": "k1", "k": b64([]byte(secret))}))
	case "odd":
		fmt.Fprint(w, keySet(nil, 7, "x", map[string]any{}, map[string]any{"kty": "RSA", "kid": 7}, map[string]any{"kty": "RSA", "kid": "k0", "n": "!", "e": "AQAB"},
			jwk(other, "k9", "use", "enc"), map[string]any{"kty": "RSA", "kid": "k1", "n": b64(good.N.Bytes()), "e": "AQAB"}))
	case "rotated":
		fmt.Fprint(w, keySet(jwk(other, "k2")))
	case "both":
		fmt.Fprint(w, keySet(jwk(other, "k2"), jwk(good, "k1")))
	default:
		fmt.Fprint(w, keySet(jwk(good, "k1")))
	}
}

var smallKey = sync.OnceValue(func() *rsa.PrivateKey { return newKey(1024) })

func (k *kinde) count(path string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.counts[path]
}

// answer makes a path answer body from here on; "down" is a 502, "" is as before.
func (k *kinde) answer(path, body string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.change[path] = body
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// token is a JWT under construction; its zero fields are those of a good one.
type token struct {
	header, claims map[string]any
	key            *rsa.PrivateKey
	rawHeader      string // instead of header
	rawClaims      string // instead of claims
	sign           func(signed string) []byte
}

// goodToken is an access token as Kinde issues it.
func goodToken(issuer string) *token {
	key, _ := keyPair()
	return &token{key: key, header: map[string]any{"alg": "RS256", "typ": "JWT", "kid": "k1"}, claims: map[string]any{
		"iss": issuer, "sub": "kp_0123456789abcdef", "azp": browser, "aud": []string{}, "scp": []string{"openid", "offline"},
		"org_code": "org_1", "permissions": []string{}, "jti": "b7c1", "iat": start.Unix() - 60, "exp": start.Unix() + 86340}}
}

// with returns a copy with claims replaced, or removed where the value is nil.
func (t token) with(pairs ...any) *token {
	t.claims = patched(t.claims, pairs)
	return &t
}

// head is with for the header.
func (t token) head(pairs ...any) *token {
	t.header = patched(t.header, pairs)
	return &t
}

func patched(old map[string]any, pairs []any) map[string]any {
	out := maps.Clone(old)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
		if pairs[i+1] == nil {
			delete(out, pairs[i].(string))
		}
	}
	return out
}

// with its own text instead of well-made JSON.
func (t token) raw(header, claims string) *token {
	t.rawHeader, t.rawClaims = header, claims
	return &t
}

func (t token) signedBy(sign func(signed string) []byte) *token {
	t.sign = sign
	return &t
}

func (t token) String() string {
	header, claims := []byte(t.rawHeader), []byte(t.rawClaims)
	if t.rawHeader == "" {
		header, _ = json.Marshal(t.header)
	}
	if t.rawClaims == "" {
		claims, _ = json.Marshal(t.claims)
	}
	signed := b64(header) + "." + b64(claims)
	if t.sign != nil {
		return signed + "." + b64(t.sign(signed))
	}
	return signed + "." + b64(rs256(t.key)(signed))
}

func rs256(key *rsa.PrivateKey) func(string) []byte {
	return func(signed string) []byte {
		sum := sha256.Sum256([]byte(signed))
		sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
		if err != nil {
			panic(err)
		}
		return sig
	}
}

func hs256(key []byte) func(string) []byte {
	return func(signed string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(signed))
		return mac.Sum(nil)
	}
}
