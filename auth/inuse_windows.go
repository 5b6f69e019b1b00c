package auth

import (
	"errors"
	"syscall"
)

// What Windows says about a port that is taken, or reserved for somebody.
const (
	wsaeacces     = syscall.Errno(10013)
	wsaeaddrinuse = syscall.Errno(10048)
)

func inUse(err error) bool {
	return errors.Is(err, wsaeaddrinuse) || errors.Is(err, wsaeacces)
}
