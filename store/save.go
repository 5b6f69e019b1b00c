package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

const keptSteps = 200 // that can be undone

var dropOldSteps = fmt.Sprintf("DELETE FROM steps WHERE n <= (SELECT max(n) FROM steps) - %d", keptSteps-1)

const (
	lastDone    = "SELECT name FROM steps WHERE undone = 0 ORDER BY n DESC LIMIT 1"
	firstUndone = "SELECT name FROM steps WHERE undone = 1 ORDER BY n LIMIT 1"
)

// Save makes a step durable: its ops enter the outbox and the shown rows change,
// in one transaction. It clears what could be redone. An add of a todo that is
// there changes nothing.
func (s *Store) Save(ctx context.Context, step Step) error {
	if err := step.check(); err != nil {
		return fmt.Errorf("save change: %w", err)
	}
	err := s.change(ctx, func(l *ledger) error { return l.take(step) })
	return wrap("save change", err)
}

// take puts a step's ops into the outbox and remembers it for undo, with the conflicts
// that its deletes end.
func (l *ledger) take(step Step) error {
	ended, err := l.endedBy(step.Ops)
	if err != nil {
		return err
	}
	did, err := l.enqueueAll(step.Ops)
	if err != nil || !did {
		return err
	}
	n, err := l.remember(step)
	if err != nil {
		return err
	}
	return l.keepSettled(n, 0, ended)
}

func (l *ledger) enqueueAll(ops []Op) (did bool, err error) {
	for _, op := range ops {
		one, err := l.enqueue(op)
		if err != nil {
			return false, err
		}
		did = did || one
	}
	return did, nil
}

// remember keeps a step to be undone, and returns its number.
func (l *ledger) remember(step Step) (n int64, err error) {
	for _, sql := range []string{"DELETE FROM steps WHERE undone = 1", dropOldSteps} {
		if err := l.exec(sql); err != nil {
			return 0, err
		}
	}
	if err := l.exec("INSERT INTO steps (name, ops, undone) VALUES (?, ?, 0)", step.Name, packOps(step.Ops)); err != nil {
		return 0, err
	}
	n = l.LastInsertRowID()
	return n, l.exec("DELETE FROM settled WHERE n NOT IN (SELECT n FROM steps)")
}

func (step Step) check() error {
	for _, op := range step.Ops {
		if op.Kind < Add || op.Kind > Delete {
			return fmt.Errorf("op %s has no kind", op.ID)
		}
		if op.Kind == Add || op.Kind != Delete && op.Base.Title != op.Want.Title {
			if err := CheckTitle(op.Want.Title); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckTitle reports, as ErrTitle with its reason, a title that the project
// could not hold or that nobody could see.
func CheckTitle(title string) error {
	switch {
	case strings.TrimSpace(title) == "":
		return fmt.Errorf("%w: it is empty", ErrTitle)
	case strings.ContainsRune(title, 0):
		return fmt.Errorf("%w: it has a NUL character", ErrTitle)
	case !utf8.ValidString(title):
		return fmt.Errorf("%w: it is not UTF-8", ErrTitle)
	}
	return nil
}
