package companion_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
)

var _ auth.Minter = (*companion.Signer)(nil)

func hash(sub string) string {
	sum := sha256.Sum256([]byte(sub))
	return hex.EncodeToString(sum[:6])
}

// TestSignerAppliesTheTable asks the dev signer with every token of the table.
func TestSignerAppliesTheTable(t *testing.T) {
	k := startKinde(t)
	for _, r := range rows(k) {
		if len(r.headers) != 1 || r.want != 200 && r.want != 401 && r.want != 503 || r.method != "" || r.says == saysAnonymous {
			continue
		}
		words := strings.Fields(r.headers[0][1])
		s, err := companion.NewSigner(configure(env(k, r)))
		if err != nil {
			t.Fatal(err)
		}
		minted, life, err := s.Mint(t.Context(), auth.NewSecret(words[len(words)-1]))
		switch r.want {
		case 200:
			body := struct {
				Token string `json:"access_token"`
				Life  int    `json:"expires_in"`
			}{minted.Reveal(), int(life / time.Second)}
			want := askServer(t, k, r).Body
			if got, _ := json.Marshal(body); err != nil || !strings.Contains(want, body.Token) || body.Token == "" {
				t.Errorf("%s: %s, %v; the server says %s", r.name, got, err, want)
			}
		case 401:
			if !errors.Is(err, auth.ErrRejected) || !strings.Contains(err.Error(), r.says) {
				t.Errorf("%s: %v, want %s", r.name, err, r.says)
			}
		case 503:
			if err == nil || errors.Is(err, auth.ErrRejected) || !strings.Contains(err.Error(), r.says) {
				t.Errorf("%s: %v, want %s and no rejection", r.name, err, r.says)
			}
		}
		if err != nil && (!minted.IsZero() || life != 0) {
			t.Errorf("%s: a token and an error", r.name)
		}
	}
}

func TestSignerStopsWithItsContext(t *testing.T) {
	c := configure(map[string]string{"KINDE_ISSUER_URL": "https://kinde.test", "KINDE_CLIENT_ID": browser, "INSFORGE_JWT_SECRET": secret})
	c.HTTP = hanging()
	s, err := companion.NewSigner(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Mint(ctx, auth.NewSecret(goodToken("https://kinde.test").String())); !errors.Is(err, context.Canceled) || errors.Is(err, auth.ErrRejected) {
		t.Errorf("it waited for the end of the fetch: %v", err)
	}
}

func TestSignedTokenIsExact(t *testing.T) {
	s := startCompanion(t, nil)
	body := s.ask(good(s.k).with("email", "alice@example.com")).Body
	parts := strings.Split(strings.Split(body, `"`)[3], ".")
	header, _ := base64.RawURLEncoding.DecodeString(parts[0])
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if string(header) != `{"alg":"HS256","typ":"JWT"}` {
		t.Errorf("header %s", header)
	}
	want := `{"sub":"kp_0123456789abcdef","role":"authenticated","aud":"insforge-api","email":"alice@example.com","iat":1800000000,"exp":1800000900}`
	if string(claims) != want {
		t.Errorf("claims %s\nwant   %s", claims, want)
	}
}

// TestIDTokenOfThePretendKinde signs in for real and tries both tokens.
func TestIDTokenOfThePretendKinde(t *testing.T) {
	srv := httptest.NewUnstartedServer(nil)
	issuer := "http://" + srv.Listener.Addr().String()
	idp, err := demoidp.New(demoidp.Config{Issuer: issuer, Clients: []string{browser}})
	if err != nil {
		t.Fatal(err)
	}
	srv.Config.Handler = idp
	srv.Start()
	t.Cleanup(srv.Close)
	const callback, verifier = "http://127.0.0.1:53180/callback", "0123456789012345678901234567890123456789012"
	sum := sha256.Sum256([]byte(verifier))
	page := issuer + demoidp.AuthorizePath + "?" + url.Values{"client_id": {browser}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid email"},
		"state": {"0123456789"}, "nonce": {"n"}, "code_challenge": {b64(sum[:])}, "code_challenge_method": {"S256"}}.Encode()
	location, err := demoidp.Choose(t.Context(), srv.Client(), page, "alice")
	if err != nil {
		t.Fatal(err)
	}
	back, _ := url.Parse(location)
	resp, err := srv.Client().PostForm(issuer+demoidp.TokenPath, url.Values{"grant_type": {"authorization_code"}, "client_id": {browser},
		"redirect_uri": {callback}, "code_verifier": {verifier}, "code": {back.Query().Get("code")}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&tokens); err != nil {
		t.Fatal(err)
	}
	h, err := companion.New(companion.Config{Issuer: issuer, Clients: []string{browser}, Secret: auth.NewSecret(secret)})
	if err != nil {
		t.Fatal(err)
	}
	got := serve(h, bearerRow("", text(tokens.Access), 0, ""))
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(strings.Split(got.Body, `"`)[3], claims); got.Status != http.StatusOK || err != nil || claims["sub"] != demoidp.Alice.Sub {
		t.Errorf("access token: %d %s", got.Status, got.Body)
	}
	if got := serve(h, bearerRow("", text(tokens.ID), 0, "")); got.Status != 401 || !strings.Contains(got.Body, saysIDToken) {
		t.Errorf("ID token: %d %s", got.Status, got.Body)
	}
}
