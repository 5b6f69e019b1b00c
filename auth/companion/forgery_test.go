package companion_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
)

// signatureRows are forgeries of the signature and of what it is made with.
func signatureRows(k *kinde) []row {
	g := good(k)
	key, stranger := keyPair()
	public := publicForms(&key.PublicKey)
	out := []row{
		bearerRow("signed by a stranger's key", g.signedBy(rs256(stranger)), 401, saysSignature),
		bearerRow("with an empty signature", g.signedBy(func(string) []byte { return nil }), 401, saysSignature),
		bearerRow("with a zero signature", g.signedBy(func(string) []byte { return make([]byte, 256) }), 401, saysSignature),
		bearerRow("with a random signature", g.signedBy(func(string) []byte { return []byte(rand.Text()) }), 401, saysSignature),
		bearerRow("with a signature of other claims", g.signedBy(func(string) []byte { return rs256(key)("a.b") }), 401, saysSignature),
		bearerRow("with a signature one byte longer", g.signedBy(func(s string) []byte { return append(rs256(key)(s), 0) }), 401, saysSignature),
		bearerRow("with a signature one byte shorter", g.signedBy(func(s string) []byte { return rs256(key)(s)[:255] }), 401, saysSignature),
		bearerRow("with a signature and a zero before it", g.signedBy(func(s string) []byte { return append([]byte{0}, rs256(key)(s)...) }), 401, saysSignature),
		bearerRow("with claims and header swapped", swapped(g), 401, saysHeader),
		bearerRow("with the SHA-512 of RS512 under RS256", g.signedBy(rs512(key)), 401, saysSignature),
		bearerRow("with a PSS signature under RS256", g.signedBy(pss(key)), 401, saysSignature),
		bearerRow("with the secret's HMAC under RS256", g.signedBy(hs256([]byte(secret))), 401, saysSignature),
		bearerRow("alg RS512", g.head("alg", "RS512").signedBy(rs512(key)), 401, saysHeader),
		bearerRow("alg PS256", g.head("alg", "PS256").signedBy(pss(key)), 401, saysHeader),
		bearerRow("alg HS256 with the InsForge secret", g.head("alg", "HS256").signedBy(hs256([]byte(secret))), 401, saysHeader),
		bearerRow("an InsForge token of our own", insforgeToken(), 401, saysHeader),
	}
	for name, form := range public {
		out = append(out,
			bearerRow("alg HS256 with the public key as "+name, g.head("alg", "HS256").signedBy(hs256(form)), 401, saysHeader),
			bearerRow("HMAC of the public key as "+name+" under RS256", g.signedBy(hs256(form)), 401, saysSignature))
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "", "rs256", "RS256 ", " RS256", "RS384", "ES256", "ES256K", "EdDSA", "HS384", "HS512", "PS384", "dir", "RSA-OAEP"} {
		out = append(out, bearerRow(fmt.Sprintf("alg %q unsigned", alg), g.head("alg", alg).signedBy(func(string) []byte { return nil }), 401, saysHeader),
			bearerRow(fmt.Sprintf("alg %q with a good RS256 signature", alg), g.head("alg", alg), 401, saysHeader))
	}
	return out
}

func swapped(t *token) text {
	parts := strings.Split(t.String(), ".")
	return text(parts[1] + "." + parts[0] + "." + parts[2])
}

func insforgeToken() *token {
	return (&token{header: map[string]any{"alg": "HS256", "typ": "JWT"}, claims: map[string]any{"sub": "kp_1", "role": "authenticated",
		"aud": "insforge-api", "iat": start.Unix(), "exp": start.Unix() + 900}}).signedBy(hs256([]byte(secret)))
}

// publicForms are the bytes that careless verifiers have taken for an HMAC key.
func publicForms(key *rsa.PublicKey) map[string][]byte {
	pkix, _ := x509.MarshalPKIXPublicKey(key)
	pkcs1 := x509.MarshalPKCS1PublicKey(key)
	return map[string][]byte{
		"PKIX":     pkix,
		"PKCS1":    pkcs1,
		"PEM":      pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix}),
		"PEM RSA":  pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1}),
		"modulus":  key.N.Bytes(),
		"JWK n":    []byte(b64(key.N.Bytes())),
		"no bytes": {},
	}
}

