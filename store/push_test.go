package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestLaterOpsWaitBehindUnknown(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect("PATCH", "late")
	b.net.expect("GET", "no connection") // else the pull could not see it either
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	if st := b.status(); st.Unknown != 1 || st.Waiting != 1 {
		t.Fatalf("status %+v", st)
	}
	b.net.advance(2 * time.Second)
	b.sync() // the repeat lands
	did(t, b.store, Complete(b.item("one").Todo, false))
	b.net.advance(2 * time.Second)
	if r := b.sync(); r.Sent != 0 || r.Waiting != 1 {
		t.Fatalf("the second change did not wait: %+v", r)
	}
	if st := b.status(); st.NextTry.Sub(b.clock.Now()) < 20*time.Second {
		t.Errorf("next try %v, now %v", st.NextTry, b.clock.Now())
	}
	b.net.advance(30 * time.Second)
	if r := b.sync(); r.Sent != 1 || r.Waiting != 0 {
		t.Fatalf("the second change did not go: %+v", r)
	}
	if row, _ := b.row("one"); row.Done != False {
		t.Errorf("the late write won: %+v", row)
	}
}

func TestCrashLeavesUnknown(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	dir := b.store.o.Dir
	b.net.expect("PATCH", "late")
	b.net.crash = nil
	crash := &crashing{script: b.net, kill: func() { _ = b.store.Close() }}
	b.store.api.http.Transport = crash
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, errClosed) {
		t.Fatalf("sync of a dead process: %v", err)
	}
	b.store = reopen(t, dir, b.net, b.clock.Now)
	b.net.advance(time.Second)
	b.sync()
	did(t, b.store, Complete(b.item("one").Todo, false))
	b.net.advance(45 * time.Second)
	if r := b.sync(); r.Waiting != 1 {
		t.Fatalf("46 s after the crash the second change went: %+v", r)
	}
	b.net.advance(20 * time.Second)
	if r := b.sync(); r.Waiting != 0 {
		t.Fatalf("66 s after the crash the second change waits: %+v", r)
	}
	if row, _ := b.row("one"); row.Done != False {
		t.Errorf("the late write won: %+v", row)
	}
}

// crashing kills the program once the first PATCH is out.
type crashing struct {
	*script
	kill func()
}

func (c *crashing) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.script.RoundTrip(r)
	if r.Method == http.MethodPatch {
		c.kill()
	}
	return res, err
}

func reopen(t testing.TB, dir string, rt http.RoundTripper, now func() time.Time) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{
		Dir: dir, Key: cacheKey, Sub: "kp_alice", BaseURL: "http://127.0.0.1:1",
		Tokens: fixed(tokenAlice), HTTP: &http.Client{Transport: rt}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestLateRepeatSaysSo(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Retitle(b.item("one").Todo, "ein"))
	b.net.expect("PATCH", "500, nothing")
	b.sync()
	b.net.advance(61 * time.Second)
	b.sync()
	b.expectState("ein", Synced, saidLate)
	did(t, b.store, Complete(b.item("ein").Todo, true))
	b.sync()
	b.expectState("ein", Synced, "")
	if it := b.item("ein"); it.Note != "" {
		t.Errorf("the note stays: %q", it.Note)
	}
}

func TestLandedUnknownsAreRecognised(t *testing.T) {
	for _, fault := range []string{"answer lost", "500, written", "twice"} {
		b := newBench(t, "one", "two", "three")
		did(t, b.store, NewAdd("four", b.clock.Now()))
		did(t, b.store, Retitle(b.item("one").Todo, "ein"))
		did(t, b.store, Complete(b.item("two").Todo, true))
		did(t, b.store, Remove(b.item("three").Todo))
		for _, m := range []string{"POST", "PATCH", "PATCH", "DELETE"} {
			b.net.expect(m, fault)
		}
		_, _ = b.store.Sync(t.Context(), SyncOptions{})
		b.net.advance(time.Minute)
		b.sync() // three unknown outcomes ended the first before the delete
		b.net.advance(time.Minute)
		if r := b.sync(); r.Waiting+r.Conflicts+r.Parked != 0 {
			t.Errorf("%s: %+v", fault, r)
		}
		sameLists(t, b.project, b.store)
	}
}

