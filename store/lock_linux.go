package store

import (
	"os"
	"strconv"
	"syscall"
)

// inodeOf names a file as /proc/locks does.
func inodeOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "-"
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "-"
	}
	return strconv.FormatUint(st.Ino, 10)
}
