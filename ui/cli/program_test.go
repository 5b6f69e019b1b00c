package cli_test

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"kindling/ui/cli"
)

// terminal is a person at the program: a pty, and the screen that its bytes draw.
type terminal struct {
	t      *testing.T
	keys   *os.File
	screen *vt.SafeEmulator
	cmd    *exec.Cmd
	drawn  chan struct{} // holds one when the screen was drawn on since sees looked
}

// Write is what the program draws.
func (x *terminal) Write(p []byte) (int, error) {
	n, err := x.screen.Write(p)
	select {
	case x.drawn <- struct{}{}:
	default:
	}
	return n, err
}

func openTerminal(t *testing.T, env []string, args ...string) *terminal {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SKIP: this test drives a Unix pseudo-terminal; run it on Linux or macOS")
	}
	cmd := exec.Command(buildProgram(t), args...)
	cmd.Env = append(env, "TERM=xterm-256color", "PATH="+os.Getenv("PATH"), "TZ=UTC")
	keys, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t, keys, vt.NewSafeEmulator(80, 24), cmd, make(chan struct{}, 1)}
	go func() { _, _ = io.Copy(x, keys) }()
	go func() { _, _ = io.Copy(keys, x.screen) }() // what the terminal answers to questions
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = keys.Close() })
	return x
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := x.keys.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// sees waits until the screen matches.
func (x *terminal) sees(pattern string) {
	x.t.Helper()
	want, hangs := regexp.MustCompile("(?m)"+pattern), time.After(cli.Patience)
	for {
		screen := ansi.Strip(x.screen.Render())
		if want.MatchString(screen) {
			return
		}
		select {
		case <-x.drawn:
		case <-hangs:
			x.t.Fatalf("the screen never showed %q:\n%s", pattern, screen)
		}
	}
}

// From nothing to an edited todo, as a person does it: the demo where no browser
// can be shown, Alice chosen in the terminal, a todo added, edited and completed,
// and all of it there again after a restart.
func TestTerminal(t *testing.T) {
	env := []string{"HOME=" + t.TempDir()}
	x := openTerminal(t, env, "demo")
	x.sees("1  Alice")
	x.press("1")
	x.sees(`alice@example\.com`)
	x.sees(`Renew the passport`)
	x.press("a")
	x.sees("^add")
	x.press("call the plumber due:tomorrow\r")
	x.sees(`\[ \] call the plumber +tomorrow`)
	x.press("e")
	x.sees("^Edit")
	x.press(" +home\r")
	x.sees(`\[ \] call the plumber \+home +tomorrow`)
	x.press(" ")
	x.sees(`\[x\] call the plumber \+home`)
	x.sees(`synced`)
	x.press("q")
	if err := x.cmd.Wait(); err != nil {
		t.Fatalf("quitting: %v", err)
	}
	again := openTerminal(t, env, "demo")
	again.sees(`\[x\] call the plumber \+home`)
	again.sees(`alice@example\.com`)
	again.press("I") // and Bob tries to reach it
	again.sees(`Bob's list`)
	again.sees(`sourdough`)
	again.press("\r")
	again.sees(`as if it did not exist`)
	again.press("\x1b") // from the try
	again.sees(`todo · esc back`)
	again.press("r") // every attack, those of a third one and of a token that ended among them
	again.sees(`no leak, \d+ safe, 2 known, 3 untested`)
	again.press("\x1b")
	again.sees(`todo · esc back`)
	again.press("\x1b")
	again.sees(`open, \d+ done`)
	again.press("A") // and to be Bob is a key
	again.sees(`Accounts`)
	again.press("2")
	again.sees(`bob@example\.com.*synced`)
	again.sees(`\[ \].*sourdough`)
	again.press("q")
	if err := again.cmd.Wait(); err != nil {
		t.Fatalf("quitting: %v", err)
	}
}

// A terminal window that is closed ends the program, and does not kill it: what is
// on its way to the disk or the keyring arrives there.
func TestAClosedTerminalEndsTheProgram(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGHUP) // where the tests run under nohup, the program would inherit its deafness
	defer signal.Stop(heard)
	ends := func(x *terminal) {
		t.Helper()
		x.sees("1  Alice")
		if err := x.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if err := x.cmd.Wait(); x.cmd.ProcessState.ExitCode() < 0 {
			t.Errorf("it was killed: %v", err)
		}
	}
	ends(openTerminal(t, []string{"HOME=" + t.TempDir()}, "demo"))

	// The demo that the welcome starts hears it from the welcome, which waits for it.
	x := openTerminal(t, []string{"HOME=" + t.TempDir()})
	x.sees("Welcome to Kindling")
	x.press("\r")
	ends(x)
}
