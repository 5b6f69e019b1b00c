package cli

import (
	"bytes"
	"io"
	"runtime/debug"
	"strings"
	"testing"
)

// The short way to the version says what the commands' own way does.
func TestVersionIsOneText(t *testing.T) {
	said := func(args ...string) string {
		var out bytes.Buffer
		p := Process{Args: args, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: io.Discard,
			Build: Build{"1.2.3", "abc", "2026-01-02"}}
		if code := Run(t.Context(), p); code != exitDone {
			t.Fatalf("%v: exit %d", args, code)
		}
		return out.String()
	}
	if short, long := said("--version"), said("--json=false", "--version"); short != long || !strings.Contains(short, "1.2.3 (abc, 2026-01-02") {
		t.Errorf("--version says %q, by the root command %q", short, long)
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
