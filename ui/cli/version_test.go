package cli

import (
	"runtime/debug"
	"testing"
)

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
