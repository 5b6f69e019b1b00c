package demoidp_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kindling/auth/demoidp"
)

func TestTokensHaveKindesShape(t *testing.T) {
	p := start(t, demoidp.Config{})
	tk := p.signIn("alice@example.com")
	access, id := p.claims(tk.Access), p.claims(tk.ID)
	if access["sub"] != demoidp.Alice.Sub || access["azp"] != "web" || access["iss"] != p.url {
		t.Errorf("access token claims %v", access)
	}
	if aud, ok := access["aud"].([]any); !ok || len(aud) != 0 {
		t.Errorf("access token aud is %v, want []", access["aud"])
	}
	for _, absent := range []string{"email", "nonce", "at_hash", "nbf"} {
		if _, ok := access[absent]; ok {
			t.Errorf("access token has %s", absent)
		}
	}
	for _, present := range []string{"jti", "org_code", "scp", "exp", "iat"} {
		if _, ok := access[present]; !ok {
			t.Errorf("access token lacks %s", present)
		}
	}
	aud, _ := id["aud"].([]any)
	if !slices.Contains(aud, any("web")) || !slices.Contains(aud, any(p.url)) {
		t.Errorf("ID token aud is %v, want client and issuer", aud)
	}
	sum := sha256.Sum256([]byte(tk.Access))
	if id["nonce"] != "n0nce" || id["at_hash"] != base64.RawURLEncoding.EncodeToString(sum[:16]) || id["auth_time"] == nil {
		t.Errorf("ID token claims %v", id)
	}
	if id["email"] != "alice@example.com" || id["name"] != "Alice Example" || id["sub"] != demoidp.Alice.Sub {
		t.Errorf("ID token names %v", id)
	}
	if tk.Expires != int((24 * time.Hour).Seconds()) {
		t.Errorf("expires_in %d", tk.Expires)
	}
}

func TestScopesDecideWhatComesBack(t *testing.T) {
	p := start(t, demoidp.Config{EmailInAccess: true})
	for _, c := range []struct {
		scope             string
		refresh, id, mail bool
	}{
		{"openid profile email offline", true, true, true},
		{"openid offline_access", false, true, false},
		{"offline", true, false, false},
		{"openid email nonsense", false, true, true},
	} {
		tk := p.signIn("bob", "scope", c.scope)
		if (tk.Refresh != "") != c.refresh || (tk.ID != "") != c.id {
			t.Errorf("scope %q: refresh %v, ID token %v", c.scope, tk.Refresh != "", tk.ID != "")
		}
		if tk.ID != "" && (p.claims(tk.ID)["email"] != nil) != c.mail {
			t.Errorf("scope %q: e-mail in the ID token: %v", c.scope, !c.mail)
		}
		if p.claims(tk.Access)["email"] != demoidp.Bob.Email {
			t.Error("token customization did not put the e-mail into the access token")
		}
	}
}

func TestAudienceAndOrganisationAreGivenWhenAsked(t *testing.T) {
	p := start(t, demoidp.Config{})
	claims := p.claims(p.signIn("alice", "audience", "https://api.example.com", "org_code", "org_7").Access)
	if aud := claims["aud"].([]any); len(aud) != 1 || aud[0] != "https://api.example.com" || claims["org_code"] != "org_7" {
		t.Errorf("claims %v", claims)
	}
}

func TestAuthorizeRefusesOnItsOwnPage(t *testing.T) {
	p := start(t, demoidp.Config{Redirects: []string{callback}})
	for name, change := range map[string][]string{
		"unknown client":    {"client_id", "other"},
		"device client":     {"client_id", "device"},
		"other path":        {"redirect_uri", callback + "/"},
		"other port":        {"redirect_uri", "http://127.0.0.1:1/callback"},
		"other host":        {"redirect_uri", "https://evil.example/callback"},
		"missing redirect":  {"redirect_uri", ""},
		"extra query":       {"redirect_uri", callback + "?a=b"},
		"localhost instead": {"redirect_uri", "http://localhost:53180/callback"},
	} {
		resp, err := p.client.Get(p.authorizeURL(change...))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Location") != "" || strings.Contains(string(body), "<form") {
			t.Errorf("%s: %d, Location %q", name, resp.StatusCode, resp.Header.Get("Location"))
		}
	}
}

func TestAuthorizeTellsTheCallback(t *testing.T) {
	p := start(t, demoidp.Config{CallbackIssuer: true})
	for want, change := range map[string][]string{
		"invalid_state":             {"state", "1234567"},
		"unsupported_response_type": {"response_type", "token"},
		"invalid_request":           {"code_challenge_method", "plain"},
		"login_required":            {"prompt", "none"},
	} {
		resp, err := p.client.Get(p.authorizeURL(change...))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		q := p.query(resp.Header.Get("Location"))
		if q.Get("error") != want || q.Get("code") != "" || q.Get("iss") != p.url {
			t.Errorf("%v: %v, want %s", change, q, want)
		}
	}
	q := p.choose(p.authorizeURL(), "cancel")
	if q.Get("error") != "access_denied" || q.Get("state") != "0123456789" {
		t.Errorf("cancel: %v", q)
	}
}

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]+)">`)
	submits    = regexp.MustCompile(`<button type="submit" name="([^"]+)" value="([^"]*)"`)
)

