package ui

import (
	"runtime/debug"
	"testing"
)

// The collector's goal is ours only where the person has set none.
func TestGOGCOfTheEnvironmentStands(t *testing.T) {
	was := debug.SetGCPercent(300)
	t.Cleanup(func() { debug.SetGCPercent(was) })
	for _, c := range []struct {
		env  []string
		want int
	}{
		{[]string{"GOGC=300"}, 300},
		{[]string{"GOGC=off"}, 300},
		{[]string{"GOMEMLIMIT=64MiB"}, 50},
		{nil, 50},
	} {
		debug.SetGCPercent(300) // as the runtime read it from the environment
		collectOften(c.env)
		if got := debug.SetGCPercent(300); got != c.want {
			t.Errorf("with %q the collector's goal is %d, want %d", c.env, got, c.want)
		}
	}
}
