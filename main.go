// Kindling is a terminal todo client for Kinde and InsForge.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli"
)

// Set by the linker for a release.
var version, commit, date string

func main() {
	ctx, _ := signal.NotifyContext(context.Background(), endings()...) // until the process ends
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}

// endings are the signals that end the program in order: what is on its way is kept
// first. A terminal that closes sends one of them too, unless nohup keeps it away.
func endings() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	return cli.Run(ctx, cli.Process{
		Args: args, Getenv: getenv, Environ: os.Environ(),
		Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Build:   cli.Build{Version: version, Commit: commit, Date: date},
		Connect: connect,
	})
}

// connect is the one place where sign-in and todos meet: a session gives the
// store its tokens, and neither knows the other.
func connect(s *auth.Session) store.TokenSource { return s }
