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
	seen, _ := s.look(c) // before anybody reads what is to be watched
	go s.poll(ctx, ch, c, seen)
	return ch
}

// sight is what changes when others do: when another connection wrote, and when a
// sync found all as it was.
type sight struct {
	version int64
	synced  time.Time
}

// look costs one read of shared memory and one question to the file system.
func (s *Store) look(c *conn) (sight, error) {
	version, err := c.integer("PRAGMA data_version")
	return sight{version, s.stamped()}, err
}

// poll looks whether others changed anything, until ctx ends.
func (s *Store) poll(ctx context.Context, ch chan struct{}, c *conn, seen sight) {
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
		if now, err := s.look(c); err == nil && now != seen {
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
