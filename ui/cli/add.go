package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
	"kindling/store/todotxt"
)

func newAddCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "add TITLE…",
		Short: "Add a todo, and print its id",
		Long: "Add a todo; its words are joined. Titles may hold todo.txt: (A), +project, @context,\n" +
			"due:tomorrow, due:'next month', t:, rec:. With - each line of standard input is a todo.",
		Example:           "kindling add \"(A) call the bank +home due:fri\"\ncat ideas.txt | kindling add -",
		Args:              atLeastOne("nothing to add: give the words of the todo, or - for standard input"),
		ValidArgsFunction: a.completeTerms,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.add(cmd.Context(), args) },
	}
}

func (a *app) add(ctx context.Context, args []string) error {
	titles, err := a.titles(args)
	if err != nil {
		return err
	}
	step := store.Step{Name: "add " + count(len(titles), "todo")}
	for _, title := range titles {
		step.Ops = append(step.Ops, store.NewAdd(title, a.Now()))
	}
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	if err := a.change(ctx, todos, step); err != nil {
		return err
	}
	return a.printAdded(ctx, todos, step, args[0] == "-")
}

// titles is one title of joined words, or every line of standard input.
func (a *app) titles(args []string) ([]string, error) {
	lines := []string{strings.Join(args, " ")}
	if len(args) == 1 && args[0] == "-" {
		var err error
		if lines, err = a.inputLines(); err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			return nil, usagef("standard input holds no title")
		}
	}
	for i := range lines {
		title, err := a.readTitle(lines[i])
		if err != nil {
			return nil, err
		}
		lines[i] = title
	}
	return lines, nil
}

// readTitle makes natural dates that stand as a value into dates, and says so.
func (a *app) readTitle(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", usagef("a todo needs a title")
	}
	r := todotxt.ReadDates(text, a.Now(), false)
	if r.Words != "" {
		a.note("%s is %s", r.Words, r.Date.Format("Mon 2 Jan 2006"))
	}
	if word := todotxt.UnreadDate(r.Text); word != "" {
		a.note("%s is no date: it stays as it is", word)
	}
	return r.Text, nil
}

// printAdded prints what was added, even if the wait for the server was ended; the
// error is its outcome. An insert whose id somebody else had goes on under a new one,
// which Find follows.
func (a *app) printAdded(ctx context.Context, todos *store.Store, step store.Step, several bool) error {
	ctx = context.WithoutCancel(ctx)
	ids := make([]uuid.UUID, len(step.Ops))
	for i, op := range step.Ops {
		ids[i] = op.ID
	}
	items, err := again(ctx, todos, ids)
	if err != nil {
		return err
	}
	if err := a.printIDs(ctx, todos, items, several); err != nil {
		return err
	}
	return outcome(items)
}

// printIDs prints the ids alone, for the next command: short ones for people, and whole
// ones for scripts, since a short one may be ambiguous later.
func (a *app) printIDs(ctx context.Context, todos *store.Store, items []store.Item, several bool) error {
	if !a.forPeople() {
		return a.printItems(nil, items, several)
	}
	name := uuid.UUID.String
	if isTerminal(a.Stdout) {
		name = shortID(ctx, todos)
	}
	for _, it := range items {
		if _, err := fmt.Fprintln(a.Stdout, name(it.ID)); err != nil {
			return err
		}
	}
	return nil
}
