package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // registers the encrypting VFS
)

const busyTimeout = 10 * time.Second // longer than any of our transactions

// db is a pool of connections to one cache: any number read, one at a time writes.
type db struct {
	path string
	key  []byte

	writing chan struct{} // holds one token: the right to write

	mu     sync.Mutex
	free   []*conn
	closed bool
}

func newDB(path string, key []byte) *db {
	d := &db{path: path, key: key, writing: make(chan struct{}, 1)}
	d.writing <- struct{}{}
	return d
}

// conn is a connection with its prepared statements.
type conn struct {
	*sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

// dial opens one more connection. The key is given in a pragma of its own,
// whose text is in no error. With a wrong key the log looks empty: closing must
// not clear away what another key has written there.
func (d *db) dial() (*conn, error) {
	modeOf := strings.ReplaceAll(url.QueryEscape(d.path), "+", "%20") // to SQLite, + is no space
	name := (&url.URL{Scheme: "file", OmitHost: true, Path: d.path, RawQuery: "vfs=adiantum&modeof=" + modeOf}).String()
	raw, err := sqlite3.OpenFlags(name, sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, plainError(err)
	}
	if _, err := raw.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil {
		raw.Close()
		return nil, plainError(err)
	}
	if err := raw.Exec("PRAGMA hexkey='" + hex.EncodeToString(d.key) + "'"); err != nil {
		raw.Close()
		return nil, errors.New("the cache's key is not 32 bytes")
	}
	err = errors.Join(
		raw.BusyTimeout(busyTimeout),
		raw.Exec("PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000"),
	)
	if err != nil {
		raw.Close()
		return nil, plainError(err)
	}
	return &conn{Conn: raw, stmts: map[string]*sqlite3.Stmt{}}, nil
}

var errClosed = errors.New("the cache is closed")

func (d *db) take() (*conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, errClosed
	}
	if n := len(d.free); n > 0 {
		c := d.free[n-1]
		d.free = d.free[:n-1]
		return c, nil
	}
	return d.dial()
}

func (d *db) give(c *conn) {
	c.SetInterrupt(context.Background())
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		c.close()
		return
	}
	d.free = append(d.free, c)
}

func (d *db) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	var err error
	for _, c := range d.free {
		err = errors.Join(err, d.drop(c))
	}
	d.free = nil
	return err
}

// drop closes a connection. The last one of all puts a long log into the cache.
func (d *db) drop(c *conn) error {
	_, err := c.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, d.logIsShort())
	return plainError(errors.Join(err, c.close()))
}

// logIsShort reports whether the log may stay as it is for the next process,
// which reads it back in less time than it takes to write it into the cache: a
// command that changes something then waits for the disk once, not five times.
func (d *db) logIsShort() bool {
	const pages = 64
	info, err := os.Stat(d.path + "-wal")
	return err == nil && info.Size() <= pages*4096
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		s.Close()
	}
	return c.Close()
}

// read runs do on one unchanging view of the cache.
func (d *db) read(ctx context.Context, do func(*conn) error) (err error) {
	c, err := d.take()
	if err != nil {
		return err
	}
	defer d.give(c)
	defer func() { d.noteDamage(err) }()
	return c.view(ctx, do)
}

// scan is read for what looks at every row once. It keeps few pages, and gives its
// connection up: one that saw all would hold on to 8 MB which nobody asks for again.
func (d *db) scan(ctx context.Context, do func(*conn) error) (err error) {
	c, err := d.take()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.drop(c)); d.noteDamage(err) }()
	if err := c.Exec("PRAGMA cache_size=-500"); err != nil {
		return plainError(err)
	}
	return c.view(ctx, do)
}

// view runs do on one unchanging view of the cache.
func (c *conn) view(ctx context.Context, do func(*conn) error) (err error) {
	c.SetInterrupt(ctx)
	if err := c.exec("BEGIN"); err != nil {
		return ended(ctx, err)
	}
	defer func() {
		c.SetInterrupt(context.Background())
		err = errors.Join(err, plainError(c.exec("ROLLBACK")))
	}()
	return ended(ctx, do(c))
}

