package companion_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

// TestFunctionAgreesOnNoise signs claims and headers with random damage, and
// asks both implementations: two JSON readers must never read one token twice.
func TestFunctionAgreesOnNoise(t *testing.T) {
	d := startDeno(t)
	k := startKinde(t)
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 600 {
		g := good(k)
		if random.IntN(3) == 0 {
			g = g.raw(damage(random, `{"alg":"RS256","kid":"k1","typ":"JWT"}`), "")
		} else {
			g = g.raw("", damage(random, claimsOf(g)))
		}
		r := bearerRow("", g, 0, "")
		if random.IntN(4) == 0 {
			r.body = damage(random, `{"a":[1,{"b":null}],"c":"é"}`)
		}
		want, got := askServer(t, k, r), d.ask(t, env(k, r), r, start, true)
		if got.Status != want.Status || got.Body != want.Body {
			t.Errorf("header %q claims %q body %q\nfunction: %d %s\nserver:   %d %s", g.rawHeader, g.rawClaims, r.body, got.Status, got.Body, want.Status, want.Body)
		}
		if want.Status == http.StatusOK {
			accepted++
		}
	}
	if accepted < 50 || accepted > 550 {
		t.Errorf("%d of 600 were accepted: the noise is too loud or too soft", accepted)
	}
}

// damage makes up to two small changes, of the kind that parsers differ on.
func damage(random *rand.Rand, s string) string {
	pieces := []string{`\u0000`, `\ud83d\ude00`, `\ud800`, "\xc3", "\xed\xa0\x80", "é", "\u2028", " ", "\t", "\n", "\v", "\u00a0", "0", "-", "-0", ".5", "1e5", "1E+400", "1e-400", "+1",
		"null", "true", "NaN", "Infinity", `"`, `\`, `\/`, `\x41`, `\u00e9`, `\U0041`, "{", "}", "[", "]", ",", ":", "//", "/**/", "'", `"a":1,`, `"exp":4e9,`, `"__proto__":{},`, "\x00", "\x7f"}
	for range random.IntN(3) {
		at := random.IntN(len(s) + 1)
		switch piece := pieces[random.IntN(len(pieces))]; random.IntN(4) {
		case 0:
			s = s[:at] + piece + s[at:]
		case 1:
			s = s[:at] + piece + s[min(len(s), at+len(piece)):]
		case 2:
			s = strings.Replace(s, ",", ","+piece, 1+random.IntN(2))
		default:
			s = strings.Replace(s, `":"`, `":"`+piece, 1)
		}
	}
	return s
}
