package companion_test

import (
	"strconv"
	"strings"
	"testing"

	"kindling/auth"
	"kindling/auth/companion"
)

func TestConfiguration(t *testing.T) {
	ok := companion.Config{Issuer: "https://x.kinde.com", Clients: []string{"c"}, Secret: auth.NewSecret(strings.Repeat("s", 32))}
	for name, c := range map[string]struct {
		change func(*companion.Config)
		says   string
	}{
		"complete":              {func(*companion.Config) {}, ""},
		"loopback over http":    {func(c *companion.Config) { c.Issuer = "http://127.0.0.1:9" }, ""},
		"http where allowed":    {func(c *companion.Config) { c.Issuer, c.InsecureHTTP = "http://kinde.test", true }, ""},
		"no issuer":             {func(c *companion.Config) { c.Issuer = "" }, "KINDE_ISSUER_URL is missing"},
		"http":                  {func(c *companion.Config) { c.Issuer = "http://x.kinde.com" }, "KINDE_ISSUER_URL must be an https address"},
		"a loopback look-alike": {func(c *companion.Config) { c.Issuer = "http://localhost.evil.example" }, "KINDE_ISSUER_URL must be an https address"},
		"no host":               {func(c *companion.Config) { c.Issuer = "https://" }, "KINDE_ISSUER_URL must be an https address"},
		"a bare name":           {func(c *companion.Config) { c.Issuer = "x.kinde.com" }, "KINDE_ISSUER_URL must be an https address"},
		"a query":               {func(c *companion.Config) { c.Issuer = "https://x.kinde.com?a" }, "KINDE_ISSUER_URL must be an https address"},
		"a password":            {func(c *companion.Config) { c.Issuer = "https://a:b@x.kinde.com" }, "KINDE_ISSUER_URL must be an https address"},
		"no client":             {func(c *companion.Config) { c.Clients = nil }, "KINDE_CLIENT_ID is missing"},
		"an empty client":       {func(c *companion.Config) { c.Clients = []string{"", ""} }, "KINDE_CLIENT_ID is missing"},
		"the client as audience": {func(c *companion.Config) { c.Audience = "c" },
			"KINDE_AUDIENCE must not be a client id or the issuer"},
		"the issuer as audience": {func(c *companion.Config) { c.Audience = c.Issuer },
			"KINDE_AUDIENCE must not be a client id or the issuer"},
		"no secret":            {func(c *companion.Config) { c.Secret = auth.Secret{} }, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		"a secret of 31 bytes": {func(c *companion.Config) { c.Secret = auth.NewSecret(strings.Repeat("s", 31)) }, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		"everything wrong": {func(c *companion.Config) { *c = companion.Config{} },
			"KINDE_ISSUER_URL is missing; KINDE_CLIENT_ID is missing; INSFORGE_JWT_SECRET needs at least 32 bytes"},
		"a secret of 16 letters": {func(c *companion.Config) { c.Secret = auth.NewSecret(strings.Repeat("é", 16)) }, ""},
	} {
		config := ok
		c.change(&config)
		_, err := companion.New(config)
		_, signerErr := companion.NewSigner(config)
		want := "configure companion: " + c.says
		if c.says == "" && (err != nil || signerErr != nil) {
			t.Errorf("%s: %v, %v", name, err, signerErr)
		}
		if c.says != "" && (err == nil || err.Error() != want || signerErr == nil || signerErr.Error() != want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// TestFunctionConfiguration asks the edge function to refuse what New refuses,
// in the same words; it can only say so when it is asked.
func TestFunctionConfiguration(t *testing.T) {
	d := startDeno(t)
	k := startKinde(t)
	for i, c := range []struct {
		env  map[string]string
		says string
	}{
		{map[string]string{"INSFORGE_JWT_SECRET": "", "JWT_SECRET": secret}, ""},
		{map[string]string{"JWT_SECRET": "short"}, ""},
		{map[string]string{"INSFORGE_JWT_SECRET": strings.Repeat("é", 16)}, ""},
		{map[string]string{"INSFORGE_JWT_SECRET": ""}, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		{map[string]string{"INSFORGE_JWT_SECRET": strings.Repeat("s", 31)}, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		{map[string]string{"INSFORGE_JWT_SECRET": "short", "JWT_SECRET": secret}, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		{map[string]string{"KINDE_ISSUER_URL": ""}, "KINDE_ISSUER_URL is missing"},
		{map[string]string{"KINDE_ISSUER_URL": "http://x.kinde.com"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_ISSUER_URL": "http://localhost.evil.example"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_ISSUER_URL": "https://"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_ISSUER_URL": "x.kinde.com"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_ISSUER_URL": "https://x.kinde.com?a"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_ISSUER_URL": "https://a:b@x.kinde.com"}, "KINDE_ISSUER_URL must be an https address"},
		{map[string]string{"KINDE_CLIENT_ID": "", "KINDE_DEVICE_CLIENT_ID": "", "KINDLING_ALLOWED_CLIENTS": " , "}, "KINDE_CLIENT_ID is missing"},
		{map[string]string{"KINDE_ISSUER_URL": "http://x.kinde.com", "KINDE_CLIENT_ID": "", "KINDE_DEVICE_CLIENT_ID": "", "KINDLING_ALLOWED_CLIENTS": "", "INSFORGE_JWT_SECRET": "short"},
			"KINDE_ISSUER_URL must be an https address; KINDE_CLIENT_ID is missing; INSFORGE_JWT_SECRET needs at least 32 bytes"},
		{map[string]string{"KINDE_AUDIENCE": browser}, "KINDE_AUDIENCE must not be a client id or the issuer"},
		{map[string]string{"KINDE_AUDIENCE": k.URL + "/ok"}, "KINDE_AUDIENCE must not be a client id or the issuer"},
	} {
		r := bearerRow(strconv.Itoa(i), good(k), 0, "")
		r.env = c.env
		got := d.ask(t, env(k, r), r, start, true)
		if c.says == "" && got.Status != 200 {
			t.Errorf("%v: %d %s", c.env, got.Status, got.Body)
		}
		if c.says != "" && (got.Status != 500 || got.Body != `{"error":"server_error","error_description":"configure companion: `+c.says+`"}`) {
			t.Errorf("%v: %d %s, want %s", c.env, got.Status, got.Body, c.says)
		}
	}
}