func rs512(key *rsa.PrivateKey) func(string) []byte {
	return func(signed string) []byte {
		sum := sha512.Sum512([]byte(signed))
		sig, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA512, sum[:])
		return sig
	}
}

func pss(key *rsa.PrivateKey) func(string) []byte {
	return func(signed string) []byte {
		h := crypto.SHA256.New()
		h.Write([]byte(signed))
		sig, _ := rsa.SignPSS(rand.Reader, key, crypto.SHA256, h.Sum(nil), nil)
		return sig
	}
}

// headerRows are headers that try to bring their own key or rules.
func headerRows(k *kinde) []row {
	g := good(k)
	_, stranger := keyPair()
	own := jwk(stranger, "k1")
	var out []row
	for name, value := range map[string]any{"jku": k.URL + "/rotated/.well-known/jwks", "jwk": own, "x5u": "https://evil.example/cert.pem",
		"crit": []string{"exp"}} {
		out = append(out,
			bearerRow(name+" and a stranger's signature", g.head(name, value).signedBy(rs256(stranger)), 401, saysHeader),
			bearerRow(name+" and a good signature", g.head(name, value), 401, saysHeader),
			bearerRow(name+" null", g.head(name, json.RawMessage("null")), 401, saysHeader),
			bearerRow(name+" empty", g.head(name, ""), 401, saysHeader),
			bearerRow(name+" an empty list", g.head(name, []any{}), 401, saysHeader))
	}
	return append(out,
		bearerRow("crit b64", g.head("crit", []string{"b64"}, "b64", false), 401, saysHeader),
		bearerRow("x5c and x5t, which decide nothing", g.head("x5c", []string{"MIIB"}, "x5t", "abc"), 200, ""),
		bearerRow("without kid", g.head("kid", nil), 401, saysHeader),
		bearerRow("kid empty", g.head("kid", ""), 401, saysHeader),
		bearerRow("kid unknown", g.head("kid", "k9"), 401, saysUnknownKey),
		bearerRow("kid of another case", g.head("kid", "K1"), 401, saysUnknownKey),
		bearerRow("kid a path", g.head("kid", "../../dev/null"), 401, saysUnknownKey),
		bearerRow("kid SQL", g.head("kid", "k1' OR '1'='1"), 401, saysUnknownKey),
		bearerRow("kid an address", g.head("kid", k.URL+"/rotated"), 401, saysUnknownKey),
		bearerRow("kid __proto__", g.head("kid", "__proto__"), 401, saysUnknownKey),
		bearerRow("kid constructor", g.head("kid", "constructor"), 401, saysUnknownKey),
		bearerRow("kid with NUL", g.head("kid", "k1\x00"), 401, saysUnknownKey),
		bearerRow("kid long", g.head("kid", strings.Repeat("k", 4000)), 401, saysUnknownKey),
		bearerRow("ALG in capitals beside no alg", g.head("alg", nil, "ALG", "RS256"), 401, saysHeader),
		bearerRow("KID in capitals beside no kid", g.head("kid", nil, "KID", "k1"), 401, saysHeader),
		bearerRow("alg twice, the last none", g.raw(`{"alg":"RS256","kid":"k1","alg":"none"}`, ""), 401, saysHeader),
		bearerRow("alg twice, the last RS256", g.raw(`{"alg":"none","kid":"k1","alg":"RS256"}`, ""), 200, ""),
	)
}

