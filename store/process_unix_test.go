//go:build linux || darwin

package store

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// limitFiles lets no file of this process grow past size bytes.
func limitFiles(t *testing.T, size uint64) bool {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ) // or the system would end the process
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
		t.Fatal(err)
	}
	return true
}

// dropRights makes the superuser an ordinary one, whom file modes bind.
func dropRights(t *testing.T) {
	t.Helper()
	if os.Getuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			t.Fatal(err)
		}
	}
}
