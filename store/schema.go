package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// A cache names itself by application and format, so that neither another
// program's file nor a newer format is ever written to.
const (
	applicationID = 0x4b4e444c // "KNDL"
	formatVersion = 2
)

// schema is format 1; migrations lead on from there.
//
// todos is what is shown, in the order in which it is shown: the table is its
// own index, so the first page is one short scan. ord is ^created: newest
// first, NULL last. base holds the server's side of those ids alone where it
// may differ from what is shown: ids with ops or conflicts.
const schema = `
CREATE TABLE todos (
	closed INTEGER NOT NULL, ord INTEGER NOT NULL, id BLOB NOT NULL,
	title TEXT NOT NULL, done INTEGER NOT NULL,
	state INTEGER NOT NULL, note TEXT NOT NULL, rev INTEGER NOT NULL,
	PRIMARY KEY (closed, ord, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX todos_id ON todos (id);
CREATE INDEX todos_rev ON todos (rev);
CREATE TABLE gone (id BLOB PRIMARY KEY, rev INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX gone_rev ON gone (rev);
CREATE TABLE base (id BLOB PRIMARY KEY, row TEXT, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ops (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	id BLOB NOT NULL, kind INTEGER NOT NULL, base TEXT NOT NULL, want TEXT NOT NULL,
	state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
	saved INTEGER NOT NULL, tried INTEGER NOT NULL DEFAULT 0,
	doubt INTEGER NOT NULL DEFAULT 0, absent INTEGER NOT NULL DEFAULT 0,
	next INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX ops_id ON ops (id, seq);
CREATE INDEX ops_state ON ops (state);
CREATE TABLE holds (id BLOB PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conflicts (
	id BLOB NOT NULL, col INTEGER NOT NULL,
	base TEXT NOT NULL, mine TEXT, theirs TEXT, at INTEGER NOT NULL,
	PRIMARY KEY (id, col)
) WITHOUT ROWID;
CREATE TABLE aliases (old BLOB PRIMARY KEY, id BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_id ON aliases (id);
CREATE TABLE tombstones (id BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE vanished (n INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, row TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE steps (n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, ops BLOB NOT NULL, undone INTEGER NOT NULL);
CREATE TABLE drafts (id BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pages (first BLOB PRIMARY KEY, last BLOB NOT NULL, rows INTEGER NOT NULL, etag TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
`

// migrations[n] takes a cache from format n+1 to n+2.
var migrations = []string{
	// The conflicts that a step decided, for its undo.
	`CREATE TABLE settled (
	n INTEGER NOT NULL, choice INTEGER NOT NULL,
	id BLOB NOT NULL, col INTEGER NOT NULL, base TEXT NOT NULL, mine TEXT, theirs TEXT,
	PRIMARY KEY (n, id, col)
) WITHOUT ROWID`,
}

// open opens the cache of s, makes it, or sets aside one that cannot be read.
func (s *Store) open(ctx context.Context) error {
	err := s.openUnmarked(ctx)
	if !unreadableCache(err) {
		return err
	}
	if s.aside, err = setAside(s.o.Dir, s.use, s.o.Now().UTC().Format("20060102T150405.000000Z")); err != nil {
		return err
	}
	return s.openOnce(ctx)
}

// openUnmarked opens a cache that nobody found to be damaged.
func (s *Store) openUnmarked(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.o.Dir, cacheFile+damageMark)); err == nil {
		return errMarked
	}
	return s.openOnce(ctx)
}

func unreadableCache(err error) bool {
	return errors.Is(err, sqlite3.NOTADB) || errors.Is(err, sqlite3.CORRUPT)
}

func (s *Store) openOnce(ctx context.Context) error {
	path := filepath.Join(s.o.Dir, cacheFile)
	// SQLite gives its log the rights of the cache, but not the log's index.
	if err := errors.Join(touch(path), touch(path+"-shm")); err != nil {
		return err
	}
	d := newDB(path, s.o.Key)
	if err := d.prepareInTurn(ctx, s.o.owner()); err != nil {
		d.noteDamage(err)
		_ = d.close()
		return err
	}
	s.db = d
	return nil
}

// prepareInTurn prepares again while another process is making the same cache:
// for that alone SQLite answers "busy" at once, whatever the time it may wait.
func (d *db) prepareInTurn(ctx context.Context, o owner) error {
	for began := time.Now(); ; {
		err := d.prepare(ctx, o)
		if !errors.Is(err, sqlite3.BUSY) || time.Since(began) > busyTimeout {
			return err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// touch makes an empty file for its owner alone, where there is none.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// owner says whose todos of which project a cache holds.
type owner struct{ sub, project string }

func (o Options) owner() owner { return owner{o.Sub, o.BaseURL} }

// prepare checks the cache's format and owner, and makes or migrates it.
func (d *db) prepare(ctx context.Context, o owner) error {
	c, err := d.take()
	if err != nil {
		return err
	}
	version, err := c.format()
	switch {
	case err == nil && version == 0:
		err = c.exec("PRAGMA journal_mode=WAL")
	case err == nil:
		err = c.belongs(o)
	}
	d.give(c)
	if err != nil || version == formatVersion {
		return plainError(err)
	}
	damaged := d.damagedBefore()
	if err := d.write(ctx, func(c *conn) error { return d.migrate(c, o, damaged) }); err != nil {
		return err
	}
	return unmark(damaged)
}

// belongs refuses a cache of somebody else, or of another project: what waits in
// it must never be sent in the wrong name.
func (c *conn) belongs(o owner) error {
	for name, mine := range map[string]string{"sub": o.sub, "project": o.project} {
		kept, _, err := c.text("SELECT value FROM meta WHERE name = ?", name)
		if err != nil {
			return err
		}
		if kept != "" && mine != "" && kept != mine {
			return fmt.Errorf("the cache is of another %s; it is left as it is", map[string]string{"sub": "person", "project": "project"}[name])
		}
	}
	return nil
}

// format reads which format the cache has, 0 for an empty file.
func (c *conn) format() (int64, error) {
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	app, err := c.integer("PRAGMA application_id")
	switch {
	case err != nil:
		return 0, err
	case version > formatVersion:
		return 0, fmt.Errorf("%w: format %d, this one knows %d; install the newer kindling", ErrNewer, version, formatVersion)
	case app != applicationID && (app != 0 || version != 0):
		return 0, fmt.Errorf("the cache belongs to another program (application id %#x); move it away", app)
	}
	return version, nil
}

// migrate brings the cache to formatVersion, unless another process just did. A new
// one takes over what a damaged one, if there was one, holds of unsent changes.
func (d *db) migrate(c *conn, o owner, damaged string) error {
	version, err := c.format()
	if err != nil || version == formatVersion {
		return err
	}
	began := version
	if version == 0 {
		err = errors.Join(c.Exec(schema), c.setMeta("sub", o.sub), c.setMeta("project", o.project))
		version = 1
	}
	for ; err == nil && version < formatVersion; version++ {
		err = c.Exec(migrations[version-1])
	}
	if err == nil && began == 0 && damaged != "" {
		err = c.rescue(newDB(damaged, d.key))
	}
	if err != nil {
		return err
	}
	return c.Exec(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, formatVersion))
}
