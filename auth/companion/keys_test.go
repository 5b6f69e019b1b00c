package companion_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kindling/auth/companion"
)

const jwksPath = "/ok/.well-known/jwks"

// clock moves when told.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time       { return start.Add(time.Duration(c.ahead.Load())) }
func (c *clock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// running is one handler that lives through a test.
type running struct {
	t *testing.T
	k *kinde
	http.Handler
	clock *clock
}

func startCompanion(t *testing.T, change func(*companion.Config)) *running {
	t.Helper()
	k, ck := startKinde(t), &clock{}
	c := configure(baseEnv(k))
	c.Now = ck.now
	if change != nil {
		change(&c)
	}
	h, err := companion.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &running{t, k, h, ck}
}

func (s *running) ask(t fmt.Stringer) reply { return serve(s, bearerRow("", t, 0, "")) }

func (s *running) expect(t fmt.Stringer, want int) {
	s.t.Helper()
	if got := s.ask(t); got.Status != want {
		s.t.Errorf("answered %d %s, want %d", got.Status, got.Body, want)
	}
}

func (s *running) fetches(want int) {
	s.t.Helper()
	if got := s.k.count(jwksPath); got != want {
		s.t.Errorf("%d fetches of the keys, want %d", got, want)
	}
}

// eventually waits for what happens beside the requests; only what never does takes
// it a minute.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 12_000 {
		if done() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal(what + " did not happen")
}

func second(t *token) *token {
	_, key := keyPair()
	t = t.head("kid", "k2")
	t.key = key
	return t
}

func (s *running) rotate() {
	_, key := keyPair()
	s.k.answer(jwksPath, keySet(jwk(key, "k2")))
}

func TestKeysAreFetchedOnceForAll(t *testing.T) {
	s := startCompanion(t, nil)
	g := text(good(s.k).String())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { s.expect(g, 200) })
	}
	wg.Wait()
	s.fetches(1)
}

func TestKeysAreRefreshedHourlyBesideTheRequests(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.clock.pass(59 * time.Minute)
	s.expect(g, 200)
	s.fetches(1)
	s.clock.pass(2 * time.Minute)
	s.expect(g, 200)
	eventually(t, "the hourly refresh", func() bool { return s.k.count(jwksPath) == 2 })
}

func TestOldKeysAreNotBelievedAfterIdling(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.rotate()
	s.clock.pass(5 * time.Hour)
	s.expect(g, 401)
	s.expect(second(g), 200)
}

func TestLastGoodKeysLiveOnWhileKindeIsDown(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.k.answer(jwksPath, "down")
	for range 5 {
		s.clock.pass(3 * time.Hour)
		s.expect(g, 200)
		s.expect(g, 200)
	}
	s.fetches(6)
	s.k.answer(jwksPath, keySet())
	s.clock.pass(3 * time.Hour)
	s.expect(g, 200)
}

func TestNoKeysIsUnavailableAndRecovers(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.k.answer(jwksPath, "down")
	for range 20 {
		s.expect(g, 503)
	}
	s.fetches(1)
	s.k.answer(jwksPath, "")
	s.expect(g, 503)
	s.clock.pass(time.Second)
	s.expect(g, 200)
}

func TestRotatedKeyIsFoundAtOnce(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.rotate()
	s.expect(second(g), 200)
	s.expect(g, 401)
	s.fetches(2)
}

func TestUnknownKidsFetchOnceAMinute(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	unsigned := g.signedBy(func(string) []byte { return make([]byte, 256) })
	s.expect(g, 200)
	storm := func() {
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() { s.expect(unsigned.head("kid", anotherKid()), 401) })
		}
		s.expect(g, 200)
		wg.Wait()
	}
	storm()
	s.fetches(2)
	s.clock.pass(59 * time.Second)
	storm()
	s.fetches(2)
	s.clock.pass(time.Second)
	storm()
	s.fetches(3)
}

var kids atomic.Int64

func anotherKid() string { return fmt.Sprintf("unknown-%d", kids.Add(1)) }

// A key that is newer than our key set cannot be judged, so nobody is signed
// out for it: a 503 until the next fetch is allowed.
func TestRotationDuringAStormSignsNobodyOut(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.expect(g.head("kid", "k9"), 401)
	s.rotate()
	s.clock.pass(10 * time.Second)
	fresh := second(g).with("iat", start.Unix()+5)
	s.expect(fresh, 503)
	s.expect(second(g), 401)
	s.clock.pass(50 * time.Second)
	s.expect(fresh, 200)
}

func TestUnknownKidWhileKindeIsDown(t *testing.T) {
	s := startCompanion(t, nil)
	g := good(s.k)
	s.expect(g, 200)
	s.k.answer(jwksPath, "down")
	s.clock.pass(time.Minute)
	s.expect(second(g).with("iat", start.Unix()+30), 503)
	s.expect(g, 200)
}

// hanging is an HTTP client whose requests end by their deadline alone.
func hanging() *http.Client {
	return &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// inBubble runs a test where no time passes but by waiting, to the end of every fetch.
func inBubble(t *testing.T, test func(*testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		test(t)
		time.Sleep(time.Minute)
	})
}

