package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// temporary is the data directory of a run whose vault is memory: it ends with the
// run. A lock in it says that the run lives.
type temporary struct {
	dir string
	use *flock.Flock
}

const temporaryNames, temporaryUse = "kindling-memory-*", "run.lock"

// newTemporary makes one, and deletes those that killed runs left.
func newTemporary() (*temporary, error) {
	if err := sweepTemporary(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", temporaryNames) // 0700
	if err != nil {
		return nil, fmt.Errorf("make a directory for this run: %w", err)
	}
	t := &temporary{dir, flock.New(filepath.Join(dir, temporaryUse), flock.SetPermissions(0o600))}
	if _, err := t.use.TryLock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock a directory for this run: %w", err), t.remove())
	}
	return t, nil
}

func (t *temporary) remove() error {
	return errors.Join(t.use.Close(), os.RemoveAll(t.dir))
}

// sweepTemporary deletes the directories of runs that ended without doing so, and
// leaves those of others, which it may not lock.
func sweepTemporary() error {
	uses, err := filepath.Glob(filepath.Join(os.TempDir(), temporaryNames, temporaryUse))
	for _, path := range uses {
		t := temporary{filepath.Dir(path), flock.New(path)}
		if held, e := t.use.TryLock(); e == nil && held {
			err = errors.Join(err, t.remove())
		}
	}
	if err != nil {
		return fmt.Errorf("delete what an ended run left: %w", err)
	}
	return nil
}
