package companion

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// limiter allows each name its Limit. It keeps one instant for each: when its
// allowance would be whole again (the generic cell rate algorithm).
type limiter struct {
	limit Limit
	mu    sync.Mutex
	whole map[string]time.Time
}

// maxNames bounds the memory. When so many are under way at once, all counts begin
// anew: letting some through too early is better than refusing everybody.
const maxNames = 100_000

func newLimiter(l Limit) *limiter { return &limiter{limit: l, whole: map[string]time.Time{}} }

// wait returns zero when name may go on, else how long until it may.
func (l *limiter) wait(name string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := l.whole[name]
	if whole.Before(now) {
		whole = now
	}
	whole = whole.Add(l.limit.Every)
	if over := whole.Sub(now) - time.Duration(l.limit.Burst)*l.limit.Every; over > 0 {
		return over
	}
	if len(l.whole) >= maxNames {
		l.forget(now)
	}
	l.whole[name] = whole
	return 0
}

func (l *limiter) forget(now time.Time) {
	for name, whole := range l.whole {
		if whole.Before(now) {
			delete(l.whole, name)
		}
	}
	if len(l.whole) >= maxNames {
		clear(l.whole)
	}
}

// address is who asks, as far as the limiter cares: behind a proxy the last
// forwarded address, which is the one that our proxy saw; of IPv6 the network,
// since one house has a whole /64. "" is loopback, which is not limited: every
// program of this machine shares it.
func address(r *http.Request, behindProxy bool) string {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	ip := peer.Addr()
	if behindProxy {
		if forwarded, ok := lastForwarded(r); ok {
			ip = forwarded
		}
	}
	ip = ip.Unmap()
	switch {
	case ip.IsLoopback():
		return ""
	case ip.Is6():
		network, _ := ip.WithZone("").Prefix(64)
		return network.String()
	}
	return ip.String()
}

// lastForwarded reads an address, which some proxies write with its port.
func lastForwarded(r *http.Request) (netip.Addr, bool) {
	all := strings.Join(r.Header["X-Forwarded-For"], ",")
	last := strings.TrimSpace(all[strings.LastIndex(all, ",")+1:])
	if with, err := netip.ParseAddrPort(last); err == nil {
		return with.Addr(), true
	}
	ip, err := netip.ParseAddr(strings.Trim(last, "[]"))
	return ip, err == nil
}
