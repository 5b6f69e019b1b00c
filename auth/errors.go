package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Errors a caller branches on. Those that a new sign-in would cure also have
// SignInRequired() bool, which is how the store knows them. What reaches a
// person wraps one of these in a line of its own that names the next step.
var (
	ErrCancelled = errors.New("sign-in was cancelled")
	ErrTimeout   = errors.New("nobody finished the sign-in in time")
	ErrDenied    = errors.New("the sign-in was refused")
	ErrLinkStale = errors.New("the e-mail link expired")
	ErrPortTaken = errors.New("the callback port is taken")
	ErrState     = errors.New("this address is not from this sign-in")
	ErrNoAccount = errors.New("no such account")
	ErrOther     = errors.New("another account is kept under that name")
	ErrLocked    = errors.New("the keyring is locked")
	ErrNoKeyring = errors.New("no keyring answers")
	ErrNoBrowser = errors.New("no browser can be shown here")

	// ErrNoEntry means that a vault holds nothing under a name.
	ErrNoEntry = errors.New("no such vault entry")

	// ErrRejected is a Minter's definite no to a Kinde token.
	ErrRejected = errors.New("the companion refuses the Kinde token")
)

// problem is one line for a person that is also one of the errors above.
type problem struct {
	text string
	kind error
}

func (p *problem) Error() string { return p.text }
func (p *problem) Unwrap() error { return p.kind }

func problemf(kind error, format string, args ...any) error {
	return &problem{fmt.Sprintf(format, args...), kind}
}

// deadSession is an error that a new sign-in cures.
type deadSession struct{ error }

func (d deadSession) Unwrap() error        { return d.error }
func (d deadSession) SignInRequired() bool { return true }

func signInAgain(reason string) error {
	return deadSession{fmt.Errorf("%s: sign in again with `kindling login`", reason)}
}

// cancelled names what a person did where the context only says that it is over.
func cancelled(err error) error {
	if errors.Is(err, context.Canceled) {
		return ErrCancelled
	}
	return err
}

// transient is a failure that says nothing about the session: no answer, an
// answer that cannot be read, 5xx or 429.
type transient struct {
	error
	after time.Duration
}

func (t *transient) Unwrap() error { return t.error }

// RetryAfter is how long the server asked to be left alone; 0 when it did not.
func (t *transient) RetryAfter() time.Duration { return t.after }

// Temporary reports true: the same call may work later.
func (t *transient) Temporary() bool { return true }

func isTransient(err error) bool {
	_, ok := errors.AsType[*transient](err)
	return ok
}

// plain makes text from outside fit for one line of a terminal: no control or
// formatting characters, and not long.
func plain(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}
