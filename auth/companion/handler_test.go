package companion_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindling/auth/companion"
)

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
