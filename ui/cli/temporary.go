package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// temporary is a directory that ends with what made it: a run whose vault is memory, or
// an editor. A lock in it says that this lives.
type temporary struct {
	dir string
	use *flock.Flock
}

const memoryRuns, temporaryUse = "kindling-memory-*", "run.lock"

// newTemporary makes one whose name is after a pattern, and deletes those that killed runs left.
func newTemporary(parent, names string) (*temporary, error) {
	if err := sweepTemporary(parent, names); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for a while: %w", err)
	}
	dir, err := os.MkdirTemp(parent, names) // 0700
	if err != nil {
		return nil, fmt.Errorf("make a directory for a while: %w", err)
	}
	t := &temporary{dir, flock.New(filepath.Join(dir, temporaryUse), flock.SetPermissions(0o600))}
	if _, err := t.use.TryLock(); err != nil {
		return nil, errors.Join(fmt.Errorf("lock a directory for a while: %w", err), t.remove())
	}
	return t, nil
}

func (t *temporary) remove() error {
	return errors.Join(t.use.Close(), os.RemoveAll(t.dir))
}

// sweepTemporary deletes the directories of runs that ended without doing so, and
// leaves those of others, which it may not lock.
func sweepTemporary(parent, names string) error {
	uses, err := fs.Glob(os.DirFS(parent), names+"/"+temporaryUse)
	for _, name := range uses {
		path := filepath.Join(parent, filepath.FromSlash(name))
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
