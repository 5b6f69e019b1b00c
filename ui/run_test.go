//go:build unix

package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"kindling/assets"
)

// terminal is a real pseudo-terminal with an emulator at its other end.
type terminal struct {
	t     *testing.T
	tty   *os.File
	ptmx  *os.File
	mu    sync.Mutex // guards the emulator's screen
	emu   *vt.Emulator
	drawn chan struct{} // holds one when the screen was drawn on since await looked
}

// Write is what the program draws.
func (x *terminal) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	n, err := x.emu.Write(p)
	select {
	case x.drawn <- struct{}{}:
	default:
	}
	return n, err
}

func (x *terminal) screen() (text string, alt bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.emu.String(), x.emu.IsAltScreen()
}

func newTerminal(t *testing.T, w, h int) *terminal {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		if os.Getenv("KINDLING_REQUIRE_REAL") == "1" {
			t.Fatalf("no pseudo-terminal here: %v", err)
		}
		t.Skipf("SKIPPED: no pseudo-terminal here (mount /dev/pts): %v", err)
	}
	if err := pty.Setsize(ptmx, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, tty: tty, ptmx: ptmx, emu: vt.NewEmulator(w, h), drawn: make(chan struct{}, 1)}
	go func() { _, _ = io.Copy(x, ptmx) }()
	go func() { _, _ = io.Copy(ptmx, x.emu) }() // what the terminal answers to questions
	t.Cleanup(func() { _, _ = ptmx.Close(), tty.Close() })
	return x
}

// await waits until the emulator's screen is as it should be; only a program that
// hangs takes it a minute.
func (x *terminal) await(what string, done func(screen string, alt bool) bool) {
	x.t.Helper()
	for hangs := time.After(time.Minute); ; {
		screen, alt := x.screen()
		if done(screen, alt) {
			return
		}
		select {
		case <-x.drawn:
		case <-hangs:
			x.t.Fatalf("the terminal never showed %s:\n%s", what, screen)
		}
	}
}

// shows waits until the emulator's screen holds every text.
func (x *terminal) shows(texts ...string) {
	x.t.Helper()
	x.await(fmt.Sprintf("%q", texts), func(screen string, _ bool) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
}

func (x *terminal) keys(text string) { _, _ = x.ptmx.WriteString(text) }

// TestRunInATerminal plays a whole run through a terminal: what the bytes draw is
// what the person sees, and the screen is theirs again afterwards.
func TestRunInATerminal(t *testing.T) {
	b := newFakeBackend(t, some...)
	b.alice().syncTakes = time.Hour
	x := newTerminal(t, 80, 24)
	type end struct {
		summary string
		err     error
	}
	ended := make(chan end, 1)
	o := Options{Backend: b, Themes: assets.Themes(), Settings: DefaultSettings(), Now: func() time.Time { return fakeNow },
		Location: time.UTC, Env: []string{"TERM=xterm-256color", "COLORTERM=truecolor"}}
	go func() {
		summary, err := Run(context.Background(), o, x.tty, x.tty)
		ended <- end{summary, err}
	}()
	x.shows("alice@example.com", "[ ] (A) Call the dentist @phone", "1 day late", "? help")
	if _, alt := x.screen(); !alt {
		t.Error("the program draws over the person's screen")
	}
	x.keys("jx")
	x.shows(`Completed "Buy milk`)
	x.shows("1 waiting") // the toast may have gone
	x.keys("aCall 日本 tomorrow\r")
	x.shows("[ ] Call 日本", "2 waiting")
	x.keys("\x1b[200~- one\n- two\n\x1b[201~")
	x.shows("Add 2 todos?", "[ ] one")
	x.keys("\rq")
	got := <-ended
	if got.err != nil || got.summary != "4 changes waiting" {
		t.Errorf("Run ended with %q, %v", got.summary, got.err)
	}
	x.await("the person's own screen again", func(_ string, alt bool) bool { return !alt })
}
