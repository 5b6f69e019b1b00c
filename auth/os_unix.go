//go:build !windows

package auth

import (
	"errors"
	"os"
	"syscall"
)

// inUse reports that a port is taken.
func inUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// rename replaces a file in one step.
func rename(from, to string) error { return os.Rename(from, to) }
