package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
	"kindling/store/todotxt"
)

func newDoneCmd(a *app) *cobra.Command {
	c := a.newCompleteCmd(true)
	c.Use, c.Short = "done ID…", "Mark todos done; one that repeats comes back with its next date"
	return c
}

func newReopenCmd(a *app) *cobra.Command {
	c := a.newCompleteCmd(false)
	c.Use, c.Short = "reopen ID…", "Mark todos open again"
	return c
}

// newCompleteCmd changes whether todos are done, in the way that the program does.
func (a *app) newCompleteCmd(done bool) *cobra.Command {
	return &cobra.Command{
		Args:              atLeastOne("no todo is named: give an id, as kindling ls shows it"),
		ValidArgsFunction: a.completeIDs(func(it store.Item) bool { return it.Done.Bool() != done }),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.complete(cmd.Context(), args, done)
		},
	}
}

func newRemoveCmd(a *app) *cobra.Command {
	var completed bool
	c := &cobra.Command{
		Use:               "rm ID… | rm --done",
		Aliases:           []string{"delete"},
		Short:             "Delete todos; undo brings them back",
		ValidArgsFunction: a.completeIDs(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			if completed && len(args) > 0 {
				return usagef("--done deletes every completed todo: name no id beside it")
			}
			if completed {
				return a.clearDone(cmd.Context())
			}
			return a.removeAll(cmd.Context(), args)
		},
	}
	c.Flags().BoolVar(&completed, "done", false, "delete every completed todo")
	return c
}

// complete marks the named todos done or open in one step, which one undo takes
// back, and prints them as they are then.
func (a *app) complete(ctx context.Context, args []string, done bool) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	items, err := a.findAll(ctx, todos, args)
	if err != nil {
		return err
	}
	rows := make([]store.Todo, len(items))
	for i, it := range items {
		rows[i] = it.Todo
	}
	if err := a.change(ctx, todos, todotxt.CompleteStep(rows, done, a.Now())); err != nil {
		return err
	}
	return a.printChanged(ctx, todos, idsOf(items), len(items) > 1)
}

// printChanged prints todos as they are after a change, even if the wait for the
// server was ended; the error is their outcome.
func (a *app) printChanged(ctx context.Context, todos *store.Store, ids []uuid.UUID, several bool) error {
	ctx = context.WithoutCancel(ctx)
	after, err := again(ctx, todos, ids)
	if err != nil {
		return err
	}
	if err := a.printItems(a.printer(shortID(ctx, todos), 0), after, several); err != nil {
		return err
	}
	return outcome(after)
}

// outcome is an error when the server did not take a change: a conflict to
// decide, or a refusal for good.
func outcome(items []store.Item) error {
	for _, it := range items {
		switch it.State {
		case store.Conflicted:
			return errChangedTwice
		case store.Parked:
			return refused(it.Note)
		}
	}
	return nil
}

var errChangedTwice = coded{error: errors.New("both sides changed this todo: run kindling conflicts"), code: exitConflict}

func refused(reason string) error {
	return errors.New("the project refused this change: " + reason + "; it is kept here, see kindling parked")
}

// taken is outcome for todos that need not be shown: their delete may be what the
// server did not take.
func taken(ctx context.Context, todos *store.Store, ids []uuid.UUID) error {
	ctx = context.WithoutCancel(ctx) // as in printChanged
	conflicts, err1 := todos.Conflicts(ctx)
	parked, err2 := todos.Parked(ctx)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	changed := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		changed[id] = true
	}
	for _, c := range conflicts {
		if changed[c.ID] {
			return errChangedTwice
		}
	}
	for _, p := range parked {
		if changed[p.Op.ID] {
			return refused(p.Reason)
		}
	}
	return nil
}

func (a *app) removeAll(ctx context.Context, args []string) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	items, err := a.findAll(ctx, todos, args)
	if err != nil {
		return err
	}
	return a.remove(ctx, todos, items, len(items) > 1)
}

func (a *app) clearDone(ctx context.Context) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	var items []store.Item
	done := func(it *store.Item) bool { return it.Done.Bool() }
	err = each(only(todos.All(ctx), done), func(it store.Item) error { items = append(items, it); return nil })
	if err != nil {
		return err
	}
	return a.remove(ctx, todos, items, true)
}

// remove deletes todos and prints what they were: afterwards there is nothing to read.
func (a *app) remove(ctx context.Context, todos *store.Store, items []store.Item, several bool) error {
	step := store.Step{Name: "delete " + count(len(items), "todo")}
	for _, it := range items {
		step.Ops = append(step.Ops, store.Remove(it.Todo))
	}
	if err := a.change(ctx, todos, step); err != nil {
		return err
	}
	if !a.forPeople() {
		if err := a.printItems(nil, items, several); err != nil {
			return err
		}
	}
	if err := taken(ctx, todos, idsOf(items)); err != nil {
		return err
	}
	switch {
	case !a.forPeople():
	case len(items) == 0:
		a.note("no todo is completed: nothing to delete")
	default:
		a.note("deleted %s; kindling undo takes that back", count(len(items), "todo"))
	}
	return nil
}

func newEditCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "edit ID [TITLE…]",
		Short:             "Change a title, in $EDITOR when none is given",
		Long:              "Change a todo's title to the joined words; - reads it from standard input.\nWithout a title it opens $VISUAL or $EDITOR.",
		Args:              atLeastOne("no todo is named: give an id, as kindling ls shows it"),
		ValidArgsFunction: a.completeIDs(nil),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.edit(cmd.Context(), args[0], args[1:])
		},
	}
}

func (a *app) edit(ctx context.Context, id string, args []string) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	it, err := findOne(ctx, todos, id)
	if err != nil {
		return err
	}
	text, err := a.newTitle(ctx, it.Title, args)
	if err != nil {
		return err
	}
	step := store.Step{Name: "edit 1 todo"}
	if text != it.Title {
		step.Ops = []store.Op{store.Retitle(it.Todo, text)}
	}
	if err := a.change(ctx, todos, step); err != nil {
		return err
	}
	return a.printChanged(ctx, todos, []uuid.UUID{it.ID}, false)
}

// newTitle is the text from the arguments, from standard input or from an editor.
func (a *app) newTitle(ctx context.Context, old string, args []string) (string, error) {
	switch {
	case len(args) == 0 && !isTerminal(a.Stdin):
		return "", usagef("no new title is given, and there is no terminal for an editor")
	case len(args) == 0:
		text, err := a.editText(ctx, old)
		if err != nil || text == old {
			return text, err
		}
		return a.readTitle(text)
	case len(args) == 1 && args[0] == "-":
		text, err := readAll(a.in)
		if err != nil {
			return "", err
		}
		return a.readTitle(strings.TrimRight(text, "\r\n"))
	}
	return a.readTitle(strings.Join(args, " "))
}
