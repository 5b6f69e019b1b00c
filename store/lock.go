package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// The files of an account's directory. Lock files are never unlinked: a lock on
// a file that another process made anew would lock nothing.
const (
	cacheFile = "cache.db"
	useLock   = "use.lock"  // shared by every process that has the account open
	syncLock  = "sync.lock" // held by the one that syncs
)

// Lock is the sole use of an account's directory: it is given only while nobody has
// the account open, and while it is held nobody can open it.
type Lock struct {
	dir  string
	file *flock.Flock
}

// LockDir takes the sole use of an account's directory, or returns ErrInUse
// (with the processes that use it, where the system tells) at once.
func LockDir(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock account: %w", err)
	}
	file := flock.New(filepath.Join(dir, useLock), flock.SetPermissions(0o600))
	held, err := file.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock account: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("lock account: %w%s", ErrInUse, Holders(file.Path()))
	}
	return &Lock{dir: dir, file: file}, nil
}

// Status reads the state of the locked cache, with the changes that Destroy would
// lose. A cache that o's key does not open is left as it is, and is an error.
func (l *Lock) Status(ctx context.Context, o Options) (st Status, err error) {
	o.Dir = l.dir
	if o, err = o.checked(); err != nil {
		return st, fmt.Errorf("count unsent changes: %w", err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, cacheFile)); errors.Is(err, fs.ErrNotExist) {
		return st, nil
	}
	s := &Store{o: o}
	if err := s.openOnce(ctx); err != nil {
		return st, fmt.Errorf("count unsent changes: %w", err)
	}
	st, err = s.Status(ctx)
	return st, errors.Join(err, s.db.close())
}

// Destroy deletes all that the directory holds but its locks: the cache, the outbox
// in it, every cache that was set aside, and what others keep beside them.
func (l *Lock) Destroy() error {
	entries, err := os.ReadDir(l.dir)
	for _, e := range entries {
		if e.Name() != useLock && e.Name() != syncLock {
			err = errors.Join(err, os.RemoveAll(filepath.Join(l.dir, e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("delete cache: %w", err)
	}
	return nil
}

// Unlock releases the directory.
func (l *Lock) Unlock() error { return l.file.Close() }

// share takes part in the use of an account's directory.
func share(dir string) (*flock.Flock, error) {
	file := flock.New(filepath.Join(dir, useLock), flock.SetPermissions(0o600))
	held, err := file.TryRLock()
	if err != nil {
		return nil, fmt.Errorf("lock account: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("lock account: %w, to sign it out%s", ErrInUse, Holders(file.Path()))
	}
	return file, nil
}

// lockSync makes this process the one that syncs; with wait it waits its turn.
func (s *Store) lockSync(ctx context.Context, wait bool) (*flock.Flock, error) {
	file := flock.New(filepath.Join(s.o.Dir, syncLock), flock.SetPermissions(0o600))
	held, err := file.TryLock()
	if err == nil && !held && wait {
		held, err = file.TryLockContext(ctx, 20*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("lock sync: %w", err)
	}
	if !held {
		return nil, ErrBusy
	}
	return file, nil
}

// Holders names the processes that hold a lock on path, as Linux tells them, after a
// colon; elsewhere it is empty.
func Holders(path string) string {
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	inode := ":" + inodeOf(path)
	var names []string
	for line := range strings.Lines(string(locks)) {
		f := strings.Fields(line)
		if len(f) > 5 && f[1] == "FLOCK" && strings.HasSuffix(f[5], inode) {
			names = append(names, "process "+f[4])
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}
