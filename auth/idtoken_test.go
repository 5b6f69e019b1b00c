package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// forger makes the issuer hand out tokens that a test signed itself. Its key is
// among the issuer's, so that each forgery differs from a good token in one thing.
type forger struct {
	*world
	key  *rsa.PrivateKey
	then forgery
}

var forgersKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newForger(t *testing.T) *forger {
	f := &forger{world: newWorld(t, nil), key: forgersKey()}
	f.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case demoidp.KeysPath:
			f.keys(rw)
		case demoidp.TokenPath:
			f.tokens(rw, r)
		default:
			return false
		}
		return true
	})
	return f
}

func (f *forger) keys(rw http.ResponseWriter) {
	_ = json.NewEncoder(rw).Encode(map[string]any{"keys": []any{
		map[string]any{"kty": "EC", "crv": "P-unknown", "kid": "odd"},
		map[string]any{"kty": "RSA", "kid": "forger", "use": "sig",
			"n": base64.RawURLEncoding.EncodeToString(f.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(f.key.E)).Bytes())},
	}})
}

// tokens lets the issuer answer, and replaces the ID token in what it says.
func (f *forger) tokens(rw http.ResponseWriter, r *http.Request) {
	real := httptest.NewRecorder()
	f.idp.ServeHTTP(real, r)
	var answer, claims map[string]any
	_ = json.Unmarshal(real.Body.Bytes(), &answer)
	if id, ok := answer["id_token"].(string); ok {
		middle := strings.Split(id, ".")[1]
		text, _ := base64.RawURLEncoding.DecodeString(middle)
		_ = json.Unmarshal(text, &claims)
		header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": "forger"}
		key := any(f.key)
		if f.then != nil {
			key = f.then(header, claims, answer)
		}
		if _, replaced := answer["forged"]; !replaced {
			answer["id_token"] = sign(header, claims, key)
		}
	}
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(real.Code)
	_ = json.NewEncoder(rw).Encode(answer)
}