// write runs do in one durable transaction; an error of do undoes all of it.
func (d *db) write(ctx context.Context, do func(*conn) error) (err error) {
	select {
	case <-d.writing:
		defer func() { d.writing <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	c, err := d.take()
	if err != nil {
		return err
	}
	defer d.give(c)
	defer func() { d.noteDamage(err) }()
	c.SetInterrupt(ctx)
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return ended(ctx, err)
	}
	defer func() {
		c.SetInterrupt(context.Background())
		if !c.GetAutocommit() {
			_ = c.exec("ROLLBACK")
		}
	}()
	if err := do(c); err != nil {
		return ended(ctx, err)
	}
	return ended(ctx, c.exec("COMMIT"))
}

// ended prefers the reason why a context ended to the interrupt it caused.
func ended(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return plainError(err)
}

const damage = "the cache is damaged: start kindling again, which begins a new one with what was not sent"

const diskFull = "the disk is full, or takes nothing more; nothing was changed, make room and try again"

// plainError says in words what SQLite says in codes, and never shows a statement.
func plainError(err error) error {
	var code sqlite3.ErrorCode
	if err == nil || !errors.As(err, &code) {
		return err
	}
	for _, known := range []struct {
		code error
		text string
	}{
		{sqlite3.FULL, diskFull},
		{sqlite3.IOERR_WRITE, diskFull}, // what a full disk is to most systems
		{sqlite3.IOERR_SHMSIZE, diskFull},
		{sqlite3.READONLY, "the cache cannot be written: its file or file system is read-only"},
		{sqlite3.CANTOPEN, "the cache cannot be opened: look at the rights of its directory"},
		{sqlite3.CORRUPT, damage},
		{sqlite3.CONSTRAINT, damage}, // an index that does not know all its rows
		{sqlite3.NOTADB, "the cache is not one this key opens"},
		{sqlite3.BUSY, "the cache is busy: another process is writing for long; try again"},
	} {
		if errors.Is(err, known.code) {
			return fmt.Errorf("%s (%w)", known.text, code)
		}
	}
	return fmt.Errorf("the cache failed: %w", err)
}

// prepared returns the connection's own statement for a text.
func (c *conn) prepared(sql string) (*sqlite3.Stmt, error) {
	if s, ok := c.stmts[sql]; ok {
		return s, nil
	}
	s, _, err := c.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	c.stmts[sql] = s
	return s, nil
}

// exec runs one statement that yields no rows.
func (c *conn) exec(sql string, args ...any) error {
	return c.each(sql, args, func(*sqlite3.Stmt) error { return nil })
}

// each runs one statement and hands every row to do. A statement must not be
// started again inside its own do.
func (c *conn) each(sql string, args []any, do func(*sqlite3.Stmt) error) error {
	s, err := c.prepared(sql)
	if err != nil {
		return err
	}
	defer s.Reset()
	for i, a := range args {
		if err := bind(s, i+1, a); err != nil {
			return err
		}
	}
	for s.Step() {
		if err := do(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// integer returns the first column of the first row, 0 when there is none.
func (c *conn) integer(sql string, args ...any) (n int64, err error) {
	err = c.each(sql, args, func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	})
	return n, err
}

// text returns the first column of the last row.
func (c *conn) text(sql string, args ...any) (v string, found bool, err error) {
	err = c.each(sql, args, func(s *sqlite3.Stmt) error {
		v, found = s.ColumnText(0), s.ColumnType(0) != sqlite3.NULL
		return nil
	})
	return v, found, err
}

func bind(s *sqlite3.Stmt, i int, a any) error {
	switch v := a.(type) {
	case nil:
		return s.BindNull(i)
	case int:
		return s.BindInt(i, v)
	case int64:
		return s.BindInt64(i, v)
	case string:
		return s.BindText(i, v)
	case []byte:
		return s.BindBlob(i, v)
	case bool:
		return s.BindBool(i, v)
	case uuid.UUID:
		return s.BindBlob(i, v[:])
	case time.Time:
		return s.BindInt64(i, micros(v))
	}
	return fmt.Errorf("bind: a %T is not stored", a)
}

// micros and moment keep a time as microseconds, the zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

func columnID(s *sqlite3.Stmt, i int) (id uuid.UUID) {
	copy(id[:], s.ColumnRawBlob(i))
	return id
}
