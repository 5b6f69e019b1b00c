package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestChild is what the tests of several processes run as another process.
func TestChild(t *testing.T) {
	job, ok := jobs[os.Getenv("KINDLING_CHILD")]
	if !ok {
		t.Skip("it is a part of other tests")
	}
	job(t, os.Getenv("KINDLING_CHILD_DIR"), os.Getenv("KINDLING_CHILD_URL"))
}

var jobs = map[string]func(t *testing.T, dir, url string){
	"add":      func(t *testing.T, dir, _ string) { addForever(t, mustOpen(t, dir), func() {}) },
	"add+sync": addAndSync,
	"change":   changeHundred,
	"full":     fillDisk,
	"model":    carryOut,
	"readonly": openReadOnly,
}

// child starts a job in a process of its own, in step with what it prints.
func child(t *testing.T, job, dir, url string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "KINDLING_CHILD="+job, "KINDLING_CHILD_DIR="+dir, "KINDLING_CHILD_URL="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd, bufio.NewScanner(out)
}

// addForever adds todos and prints each once it was acknowledged.
func addForever(t *testing.T, s *Store, then func()) {
	for i := range 100000 {
		title := fmt.Sprintf("todo %d.%d", os.Getpid(), i)
		did(t, s, NewAdd(title, time.Now()))
		fmt.Println("ack", title)
		then()
	}
}

func addAndSync(t *testing.T, dir, url string) {
	s := connected(t, dir, url, 0)
	go func() {
		for {
			_, _ = s.Sync(t.Context(), SyncOptions{})
		}
	}()
	addForever(t, s, func() { time.Sleep(time.Millisecond) })
}

