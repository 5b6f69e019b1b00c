package store

import (
	"context"
	"time"
)

const watchEvery = 500 * time.Millisecond

// Watch sends when another process, or a sync of this one, changed the cache.
// It never polls the network, and ends with ctx.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	s.watch[ch] = struct{}{}
	s.mu.Unlock()
	go s.follow(ctx, ch)
	return ch
}

// follow asks SQLite, by one read of shared memory, whether others wrote.
func (s *Store) follow(ctx context.Context, ch chan struct{}) {
	defer func() {
		s.mu.Lock()
		delete(s.watch, ch)
		s.mu.Unlock()
		close(ch)
	}()
	c, err := s.db.take()
	if err != nil {
		return
	}
	defer s.db.give(c)
	seen, _ := c.integer("PRAGMA data_version")
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now, err := c.integer("PRAGMA data_version"); err == nil && now != seen {
			seen = now
			tell(ch)
		}
	}
}

// poke tells this process's watchers of a change at once.
func (s *Store) poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.watch {
		tell(ch)
	}
}

// tell never waits: a watcher that has not looked yet will see it all at once.
func tell(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