func TestOnlySoManyWaitForKeys(t *testing.T) {
	s := startCompanion(t, func(c *companion.Config) { c.HTTP = hanging() })
	g := text(good(s.k).String())
	inBubble(t, func(t *testing.T) {
		var answered atomic.Int32
		for range 300 {
			go func() { s.expect(g, 503); answered.Add(1) }()
		}
		synctest.Wait()
		if n := answered.Load(); n != 300-256 {
			t.Errorf("%d of 300 were answered at once: %d wait for the keys", n, 300-n)
		}
	})
}

// slowKinde hangs from a moment on, and counts who asks it then.
type slowKinde struct {
	hangs atomic.Bool
	asked atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (s *slowKinde) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.hangs.Load() {
		s.asked.Add(1)
		<-r.Context().Done()
	}
	return http.DefaultTransport.RoundTrip(r)
}

// startWithSlowKinde gives a companion that got its keys before Kinde began to hang.
func startWithSlowKinde(t *testing.T) (*running, *slowKinde) {
	slow := &slowKinde{}
	s := startCompanion(t, func(c *companion.Config) {
		c.HTTP = &http.Client{Transport: slow}
		c.PerAddress = companion.Limit{Every: time.Nanosecond, Burst: 1 << 30} // all ask from one address
	})
	s.expect(good(s.k), 200)
	slow.hangs.Store(true)
	return s, slow
}

// atOnce fails when good requests wait for a fetch that hangs.
func (s *running) atOnce() {
	s.t.Helper()
	g := text(good(s.k).String())
	begun := time.Now()
	for range 20 {
		s.expect(g, 200)
	}
	if waited := time.Since(begun); waited > 0 {
		s.t.Errorf("good requests wait %v for a fetch that hangs", waited)
	}
}

func TestStormWhileKindeHangs(t *testing.T) {
	s, _ := startWithSlowKinde(t)
	unknown := text(good(s.k).head("kid", "k9").String())
	inBubble(t, func(*testing.T) {
		for range 400 {
			go s.ask(unknown)
		}
		s.atOnce()
	})
}

func TestRefreshWhileKindeHangs(t *testing.T) {
	s, _ := startWithSlowKinde(t)
	inBubble(t, func(*testing.T) {
		for range 5 {
			s.clock.pass(61 * time.Minute)
			s.atOnce()
		}
	})
}

func TestOneFetchAtATime(t *testing.T) {
	s, slow := startWithSlowKinde(t)
	unknown := text(good(s.k).head("kid", "k9").String())
	inBubble(t, func(t *testing.T) {
		for range 4 {
			go s.ask(unknown)
			synctest.Wait()
			s.clock.pass(2 * time.Minute)
		}
		s.atOnce()
		if n := slow.asked.Load(); n != 1 {
			t.Errorf("%d fetches at a time", n)
		}
	})
}

// The keys come from the issuer itself and by https, also where its document says otherwise.
func TestKeysComeByTheIssuersOwnWay(t *testing.T) {
	const issuer = "https://example.kinde.com"
	key, _ := keyPair()
	for at, want := range map[string]int{
		issuer + "/keys": 200, "http://example.kinde.com/keys": 503, "https://example.kinde.com:8443/keys": 503, "https://a:b@example.kinde.com/keys": 503,
		"https://example.kinde.com@evil.example/keys": 503, "https://evil.example/keys": 503, "file:///etc/keys": 503,
	} {
		c := configure(map[string]string{"KINDE_ISSUER_URL": issuer, "KINDE_CLIENT_ID": browser, "INSFORGE_JWT_SECRET": secret})
		c.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			if r.URL.Path == "/keys" {
				fmt.Fprint(rec, keySet(jwk(key, "k1")))
			} else {
				_ = json.NewEncoder(rec).Encode(map[string]string{"issuer": issuer, "jwks_uri": at})
			}
			return rec.Result(), nil
		})}
		h, err := companion.New(c)
		if err != nil {
			t.Fatal(err)
		}
		if got := serve(h, bearerRow("", goodToken(issuer), 0, "")); got.Status != want {
			t.Errorf("keys at %s: %d, want %d", at, got.Status, want)
		}
	}
}

func TestFunctionKeepsKeysWhereTheRuntimeDoes(t *testing.T) {
	d := startDeno(t)
	k := startKinde(t)
	g, now := good(k), start
	expect := func(tok *token, want, fetches int) {
		t.Helper()
		r := bearerRow("", tok, want, "")
		if got := d.ask(t, env(k, r), r, now, false); got.Status != want {
			t.Errorf("answered %d %s, want %d", got.Status, got.Body, want)
		}
		if n := k.count(jwksPath); n != fetches {
			t.Errorf("%d fetches of the keys, want %d", n, fetches)
		}
	}
	expect(g, 200, 1)
	expect(g, 200, 1)
	expect(g.head("kid", "k9"), 401, 2)
	expect(g.head("kid", "k8"), 401, 2)
	_, key := keyPair()
	k.answer(jwksPath, keySet(jwk(key, "k2")))
	now = start.Add(10 * time.Second)
	expect(second(g).with("iat", start.Unix()+5), 503, 2)
	now = start.Add(time.Minute)
	expect(second(g), 200, 3)
	k.answer(jwksPath, "down")
	now = start.Add(3 * time.Hour)
	expect(second(g), 200, 4)
	expect(second(g), 200, 4)
}
