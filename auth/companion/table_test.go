package companion_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"

	"crypto"
)

// row is one request to the companion and what it has to be answered, by the
// server and by the edge function alike.
type row struct {
	name    string
	env     map[string]string // what differs from baseEnv; "" unsets
	method  string            // "": POST
	headers [][2]string
	body    string // "none": no body at all
	want    int
	says    string // the whole description of a refusal
}

// What refusals say.
const (
	saysTooLong     = "The access token is longer than 8 KiB"
	saysUnreadable  = "The access token is not a readable JWT"
	saysHeader      = "The access token is not signed in the expected way"
	saysUnknownKey  = "The access token is signed by an unknown key"
	saysSignature   = "The access token has a wrong signature"
	saysIssuer      = "The access token is from another issuer"
	saysExpired     = "The access token expired"
	saysEarly       = "The access token is not valid yet"
	saysClient      = "The access token is for another application"
	saysIDToken     = "An ID token is not an access token"
	saysAudience    = "The access token is for another audience"
	saysNobody      = "The access token names nobody"
	saysAnonymous   = "Send the Kinde access token as a Bearer token"
	saysCredentials = "The Authorization header must hold one Bearer token"
	saysBody        = "The body must be a JSON object"
	saysMethod      = "Only POST is allowed"
	saysBodyBig     = "The body is larger than 8 KiB"
	saysHeaderBig   = "The header is larger than 16 KiB"
	saysKeys        = "The keys of the Kinde issuer cannot be had"
)

func baseEnv(k *kinde) map[string]string {
	return map[string]string{"KINDE_ISSUER_URL": k.URL + "/ok", "KINDE_CLIENT_ID": browser,
		"KINDE_DEVICE_CLIENT_ID": device, "INSFORGE_JWT_SECRET": secret}
}

// rows is the table.
func rows(k *kinde) []row {
	var all []row
	for _, part := range []func(*kinde) []row{goodRows, timeRows, signatureRows, headerRows, spellingRows, claimRows,
		audienceRows, junkClaimRows, junkHeaderRows, authorizationRows, bodyRows, methodRows, keyRows, sizeRows} {
		all = append(all, part(k)...)
	}
	return all
}

// with asks with a token; the issuer is k's good one.
func bearerRow(name string, t fmt.Stringer, want int, says string) row {
	return row{name: name, headers: [][2]string{{"Authorization", "Bearer " + t.String()}}, want: want, says: says}
}

func good(k *kinde) *token { return goodToken(k.URL + "/ok") }

func goodRows(k *kinde) []row {
	g := good(k)
	out := []row{
		bearerRow("as Kinde issues it", g, 200, ""),
		bearerRow("device client", g.with("azp", device), 200, ""),
		bearerRow("with an e-mail", g.with("email", "alice@example.com"), 200, ""),
		bearerRow("with an e-mail that JSON escapes", g.with("email", "a\"\\\b\f\n\r\t\x01<>&\u2028é😀@example.com"), 200, ""),
		bearerRow("with a sub that JSON escapes", g.with("sub", "kp_<&>\u2029\x7f\"\\é"), 200, ""),
		bearerRow("with a fraction in exp", g.with("exp", float64(start.Unix())+100.7), 200, ""),
		bearerRow("with a far exp", g.with("exp", 1e15), 200, ""),
		bearerRow("with an absurd exp", g.with("exp", 1e300), 200, ""),
		bearerRow("without typ", g.head("typ", nil), 200, ""),
		bearerRow("with typ at+jwt", g.head("typ", "at+jwt"), 200, ""),
		bearerRow("without aud", g.with("aud", nil), 200, ""),
		bearerRow("without iat", g.with("iat", nil), 200, ""),
		bearerRow("with many permissions", g.with("permissions", strings.Split(strings.Repeat("read:things,", 250), ",")), 200, ""),
		bearerRow("with a number that has no float", g.with("feature", json.RawMessage("12345678901234567890123456789")), 200, ""),
		bearerRow("with deep nesting", g.with("deep", json.RawMessage(strings.Repeat("[", 900)+strings.Repeat("]", 900))), 200, ""),
		bearerRow("with a role of its own", g.with("role", "project_admin", "x-hasura-role", "admin"), 200, ""),
		bearerRow("with a claim named __proto__", g.with("__proto__", map[string]any{"role": "project_admin"}), 200, ""),
		bearerRow("with a claim given twice, the last good", g.raw("", twice(g, `"azp":"other"`)), 200, ""),
		bearerRow("with white space in its JSON", g.raw("", " \n\t"+claimsOf(g)+"\r\n "), 200, ""),
	}
	for _, email := range []any{"", 7, true, []string{"a@example.com"}, json.RawMessage("null"), map[string]any{}} {
		out = append(out, bearerRow(fmt.Sprintf("with the e-mail %v, left out", email), g.with("email", email), 200, ""))
	}
	for _, list := range []string{"extra", "a,extra,b", " a , extra ", "a extra"} {
		r := bearerRow(fmt.Sprintf("client from the list %q", list), g.with("azp", "extra"), 200, "")
		r.env = map[string]string{"KINDLING_ALLOWED_CLIENTS": list}
		out = append(out, r)
	}
	slash := bearerRow("issuer configured with a slash", g, 200, "")
	slash.env = map[string]string{"KINDE_ISSUER_URL": k.URL + "/ok/"}
	return append(out, slash)
}

