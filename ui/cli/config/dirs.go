package config

import (
	"errors"
	"path/filepath"
	"runtime"
)

// findDirs reads the directories from the given environment alone: the process
// environment is not asked, so that a test can never touch a real home.
func (c *Config) findDirs(getenv func(string) string) error {
	for _, d := range []struct {
		name, unix string
		at         *string
	}{
		{"XDG_CONFIG_HOME", ".config", &c.ConfigDir},
		{"XDG_DATA_HOME", filepath.Join(".local", "share"), &c.DataDir},
		{"XDG_STATE_HOME", filepath.Join(".local", "state"), &c.StateDir},
	} {
		base := getenv(d.name)
		if !filepath.IsAbs(base) {
			base = defaultBase(runtime.GOOS, d.unix, getenv)
		}
		if base == "" {
			return errors.New("no home directory: set HOME, or XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_STATE_HOME")
		}
		*d.at = filepath.Join(base, "kindling")
	}
	return nil
}

// defaultBase is where programs of a terminal keep their files: on macOS that is
// the same as on Linux.
func defaultBase(goos, unix string, getenv func(string) string) string {
	home := getenv("HOME")
	switch {
	case goos == "windows":
		return getenv("LOCALAPPDATA")
	case home == "":
		return ""
	}
	return filepath.Join(home, unix)
}
