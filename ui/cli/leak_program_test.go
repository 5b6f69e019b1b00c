package cli_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"kindling/ui/cli"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

func (l *life) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(l.Context(), cli.Patience)
	l.Cleanup(cancel)
	c := exec.CommandContext(ctx, l.program, args...)
	c.Env, c.Dir = l.env, l.dir
	return c
}

// run runs a command to its end, whatever that is.
func (l *life) run(args ...string) string {
	l.Helper()
	out, err := l.command(args...).CombinedOutput()
	l.say(strings.Join(args, " "), string(out), fmt.Sprint(err))
	l.readFiles()
	return string(out)
}

// works runs a command that must do what it is asked.
func (l *life) works(args ...string) string {
	l.Helper()
	c := l.command(args...)
	out, err := c.CombinedOutput()
	l.say(string(out))
	l.readFiles()
	if err != nil {
		l.Fatalf("kindling %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// session is a program that runs while the test acts.
type session struct {
	*life
	cmd  *exec.Cmd
	keys *os.File // of a terminal, which shows nothing that is typed
	out  cli.Transcript
	read chan struct{} // closed at the end of what it writes
}

// start runs a command beside the test, on pipes.
func (l *life) start(args ...string) *session {
	s := &session{life: l, cmd: l.command(args...), read: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.out
	l.must(s.cmd.Start())
	close(s.read)
	return s
}

// onTerminal runs a command on a terminal of its own.
func (l *life) onTerminal(args ...string) *session {
	s := &session{life: l, cmd: l.command(args...), read: make(chan struct{})}
	keys, tty, err := pty.Open()
	l.must(err)
	_, err = term.MakeRaw(tty.Fd())
	l.must(err)
	l.must(pty.Setsize(keys, &pty.Winsize{Rows: 24, Cols: 100}))
	s.keys = keys
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	l.must(s.cmd.Start())
	_ = tty.Close()
	go func() { defer close(s.read); _, _ = io.Copy(&s.out, keys) }()
	return s
}

// sees waits for what the program writes, and returns its last group.
func (s *session) sees(pattern string) string {
	s.Helper()
	return s.out.Await(s, pattern)
}

func (s *session) types(text string) {
	_, err := s.keys.WriteString(text)
	s.must(err)
}

// ends waits until it has ended well.
func (s *session) ends() {
	s.Helper()
	err := s.cmd.Wait()
	<-s.read
	if s.keys != nil {
		_ = s.keys.Close()
	}
	s.say(s.out.String())
	s.readFiles()
	if err != nil {
		s.Fatalf("%v: %v\n%s", s.cmd.Args[1:], err, s.out.String())
	}
}
