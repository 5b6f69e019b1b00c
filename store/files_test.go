package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
)

func open(t testing.TB, dir string, key []byte) (*Store, error) {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key, Sub: "kp_alice"})
	if err == nil {
		t.Cleanup(func() { _ = s.Close() })
	}
	return s, err
}

func mustOpen(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := open(t, dir, cacheKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func filled(t testing.TB, dir string) *Store {
	s := mustOpen(t, dir)
	did(t, s, NewAdd("kept secret", time.Unix(1, 0)))
	return s
}

// putAway closes a cache with everything in its file and nothing in its log.
func putAway(t testing.TB, s *Store) {
	t.Helper()
	c, err := s.db.take()
	if err == nil {
		err = c.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		s.db.give(c)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// A wrong key must leave the log as it is, short or long: unsent changes are in it.
func TestWrongKeyLeavesTheLog(t *testing.T) {
	for _, n := range []int{1, 3000} {
		dir := t.TempDir()
		s := filled(t, dir)
		step := Step{Name: "add"}
		for i := range n {
			step.Ops = append(step.Ops, NewAdd(fmt.Sprintf("todo %d", i), time.Unix(2, 0)))
		}
		if err := s.Save(t.Context(), step); err != nil {
			t.Fatal(err)
		}
		c, err := s.db.take() // a connection that is not given back is not closed: the log stays
		if err != nil {
			t.Fatal(err)
		}
		log := filepath.Join(dir, cacheFile+"-wal")
		before, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		copied := t.TempDir()
		for _, name := range []string{cacheFile, cacheFile + "-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err := errors.Join(err, os.WriteFile(filepath.Join(copied, name), data, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		s.db.give(c)
		fresh, err := open(t, copied, []byte("ffffffffffffffffffffffffffffffff"))
		if err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(fresh.SetAside() + "-wal")
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("a log of %d bytes is one of %d, %v", len(before), len(after), err)
		}
	}
}

func TestFilesAreTheOwnersAndEncrypted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "account")
	s := filled(t, dir)
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 4 {
		t.Fatalf("files %v, %v", entries, err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, cacheFile))
	if err != nil || len(raw) == 0 || bytes.Contains(raw, []byte("kept secret")) || bytes.Contains(raw, []byte("SQLite format")) {
		t.Errorf("%d bytes in clear, %v", len(raw), err)
	}
}

// A home may be called anything.
func TestACacheInAnyDirectory(t *testing.T) {
	for _, name := range []string{"two words", "a+b", "a&b=c", "100%", "%20", "[x]", "#1", "é"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := filled(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
		if s := mustOpen(t, dir); s.SetAside() != "" || len(items(t, s)) != 1 {
			t.Errorf("%q: %d todos, aside %q", name, len(items(t, s)), s.SetAside())
		}
	}
	if runtime.GOOS != "windows" {
		mustOpen(t, filepath.Join(t.TempDir(), `what? "now" \`+"\n*"))
	}
}

func TestWrongKeySetsTheCacheAside(t *testing.T) {
	dir := t.TempDir()
	s := filled(t, dir)
	other := []byte("ffffffffffffffffffffffffffffffff")
	if _, err := open(t, dir, other); !errors.Is(err, ErrInUse) {
		t.Fatalf("while another process has the right key: %v", err)
	}
	did(t, s, NewAdd("two", time.Unix(2, 0)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fresh, err := open(t, dir, other)
	if err != nil || fresh.SetAside() == "" || len(items(t, fresh)) != 0 {
		t.Fatalf("aside %q, %v", fresh.SetAside(), err)
	}
	if err := fresh.Close(); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"-wal", ""} {
		if err := os.Rename(fresh.SetAside()+part, filepath.Join(dir, cacheFile+part)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(items(t, mustOpen(t, dir))); got != 2 {
		t.Errorf("%d todos in what was set aside", got)
	}
}

func TestDamagedCacheIsSetAside(t *testing.T) {
	for name, harm := range map[string]func([]byte) []byte{
		"noise":     func(b []byte) []byte { return bytes.Repeat([]byte{0xa5}, len(b)) },
		"text":      func([]byte) []byte { return []byte(strings.Repeat("not a cache\n", 1000)) },
		"first":     func(b []byte) []byte { b[10] ^= 1; return b },
		"cut short": func(b []byte) []byte { return b[:100] },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			putAway(t, filled(t, dir))
			path := filepath.Join(dir, cacheFile)
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			raw = harm(raw)
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, dir)
			kept, err := os.ReadFile(s.SetAside())
			if err != nil || !bytes.Equal(kept, raw) {
				t.Fatalf("kept %d bytes of %d, %v", len(kept), len(raw), err)
			}
			did(t, s, NewAdd("new", time.Unix(1, 0)))
		})
	}
}

func TestNewerAndForeignCachesAreNotTouched(t *testing.T) {
	for pragma, want := range map[string]string{
		fmt.Sprintf("user_version=%d", formatVersion+1): ErrNewer.Error(),
		"application_id=77":                             "another program",
	} {
		dir := t.TempDir()
		s := filled(t, dir)
		err := s.db.write(t.Context(), func(c *conn) error { return c.Exec("PRAGMA " + pragma) })
		if err := errors.Join(err, s.Close()); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(filepath.Join(dir, cacheFile))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, dir, cacheKey); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", pragma, err)
		}
		after, err := os.ReadFile(filepath.Join(dir, cacheFile))
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the file was touched, %v", pragma, err)
		}
	}
}

func TestAnothersCacheIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := filled(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir, Key: cacheKey, Sub: "kp_bob"}); err == nil || !strings.Contains(err.Error(), "another person") {
		t.Errorf("open as Bob: %v", err)
	}
	if got := len(items(t, mustOpen(t, dir))); got != 1 {
		t.Errorf("%d todos", got)
	}
}

func TestTheKeyIsInNoError(t *testing.T) {
	dir := t.TempDir()
	secret := hex.EncodeToString(cacheKey)
	_, short := open(t, dir, cacheKey[:31])
	s := filled(t, dir)
	err := s.db.write(t.Context(), func(c *conn) error { return c.Exec("SELECT nonsense FROM nowhere") })
	if err := os.Mkdir(filepath.Join(dir, "file"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "file", cacheFile), 0o700); err != nil {
		t.Fatal(err)
	}
	_, dirErr := open(t, filepath.Join(dir, "file"), cacheKey)
	for _, err := range []error{short, err, dirErr} {
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), string(cacheKey[:16])) {
			t.Errorf("error: %v", err)
		}
	}
}

func TestLocks(t *testing.T) {
	dir := t.TempDir()
	s := filled(t, dir)
	if _, err := LockDir(dir); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), inUseText()) {
		t.Fatalf("lock of an open account: %v", err)
	}
	second := mustOpen(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := LockDir(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("lock while a second has it open: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir, cacheKey); !errors.Is(err, ErrInUse) {
		t.Fatalf("open while it is being signed out: %v", err)
	}
	if err := errors.Join(l.Destroy(), l.Unlock()); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, cacheFile+"*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if got := len(items(t, mustOpen(t, dir))); got != 0 {
		t.Errorf("%d todos after it was destroyed", got)
	}
}

// What a sign-out would lose is counted while nobody else can add to it.
func TestUnsentUnderTheLock(t *testing.T) {
	dir := t.TempDir()
	lock := func() *Lock {
		t.Helper()
		l, err := LockDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	count := func(l *Lock, key []byte) (int, error) {
		st, err := l.Status(t.Context(), Options{Key: key, Sub: "kp_me", BaseURL: "https://p.example"})
		return st.Unsent(), err
	}
	l := lock()
	if n, err := count(l, cacheKey); n != 0 || err != nil {
		t.Errorf("no cache: %d, %v", n, err)
	}
	if err := l.Unlock(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Key: cacheKey, Sub: "kp_me", BaseURL: "https://p.example"})
	if err != nil {
		t.Fatal(err)
	}
	did(t, s, NewAdd("only here", time.Unix(1, 0)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l = lock()
	defer l.Unlock()
	if n, err := count(l, cacheKey); n != 1 || err != nil {
		t.Errorf("one change: %d, %v", n, err)
	}
	if _, err := count(l, bytes.Repeat([]byte{9}, 32)); err == nil {
		t.Error("another key counted something")
	}
	if aside, _ := filepath.Glob(filepath.Join(dir, "*aside*")); len(aside) != 0 {
		t.Errorf("counting moved %v", aside)
	}
	if _, err := LockDir(dir); !errors.Is(err, ErrInUse) {
		t.Errorf("the lock was lost by counting: %v", err)
	}
}

func inUseText() string {
	if _, err := os.Stat("/proc/locks"); err != nil {
		return ""
	}
	return fmt.Sprint("process ", os.Getpid())
}

func TestOneSyncAtATime(t *testing.T) {
	b := newBench(t, "one")
	other := reopen(t, b.store.o.Dir, b.net, b.clock.Now)
	lock, err := b.store.lockSync(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrBusy) {
		t.Fatalf("sync: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := other.Sync(ctx, SyncOptions{Wait: true}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("sync that waits: %v", err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = lock.Close() })
	if _, err := other.Sync(t.Context(), SyncOptions{Wait: true}); err != nil {
		t.Fatalf("sync that waited: %v", err)
	}
}

func TestWatchSeesOthers(t *testing.T) {
	dir := t.TempDir()
	a, b := mustOpen(t, dir), mustOpen(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	changed := a.Watch(ctx)
	did(t, b, NewAdd("from b", time.Unix(1, 0)))
	select {
	case <-changed:
	case <-time.After(time.Minute):
		t.Fatal("never seen")
	}
	if got := len(items(t, a)); got != 1 {
		t.Errorf("%d todos", got)
	}
	cancel()
	for range changed { // it ends with its context
	}
}

func TestOpenOfABusyCacheIsPlain(t *testing.T) {
	for code, want := range map[sqlite3.ErrorCode]string{
		sqlite3.FULL: "disk is full", sqlite3.READONLY: "read-only", sqlite3.CORRUPT: "damaged", sqlite3.NOTADB: "key", sqlite3.BUSY: "busy",
	} {
		if err := plainError(fmt.Errorf("x: %w", code)); !strings.Contains(err.Error(), want) || !errors.Is(err, code) {
			t.Errorf("%v: %v", code, err)
		}
	}
}