func TestPageIsOnePlainForm(t *testing.T) {
	p := start(t, demoidp.Config{})
	resp, err := p.client.Get(p.authorizeURL("login_hint", `"><script>alert(1)</script>`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	action := formAction.FindAllStringSubmatch(string(body), -1)
	if len(action) != 1 || strings.Contains(string(body), "<script") {
		t.Fatalf("page:\n%s", body)
	}
	values := []string{}
	for _, b := range submits.FindAllStringSubmatch(string(body), -1) {
		values = append(values, b[2])
	}
	want := []string{"new", "alice@example.com", "bob@example.com", "new", "cancel"}
	if !slices.Equal(values, want) {
		t.Errorf("buttons %v, want %v", values, want)
	}
	location, err := demoidp.Choose(t.Context(), p.client, p.url+action[0][1], "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	_, tk := p.exchange(p.query(location).Get("code"))
	if p.claims(tk.Access)["sub"] != demoidp.Bob.Sub {
		t.Error("the form's own action did not sign in Bob")
	}
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
}

func TestSignUpMakesAPerson(t *testing.T) {
	p := start(t, demoidp.Config{Dir: t.TempDir()})
	form := func(email string) (int, string) {
		resp, err := p.client.PostForm(p.authorizeURL("prompt", "create"), url.Values{"who": {"new"}, "email": {email}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther {
			return resp.StatusCode, ""
		}
		_, tk := p.exchange(p.query(resp.Header.Get("Location")).Get("code"))
		id := p.claims(tk.ID)
		return resp.StatusCode, id["sub"].(string) + " " + id["email"].(string)
	}
	_, carol := form("Carol@Example.com")
	if _, again := form("carol@example.com"); again != carol || !strings.HasSuffix(carol, " carol@example.com") {
		t.Errorf("carol is %q, then %q", carol, again)
	}
	if _, guest := form(""); !strings.HasSuffix(guest, "@example.com") || !strings.HasPrefix(guest, "kp_") {
		t.Errorf("guest is %q", guest)
	}
	if _, alice := form("alice@example.com"); !strings.HasPrefix(alice, demoidp.Alice.Sub) {
		t.Errorf("Alice's e-mail made %q", alice)
	}
	for _, bad := range []string{"carol", "a@b@c", "Carol <c@example.com>", strings.Repeat("a", 250) + "@example.com"} {
		if status, _ := form(bad); status != http.StatusBadRequest {
			t.Errorf("e-mail %.20q: %d", bad, status)
		}
	}
}

func TestPromptNoneUsesTheSessionUntilLogout(t *testing.T) {
	p := start(t, demoidp.Config{})
	p.client.Jar, _ = cookiejar.New(nil)
	silent := func() url.Values {
		resp, err := p.client.Get(p.authorizeURL("prompt", "none"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return p.query(resp.Header.Get("Location"))
	}
	p.choose(p.authorizeURL("prompt", "login"), "alice")
	if _, tk := p.exchange(silent().Get("code")); p.claims(tk.Access)["sub"] != demoidp.Alice.Sub {
		t.Error("prompt=none did not sign in Alice again")
	}
	resp, err := p.client.Get(p.url + demoidp.LogoutPath + "?redirect=" + url.QueryEscape(callback))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.Header.Get("Location") != callback {
		t.Errorf("logout goes to %q", resp.Header.Get("Location"))
	}
	if got := silent().Get("error"); got != "login_required" {
		t.Errorf("after logout prompt=none gives %q", got)
	}
}

func TestProfileAndKeys(t *testing.T) {
	p := start(t, demoidp.Config{})
	get := func(path, token string) (int, map[string]any) {
		req, _ := http.NewRequest(http.MethodGet, p.url+path, nil)
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var body map[string]any
		_ = json.NewDecoder(resp.Body).Decode(&body)
		return resp.StatusCode, body
	}
	tk := p.signIn("alice")
	if status, who := get(demoidp.ProfilePath, tk.Access); status != 200 || who["email"] != demoidp.Alice.Email || who["sub"] != demoidp.Alice.Sub {
		t.Errorf("profile %d %v", status, who)
	}
	if status, _ := get(demoidp.ProfilePath, tk.Access+"x"); status != 401 {
		t.Errorf("profile of a forged token: %d", status)
	}
	if status, _ := get(demoidp.KeysPath, tk.Access); status != 403 {
		t.Errorf("keys with an Authorization header: %d", status)
	}
	if err := p.RotateKey(true); err != nil {
		t.Fatal(err)
	}
	if _, set := get(demoidp.KeysPath, ""); len(set["keys"].([]any)) != 2 {
		t.Errorf("after an orderly rotation: %v", set)
	}
	p.claims(tk.Access)
	if err := p.RotateKey(false); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(demoidp.ProfilePath, tk.Access); status != 401 {
		t.Errorf("profile under a withdrawn key: %d", status)
	}
	p.clock.pass(25 * time.Hour)
	if status, _ := get(demoidp.ProfilePath, p.signIn("bob").Access); status != 200 {
		t.Error("a fresh token is refused")
	}
}