func claimsOf(t *token) string {
	data, _ := json.Marshal(t.claims)
	return string(data)
}

// twice gives the claims with another member before all others.
func twice(t *token, first string) string { return "{" + first + "," + claimsOf(t)[1:] }

func timeRows(k *kinde) []row {
	g, now := good(k), start.Unix()
	var out []row
	at := func(name string, t *token, want int, says string) { out = append(out, bearerRow(name, t, want, says)) }
	at("expired by a second", g.with("exp", now-1), 401, saysExpired)
	at("expired now", g.with("exp", now), 401, saysExpired)
	at("expired a day ago", g.with("exp", now-86400), 401, saysExpired)
	at("with one second left", g.with("exp", now+1), 401, saysExpired)
	at("with four seconds left", g.with("exp", now+4), 401, saysExpired)
	at("with 4.999 seconds left", g.with("exp", float64(now)+4.999), 401, saysExpired)
	at("with five seconds left", g.with("exp", now+5), 200, "")
	at("with 14 minutes left", g.with("exp", now+840), 200, "")
	at("with 15 minutes left", g.with("exp", now+900), 200, "")
	at("with 16 minutes left", g.with("exp", now+960), 200, "")
	at("without exp", g.with("exp", nil), 401, saysExpired)
	at("exp in milliseconds past", g.with("exp", -1), 401, saysExpired)
	at("exp zero", g.with("exp", 0), 401, saysExpired)
	for _, name := range []string{"iat", "nbf"} {
		at(name+" now", g.with(name, now), 200, "")
		at(name+" 60 s ahead", g.with(name, now+60), 200, "")
		at(name+" 60.5 s ahead", g.with(name, float64(now)+60.5), 401, saysEarly)
		at(name+" 61 s ahead", g.with(name, now+61), 401, saysEarly)
		at(name+" a day ahead", g.with(name, now+86400), 401, saysEarly)
		at(name+" long ago", g.with(name, 1), 200, "")
		at(name+" before time", g.with(name, -5), 200, "")
	}
	return out
}

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

