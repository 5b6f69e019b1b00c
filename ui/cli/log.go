package cli

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

// logLimit is the size at which the log starts anew, keeping one old file.
const logLimit = 5 << 20

// openLog opens the log that KINDLING_LOG asks for. It holds what happened and
// of what kind: never a title, a token or the text of an error, which may
// repeat either.
func (a *app) openLog(c config.Config) error {
	if c.Log == "" {
		return nil
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return usagef("KINDLING_LOG is %q: use debug, info, warn or error", c.Log)
	}
	if err := os.MkdirAll(c.StateDir, 0o700); err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	path := filepath.Join(c.StateDir, "kindling.log")
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		_ = os.Rename(path, path+".1") // two processes may race for it: one wins
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	a.logFile = f
	a.log = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: level})).With("pid", os.Getpid())
	a.log.Info("started", "version", cmp.Or(a.Build.Version, "source"))
	return nil
}

func (a *app) logEnd(err error) {
	if err != nil {
		a.log.Error("failed", "kind", errorKind(err), "exit", exitCode(err))
		return
	}
	a.log.Info("done")
}

func (a *app) logSync(err error) {
	if err != nil {
		a.log.Warn("sync", "kind", errorKind(err))
		return
	}
	a.log.Info("sync done")
}

// errorKind is an error without its text.
func errorKind(err error) string {
	var api *store.APIError
	if errors.As(err, &api) {
		return fmt.Sprintf("answer %d %s", api.Status, api.Code)
	}
	for _, known := range []error{
		store.ErrOffline, store.ErrSignIn, store.ErrNoToken, store.ErrRefused, store.ErrNoTable, store.ErrForeign, store.ErrBusy,
		store.ErrInUse, store.ErrNewer, store.ErrNotFound, store.ErrTitle, store.ErrNothing,
		auth.ErrCancelled, auth.ErrTimeout, auth.ErrDenied, auth.ErrPortTaken, auth.ErrNoAccount, auth.ErrOther,
		auth.ErrLocked, auth.ErrNoKeyring, auth.ErrRejected, auth.ErrNoEntry,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("%T", err)
}
