package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
	"kindling/store/todotxt"
)

type listFlags struct{ all, done bool }

func newListCmd(a *app) *cobra.Command {
	var f listFlags
	c := &cobra.Command{
		Use:     "ls [QUERY…]",
		Aliases: []string{"list"},
		Short:   "List todos: the open ones, unless told otherwise",
		Long: "List the open todos, from the cache and without a network.\n\n" +
			"A query is what the filter of the program takes: words, \"quoted parts\", +project,\n" +
			"@context, pri:A, due:today, due:<fri, is:waiting; -term means not (after --, or it is a flag).\n\n" +
			"--plain prints a tab between whole id, x or -, state, and title.",
		Example: "kindling ls +home due:<fri\nkindling ls --all --ndjson | jq .title",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.list(cmd.Context(), f, strings.Join(args, " "))
		},
		ValidArgsFunction: a.completeTerms,
	}
	c.Flags().BoolVarP(&f.all, "all", "a", false, "open and done ones")
	c.Flags().BoolVar(&f.done, "done", false, "only done ones")
	c.MarkFlagsMutuallyExclusive("all", "done")
	return c
}

func (a *app) list(ctx context.Context, f listFlags, text string) error {
	query, err := todotxt.ParseQuery(text, a.Now())
	if err != nil {
		return usageError{err}
	}
	todos, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	everything := f.all || !f.done && query.PicksDone()
	wanted := func(it *store.Item) bool {
		return (everything || it.Done.Bool() == f.done) && query.Match(it, nil)
	}
	if a.forPeople() {
		return a.listForPeople(ctx, todos, wanted)
	}
	return a.printStream(only(todos.All(ctx), wanted))
}

// printStream prints todos for programs, as they are read.
func (a *app) printStream(items iter.Seq2[store.Item, error]) (err error) {
	out := bufio.NewWriterSize(a.Stdout, 64<<10)
	switch {
	case a.flags.ndjson:
		err = each(items, func(it store.Item) error { return writeJSON(out, jsonOf(it)) })
	case a.flags.plain:
		err = each(items, func(it store.Item) error { return plainLine(out, it) })
	default:
		err = writeTodosJSON(out, items, writeOptions{}, nil)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// only yields the todos that are wanted, as they are read.
func only(items iter.Seq2[store.Item, error], wanted func(*store.Item) bool) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for it, err := range items {
			if (err != nil || wanted(&it)) && !yield(it, err) {
				return
			}
		}
	}
}

// each calls f with every todo, until one fails.
func each(items iter.Seq2[store.Item, error], f func(store.Item) error) error {
	for it, err := range items {
		if err != nil {
			return err
		}
		if err := f(it); err != nil {
			return err
		}
	}
	return nil
}

func plainLine(out *bufio.Writer, it store.Item) error {
	mark := "-"
	if it.Done.Bool() {
		mark = "x"
	}
	_, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", it.ID, mark, it.State, printable(it.Title))
	return err
}

// listForPeople prints short ids, which depend on every id there is: so it
// reads all before it prints.
func (a *app) listForPeople(ctx context.Context, todos *store.Store, wanted func(*store.Item) bool) error {
	var ids []uuid.UUID
	var items []store.Item
	for it, err := range todos.All(ctx) {
		if err != nil {
			return err
		}
		ids = append(ids, it.ID)
		if wanted(&it) {
			items = append(items, it)
		}
	}
	lengths, width := prefixLengths(ids), 0
	for _, it := range items {
		width = max(width, lengths[it.ID])
	}
	p := a.printer(func(id uuid.UUID) string { return id.String()[:lengths[id]] }, width)
	if len(items) == 0 {
		a.note("nothing to show")
	}
	return a.printItems(p, items, true)
}

// prefixLengths is how many characters, at least three, tell each id of a list
// from every other.
func prefixLengths(ids []uuid.UUID) map[uuid.UUID]int {
	sorted := slices.SortedFunc(slices.Values(ids), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	lengths := make(map[uuid.UUID]int, len(ids))
	before := 0 // digits in common with the one before
	for i, id := range sorted {
		after := 0
		if i+1 < len(sorted) {
			after = store.CommonDigits(id, sorted[i+1])
		}
		lengths[id] = withDashes(max(before, after)+1, 3)
		before = after
	}
	return lengths
}

// withDashes is the length of a prefix of n digits, and no fewer than least, as
// an id is written.
func withDashes(n, least int) int {
	n = max(n, least)
	for _, at := range []int{8, 13, 18, 23} {
		if n > at {
			n++
		}
	}
	return min(n, 36)
}