// audienceRows are about aud, without and with a configured audience.
func audienceRows(k *kinde) []row {
	const api = "https://api.example.com"
	g := good(k)
	var out []row
	both := func(name string, t *token, plain string, required string) {
		for _, audience := range []string{"", api} {
			says := plain
			r := row{name: name}
			if audience != "" {
				says, r.name = required, name+", audience required"
			}
			want := 200
			if says != "" {
				want = 401
			}
			r = bearerRow(r.name, t, want, says)
			r.env = map[string]string{"KINDE_AUDIENCE": audience}
			out = append(out, r)
		}
	}
	both("aud []", g, "", saysAudience)
	both("aud absent", g.with("aud", nil), "", saysAudience)
	both("aud empty", g.with("aud", ""), "", saysAudience)
	both("aud another", g.with("aud", "https://other.example.com"), "", saysAudience)
	both("aud ours", g.with("aud", api), "", "")
	both("aud ours in a list", g.with("aud", []string{"x", api}), "", "")
	both("aud ours in capitals", g.with("aud", strings.ToUpper(api)), "", saysAudience)
	both("aud ours with a slash", g.with("aud", api+"/"), "", saysAudience)
	both("aud null", g.with("aud", json.RawMessage("null")), saysAudience, saysAudience)
	both("aud a number", g.with("aud", 7), saysAudience, saysAudience)
	both("aud an object", g.with("aud", map[string]any{api: true}), saysAudience, saysAudience)
	both("aud with a number beside ours", g.with("aud", []any{api, 7}), saysAudience, saysAudience)
	both("aud a list in a list", g.with("aud", []any{[]string{api}}), saysAudience, saysAudience)
	both("aud the client", g.with("aud", browser), saysIDToken, saysIDToken)
	both("aud the other client", g.with("aud", []string{device}), saysIDToken, saysIDToken)
	both("aud the issuer", g.with("aud", []string{k.URL + "/ok"}), saysIDToken, saysIDToken)
	both("aud ours and the client", g.with("aud", []string{api, browser}), saysIDToken, saysIDToken)
	both("aud the client and a number", g.with("aud", []any{browser, 7}), saysIDToken, saysIDToken)
	both("azp wrong with the right aud", g.with("aud", api, "azp", "other"), saysClient, saysClient)
	both("azp absent with the right aud", g.with("aud", api, "azp", nil), saysClient, saysClient)
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

// authorizationRows are about the Authorization header itself.
func authorizationRows(k *kinde) []row {
	t := good(k).String()
	var out []row
	ask := func(want int, says string, values ...string) {
		r := row{name: fmt.Sprintf("Authorization %.40q", values), want: want, says: says}
		for _, v := range values {
			r.headers = append(r.headers, [2]string{"Authorization", v})
		}
		out = append(out, r)
	}
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "} {
		ask(200, "", scheme+t)
	}
	ask(200, "", "  Bearer "+t+"  ")
	ask(401, saysAnonymous)
	for _, value := range []string{"", "Basic YTpi", "Basic " + t, "Digest x", "DPoP " + t, "Token " + t, t, "Bearer:" + t, "Bearer\t" + t, "BearerX " + t, "Bear " + t, "JWT " + t} {
		ask(401, saysAnonymous, value)
	}
	for _, value := range []string{"Bearer", "Bearer ", "bearer", "Bearer " + t + " " + t, "Bearer " + t + "," + t, "Bearer Bearer " + t, "Bearer token=" + t + ", x", "Bearer , " + t, "Bearer " + t + "\tx", "Bearer ,"} {
		ask(400, saysCredentials, value)
	}
	ask(400, saysCredentials, "Bearer "+t, "Bearer "+t)
	ask(400, saysCredentials, "Bearer "+t, "Basic YTpi")
	ask(400, saysCredentials, "Bearer "+t, "")
	ask(401, saysAnonymous, "Basic YTpi", "Bearer "+t)
	for name, value := range map[string]string{"Cookie": "access_token=" + t, "X-Authorization": "Bearer " + t, "Proxy-Authorization": "Bearer " + t, "X-Api-Key": "ik_x"} {
		out = append(out, row{name: "the token in " + name + " alone", headers: [][2]string{{name, value}}, want: 401, says: saysAnonymous})
	}
	extra := bearerRow("with an API key and cookies beside", text(t), 200, "")
	extra.headers = append(extra.headers, [2]string{"X-Api-Key", "ik_x"}, [2]string{"Cookie", "a=b"}, [2]string{"X-Forwarded-For", "203.0.113.9"})
	return append(out, extra)
}

func bodyRows(k *kinde) []row {
	t := good(k)
	var out []row
	ask := func(name, body string, want int, says string) {
		r := bearerRow("body "+name, t, want, says)
		r.body = body
		out = append(out, r)
	}
	for name, body := range map[string]string{"an object": `{}`, "spaced": " {\n} ", "with members": `{"a":[1,{"b":null}],"role":"project_admin","sub":"kp_other"}`, "none": "none",
		"a name twice": `{"a":1,"a":2}`, "of 8 KiB": `{"a":"` + strings.Repeat("x", 8192-8) + `"}`} {
		ask(name, body, 200, "")
	}
	for _, body := range []string{`[]`, `null`, `true`, `7`, `"x"`, `{`, `}`, `{}}`, `{},`, `{'a':1}`, `{a:1}`, `{"a":}`, `{"a":1,}`, `x`, ` `, "\x00", "{}\x00", "\ufeff{}", `{"a":"\ud800"}`,
		"{\"a\":\"\xff\"}", `{"a":1e400}`, `{"a":NaN}`, `{"a":01}`, `a=b`, `access_token=` + t.String(), "<xml/>", "{\"a\":\"\n\"}", "\x1f\x8b\x08"} {
		ask(fmt.Sprintf("%.30q", body), body, 400, saysBody)
	}
	ask("of 8 KiB and a byte", `{"a":"`+strings.Repeat("x", 8192-7)+`"}`, 413, saysBodyBig)
	ask("of 1 MiB", `{"a":"`+strings.Repeat("x", 1<<20)+`"}`, 413, saysBodyBig)
	ask("of 9 KiB that is not JSON", strings.Repeat("x", 9<<10), 413, saysBodyBig)
	anonymous := row{name: "a bad body without a token", body: "x", want: 401, says: saysAnonymous}
	return append(out, anonymous)
}

