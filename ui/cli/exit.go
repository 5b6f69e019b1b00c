package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
)

// The exit codes that scripts rely on.
const (
	exitDone     = 0
	exitError    = 1
	exitUsage    = 2
	exitSignIn   = 3
	exitNotFound = 4
	exitConflict = 5
)

// usageError is a command that was typed wrong.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// atLeastOne are the arguments of a command that needs some; hint says which.
func atLeastOne(hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s", hint)
		}
		return nil
	}
}

// noWords are the arguments of a command that takes none.
func noWords(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasAvailableSubCommands() {
		return noCommand(c, args)
	}
	return usagef("%s takes no words: %q is too much", c.CommandPath(), args[0])
}

func atMostOne(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return justOne("")(c, args)
}

// justOne is the argument of a command that takes one; hint says which.
func justOne(hint string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usagef("%s takes one: %q is too much", c.CommandPath(), args[1])
		}
		return atLeastOne(hint)(c, args)
	}
}

// coded is an error whose exit code no sentinel gives.
type coded struct {
	error
	code int
}

func notFoundf(format string, args ...any) error {
	return coded{error: fmt.Errorf(format, args...), code: exitNotFound}
}

func signInf(format string, args ...any) error {
	return coded{error: fmt.Errorf(format, args...), code: exitSignIn}
}

// exitCode is the one place where an error becomes an exit code.
func exitCode(err error) int {
	var usage usageError
	var c coded
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, store.ErrNotFound):
		return exitNotFound
	case needsSignIn(err):
		return exitSignIn
	}
	return exitError
}

// needsSignIn reports an error that a new sign-in, or an unlocked keyring, cures.
func needsSignIn(err error) bool {
	var s interface{ SignInRequired() bool }
	if errors.As(err, &s) && s.SignInRequired() {
		return true
	}
	for _, target := range []error{store.ErrSignIn, auth.ErrNoAccount, auth.ErrLocked, auth.ErrNoKeyring} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// nextStep says what to do about an error, where its own text does not.
func nextStep(err error) string {
	_, answered := errors.AsType[*store.APIError](err)
	switch {
	case strings.Contains(err.Error(), "kindling "):
		return ""
	case answered && errors.Is(err, store.ErrOffline):
		return ": it has trouble of its own; run kindling sync later"
	}
	for _, known := range []struct {
		err  error
		step string
	}{
		{store.ErrRefused, "run kindling doctor"},
		{store.ErrNoToken, "run kindling doctor"},
		{store.ErrNoTable, "apply what kindling schema prints"},
		{store.ErrForeign, "run kindling isolation"},
		{store.ErrSignIn, "run kindling login"},
		{store.ErrOffline, "check the network, then run kindling sync"},
		{store.ErrTitle, "correct it, and try again"},
	} {
		if errors.Is(err, known.err) {
			return ": " + known.step
		}
	}
	if answered {
		return ": run kindling doctor"
	}
	return ""
}
