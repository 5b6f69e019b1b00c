package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockPoll = 10 * time.Millisecond // how often a lock that another process holds is tried
	// lockPatience is longer than anybody keeps one who is not stopped: two requests
	// and a keyring that waits for a person.
	lockPatience = time.Minute
)

var errHeld = errors.New("it keeps what this one needs: end it, or let it go on where it was stopped")

// writeFile replaces a file in one step, so that a crash leaves the old or the new.
func writeFile(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	syncDir(dir)
	return nil
}

// syncDir makes a rename outlive a power cut, where the system knows how: a
// refresh token that came back from the dead would be taken for a stolen one.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// lockFile takes a lock that every process of this computer respects. The file
// stays: removing it would let two processes lock two files of one name.
func lockFile(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, lockPatience, errHeld)
	defer cancel()
	l := flock.New(path, flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("wait for another Kindling: %w", cmp.Or(context.Cause(ctx), err))
	}
	return func() { _ = l.Close() }, nil
}
