package store

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// syncedFile is written by a sync that found all as it was, in place of the cache. It
// travels with the cache, and of one that was put back from before it says nothing.
const syncedFile = "synced"

// calm says of which cache it is that all was found as it was: by the sync that the
// cache tells of, and the revision that it had.
type calm struct {
	noted time.Time
	rev   int64
}

// stamp notes that all is as it was.
func (s *Store) stamp(c calm) error {
	f, err := os.OpenFile(filepath.Join(s.o.Dir, syncedFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		var b []byte
		for _, n := range []int64{micros(c.noted), c.rev, micros(s.o.Now())} {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
		_, err = f.WriteAt(b, 0)
		err = errors.Join(err, f.Close())
	}
	return wrap("keep the time of the sync", err)
}

// lastSync is the end of the last complete pull, by the file where that is about this cache.
func (s *Store) lastSync(c calm) time.Time {
	b, err := os.ReadFile(filepath.Join(s.o.Dir, syncedFile))
	if err != nil || len(b) != 24 {
		return c.noted
	}
	number := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[8*i:])) }
	if number(0) != micros(c.noted) || number(1) > c.rev {
		return c.noted
	}
	return moment(number(2))
}

// stamped is when the file was last written, for whoever waits for news.
func (s *Store) stamped() time.Time {
	info, err := os.Stat(filepath.Join(s.o.Dir, syncedFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
