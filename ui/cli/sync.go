package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"kindling/store"
)

func newSyncCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "sync",
		Short: "Send what waits and fetch what changed, now",
		Args:  noWords,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.sync(cmd.Context()) },
	}
}

// syncJSON is what a sync did.
type syncJSON struct {
	Sent      int `json:"sent"`
	Pulled    int `json:"pulled"`
	Gone      int `json:"gone"`
	Waiting   int `json:"waiting"`
	Conflicts int `json:"conflicts"`
	Parked    int `json:"parked"`
}

func (a *app) sync(ctx context.Context) error {
	if a.flags.sync == "no" {
		return usagef("kindling sync with --sync=no would do nothing")
	}
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	r, err := a.syncNow(ctx, todos, store.SyncOptions{Wait: true})
	if err != nil {
		return a.waitingError(ctx, todos, err)
	}
	if !a.forPeople() {
		err = a.printValue(syncJSON{r.Sent, r.Pulled, r.Gone, r.Waiting, r.Conflicts, r.Parked})
	} else {
		a.note("%s", syncText(r))
	}
	if err != nil {
		return err
	}
	return syncOutcome(r)
}

// syncNow runs one sync, which tells how far it is unless it is a short try.
func (a *app) syncNow(ctx context.Context, todos *store.Store, o store.SyncOptions) (store.Report, error) {
	if o.Wait {
		o.Progress = a.progress()
	}
	r, err := todos.Sync(ctx, o)
	a.wipeProgress()
	a.logSync(err)
	return r, err
}

// waitingError adds to a failed sync, after what to do, how much waits for the next one.
func (a *app) waitingError(ctx context.Context, todos *store.Store, cause error) error {
	s, err := todos.Status(context.WithoutCancel(ctx))
	if err != nil || s.Waiting == 0 {
		return cause
	}
	return fmt.Errorf("%w%s; %s waiting", cause, nextStep(cause), count(s.Waiting, "change"))
}

func syncText(r store.Report) string {
	if r == (store.Report{}) {
		return "up to date: nothing to send, nothing new"
	}
	text := fmt.Sprintf("sent %d, fetched %d", r.Sent, r.Pulled)
	for _, part := range []struct {
		n    int
		word string
	}{{r.Gone, "gone"}, {r.Waiting, "waiting"}, {r.Conflicts, "in conflict"}, {r.Parked, "refused"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.word)
		}
	}
	return text
}

func syncOutcome(r store.Report) error {
	switch {
	case r.Conflicts > 0:
		return coded{error: fmt.Errorf("%s to decide: run kindling conflicts", count(r.Conflicts, "conflict")), code: exitConflict}
	case r.Parked > 0:
		return fmt.Errorf("the project refused %s: kindling parked says why", count(r.Parked, "change"))
	case r.Waiting > 0:
		return errors.New(count(r.Waiting, "change") + " still waiting: the outcome of a try is unknown; sync again in a minute")
	}
	return nil
}

// progress tells a person how far something long is, on one line that is rewritten.
func (a *app) progress() func(store.Progress) {
	if !isTerminal(a.Stderr) {
		return nil
	}
	return func(p store.Progress) {
		of := ""
		if p.Total > 0 {
			of = fmt.Sprintf(" of %d", p.Total)
		}
		a.progressing.Store(true)
		_, _ = fmt.Fprintf(a.Stderr, "\r%s %d%s…\x1b[K\r", p.Phase, p.Done, of)
	}
}

// wipeProgress takes progress's line away, if there is one: what follows may be shorter, or nothing.
func (a *app) wipeProgress() {
	if a.progressing.Swap(false) {
		_, _ = io.WriteString(a.Stderr, "\x1b[K")
	}
}