// spellingRows are tokens that are not quite tokens.
func spellingRows(k *kinde) []row {
	g := good(k)
	t := g.String()
	parts := strings.Split(t, ".")
	std := func(s string) string { return strings.NewReplacer("-", "+", "_", "/").Replace(s) }
	padded := g.with("pad", strings.Repeat("?", 1+3-(len(claimsOf(g.with("pad", "")))%3))) // a length that wants padding
	pp := strings.Split(padded.String(), ".")
	var out []row
	for name, s := range map[string]string{
		"text": "garbage", "one dot": parts[0] + "." + parts[1], "no signature": parts[0] + "." + parts[1] + ".", "four parts": t + ".", "five parts": t + ".e30.e30",
		"dots": "..", "a leading dot": "." + t, "no header": "." + parts[1] + "." + parts[2], "no claims": parts[0] + ".." + parts[2],
		"padding": pp[0] + "." + pp[1] + "=." + pp[2], "much padding": t + "==", "quotes": `"` + t + `"`, "a tilde at its end": t + "~",
		"the standard alphabet": parts[0] + "." + parts[1] + "." + std(parts[2]+"--"), "percent escapes": strings.ReplaceAll(t, ".", "%2E"),
		"an impossible length": parts[0] + "A." + parts[1] + "." + parts[2], "a non-ASCII letter": t + "é", "a star": parts[0] + "*." + parts[1] + "." + parts[2],
		"null": "null", "undefined": "undefined", "true": "true", "an API key": "ik_0123456789abcdef", "a JWE": parts[0] + ".a.b.c.d", "braces": "{}",
		"spare bits at its end": spareBits(t),
	} {
		want := saysUnreadable
		if name == "no signature" {
			want = saysSignature
		}
		out = append(out, bearerRow("spelling: "+name, text(s), 401, want))
	}
	for name, raw := range map[string]string{"empty": " ", "a list": "[]", "null": "null", "a number": "7", "a string": `"x"`, "true": "true", "cut": `{"alg":"RS256"`,
		"with a tail": `{"alg":"RS256","kid":"k1"}x`, "two objects": `{"alg":"RS256","kid":"k1"}{}`, "single quotes": `{'alg':'RS256','kid':'k1'}`,
		"a comma too many": `{"alg":"RS256","kid":"k1",}`, "a comment": `{"alg":"RS256",/**/"kid":"k1"}`, "a byte order mark": "\ufeff" + `{"alg":"RS256","kid":"k1"}`,
		"a broken letter": "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":\"\xff\"}", "half a surrogate": `{"alg":"RS256","kid":"k1","x":"\ud800"}`,
		"half a surrogate in a name": `{"alg":"RS256","kid":"k1","\udc00":1}`, "a number too big": `{"alg":"RS256","kid":"k1","x":1e400}`,
		"NaN": `{"alg":"RS256","kid":"k1","x":NaN}`, "a leading zero": `{"alg":"RS256","kid":"k1","x":01}`, "a bare control character": "{\"alg\":\"RS256\",\"kid\":\"k1\",\"x\":\"\x01\"}"} {
		out = append(out, bearerRow("header: "+name, g.raw(raw, ""), 401, saysUnreadable))
		claims := strings.Replace(raw, `{"alg":"RS256"`, claimsOf(g)[:len(claimsOf(g))-1], 1)
		out = append(out, bearerRow("claims: "+name, g.raw("", claims), 401, saysUnreadable))
	}
	return out
}

type text string

func (t text) String() string { return string(t) }

// spareBits sets a bit of the last character that no byte holds: lenient
// decoders read the same bytes from it.
func spareBits(t string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, t[len(t)-1])
	changed := t[:len(t)-1] + string(alphabet[last|1])
	a, _ := base64.RawURLEncoding.DecodeString(changed[strings.LastIndex(changed, ".")+1:])
	b, _ := base64.RawURLEncoding.DecodeString(t[strings.LastIndex(t, ".")+1:])
	if changed == t || string(a) != string(b) {
		panic("the last character has no spare bit")
	}
	return changed
}