// connected opens an account whose project is at url; its clock is ahead.
func connected(t testing.TB, dir, url string, ahead time.Duration) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{
		Dir: dir, Key: cacheKey, Sub: "kp_alice", BaseURL: url, Tokens: fixed(tokenAlice),
		Now: func() time.Time { return time.Now().Add(ahead) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// killAfter reads what a child acknowledged, kills it in the middle of its work
// and returns what it had said by then.
func killAfter(t *testing.T, cmd *exec.Cmd, out *bufio.Scanner, acks int) (titles []string) {
	t.Helper()
	for out.Scan() {
		if title, ok := strings.CutPrefix(out.Text(), "ack "); ok {
			titles = append(titles, title)
		}
		if len(titles) == acks {
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait()
	if len(titles) < acks {
		t.Fatalf("the child ended by itself after %d changes", len(titles))
	}
	return titles
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	var acked []string
	for range 8 {
		cmd, out := child(t, "add", dir, "")
		acked = append(acked, killAfter(t, cmd, out, 1+rand.IntN(30))...)
		s := mustOpen(t, dir)
		if s.SetAside() != "" {
			t.Fatal("the cache was set aside")
		}
		shown := map[string]int{}
		for _, it := range items(t, s) {
			shown[it.Title]++
		}
		for _, title := range acked {
			if shown[title] != 1 {
				t.Fatalf("%q is there %d times", title, shown[title])
			}
		}
		sound(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// sound holds that SQLite finds nothing wrong with the file.
func sound(t *testing.T, s *Store) {
	t.Helper()
	if err := integrity(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func integrity(ctx context.Context, s *Store) error {
	return s.db.read(ctx, func(c *conn) error {
		verdict, _, err := c.text("PRAGMA integrity_check")
		if err == nil && verdict != "ok" {
			err = errors.New(verdict)
		}
		return err
	})
}

func TestKillWhileSyncing(t *testing.T) {
	p := newProject()
	srv := httptest.NewServer(p)
	defer srv.Close()
	dir := t.TempDir()
	var acked []string
	for range 6 {
		cmd, out := child(t, "add+sync", dir, srv.URL)
		acked = append(acked, killAfter(t, cmd, out, 1+rand.IntN(40))...)
	}
	s := connected(t, dir, srv.URL, 2*time.Minute) // what was unknown can be repeated
	if r, err := s.Sync(t.Context(), SyncOptions{}); err != nil || r.Waiting+r.Conflicts+r.Parked != 0 {
		t.Fatalf("report %+v, %v", r, err)
	}
	exactlyOnce(t, p, acked)
	sameLists(t, p, s)
}

func exactlyOnce(t *testing.T, p *project, titles []string) {
	t.Helper()
	count := map[string]int{}
	for _, row := range p.all() {
		count[row.Title]++
	}
	for _, title := range titles {
		if count[title] != 1 {
			t.Errorf("%q is at the project %d times", title, count[title])
		}
	}
}

// changeHundred adds fifty todos and completes each, syncing as it goes.
func changeHundred(t *testing.T, dir, url string) {
	s := connected(t, dir, url, 0)
	for i := range 50 {
		op := NewAdd(fmt.Sprintf("todo %d.%d", os.Getpid(), i), time.Now())
		did(t, s, op)
		if _, err := s.Sync(t.Context(), SyncOptions{}); err != nil && !errors.Is(err, ErrBusy) {
			t.Fatal(err)
		}
		did(t, s, Complete(op.Want, true))
		fmt.Println("ack", op.Want.Title)
	}
	if _, err := s.Sync(t.Context(), SyncOptions{Wait: true}); err != nil {
		t.Fatal(err)
	}
}

func TestTwoProcessesOneAccount(t *testing.T) {
	p := newProject()
	srv := httptest.NewServer(p)
	defer srv.Close()
	dir := t.TempDir()
	var acked []string
	one, out1 := child(t, "change", dir, srv.URL)
	two, out2 := child(t, "change", dir, srv.URL)
	for _, c := range []struct {
		cmd *exec.Cmd
		out *bufio.Scanner
	}{{one, out1}, {two, out2}} {
		for c.out.Scan() {
			if title, ok := strings.CutPrefix(c.out.Text(), "ack "); ok {
				acked = append(acked, title)
			} else {
				t.Log(c.out.Text())
			}
		}
		if err := c.cmd.Wait(); err != nil {
			t.Fatalf("a child failed: %v", err)
		}
	}
	s := connected(t, dir, srv.URL, 0)
	synced(t, s)
	if len(acked) != 100 {
		t.Fatalf("%d acknowledged", len(acked))
	}
	exactlyOnce(t, p, acked)
	for _, row := range p.all() {
		if row.Done != True {
			t.Errorf("%q was not completed", row.Title)
		}
	}
	sameLists(t, p, s)
}

// fillDisk saves until the system refuses to let the cache grow.
func fillDisk(t *testing.T, dir, _ string) {
	s := mustOpen(t, dir)
	if !limitFiles(t, 300<<10) {
		return
	}
	for i := range 10000 {
		title := fmt.Sprintf("todo %d %s", i, strings.Repeat("x", 2000))
		err := s.Save(t.Context(), Step{Name: "add", Ops: []Op{NewAdd(title, time.Now())}})
		if err != nil {
			fmt.Println("refused", err)
			fmt.Println("shown", len(items(t, s)))
			return
		}
		fmt.Println("ack", title)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	cmd, out := child(t, "full", dir, "")
	acked, why := 0, ""
	for out.Scan() {
		switch word, rest, _ := strings.Cut(out.Text(), " "); word {
		case "ack":
			acked++
		case "refused":
			why = rest
		case "unlimited":
			t.Skip("NOT RUN: this system has no limit on the size of files")
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if acked == 0 || !strings.HasPrefix(why, "save change: the disk is full, ") || strings.Contains(why, "INSERT") {
		t.Fatalf("after %d changes: %q", acked, why)
	}
	s := mustOpen(t, dir)
	if got := len(items(t, s)); got != acked {
		t.Errorf("%d of %d are there", got, acked)
	}
	sound(t, s)
}

// The system's own word for a full disk becomes ours, and the change before
// stays as it was.
func TestFullCache(t *testing.T) {
	s := filled(t, t.TempDir())
	limit := func(pages int64) {
		c, err := s.db.take()
		if err != nil {
			t.Fatal(err)
		}
		defer s.db.give(c)
		if _, err := c.integer(fmt.Sprint("PRAGMA max_page_count=", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	err := s.Save(t.Context(), Step{Name: "add", Ops: []Op{NewAdd(strings.Repeat("x", 100000), time.Now())}})
	if err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("save: %v", err)
	}
	if got := len(items(t, s)); got != 1 {
		t.Errorf("%d todos", got)
	}
	limit(1 << 30)
	did(t, s, NewAdd("again", time.Now()))
}

// What keeps a sync from its work may keep it from writing that down: it is told once.
func TestAFailureOfTheCacheIsToldOnce(t *testing.T) {
	s := connected(t, t.TempDir(), "http://127.0.0.1:1", 0)
	if err := s.db.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sync(t.Context(), SyncOptions{}); !errors.Is(err, errClosed) || err.Error() != errClosed.Error() {
		t.Errorf("%v", err)
	}
}

func openReadOnly(t *testing.T, dir, _ string) {
	dropRights(t)
	_, err := open(t, dir, cacheKey)
	fmt.Println("refused", err)
}

func TestReadOnlyDirectory(t *testing.T) {
	dir, err := os.MkdirTemp("", "kindling-readonly")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := filled(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.Chmod(dir+"/"+e.Name(), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	cmd, out := child(t, "readonly", dir, "")
	why := ""
	for out.Scan() {
		if rest, ok := strings.CutPrefix(out.Text(), "refused "); ok {
			why = rest
		}
	}
	_ = cmd.Wait()
	if !strings.Contains(why, "permission denied") && !strings.Contains(why, "read-only") && !strings.Contains(why, "the rights of its directory") {
		t.Errorf("open: %q", why)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		_ = os.Chmod(dir+"/"+e.Name(), 0o600)
	}
	if got := len(items(t, mustOpen(t, dir))); got != 1 {
		t.Errorf("%d todos are left", got)
	}
}
