package companion

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// Every wait of the server has an end: a client that sends or reads a byte a
// minute must not hold a connection.
func TestServerTimeOuts(t *testing.T) {
	s := server(http.NotFoundHandler(), nil)
	if s.ReadHeaderTimeout <= 0 || s.ReadTimeout <= 0 || s.WriteTimeout <= 0 || s.IdleTimeout <= 0 || s.MaxHeaderBytes != maxHeader {
		t.Errorf("server %+v has a wait without an end", s)
	}
	if s.WriteTimeout <= fetchTimeout {
		t.Error("a request that waits for Kinde would be cut off before its answer")
	}
}

// However many names ask, so many are remembered, and whoever is over the limit stays so.
func TestLimiterForgetsWhoIsWhole(t *testing.T) {
	l, now := newLimiter(Limit{Every: time.Second, Burst: 1}), time.Unix(1_800_000_000, 0)
	for i := range maxNames - 1 {
		l.wait(strconv.Itoa(i), now)
	}
	now = now.Add(2 * time.Second)
	for _, name := range []string{"busy", "one more"} {
		if wait := l.wait(name, now); wait > 0 {
			t.Errorf("%s waits %v", name, wait)
		}
	}
	if wait := l.wait("busy", now); wait <= 0 || len(l.whole) != 2 {
		t.Errorf("busy waits %v, %d names are kept", wait, len(l.whole))
	}
	for i := range 2 * maxNames {
		l.wait(strconv.Itoa(i), now)
	}
	if len(l.whole) > maxNames {
		t.Errorf("%d names are kept", len(l.whole))
	}
}

func TestOnlySoManyAtOnce(t *testing.T) {
	h := &handler{}
	h.atOnce.Store(maxAtOnce)
	if _, _, refused := h.exchange(nil, nil); refused != errBusy || h.atOnce.Load() != maxAtOnce {
		t.Errorf("over the cap: %v, %d at once", refused, h.atOnce.Load())
	}
}
