package store

import (
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
)

// listen makes the bad network a proxy, over TCP, between a world's devices and
// its backend, and returns what ends it.
func (n *network) listen(w *world) (stop func()) {
	srv := httptest.NewServer(proxy{n, w.back.base})
	// A connection that was used before may be tried again by itself; here each
	// request is one of the program's own.
	direct := &http.Transport{DisableKeepAlives: true}
	w.base, w.way = srv.URL, inTurn{direct, &n.turn}
	return func() { direct.CloseIdleConnections(); srv.Close() }
}

// inTurn lets a request and its answer be seen in their order by the race
// detector, which does not see through a socket.
type inTurn struct {
	http.RoundTripper
	turn *sync.Mutex
}

func (i inTurn) RoundTrip(r *http.Request) (*http.Response, error) {
	i.pass()
	defer i.pass()
	return i.RoundTripper.RoundTrip(r)
}

func (i inTurn) pass() { i.turn.Lock(); defer i.turn.Unlock() }

type proxy struct {
	*network
	base string
}

func (p proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, err := url.Parse(p.base)
	if err != nil {
		panic(err)
	}
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.Host, out.RequestURI = to.Scheme, to.Host, "", ""
	p.turn.Lock()
	res, err := p.RoundTrip(out)
	p.turn.Unlock()
	if err != nil {
		reset(w)
		return
	}
	defer res.Body.Close()
	maps.Copy(w.Header(), res.Header)
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

// reset ends a connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
