package auth

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// What Windows says about a port that is taken, or reserved for somebody.
const (
	wsaeacces     = syscall.Errno(10013)
	wsaeaddrinuse = syscall.Errno(10048)
)

// inUse reports that a port is taken.
func inUse(err error) bool {
	return errors.Is(err, wsaeaddrinuse) || errors.Is(err, wsaeacces)
}

// rename replaces a file in one step. Windows refuses that while another process
// reads the file, which is never for long.
func rename(from, to string) (err error) {
	const tries, between = 100, 10 * time.Millisecond
	for range tries {
		if err = os.Rename(from, to); !errors.Is(err, fs.ErrPermission) {
			return err
		}
		time.Sleep(between)
	}
	return err
}