const badRow = `{"code":"22P02","details":null,"hint":null,"message":"this one\u001b[31m is bad"}`

func refuseBad(method string, row Todo) (int, string) {
	if strings.HasPrefix(row.Title, "bad") {
		return 400, badRow
	}
	return 0, ""
}

func TestOneBadRowOfABatchIsParkedAlone(t *testing.T) {
	b := newBench(t)
	b.project.refuse = refuseBad
	var ops []Op
	for i := range 600 {
		title := fmt.Sprintf("good %d", i)
		if i == 77 {
			title = "bad"
		}
		ops = append(ops, NewAdd(title, b.clock.Now()))
	}
	did(t, b.store, ops...)
	if r := b.sync(); r.Sent != 599 || r.Parked != 1 || r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	if n := b.project.count(http.MethodPost); n > 22 {
		t.Errorf("%d requests to find one bad row of 500", n)
	}
	b.expectState("bad", Parked, "this one")
	if note := b.item("bad").Note; strings.Contains(note, "\x1b") {
		t.Errorf("the server's text was not stripped: %q", note)
	}
	out, err := b.store.Outbox(t.Context())
	if err != nil || len(out) != 1 || out[0].State != "parked" || out[0].Attempts == 0 || out[0].Reason == "" {
		t.Errorf("outbox %+v, %v", out, err)
	}
	b.project.refuse = nil
	if err := b.store.Retry(t.Context(), b.item("bad").ID); err != nil {
		t.Fatal(err)
	}
	b.sync()
	sameLists(t, b.project, b.store)
}

// A guard that never fits what is then seen is not tried without end.
func TestGuardThatNeverFitsIsGivenUpForNow(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	tries := 0
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if r.Method == http.MethodPatch {
			if tries++; tries <= 10 {
				r = asAnon(r) // hits nothing
			}
		}
		return send(r)
	})
	if r := b.sync(); tries != mostTries || r.Waiting != 1 {
		t.Fatalf("%d tries, report %+v", tries, r)
	}
}

// A project that fails at everything is not asked for everything.
func TestPushStopsWhereAllFails(t *testing.T) {
	b := newBench(t, "one", "two", "three", "four", "five", "six")
	b.store.workers = 1
	for _, it := range items(t, b.store) {
		did(t, b.store, Complete(it.Todo, true))
		b.net.expect(http.MethodPatch, "500, nothing")
	}
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); err == nil || b.project.count(http.MethodPatch) != 0 || len(b.net.rules) != 6-mostDoubts {
		t.Fatalf("sync %v, faults left: %d", err, len(b.net.rules))
	}
	if st := b.status(); st.Waiting != 6 || st.Unknown != mostDoubts {
		t.Errorf("status %+v", st)
	}
}

func TestParkedEdit(t *testing.T) {
	for name, act := range map[string]func(b *bench) string{
		"discard": func(b *bench) string {
			if err := b.store.Discard(b.Context(), b.item("bad").ID); err != nil {
				b.Fatal(err)
			}
			return "one"
		},
		"edit": func(b *bench) string {
			did(b, b.store, Retitle(b.item("bad").Todo, "good"))
			return "good"
		},
		"delete": func(b *bench) string {
			did(b, b.store, Remove(b.item("bad").Todo))
			return ""
		},
		"complete": func(b *bench) string {
			did(b, b.store, Complete(b.item("bad").Todo, true))
			b.sync()
			if row, ok := b.row("one"); !ok || row.Done != True {
				b.Errorf("what follows a parked edit did not go: %+v", row)
			}
			b.expectState("bad", Parked, "this one")
			if err := b.store.Discard(b.Context(), b.item("bad").ID); err != nil {
				b.Fatal(err)
			}
			return "one"
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "one", "two")
			did(t, b.store, Retitle(b.item("one").Todo, "bad"))
			b.project.refuse = func(string, Todo) (int, string) { return 409, badRow }
			if r := b.sync(); r.Parked != 1 {
				t.Fatalf("report %+v", r)
			}
			b.project.refuse = nil
			b.expectState("bad", Parked, "this one")
			want := act(b)
			b.sync()
			sameLists(t, b.project, b.store)
			if want != "" {
				b.item(want)
			} else if _, ok := b.row("one"); ok {
				t.Error("it was not deleted")
			}
		})
	}
}

