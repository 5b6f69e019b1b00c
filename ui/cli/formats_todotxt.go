package cli

import (
	"bufio"
	"io"
	"iter"
	"strings"
	"time"

	"kindling/store"
	"kindling/store/todotxt"
)

// readTodoTxt reads a line as a todo. The leading "x " alone becomes is_complete:
// priority and dates stay in the title as they are, and the date of creation
// is also taken as created_at. Blank lines are no todos.
func readTodoTxt(in io.Reader, _ *time.Location, _ *remarks) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		for line, err := range textLines(in) {
			if err != nil {
				yield(record{}, err)
				return
			}
			title, done := strings.CutPrefix(line.text, "x ")
			if strings.TrimSpace(title) == "" {
				continue
			}
			if !yield(record{title: title, done: done, created: creation(title), at: line.at()}, nil) {
				return
			}
		}
	}
}

// creation returns midnight UTC of the creation date that a title leads with.
// Of two dates it is the second, behind that of completion.
func creation(title string) store.Instant {
	days := todotxt.Parse(title).Dates()
	if len(days) == 0 {
		return store.NoInstant
	}
	return store.InstantOf(days[len(days)-1].In(time.UTC))
}

// writeTodoTxt writes each title as it is, behind "x " where it is complete.
func writeTodoTxt(out *bufio.Writer, items iter.Seq2[store.Item, error], o writeOptions, r *remarks) error {
	for it, err := range items {
		if err != nil {
			return err
		}
		line, changed := oneLine(it.Title)
		if changed {
			r.add("with line breaks, which became spaces")
		}
		if o.dates {
			line = withCreation(line, it.Todo)
		}
		if it.Done.Bool() {
			line = "x " + line
		} else if strings.HasPrefix(line, "x ") {
			r.add(`open, but will read as done: the title begins with "x "`)
		}
		if _, err := out.WriteString(line + "\n"); err != nil {
			return err
		}
	}
	return nil
}

// withCreation adds the date of creation where the title leads with none: in
// UTC, as import reads it. A completed todo needs its day of completion before
// it, which nobody knows: the day of creation stands for it.
func withCreation(title string, t store.Todo) string {
	created, ok := t.Created.Time()
	if !ok || created.Year() < 1 || created.Year() > 9999 || len(todotxt.Parse(title).Dates()) > 0 {
		return title
	}
	date := created.Format(time.DateOnly) + " "
	if t.Done.Bool() {
		date += date
	}
	p := todotxt.Parse(title)
	if len(p.Spans) > 0 && p.Spans[0].Class == todotxt.Priority {
		return title[:4] + date + title[4:]
	}
	return date + title
}