// sign puts a token together by hand: the library would refuse the strange ones.
func sign(header, claims map[string]any, key any) string {
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	methods := map[string]jwt.SigningMethod{"RS256": jwt.SigningMethodRS256, "RS512": jwt.SigningMethodRS512, "PS256": jwt.SigningMethodPS256, "HS256": jwt.SigningMethodHS256}
	alg, _ := header["alg"].(string)
	method := methods[alg]
	if method == nil {
		return text + "."
	}
	signature, err := method.Sign(text, key)
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// forgery changes one thing of a good ID token, and says what to sign it with.
type forgery func(header, claims, answer map[string]any) (signWith any)

func (f *forger) claim(name string, value any) forgery {
	return func(_, c, _ map[string]any) any {
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return f.key
	}
}

func (f *forger) header(name string, value any) forgery {
	return func(h, _, _ map[string]any) any {
		if h[name] = value; value == nil {
			delete(h, name)
		}
		return f.key
	}
}

// accepted are ID tokens that differ from an ordinary one and are good.
func (f *forger) accepted() map[string]forgery {
	now := f.clock.Now()
	return map[string]forgery{
		"an ordinary one":     nil,
		"just expired":        f.claim("exp", now.Add(-50*time.Second).Unix()),
		"made a little later": f.claim("iat", now.Add(50*time.Second).Unix()),
		"audience alone":      f.claim("aud", browserClient),
		"at_hash absent":      f.claim("at_hash", nil),
	}
}

// refused are those with one thing wrong.
func (f *forger) refused() map[string]forgery {
	now := f.clock.Now()
	return map[string]forgery{
		"expired":                 f.claim("exp", now.Add(-70*time.Second).Unix()),
		"never expires":           f.claim("exp", nil),
		"made in the future":      f.claim("iat", now.Add(70*time.Second).Unix()),
		"not valid yet":           f.claim("nbf", now.Add(70*time.Second).Unix()),
		"without iat":             f.claim("iat", nil),
		"another issuer":          f.claim("iss", "https://evil.example"),
		"no issuer":               f.claim("iss", nil),
		"another audience":        f.claim("aud", []string{"other"}),
		"no audience":             f.claim("aud", []string{}),
		"another party":           f.claim("azp", "other"),
		"two audiences, no party": func(_, c, _ map[string]any) any { delete(c, "azp"); return f.key },
		"nobody":                  f.claim("sub", ""),
		"no subject":              f.claim("sub", nil),
		"nobody, access opaque": func(_, c, a map[string]any) any {
			c["sub"], a["access_token"] = "", "opaque"
			delete(c, "at_hash")
			return f.key
		},
		"another nonce":           f.claim("nonce", "other"),
		"no nonce":                f.claim("nonce", nil),
		"another access token":    f.claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
		"another person":          f.claim("sub", "kp_other"),
		"a claim of a wrong type": f.claim("email", 7),
		"no kid":                  f.header("kid", nil),
		"an empty kid":            f.header("kid", ""),
		"a kid of a wrong type":   f.header("kid", 7),
		"an unknown kid":          f.header("kid", "unknown"),
		"an extension":            f.header("crit", []string{"exp"}),
		"no algorithm":            f.header("alg", "none"),
		"another algorithm":       f.header("alg", "PS256"),
		"a longer hash":           f.header("alg", "RS512"),
		"a stranger's key":        func(_, _, _ map[string]any) any { return stranger() },
		"the public key as secret": func(h, _, _ map[string]any) any {
			h["alg"] = "HS256"
			return f.key.N.Bytes()
		},
		"none at all":    replaced(""),
		"two parts":      replaced("a.b"),
		"no token":       replaced("…"),
		"the access one": func(_, _, a map[string]any) any { a["id_token"], a["forged"] = a["access_token"], true; return nil },
	}
}

func stranger() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func TestIDTokensAreVerified(t *testing.T) {
	f := newForger(t)
	for name, forge := range f.accepted() {
		t.Run(name, func(t *testing.T) { f.try(t, forge, true) })
	}
	for name, forge := range f.refused() {
		t.Run(name, func(t *testing.T) { f.try(t, forge, false) })
	}
}

// try signs in with a forged token.
func (f *forger) try(t *testing.T, forge forgery, good bool) {
	f.then = forge
	l := f.begin(auth.LoginOptions{})
	at := f.callback(l, "alice")
	page := make(chan string, 1)
	go func() { page <- visit(t, at) }()
	_, err := l.Wait(ctx)
	if (err == nil) != good {
		t.Errorf("wait: %v", err)
	}
	if err != nil && !strings.Contains(err.Error(), "does not check out") && !strings.Contains(err.Error(), "no ID token") && !strings.Contains(err.Error(), "two people") {
		t.Errorf("refused for another reason: %v", err)
	}
	if err != nil && (strings.ContainsAny(err.Error(), "\n\x1b") || strings.Contains(err.Error(), "eyJ")) {
		t.Errorf("not fit for a person: %v", err)
	}
	if p := <-page; strings.Contains(p, "You are signed in") != good {
		t.Errorf("the browser was shown %q", p)
	}
}

func replaced(id string) forgery {
	return func(_, _, a map[string]any) any { a["id_token"], a["forged"] = id, true; return nil }
}

// TestAccessHashIsChecked: the good token above has one.
func TestAccessHashIsChecked(t *testing.T) {
	f := newForger(t)
	seen := false
	f.then = func(_, c, a map[string]any) any {
		sum := sha256.Sum256([]byte(a["access_token"].(string)))
		c["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:16])
		seen = true
		return f.key
	}
	if f.signIn("alice"); !seen {
		t.Error("no ID token was made")
	}
}

func TestKeysThatCannotBeHadSayNothingOfTheToken(t *testing.T) {
	w := newWorld(t, nil)
	w.idp.Break(demoidp.KeysPath, 503, 0)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "alice")
	go visit(t, at)
	if _, err := l.Wait(ctx); err == nil || !strings.Contains(err.Error(), "try again later") {
		t.Errorf("wait: %v", err)
	}
}

// TestKeysAreAskedForWithoutAToken: the pretend issuer, like Kinde, refuses them else.
func TestKeysAreAskedForWithoutAToken(t *testing.T) {
	w := newWorld(t, nil)
	w.signIn("alice")
	for _, c := range w.to(demoidp.KeysPath) {
		if c.header.Get("Authorization") != "" || c.header.Get("Cookie") != "" {
			t.Errorf("asked with %v", c.header)
		}
	}
}

// TestWrongClockIsReported: a clock that is minutes wrong refuses nobody, for the
// issuer says what time it is, but it is not left as a riddle.
func TestWrongClockIsReported(t *testing.T) {
	for name, wrong := range map[string]time.Duration{"behind": 10 * time.Minute, "ahead of": -2 * time.Hour, "": 50 * time.Second} {
		w := newWorld(t, nil)
		w.clock.Advance(wrong)
		w.client.SetClock(time.Now)
		w.signIn("alice")
		if warning := w.client.ClockWarning(); name == "" && warning != "" || !strings.Contains(warning, name) {
			t.Errorf("%v wrong: warning %q", wrong, warning)
		}
		s := w.newAccounts(auth.NewMemoryVault()).Session(auth.Account{}, w.client, project, nil)
		if s.Warning() != w.client.ClockWarning() {
			t.Errorf("the session warns %q", s.Warning())
		}
	}
}

// TestACachedAnswerIsNoClock: what a cache kept for three hours was made three hours
// ago, and says so; the tokens of a sign-in right after are not from the future.
func TestACachedAnswerIsNoClock(t *testing.T) {
	for age, warns := range map[string]bool{"10800": false, "": true, "-1": true, "1e9": true, "99999999999999999999": true} {
		w := newWorld(t, nil)
		w.instead(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == demoidp.KeysPath {
				rw.Header().Set("Date", w.clock.Now().Add(-3*time.Hour).UTC().Format(http.TimeFormat))
				rw.Header().Set("Age", age)
			}
			return false
		})
		l := w.begin(auth.LoginOptions{})
		at := w.callback(l, "alice")
		go visit(t, at)
		_, err := l.Wait(ctx)
		if (err != nil) != warns || (w.client.ClockWarning() != "") != warns {
			t.Errorf("age %q: %v, warning %q", age, err, w.client.ClockWarning())
		}
	}
}

// The e-mail comes from the profile where no token has it: from that of the person
// who signed in, and of nobody else.
func TestEMailOfTheProfileIsThePersonsOwn(t *testing.T) {
	for whose, want := range map[string]string{demoidp.Alice.Sub: "a@example.com", demoidp.Bob.Sub: ""} {
		f := newForger(t)
		f.then = f.claim("email", nil)
		rest := f.bend
		f.instead(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != demoidp.ProfilePath {
				return rest(rw, r)
			}
			_ = json.NewEncoder(rw).Encode(map[string]string{"sub": whose, "email": "a@example.com"})
			return true
		})
		if g := f.signIn("alice"); g.Sub != demoidp.Alice.Sub || g.Email != want {
			t.Errorf("the profile of %s: signed in %s as %q", whose, g.Sub, g.Email)
		}
	}
}
