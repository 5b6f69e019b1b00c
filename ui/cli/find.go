package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"kindling/store"
)

// maxLine is the longest line that standard input may hold: a title of a
// megabyte is a title.
const maxLine = 16 << 20

// words returns the arguments, with "-" replaced by the lines of standard input.
func (a *app) words(args []string) ([]string, error) {
	var all []string
	for _, arg := range args {
		if arg != "-" {
			all = append(all, arg)
			continue
		}
		lines, err := a.inputLines()
		if err != nil {
			return nil, err
		}
		all = append(all, lines...)
	}
	return all, nil
}

// inputLines reads the lines of standard input that are not blank.
func (a *app) inputLines() ([]string, error) {
	var lines []string
	scan := bufio.NewScanner(a.in)
	scan.Buffer(nil, maxLine)
	for scan.Scan() {
		if line := strings.TrimRight(scan.Text(), "\r"); strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return lines, nil
}

// findAll finds every todo that args name, or fails before anything is changed.
// A line of standard input may go on behind its id, as ls prints it.
func (a *app) findAll(ctx context.Context, todos *store.Store, args []string) ([]store.Item, error) {
	ids, err := a.words(args)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, usagef("no todo is named: give an id, as kindling ls shows it")
	}
	var items []store.Item
	seen := map[uuid.UUID]bool{}
	for _, id := range ids {
		it, err := findOne(ctx, todos, idIn(id))
		if err != nil {
			return nil, err
		}
		if !seen[it.ID] {
			seen[it.ID] = true
			items = append(items, it)
		}
	}
	return items, nil
}

// idIn is the id that a line of ls begins with, for people or --plain.
func idIn(line string) string {
	line = strings.TrimSpace(line)
	if end := strings.IndexAny(line, " \t"); end >= 0 {
		return line[:end]
	}
	return line
}

// findOne finds the one todo whose id begins with prefix.
func findOne(ctx context.Context, todos *store.Store, prefix string) (store.Item, error) {
	if prefix == "" {
		return store.Item{}, usagef("an id is empty")
	}
	found, err := todos.Find(ctx, prefix)
	switch {
	case err != nil:
		return store.Item{}, err
	case len(found) == 0:
		return store.Item{}, notFoundf("no todo's id begins with %q: kindling ls --all shows every id", prefix)
	case len(found) > 1:
		return store.Item{}, notFoundf("%q is ambiguous, %s begin with it: %s", prefix, count(len(found), "id"), shorts(ctx, todos, found))
	}
	return found[0], nil
}

// shorts lists some short ids, for a person to choose from.
func shorts(ctx context.Context, todos *store.Store, items []store.Item) string {
	var names []string
	for _, it := range items[:min(len(items), 5)] {
		if short, err := todos.Short(ctx, it.ID); err == nil {
			names = append(names, short)
		}
	}
	if len(items) > 5 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// again reads todos as they are now, after a change; one that is gone is left out.
func again(ctx context.Context, todos *store.Store, ids []uuid.UUID) ([]store.Item, error) {
	items := make([]store.Item, 0, len(ids))
	for _, id := range ids {
		found, err := todos.Find(ctx, id.String())
		if err != nil {
			return nil, err
		}
		items = append(items, found...)
	}
	return items, nil
}

func idsOf(items []store.Item) []uuid.UUID {
	ids := make([]uuid.UUID, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	return ids
}

// readAll reads a whole small stream as text.
func readAll(r io.Reader) (string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxLine))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(data), nil
}
