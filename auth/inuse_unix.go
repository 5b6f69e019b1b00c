//go:build !windows

package auth

import (
	"errors"
	"syscall"
)

func inUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE)
}