func methodRows(k *kinde) []row {
	var out []row
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, "PROPFIND", "POSTS"} {
		r := bearerRow("method "+method, good(k), 405, saysMethod)
		r.method, r.body = method, "none"
		out = append(out, r)
		out = append(out, row{name: "method " + method + " without a token", method: method, body: "none", want: 405, says: saysMethod})
	}
	return out
}

// keyRows are issuers whose keys are gone, odd or rotated.
func keyRows(k *kinde) []row {
	_, second := keyPair()
	var out []row
	ask := func(name, issuer string, t *token, want int, says string) {
		r := bearerRow(name, t, want, says)
		r.env = map[string]string{"KINDE_ISSUER_URL": issuer}
		out = append(out, r)
	}
	for _, issuer := range []string{"down", "limited", "moved", "html", "list", "foreign", "elsewhere", "nowhere", "relative", "keysdown", "keysmoved", "empty", "null", "nokeys", "text", "huge",
		"small", "encryption", "rs512", "anonymous", "secret"} {
		at := k.URL + "/" + issuer
		ask("keys: "+issuer, at, goodToken(at), 503, saysKeys)
		ask("keys: "+issuer+" and an expired token", at, goodToken(at).with("exp", 1), 503, saysKeys)
		ask("keys: "+issuer+" and a token without kid", at, goodToken(at).head("kid", nil), 401, saysHeader)
	}
	ask("keys: nobody listens", "http://127.0.0.1:1/ok", goodToken("http://127.0.0.1:1/ok"), 503, saysKeys)
	ask("keys: odd ones beside a good one", k.URL+"/odd", goodToken(k.URL+"/odd"), 200, "")
	ask("keys: an encryption key is not used", k.URL+"/odd", goodToken(k.URL+"/odd").head("kid", "k9").signedBy(rs256(second)), 401, saysUnknownKey)
	ask("keys: rotated, an old token", k.URL+"/rotated", goodToken(k.URL+"/rotated"), 401, saysUnknownKey)
	ask("keys: rotated, a new token", k.URL+"/rotated", goodToken(k.URL+"/rotated").head("kid", "k2").signedBy(rs256(second)), 200, "")
	ask("keys: rotating, an old token", k.URL+"/both", goodToken(k.URL+"/both"), 200, "")
	ask("keys: rotating, a new token", k.URL+"/both", goodToken(k.URL+"/both").head("kid", "k2").signedBy(rs256(second)), 200, "")
	ask("keys: rotating, the new key under the old kid", k.URL+"/both", goodToken(k.URL+"/both").signedBy(rs256(second)), 401, saysSignature)
	ask("the token of another issuer of the same keys", k.URL+"/both", good(k), 401, saysIssuer)
	return out
}

func sizeRows(k *kinde) []row {
	g := good(k)
	out := []row{
		bearerRow("a token of 8 KiB and a byte", text(strings.Repeat("a", 8193)), 401, saysTooLong),
		bearerRow("a token of 8 KiB", text(strings.Repeat("a", 8192)), 401, saysUnreadable),
		bearerRow("a good token of 9 KiB", g.with("pad", strings.Repeat("x", 6500)), 401, saysTooLong),
		bearerRow("a good token of 12 KiB", g.with("pad", strings.Repeat("x", 9000)), 401, saysTooLong),
		bearerRow("a token of dots", text(strings.Repeat(".", 8000)), 401, saysUnreadable),
		bearerRow("a token of 17 KiB", text(strings.Repeat("a", 17<<10)), 431, saysHeaderBig),
	}
	pad := bearerRow("a header of 17 KiB beside a good token", g, 431, saysHeaderBig)
	pad.headers = append(pad.headers, [2]string{"X-Pad", strings.Repeat("x", 16<<10)})
	many := bearerRow("a thousand headers beside a good token", g, 431, saysHeaderBig)
	for i := range 1000 {
		many.headers = append(many.headers, [2]string{fmt.Sprintf("X-Pad-%d", i), "xxxxxxxxxx"})
	}
	fits := bearerRow("a header of 12 KiB beside a good token", g, 200, "")
	fits.headers = append(fits.headers, [2]string{"X-Pad", strings.Repeat("x", 12<<10)})
	return append(out, pad, many, fits)
}
