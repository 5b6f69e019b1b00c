package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// text is the build as --version tells it: version, commit, day, and what it runs on.
func (b Build) text() string {
	b = b.orEmbedded()
	facts := []string{}
	for _, fact := range []string{b.Commit, b.Date, runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH} {
		if fact != "" {
			facts = append(facts, fact)
		}
	}
	return fmt.Sprintf("%s (%s)", cmp.Or(b.Version, "unreleased"), strings.Join(facts, ", "))
}

// orEmbedded fills in what go install and go build know.
func (b Build) orEmbedded() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return b.or(info)
}

// or takes from info what the linker was not told; a date is its day.
func (b Build) or(info *debug.BuildInfo) Build {
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(b.Commit, s.Value[:min(7, len(s.Value))])
		case "vcs.time":
			b.Date = cmp.Or(b.Date, s.Value)
		}
	}
	b.Date = b.Date[:min(len(b.Date), len(time.DateOnly))]
	return b
}
