package cli

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
)

func newConflictsCmd(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "conflicts",
		Short: "List the todos that two sides changed",
		Args:  noWords,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.conflicts(cmd.Context()) },
	}
	c.AddCommand(newResolveCmd(a))
	return c
}

// conflictJSON is one column that both sides changed.
type conflictJSON struct {
	ID     uuid.UUID `json:"id"`
	Column string    `json:"column"`
	Base   string    `json:"base"`
	Mine   string    `json:"mine"`
	Theirs string    `json:"theirs"`
}

func (a *app) conflicts(ctx context.Context) error {
	todos, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	all, err := todos.Conflicts(ctx)
	if err != nil {
		return err
	}
	if !a.forPeople() {
		out := make([]conflictJSON, 0, len(all))
		for _, c := range all {
			out = append(out, conflictJSON{c.ID, c.Column, c.Base, c.Mine, c.Theirs})
		}
		return a.printValue(out)
	}
	if len(all) == 0 {
		a.note("no conflicts")
	}
	short, p := shortID(ctx, todos), a.palette()
	for _, c := range all {
		_, err := fmt.Fprintf(a.Stdout, "%s %s\n  mine    %s\n  theirs  %s\n  was     %s\n",
			p.id(short(c.ID)), c.Column, side(c, c.Mine), side(c, c.Theirs), p.faint(printable(c.Base)))
		if err != nil {
			return err
		}
	}
	return nil
}

// side is what one side of a conflict wants, where it wants the todo at all.
func side(c store.Conflict, text string) string {
	if c.Column == "deleted" && text == "" {
		return "(deleted)"
	}
	return printable(text)
}

func newResolveCmd(a *app) *cobra.Command {
	var mine, theirs, both bool
	c := &cobra.Command{
		Use:   "resolve ID… --mine|--theirs|--both",
		Short: "Decide a conflict",
		Long: "Decide a conflict: keep mine, take theirs, or both (theirs stays, mine becomes a todo of\n" +
			"its own). Where one side deleted the todo, mine and theirs are what that side wanted.",
		Args: atLeastOne("no todo is named: give an id, as kindling ls shows it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case mine:
				return a.resolve(cmd.Context(), args, store.Mine)
			case theirs:
				return a.resolve(cmd.Context(), args, store.Theirs)
			case both:
				return a.resolve(cmd.Context(), args, store.Both)
			}
			return usagef("say which: --mine, --theirs or --both")
		},
		ValidArgsFunction: a.completeIDs(func(it store.Item) bool { return it.State == store.Conflicted }),
	}
	c.Flags().BoolVar(&mine, "mine", false, "keep what was changed here")
	c.Flags().BoolVar(&theirs, "theirs", false, "keep what the server holds")
	c.Flags().BoolVar(&both, "both", false, "keep both, as two todos")
	c.MarkFlagsMutuallyExclusive("mine", "theirs", "both")
	return c
}

func (a *app) resolve(ctx context.Context, args []string, choice store.Choice) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	items, err := a.findAll(ctx, todos, args)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.State != store.Conflicted {
			return notFoundf("%s has no conflict", shortID(ctx, todos)(it.ID))
		}
	}
	for _, it := range items {
		if err := todos.Resolve(ctx, it.ID, choice); err != nil {
			return err
		}
	}
	a.send(ctx, todos)
	return a.printChanged(ctx, todos, idsOf(items), len(items) > 1)
}
