package store

import (
	"context"
	"time"
)

const watchEvery = 500 * time.Millisecond

// Watch sends when another process, or a sync of this one, changed the cache
// since it was called. It never polls the network, and ends with ctx.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	c, err := s.db.take()
	if err != nil {
		close(ch)
		return ch
	}
	s.mu.Lock()
	s.watch[ch] = struct{}{}
	s.mu.Unlock()
	seen, _ := c.dataVersion() // before anybody reads what is to be watched
	go s.follow(ctx, ch, c, seen)
	return ch
}

// dataVersion changes when another connection wrote: one read of shared memory.
func (c *conn) dataVersion() (int64, error) { return c.integer("PRAGMA data_version") }

// follow asks SQLite whether others wrote.
func (s *Store) follow(ctx context.Context, ch chan struct{}, c *conn, seen int64) {
	defer func() {
		s.db.give(c)
		s.mu.Lock()
		delete(s.watch, ch)
		s.mu.Unlock()
		close(ch)
	}()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now, err := c.dataVersion(); err == nil && now != seen {
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
