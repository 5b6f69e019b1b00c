package store

import (
	"bytes"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
)

// A sync that finds all as it was moves no row and writes nothing into the cache;
// and still whoever looks knows when it was.
func TestSyncOfNothingNewWritesNothing(t *testing.T) {
	b := newBench(t)
	for i := range 10 {
		b.web(Todo{ID: uuid.UUID{byte(i + 1)}, Title: "todo", Done: False}, func(*Todo) {})
	}
	net := &weighed{behind: b.net}
	s := device(t, net, b.clock.Now)
	s.pageRows = 3
	synced(t, s)
	other, err := s.db.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer other.close()
	before, files := look(t, s, other), cacheBytes(t, s)
	b.clock.add(time.Minute)
	net.pages, net.rows = 0, 0
	if r := synced(t, s); r != (Report{}) {
		t.Errorf("report %+v", r)
	}
	if net.pages < 4 || net.rows != 0 {
		t.Errorf("%d pages took %d bytes, want several pages and none", net.pages, net.rows)
	}
	after := look(t, s, other)
	if after.version != before.version || !maps.Equal(files, cacheBytes(t, s)) {
		t.Error("something was written into the cache")
	}
	if after == before {
		t.Error("who watches does not learn of it")
	}
	if st, err := s.Status(t.Context()); err != nil || !st.LastSync.Equal(b.clock.Now()) {
		t.Errorf("last sync %v, %v; want %v", st.LastSync, err, b.clock.Now())
	}
}

// A cache that was copied, or put back, tells its own age.
func TestACopiedCacheTellsItsAge(t *testing.T) {
	b := newBench(t, "one")
	old := copied(t, b.store.o.Dir)
	b.clock.add(time.Minute)
	b.sync()
	quiet := b.clock.Now()
	b.clock.add(time.Hour)
	s := reopen(t, copied(t, b.store.o.Dir), b.net, b.clock.Now)
	if st, err := s.Status(t.Context()); err != nil || !st.LastSync.Equal(quiet) {
		t.Errorf("copied: last sync %v, %v; want %v", st.LastSync, err, quiet)
	}
	did(t, b.store, Retitle(b.item("one").Todo, "two"))
	b.sync()
	b.clock.add(time.Minute)
	b.sync()
	if err := os.CopyFS(old, onlyFile(b.store.o.Dir, syncedFile)); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, old, b.net, b.clock.Now)
	if st, err := s.Status(t.Context()); err != nil || !st.LastSync.Before(quiet) {
		t.Errorf("put back: last sync %v, %v; want one before %v", st.LastSync, err, quiet)
	}
}

// copied copies a directory, as of now.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// onlyFile is a directory as if it held one file alone.
func onlyFile(dir, name string) fs.FS {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		panic(err)
	}
	return fstest.MapFS{name: {Data: text, Mode: 0o600}}
}

func look(t *testing.T, s *Store, c *conn) sight {
	t.Helper()
	seen, err := s.look(c)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// cacheBytes is what the cache and its log hold.
func cacheBytes(t *testing.T, s *Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(filepath.Join(s.o.Dir, cacheFile+end))
		if err != nil {
			t.Fatal(err)
		}
		all[end] = string(text)
	}
	return all
}

// weighed counts the pages of a pull and the bytes of their bodies.
type weighed struct {
	behind      http.RoundTripper
	pages, rows int
}

// RoundTrip implements http.RoundTripper.
func (w *weighed) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := w.behind.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || !strings.Contains(r.URL.Path, "/records/") {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(body))
	w.pages++
	w.rows += len(body)
	return res, err
}

// Whoever read every row holds no copy of them: what its connection kept goes with it.
func TestReadingAllKeepsNoConnection(t *testing.T) {
	b := newBench(t, "one", "two")
	if _, err := b.store.Window(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	before := len(b.store.db.free)
	for _, err := range b.store.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if after := len(b.store.db.free); after != before-1 {
		t.Errorf("%d connections wait for the next reader, and %d did before", after, before)
	}
}
