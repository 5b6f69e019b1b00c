package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
)

func newParkedCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "parked",
		Short: "List the changes that the project refused",
		Long: "List the changes that the project refused for good, each with its reason. They are kept here\n" +
			"until they are sent again (kindling parked retry) or given up (kindling parked discard).",
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.parked(cmd.Context()) },
	}
	c.AddCommand(
		a.newDecideCmd("retry", "Send refused changes again",
			"Send the refused changes of the named todos again, or all of them.\nIt exits 1 where the project refuses one again.", a.retryParked),
		a.newDecideCmd("discard", "Give refused changes up",
			"Give up the refused changes of the named todos, or all of them: what the project holds is\n"+
				"shown again. This cannot be taken back; what was given up is printed.", a.discardParked),
	)
	return c
}

// newDecideCmd is a command that decides about refused changes.
func (a *app) newDecideCmd(name, short, long string, decide func(context.Context, *store.Store, []store.Pending) error) *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use: name + " ID… | " + name + " --all", Short: short, Long: long,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usagef("say which: ids, as kindling parked shows them, or --all")
			}
			return a.decide(cmd.Context(), args, decide)
		},
		ValidArgsFunction: a.completeParked,
	}
	c.Flags().BoolVar(&all, "all", false, "all refused changes")
	return c
}

// parkedJSON is one change that the project refused.
type parkedJSON struct {
	ID     uuid.UUID `json:"id"`
	Change string    `json:"change"` // add, edit, done, reopen or delete
	Title  string    `json:"title"`
	Reason string    `json:"reason"`
}

func (a *app) parked(ctx context.Context) error {
	todos, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	all, err := todos.Parked(ctx)
	if err != nil {
		return err
	}
	a.noteNone(all)
	return a.printParked(ctx, todos, all)
}

func (a *app) noteNone(all []store.Pending) {
	if len(all) == 0 && a.forPeople() {
		a.note("no change was refused")
	}
}

func (a *app) printParked(ctx context.Context, todos *store.Store, all []store.Pending) error {
	if !a.forPeople() {
		out := make([]parkedJSON, 0, len(all))
		for _, p := range all {
			out = append(out, parkedJSON{p.Op.ID, changeOf(p.Op), titleOf(p.Op), p.Reason})
		}
		return a.printValue(out)
	}
	short, p := shortID(ctx, todos), a.palette()
	for _, one := range all {
		_, err := fmt.Fprintf(a.Stdout, "%s %s %s\n  %s\n",
			p.id(short(one.Op.ID)), changeOf(one.Op), printable(titleOf(one.Op)), p.faint(printable(one.Reason)))
		if err != nil {
			return err
		}
	}
	return nil
}

// changeOf names a change by the command that makes it.
func changeOf(op store.Op) string {
	switch {
	case op.Kind == store.Add:
		return "add"
	case op.Kind == store.Delete:
		return "delete"
	case op.Base.Title != op.Want.Title:
		return "edit"
	case op.Want.Done.Bool():
		return "done"
	}
	return "reopen"
}

// decide does what a person wants with the refused changes that args name, or with
// all of them.
func (a *app) decide(ctx context.Context, args []string, do func(context.Context, *store.Store, []store.Pending) error) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	all, err := todos.Parked(ctx)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		if all, err = a.findParked(ctx, todos, all, args); err != nil {
			return err
		}
	}
	a.noteNone(all)
	return do(ctx, todos, all)
}

// findParked finds the refused changes of the todos that args name. Such a todo
// need not be shown: its delete may be what was refused.
func (a *app) findParked(ctx context.Context, todos *store.Store, all []store.Pending, args []string) (found []store.Pending, err error) {
	prefixes, err := a.words(args)
	if err != nil {
		return nil, err
	}
	named := map[uuid.UUID]bool{}
	for _, line := range prefixes {
		prefix := idIn(line)
		ids := parkedIDs(all, prefix)
		switch {
		case len(ids) == 0:
			return nil, notFoundf("nothing that was refused has an id that begins with %q", prefix)
		case len(ids) > 1:
			return nil, notFoundf("%q is ambiguous, %s begin with it: %s", prefix, count(len(ids), "id"), joinIDs(ids))
		}
		named[ids[0]] = true
	}
	if len(named) == 0 {
		return nil, usagef("no todo is named: give an id, as kindling parked shows it")
	}
	return slices.DeleteFunc(all, func(p store.Pending) bool { return !named[p.Op.ID] }), nil
}

// parkedIDs lists once each id of refused changes that begins with prefix.
func parkedIDs(all []store.Pending, prefix string) (ids []uuid.UUID) {
	digits := strings.ToLower(strings.ReplaceAll(prefix, "-", ""))
	for _, p := range all {
		if strings.HasPrefix(strings.ReplaceAll(p.Op.ID.String(), "-", ""), digits) && !slices.Contains(ids, p.Op.ID) {
			ids = append(ids, p.Op.ID)
		}
	}
	return ids
}

func joinIDs(ids []uuid.UUID) string {
	var names []string
	for _, id := range ids[:min(len(ids), 5)] {
		names = append(names, id.String())
	}
	return strings.Join(names, ", ")
}

// retryParked sends refused changes again.
func (a *app) retryParked(ctx context.Context, todos *store.Store, chosen []store.Pending) error {
	ids := parkedIDs(chosen, "")
	for _, id := range ids {
		if err := todos.Retry(ctx, id); err != nil {
			return err
		}
	}
	if len(ids) > 0 {
		a.send(ctx, todos)
	}
	if err := a.printChanged(ctx, todos, ids, true); err != nil {
		return err
	}
	return taken(ctx, todos, ids)
}

// discardParked gives refused changes up, and prints what they were.
func (a *app) discardParked(ctx context.Context, todos *store.Store, chosen []store.Pending) error {
	for _, id := range parkedIDs(chosen, "") {
		if err := todos.Discard(ctx, id); err != nil {
			return err
		}
	}
	if len(chosen) > 0 && a.forPeople() {
		a.note("gave up %s", count(len(chosen), "change"))
	}
	return a.printParked(ctx, todos, chosen)
}

// completeParked offers the ids of refused changes, each with its title.
func (a *app) completeParked(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.fromCache(cmd, func(ctx context.Context, todos *store.Store) (found []cobra.Completion) {
		all, _ := todos.Parked(ctx) // an error leaves nothing to offer
		for _, p := range all {
			if len(found) == offered || !strings.HasPrefix(p.Op.ID.String(), strings.ToLower(typed)) {
				continue
			}
			short := max(len(shortID(ctx, todos)(p.Op.ID)), len(typed))
			found = append(found, cobra.CompletionWithDesc(p.Op.ID.String()[:short], printable(titleOf(p.Op))))
		}
		return found
	})
}
