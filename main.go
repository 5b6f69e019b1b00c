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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
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
