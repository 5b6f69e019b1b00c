package companion

import (
	"context"
	"crypto/rsa"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	fetchTimeout  = 5 * time.Second
	keysFresh     = time.Hour     // after this, refreshed beside the requests
	idleLong      = 2 * keysFresh // untried for so long, they are refreshed before they are used
	unknownEvery  = time.Minute   // one refetch for unknown kids, whoever asks
	refreshEvery  = time.Minute   // between two tries at refreshing old keys
	firstEvery    = time.Second   // between two tries while there are none
	maxKeyWaiters = 256           // requests that may wait for one fetch
)

// keys is the cache of Kinde's public keys. keyfunc's and jwkset's HTTP storage
// do not fit: they refetch on a limiter that makes requests queue, cannot tell
// "no such key" from "Kinde is down" (401 from 503), and drop the whole set for
// one key they cannot read. Reading a single key is jwkset's (jwks.go).
type keys struct {
	source    source
	now       func() time.Time
	log       *slog.Logger
	published atomic.Pointer[published]
	waiters   atomic.Int32

	mu        sync.Mutex // guards the rest
	flight    *flight
	triedAt   time.Time
	unknownAt time.Time
}

// published is one key set, never changed once stored.
type published struct {
	byID map[string]*rsa.PublicKey
	at   time.Time
}

// flight is one fetch under way, shared by all who need it.
type flight struct {
	done    chan struct{}
	err     error
	awaited bool // by those too who have an old key
}

func newKeys(c Config) *keys {
	return &keys{source: source{c.Issuer, c.HTTP}, now: c.Now, log: c.Log}
}

var (
	errFetchLater = errors.New("the last fetch failed a moment ago")
	errOlder      = errors.New("the key set is older than the token")
	errWaiting    = errors.New("too many requests wait for the key set")
)

// key implements keySource. The last good keys live on while Kinde is down.
func (k *keys) key(ctx context.Context, kid string, issued float64) (*rsa.PublicKey, *refusal) {
	set := k.published.Load()
	if set == nil {
		return k.first(ctx, kid)
	}
	if k.now().Sub(set.at) > keysFresh {
		set = k.refresh(ctx, set)
	}
	if key := set.byID[kid]; key != nil {
		return key, nil
	}
	return k.unknown(ctx, kid, issued)
}

// first fetches the keys there are none of yet.
func (k *keys) first(ctx context.Context, kid string) (*rsa.PublicKey, *refusal) {
	err := k.fetch(ctx, func(now time.Time) bool { return now.Sub(k.triedAt) >= firstEvery })
	set := k.published.Load()
	if set == nil {
		return nil, keysUnavailable(err)
	}
	if key := set.byID[kid]; key != nil {
		return key, nil
	}
	return nil, errUnknownKey
}

// refresh renews keys that are old, and returns what to use meanwhile. While
// requests come in nobody waits for it, also when Kinde hangs for hours; after a
// long idle time all do, since a key may have been withdrawn long ago.
func (k *keys) refresh(ctx context.Context, old *published) *published {
	f := k.begin(func(now time.Time) bool { return now.Sub(k.triedAt) >= refreshEvery })
	if f == nil || !f.awaited {
		return old
	}
	_ = k.await(ctx, f) // a failure is logged, and the old keys are what there is
	return k.published.Load()
}

// unknown handles a kid that the cache lacks: one refetch a minute for the whole
// process. Without one the answer is a definite no only where the key set was
// fetched after the token was issued; else the key may be newer than the set.
func (k *keys) unknown(ctx context.Context, kid string, issued float64) (*rsa.PublicKey, *refusal) {
	err := k.fetch(ctx, func(now time.Time) bool {
		may := k.unknownAt.IsZero() || now.Sub(k.unknownAt) >= unknownEvery
		if may {
			k.unknownAt = now
		}
		return may
	})
	set := k.published.Load()
	if key := set.byID[kid]; key != nil {
		return key, nil
	}
	if err != nil && issued*1000 > float64(set.at.UnixMilli()) {
		return nil, keysUnavailable(errors.Join(errOlder, err))
	}
	return nil, errUnknownKey
}

// fetch joins the fetch under way, or makes one where may allows it.
func (k *keys) fetch(ctx context.Context, may func(now time.Time) bool) error {
	f := k.begin(may)
	if f == nil {
		return errFetchLater
	}
	return k.await(ctx, f)
}

func (k *keys) begin(may func(now time.Time) bool) *flight {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if k.flight != nil || !may(now) {
		return k.flight
	}
	k.flight = &flight{done: make(chan struct{}), awaited: now.Sub(k.triedAt) > idleLong}
	k.triedAt = now
	go k.run(k.flight, now)
	return k.flight
}

// run fetches. It belongs to no request: whoever waits may leave.
func (k *keys) run(f *flight, now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	byID, err := k.source.fetch(ctx)
	if err == nil {
		k.published.Store(&published{byID, now})
	} else {
		k.log.Warn("keys not fetched", "error", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	f.err, k.flight = err, nil
	close(f.done)
}

// await waits for a fetch. Only so many may: a storm of unknown kids must not
// pile up waiting requests while Kinde is slow.
func (k *keys) await(ctx context.Context, f *flight) error {
	if k.waiters.Add(1) > maxKeyWaiters {
		k.waiters.Add(-1)
		return errWaiting
	}
	defer k.waiters.Add(-1)
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ready reports whether there are keys, after trying to get the first ones.
func (k *keys) ready(ctx context.Context) bool {
	if k.published.Load() == nil {
		_, _ = k.first(ctx, "")
	}
	return k.published.Load() != nil
}
