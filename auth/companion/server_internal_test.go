package companion

import (
	"net/http"
	"testing"
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

func TestOnlySoManyAtOnce(t *testing.T) {
	h := &handler{}
	h.atOnce.Store(maxAtOnce)
	if _, _, refused := h.exchange(nil, nil); refused != errBusy || h.atOnce.Load() != maxAtOnce {
		t.Errorf("over the cap: %v, %d at once", refused, h.atOnce.Load())
	}
}
