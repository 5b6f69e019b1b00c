package config

import (
	"runtime"
	"strings"
	"testing"
)

// A directory that cannot be written, even by root, is told by the file's own name.
func TestWriteNamesTheFileThatCannotBeSaved(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIP: /proc, which nobody can write, is Linux's")
	}
	err := Write("/proc/config.toml", []Entry{{Key: "keyring", Value: "file"}})
	if err == nil || !strings.HasPrefix(err.Error(), "save /proc/config.toml: ") || strings.Contains(err.Error(), ".config-") {
		t.Errorf("%v", err)
	}
}
