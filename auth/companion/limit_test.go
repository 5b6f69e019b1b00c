package companion_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/companion"
)

func TestLimitPerSub(t *testing.T) {
	s := startCompanion(t, func(c *companion.Config) { c.PerSub = companion.Limit{Every: 10 * time.Second, Burst: 3} })
	g := good(s.k)
	other := g.with("sub", "kp_other")
	for range 3 {
		s.expect(g, 200)
	}
	got := s.ask(g)
	if got.Status != 429 || got.Headers["retry-after"] != "10" || !strings.Contains(got.Body, `"error":"too_many_requests"`) {
		t.Errorf("over the limit: %d, Retry-After %q, %s", got.Status, got.Headers["retry-after"], got.Body)
	}
	s.expect(other, 200)
	s.expect(g.with("exp", 1), 401)
	s.clock.pass(10 * time.Second)
	s.expect(g, 200)
	s.expect(g, 429)
}

// from asks from an address, perhaps through a proxy.
func (s *running) from(t *token, remote string, forwarded ...string) int {
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	req.RemoteAddr = remote
	req.Header.Set("Authorization", "Bearer "+t.String())
	for _, f := range forwarded {
		req.Header.Add("X-Forwarded-For", f)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	return w.Code
}

func TestLimitPerAddress(t *testing.T) {
	one := companion.Limit{Every: time.Minute, Burst: 1}
	for _, c := range []struct {
		name   string
		proxy  bool
		remote [2]string
		via    [2][]string
		second int
	}{
		{"same address", false, [2]string{"203.0.113.1:1", "203.0.113.1:2"}, [2][]string{}, 429},
		{"another address", false, [2]string{"203.0.113.1:1", "203.0.113.2:1"}, [2][]string{}, 200},
		{"mapped into IPv6", false, [2]string{"203.0.113.1:1", "[::ffff:203.0.113.1]:1"}, [2][]string{}, 429},
		{"the same IPv6 network", false, [2]string{"[2001:db8::1]:1", "[2001:db8::ffff]:1"}, [2][]string{}, 429},
		{"another IPv6 network", false, [2]string{"[2001:db8::1]:1", "[2001:db8:0:1::1]:1"}, [2][]string{}, 200},
		{"loopback is not limited", false, [2]string{"127.0.0.1:1", "127.0.0.1:2"}, [2][]string{}, 200},
		{"loopback in IPv6 is not limited", false, [2]string{"[::1]:1", "[::1]:2"}, [2][]string{}, 200},
		{"a forwarded address without a proxy is only talk", false, [2]string{"203.0.113.1:1", "203.0.113.1:1"}, [2][]string{{"1.1.1.1"}, {"2.2.2.2"}}, 429},
		{"forwarded, the same", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"203.0.113.1"}, {"203.0.113.1"}}, 429},
		{"forwarded, another", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"203.0.113.1"}, {"203.0.113.2"}}, 200},
		{"only the last forwarded counts", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"1.1.1.1, 203.0.113.1"}, {"2.2.2.2", "203.0.113.1"}}, 429},
		{"forwarded nonsense", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"x"}, {"unknown"}}, 429},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startCompanion(t, func(cfg *companion.Config) { cfg.PerAddress, cfg.BehindProxy = one, c.proxy })
			g := good(s.k)
			if got := s.from(g, c.remote[0], c.via[0]...); got != 200 {
				t.Errorf("first: %d", got)
			}
			if got := s.from(g, c.remote[1], c.via[1]...); got != c.second {
				t.Errorf("second: %d, want %d", got, c.second)
			}
		})
	}
}

func TestProbes(t *testing.T) {
	s := startCompanion(t, nil)
	probe := func(path string) int {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code
	}
	s.k.answer(jwksPath, "down")
	if h, r := probe("/healthz"), probe("/readyz"); h != 200 || r != 503 {
		t.Errorf("without keys healthz is %d and readyz %d", h, r)
	}
	s.k.answer(jwksPath, "")
	s.clock.pass(time.Second)
	if r := probe("/readyz"); r != 200 {
		t.Errorf("with keys readyz is %d", r)
	}
	s.k.answer(jwksPath, "down")
	s.clock.pass(24 * time.Hour)
	if r := probe("/readyz"); r != 200 {
		t.Errorf("with old keys readyz is %d", r)
	}
	for _, path := range []string{"/x", "/functions", "/functions/kindling-token/", "/functions/kindling-token/x", "//"} {
		if got := probe(path); got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := probe("/"); got != 405 {
		t.Errorf("GET /: %d", got)
	}
}

func TestLogsNameNobody(t *testing.T) {
	var out bytes.Buffer
	s := startCompanion(t, func(c *companion.Config) {
		c.Log = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	g := good(s.k).with("email", "alice@example.com")
	minted := s.ask(g)
	for _, bad := range []*token{g.with("exp", 1), g.with("azp", "other"), g.head("kid", "k9"), g.with("nonce", "n0nce-value")} {
		s.ask(bad)
	}
	s.k.answer(jwksPath, "down")
	s.clock.pass(time.Hour)
	s.ask(second(g).with("iat", start.Unix()+3000))
	log := out.String()
	for _, line := range []string{`"outcome":"minted"`, `"outcome":"refused"`, `"outcome":"failed"`, `"reason":"The access token expired"`, `"status":503`, `"sub":"` + hash("kp_0123456789abcdef") + `"`} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %s:\n%s", line, log)
		}
	}
	parts := strings.Split(g.String(), ".")
	body := strings.Split(minted.Body, `"`)
	for _, leak := range append(parts, secret, "kp_0123456789abcdef", "alice@example.com", "n0nce-value", body[3], strings.Split(body[3], ".")[1]) {
		if strings.Contains(log, leak) {
			t.Errorf("the log holds %.60q", leak)
		}
	}
}

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
		"no secret":              {func(c *companion.Config) { c.Secret = auth.Secret{} }, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
		"a secret of 31 bytes":   {func(c *companion.Config) { c.Secret = auth.NewSecret(strings.Repeat("s", 31)) }, "INSFORGE_JWT_SECRET needs at least 32 bytes"},
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
