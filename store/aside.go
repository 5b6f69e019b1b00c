package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

const asideMark = ".aside-"

// setAside renames a cache that cannot be read, with its log, and
// returns the new path. It needs the directory alone: another process may hold
// the right key.
func setAside(dir string, use *flock.Flock, when string) (string, error) {
	alone, err := use.TryLock()
	if err != nil {
		return "", fmt.Errorf("set cache aside: %w", err)
	}
	if !alone {
		return "", fmt.Errorf("set cache aside: it cannot be read, and %w%s", ErrInUse, Holders(use.Path()))
	}
	from := filepath.Join(dir, cacheFile)
	to := from + asideMark + when
	for _, suffix := range []string{"", "-wal", "-shm", damageMark} {
		if err := os.Rename(from+suffix, to+suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("set cache aside: %w", err)
		}
	}
	// A held exclusive lock would make TryRLock answer yes without a change.
	if err := use.Unlock(); err != nil {
		return "", fmt.Errorf("set cache aside: %w", err)
	}
	if shared, err := use.TryRLock(); err != nil || !shared {
		return "", fmt.Errorf("set cache aside: %w", errors.Join(ErrInUse, err))
	}
	return to, nil
}
