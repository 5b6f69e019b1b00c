package companion_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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
		{"forwarded with a port", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"203.0.113.1:1234"}, {"203.0.113.1"}}, 429},
		{"forwarded with ports, another", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"203.0.113.1:1234"}, {"203.0.113.2:1234"}}, 200},
		{"forwarded IPv6 in brackets", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"[2001:db8::1]:1234"}, {"[2001:db8::2]"}}, 429},
		{"forwarded IPv6, another", true, [2]string{"10.0.0.1:1", "10.0.0.1:1"}, [2][]string{{"[2001:db8::1]:1234"}, {"2001:db8:0:1::1"}}, 200},
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
