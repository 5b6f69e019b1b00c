package cli

import (
	"runtime/debug"
	"strings"
	"testing"
)

// No command is made where none can be named; help, in any spelling, lists them all.
func TestNeedsCommands(t *testing.T) {
	for line, want := range map[string]bool{
		"": false, "--version": false, "-v": false, "--json --version": false, "--sync=no": false, "--accessible": false,
		"ls": true, "--json ls": true, "--account bob": true, "-- ls": true,
		"-h": true, "-vh": true, "--help": true, "--help=true --json": true, "help": true, "__complete": true,
	} {
		if got := needsCommands(strings.Fields(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

// What the linker was told wins; what go build stamps fills the rest.
func TestBuildFacts(t *testing.T) {
	stamped := &debug.BuildInfo{
		Main: debug.Module{Version: "v0.0.0-20261123+dirty"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "3a988dd0339f"}, {Key: "vcs.time", Value: "2026-11-23T17:52:42Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	bare := &debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}
	for _, x := range []struct {
		told Build
		info *debug.BuildInfo
		want Build
	}{
		{Build{}, stamped, Build{"v0.0.0-20261123+dirty", "3a988dd", "2026-11-23"}},
		{Build{"1.2.3", "abc", "2026-01-02T03:04:05Z"}, stamped, Build{"1.2.3", "abc", "2026-01-02"}},
		{Build{}, bare, Build{}},
	} {
		if got := x.told.or(x.info); got != x.want {
			t.Errorf("%+v: got %+v, want %+v", x.told, got, x.want)
		}
	}
}
