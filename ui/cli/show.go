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

func newShowCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "show ID…",
		Short:             "Show todos with all that is known of them",
		Args:              atLeastOne("no todo is named: give an id, as kindling ls shows it"),
		ValidArgsFunction: a.completeIDs(nil),
		RunE:              func(cmd *cobra.Command, args []string) error { return a.show(cmd.Context(), args) },
	}
}

func (a *app) show(ctx context.Context, args []string) error {
	todos, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	items, err := a.findAll(ctx, todos, args)
	if err != nil {
		return err
	}
	if !a.forPeople() {
		return a.printItems(nil, items, len(items) > 1)
	}
	for i, it := range items {
		if i > 0 {
			_, _ = fmt.Fprintln(a.Stdout)
		}
		if _, err := fmt.Fprint(a.Stdout, a.card(it)); err != nil {
			return err
		}
	}
	return nil
}

// card is one todo in full; a field without a value has no line.
func (a *app) card(it store.Item) string {
	p, j := a.palette(), jsonOf(it)
	var b strings.Builder
	_, _ = fmt.Fprintln(&b, p.bold(printable(it.Title)))
	line := func(name, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(&b, "  %s %s\n", p.faint(fmt.Sprintf("%-9s", name)), printable(value))
		}
	}
	line("id", it.ID.String())
	done := "no"
	if it.Done.Bool() {
		done = "yes"
	}
	line("done", done)
	line("state", it.State.String())
	line("note", it.Note)
	line("created", createdText(it.Created))
	line("priority", deref(j.Priority))
	line("due", deref(j.Due))
	line("projects", strings.Join(j.Projects, ", "))
	line("contexts", strings.Join(j.Contexts, ", "))
	if r, ok := todotxt.Parse(it.Title).Recurrence(); ok {
		line("repeats", fmt.Sprintf("every %d%c", r.N, r.Unit))
	}
	return b.String()
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func createdText(i store.Instant) string {
	if t, ok := i.Time(); ok {
		return t.Local().Format("2006-01-02 15:04")
	}
	return i.String()
}

// shortID is how a person types an id of this account.
func shortID(ctx context.Context, todos *store.Store) func(uuid.UUID) string {
	return func(id uuid.UUID) string {
		short, err := todos.Short(ctx, id)
		if err != nil {
			return id.String()
		}
		return short
	}
}
