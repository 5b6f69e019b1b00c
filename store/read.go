package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

const (
	selectItem = "SELECT id, ord, title, done, state, note FROM todos"
	inOrder    = " ORDER BY closed, ord, id"
)

func scanItem(s *sqlite3.Stmt) Item {
	return Item{
		Todo: Todo{
			ID: columnID(s, 0), Created: Instant(^s.ColumnInt64(1)),
			Title: s.ColumnText(2), Done: Bool(s.ColumnInt(3)),
		},
		State: State(s.ColumnInt(4)), Note: s.ColumnText(5),
	}
}

func (c *conn) items(sql string, args ...any) (all []Item, err error) {
	err = c.each(sql, args, func(s *sqlite3.Stmt) error {
		all = append(all, scanItem(s))
		return nil
	})
	return all, err
}

// Window returns the first n shown todos in the default order (open before
// done, newest first) through an index: its cost does not grow with the list.
func (s *Store) Window(ctx context.Context, n int) (all []Item, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		all, err = c.items(selectItem+inOrder+" LIMIT ?", max(n, 0))
		return err
	})
	return all, wrap("read todos", err)
}

var errEnough = errors.New("enough")

// All yields every shown todo in the default order, as they were when it began.
func (s *Store) All(ctx context.Context) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		err := s.db.scan(ctx, func(c *conn) error {
			return c.each(selectItem+inOrder, nil, func(st *sqlite3.Stmt) error {
				if !yield(scanItem(st), nil) {
					return errEnough
				}
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Item{}, fmt.Errorf("read todos: %w", err))
		}
	}
}

// Find returns the shown todos whose id begins with prefix (hex digits, dashes
// optional); an old id that an undo replaced finds its successor.
func (s *Store) Find(ctx context.Context, prefix string) (all []Item, err error) {
	low, high, ok := idRange(prefix)
	if !ok {
		return nil, nil
	}
	err = s.db.read(ctx, func(c *conn) error {
		all, err = c.items(selectItem+" WHERE id BETWEEN ? AND ? ORDER BY id", low, high)
		if err != nil || len(all) > 0 {
			return err
		}
		all, err = c.items(selectItem+" WHERE id IN (SELECT id FROM aliases WHERE old BETWEEN ? AND ?) ORDER BY id", low, high)
		return err
	})
	return all, wrap("find todo", err)
}

// idRange returns the least and the greatest id that begin with a prefix.
func idRange(prefix string) (low, high uuid.UUID, ok bool) {
	digits := strings.ReplaceAll(prefix, "-", "")
	if digits == "" || len(digits) > 32 {
		return low, high, false
	}
	_, err1 := hex.Decode(low[:], []byte(digits+strings.Repeat("0", 32-len(digits))))
	_, err2 := hex.Decode(high[:], []byte(digits+strings.Repeat("f", 32-len(digits))))
	return low, high, err1 == nil && err2 == nil
}

const shortest = 3 // digits of a short id

// Short returns the shortest unique prefix of id, at least three digits.
func (s *Store) Short(ctx context.Context, id uuid.UUID) (short string, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		n := shortest
		for _, sql := range []string{
			"SELECT id FROM todos WHERE id < ? ORDER BY id DESC LIMIT 1",
			"SELECT id FROM todos WHERE id > ? ORDER BY id LIMIT 1",
		} {
			err := c.each(sql, []any{id}, func(st *sqlite3.Stmt) error {
				n = max(n, 1+CommonDigits(id, columnID(st, 0)))
				return nil
			})
			if err != nil {
				return err
			}
		}
		short = hex.EncodeToString(id[:])[:min(n, 32)]
		return nil
	})
	return short, wrap("shorten id", err)
}

// CommonDigits counts the hex digits that two ids begin with alike, 32 for one id.
func CommonDigits(a, b uuid.UUID) int {
	for i := range a {
		switch {
		case a[i]>>4 != b[i]>>4:
			return 2 * i
		case a[i] != b[i]:
			return 2*i + 1
		}
	}
	return 2 * len(a)
}

// Changes returns what changed since rev; rev 0 returns everything.
func (s *Store) Changes(ctx context.Context, since Rev) (d Delta, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		rev, err := c.meta("rev")
		if err != nil {
			return err
		}
		floor, err := c.meta("gone_floor")
		if err != nil {
			return err
		}
		d.Rev, d.All = Rev(rev), since <= 0 || int64(since) < floor || int64(since) > rev
		if d.All {
			d.Items, err = c.items(selectItem + inOrder)
		} else {
			err = c.delta(&d, since)
		}
		if err != nil {
			return err
		}
		d.Status, err = s.status(c)
		return err
	})
	return d, wrap("read changes", err)
}

func (c *conn) delta(d *Delta, since Rev) (err error) {
	if d.Items, err = c.items(selectItem+" WHERE rev > ?", int64(since)); err != nil {
		return err
	}
	return c.each("SELECT id FROM gone WHERE rev > ?", []any{int64(since)}, func(st *sqlite3.Stmt) error {
		d.Gone = append(d.Gone, columnID(st, 0))
		return nil
	})
}
