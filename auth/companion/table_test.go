package companion_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
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