func TestSomebodyElsesID(t *testing.T) {
	b := newBench(t, "one")
	op := NewAdd("new", b.clock.Now())
	b.project.foreign[op.ID] = true
	did(t, b.store, op)
	b.sync()
	sameLists(t, b.project, b.store)
	if it := b.item("new"); it.ID == op.ID {
		t.Error("it kept the id")
	}
	if found, err := b.store.Find(t.Context(), op.ID.String()[:9]); err != nil || len(found) != 1 || found[0].Title != "new" {
		t.Errorf("the old id finds %v, %v", found, err)
	}
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.sync()
	if _, ok := b.row("new"); ok {
		t.Error("undo did not follow the id")
	}
}

func TestAbsenceWithoutWitness(t *testing.T) {
	b := newBench(t, "only")
	row, _ := b.row("only")
	did(t, b.store, Complete(b.item("only").Todo, true))
	b.web(row, nil)
	b.sync()
	if st := b.status(); st.Conflicts != 0 || st.Waiting != 1 {
		t.Fatalf("believed at once: %+v", st)
	}
	b.net.advance(29 * time.Second)
	b.sync()
	if st := b.status(); st.Conflicts != 0 {
		t.Fatalf("believed after 29 s: %+v", st)
	}
	b.net.advance(2 * time.Second)
	b.sync()
	if st := b.status(); st.Conflicts != 1 || st.Waiting != 0 {
		t.Fatalf("not believed after 31 s: %+v", st)
	}
}

func TestLandingAsNobodyLosesNothing(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true), Remove(b.item("two").Todo))
	for _, m := range []string{"PATCH", "LOOK", "DELETE", "LOOK"} {
		b.net.expect(m, "as anon")
	}
	b.sync()
	if st := b.status(); st.Waiting != 2 || st.Conflicts != 0 {
		t.Fatalf("status %+v", st)
	}
	b.net.advance(time.Minute)
	b.sync()
	sameLists(t, b.project, b.store)
	if all := b.project.all(); len(all) != 1 || all[0].Done != True {
		t.Errorf("the project holds %v", all)
	}
}

func TestCancelEndsARequestUnderWay(t *testing.T) {
	b := newBench(t, "one", "two")
	b.store.workers = 1
	did(t, b.store, Complete(b.item("one").Todo, true), Complete(b.item("two").Todo, true))
	b.net.expect("PATCH", "hang")
	ctx, cancel := context.WithCancel(t.Context())
	b.net.hangs = cancel
	if _, err := b.store.Sync(ctx, SyncOptions{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if st := b.status(); st.Unknown != 1 || st.Waiting != 2 || st.LastError != "" || !st.NextTry.IsZero() {
		t.Fatalf("status %+v", st)
	}
	b.net.advance(time.Minute)
	b.sync()
	sameLists(t, b.project, b.store)
}

func TestNullColumns(t *testing.T) {
	b := newBench(t, "other")
	for _, done := range []Bool{Null, False, True} {
		row := Todo{ID: uuid.New(), Title: fmt.Sprint("row ", done), Done: done, Created: NoInstant}
		b.project.put(nil, &row)
	}
	b.sync()
	for _, title := range []string{"row 0", "row 1", "row 2"} {
		it := b.item(title)
		did(t, b.store, Complete(it.Todo, !it.Done.Bool()))
	}
	b.sync()
	for title, want := range map[string]Bool{"row 0": True, "row 1": True, "row 2": False} {
		if row, _ := b.row(title); row.Done != want {
			t.Errorf("%s: %v, want %v", title, row.Done, want)
		}
		did(t, b.store, Remove(b.item(title).Todo))
	}
	// Between NULL and false there is nothing to decide.
	row, _ := b.row("row 2")
	b.web(row, func(t *Todo) { t.Done = Null })
	if r := b.sync(); r.Conflicts != 0 || r.Sent < 3 {
		t.Errorf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}
