//go:build unix

package ui

import (
	"context"
	"testing"
	"time"

	"kindling/assets"
)

// TestTheTerminalsAnswerIsHeard runs the program in a terminal that tells mode 2027
// late: a family is drawn as its members first, then as one.
func TestTheTerminalsAnswerIsHeard(t *testing.T) {
	const family = "👩\u200d👩\u200d👧"
	countAs(t, true)
	x := newTerminal(t, 80, 24)
	o := Options{Backend: newFakeBackend(t, family+" visit"), Themes: assets.Themes(), Settings: DefaultSettings(), Now: func() time.Time { return fakeNow },
		Location: time.UTC, Env: []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/9"}} // so that nothing is asked
	ended := make(chan error, 1)
	go func() {
		_, err := Run(context.Background(), o, x.tty, x.tty)
		ended <- err
	}()
	x.shows("[ ] 👩👩👧 visit")
	x.keys("\x1b[?2027;2$y")
	x.shows("[ ] " + family + " visit")
	x.keys("q")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
