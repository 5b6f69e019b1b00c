package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

// Open looks at a cache's first pages alone. Damage behind them is found later:
// whoever finds it leaves a mark beside the cache, by which the next Open sets it
// aside. The cache that then begins takes over what is not at the server, as far
// as it can be read. All the rest is fetched again.
const damageMark = "-damaged"

var errMarked = fmt.Errorf("the cache was found to be damaged: %w", sqlite3.CORRUPT)

// noteDamage marks the cache if err says that it is damaged: no write of ours breaks a
// constraint unless an index lost some of its rows.
func (d *db) noteDamage(err error) {
	if errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.CONSTRAINT) {
		_ = touch(d.path + damageMark) // without it the next one finds the same
	}
}

// damagedBefore is the cache that was set aside for its damage and still has its
// mark, "" where there is none.
func (d *db) damagedBefore() string {
	dir, cache := filepath.Split(d.path)
	files, _ := os.ReadDir(dir)
	for _, f := range slices.Backward(files) { // the newest: their names end with the time
		if path, marked := strings.CutSuffix(f.Name(), damageMark); marked && strings.HasPrefix(path, cache+asideMark) {
			return dir + path
		}
	}
	return ""
}

// unmark notes that a cache was rescued: no other takes over from it again.
func unmark(damaged string) error {
	if damaged == "" {
		return nil
	}
	return os.Remove(damaged + damageMark)
}

// unsentTables hold what is not at the server, and what is known of those todos.
var unsentTables = []string{"base", "ops", "holds", "conflicts", "aliases", "tombstones", "drafts"}

// rescue takes over what is not at the server from a damaged cache. Only an error
// of the new one is one.
func (c *conn) rescue(from *db) error {
	old, err := from.dial()
	if err != nil {
		return nil // nothing of it can be read
	}
	defer old.close()
	if _, err := old.format(); err != nil {
		return nil
	}
	for _, table := range unsentTables {
		if err := c.copyTable(old, table); err != nil {
			return err
		}
	}
	l := &ledger{conn: c, rev: 1}
	if err := l.restoreShown(); err != nil {
		return err
	}
	return l.close()
}

// copyTable copies rows up to the first that cannot be read, but for those that
// fit no table.
func (c *conn) copyTable(old *conn, table string) (err error) {
	_ = old.each("SELECT * FROM "+table, nil, func(s *sqlite3.Stmt) error {
		row := make([]any, s.ColumnCount())
		if err := s.Columns(row...); err != nil {
			return err
		}
		err = c.exec("INSERT OR IGNORE INTO "+table+" VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...)
		return err
	})
	return err
}

// restoreShown makes what is shown of the todos whose changes were taken over.
// A todo of which nothing can be made is left to the next pull.
func (l *ledger) restoreShown() error {
	const unsent = "SELECT id FROM ops UNION SELECT id FROM conflicts"
	if err := l.exec("INSERT OR IGNORE INTO base SELECT id, NULL, '' FROM (" + unsent + ")"); err != nil {
		return err
	}
	if err := l.exec("DELETE FROM base WHERE id NOT IN (" + unsent + ")"); err != nil {
		return err
	}
	var ids []uuid.UUID
	err := l.each("SELECT id FROM base", nil, func(s *sqlite3.Stmt) error {
		ids = append(ids, columnID(s, 0))
		return nil
	})
	for _, id := range ids {
		if err == nil {
			err = l.restoreOne(id)
		}
	}
	return err
}

func (l *ledger) restoreOne(id uuid.UUID) error {
	if e, err := l.load(id); err == nil {
		return l.save(e)
	}
	var err error
	for _, table := range []string{"ops", "conflicts", "base"} {
		err = errors.Join(err, l.exec("DELETE FROM "+table+" WHERE id = ?", id))
	}
	return err
}
