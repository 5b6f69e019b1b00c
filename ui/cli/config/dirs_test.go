package config

import (
	"path/filepath"
	"testing"
)

func TestDefaultBase(t *testing.T) {
	getenv := func(name string) string {
		return map[string]string{"HOME": "/home/me", "LOCALAPPDATA": "/local"}[name]
	}
	nothing := func(string) string { return "" }
	for _, x := range []struct {
		goos   string
		getenv func(string) string
		want   string
	}{
		{"linux", getenv, filepath.Join("/home/me", ".config")},
		{"darwin", getenv, filepath.Join("/home/me", ".config")},
		{"windows", getenv, "/local"},
		{"linux", nothing, ""},
		{"windows", nothing, ""},
	} {
		if got := defaultBase(x.goos, ".config", x.getenv); got != x.want {
			t.Errorf("%s: %q, want %q", x.goos, got, x.want)
		}
	}
}