// claimRows are good signatures over the wrong claims.
func claimRows(k *kinde) []row {
	g := good(k)
	var out []row
	for _, iss := range []string{"", k.URL, k.URL + "/ok/", k.URL + "/OK", "https://evil.kinde.com", k.URL + "/ok@evil.example", strings.ToUpper(k.URL) + "/ok", k.URL + "/ok ", k.URL + "/ok\x00"} {
		out = append(out, bearerRow(fmt.Sprintf("iss %q", iss), g.with("iss", iss), 401, saysIssuer))
	}
	out = append(out, bearerRow("without iss", g.with("iss", nil), 401, saysIssuer),
		bearerRow("ISS in capitals", g.with("iss", nil, "ISS", k.URL+"/ok"), 401, saysIssuer),
		bearerRow("iss twice, the last wrong", g.raw("", claimsOf(g)[:len(claimsOf(g))-1]+`,"iss":"https://evil.example"}`), 401, saysIssuer))
	for _, azp := range []string{"", "other", "BROWSER-CLIENT", browser + " ", " " + browser, browser + "," + device, browser + "\x00", "*", "__proto__"} {
		out = append(out, bearerRow(fmt.Sprintf("azp %q", azp), g.with("azp", azp), 401, saysClient))
	}
	out = append(out, bearerRow("without azp", g.with("azp", nil), 401, saysClient),
		bearerRow("azp in a list", g.with("azp", []string{browser}), 401, saysClient),
		bearerRow("client_id instead of azp", g.with("azp", nil, "client_id", browser), 401, saysClient),
		bearerRow("AZP in capitals", g.with("azp", nil, "AZP", browser), 401, saysClient),
		bearerRow("azp wrong but the client in aud", g.with("azp", "other", "aud", []string{browser}), 401, saysClient),
		bearerRow("without sub", g.with("sub", nil), 401, saysNobody),
		bearerRow("sub empty", g.with("sub", ""), 401, saysNobody),
		bearerRow("an e-mail but no sub", g.with("sub", nil, "email", "alice@example.com"), 401, saysNobody),
		bearerRow("with a nonce", g.with("nonce", "n"), 401, saysIDToken),
		bearerRow("with an empty nonce", g.with("nonce", ""), 401, saysIDToken),
		bearerRow("with a null nonce", g.with("nonce", json.RawMessage("null")), 401, saysIDToken),
		bearerRow("with at_hash", g.with("at_hash", "abc"), 401, saysIDToken),
		bearerRow("with a null at_hash", g.with("at_hash", json.RawMessage("null")), 401, saysIDToken),
		bearerRow("an ID token", g.with("aud", []string{browser, k.URL + "/ok"}, "nonce", "n", "at_hash", "h", "email", "alice@example.com", "scp", nil), 401, saysIDToken),
		bearerRow("a client credentials token", g.with("sub", nil, "gty", []string{"client_credentials"}), 401, saysNobody),
	)
	return out
}

// junkClaimRows put every kind of JSON where another is expected.
func junkClaimRows(k *kinde) []row {
	g := good(k)
	says := map[string]string{"iss": saysIssuer, "azp": saysClient, "sub": saysNobody, "exp": saysExpired, "iat": saysEarly, "nbf": saysEarly}
	var out []row
	for claim, description := range says {
		for _, junk := range []string{`null`, `true`, `false`, `[]`, `{}`, `[1]`, `["x"]`, `{"a":1}`, `"7"`, `[[]]`} {
			if claim == "sub" && junk == `"7"` {
				continue // a fine sub
			}
			out = append(out, bearerRow("claim "+claim+" is "+junk, g.with(claim, json.RawMessage(junk)), 401, description))
		}
	}
	for _, claim := range []string{"iss", "azp", "sub"} {
		out = append(out, bearerRow("claim "+claim+" is a number", g.with(claim, 7), 401, says[claim]))
	}
	return out
}

func junkHeaderRows(k *kinde) []row {
	g := good(k)
	var out []row
	for _, name := range []string{"alg", "kid"} {
		for _, junk := range []string{`null`, `true`, `7`, `[]`, `{}`, `["RS256"]`, `["k1"]`, `{"toString":"k1"}`} {
			out = append(out, bearerRow("header "+name+" is "+junk, g.head(name, json.RawMessage(junk)), 401, saysHeader))
		}
	}
	return out
}
