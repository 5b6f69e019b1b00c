package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestRowLevelSecurityRefuses(t *testing.T) {
	denied := func(all bool) func(string, Todo) (int, string) {
		return func(method string, row Todo) (int, string) {
			if all || strings.HasPrefix(row.Title, "bad") {
				return 403, `{"code":"42501","message":"new row violates row-level security policy"}`
			}
			return 0, ""
		}
	}
	b := newBench(t)
	did(t, b.store, NewAdd("good", b.clock.Now()), NewAdd("bad", b.clock.Now()))
	b.project.refuse = denied(true)
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrRefused) {
		t.Fatalf("sync: %v", err)
	}
	if st := b.status(); st.Waiting != 2 || st.Parked != 0 {
		t.Fatalf("all were refused: %+v", st)
	}
	b.project.refuse = denied(false)
	if r := b.sync(); r.Sent != 1 || r.Parked != 1 || r.Waiting != 0 {
		t.Fatalf("one was refused: %+v", r)
	}
}

// A change that row-level security refuses keeps nobody from what is new.
func TestWhereWritesAreRefusedTheListIsRead(t *testing.T) {
	b := newBench(t, "one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.project.refuse = func(string, Todo) (int, string) {
		return 403, `{"code":"42501","message":"new row violates row-level security policy"}`
	}
	b.web(Todo{ID: uuid.New(), Title: "new", Done: False}, func(*Todo) {})
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrRefused) {
		t.Fatalf("sync: %v", err)
	}
	b.item("new")
	if st := b.status(); st.Waiting != 1 || st.LastError == "" || !st.LastSync.Equal(b.clock.Now()) {
		t.Errorf("status %+v", st)
	}
}

// over is a session that is over.
type over struct{}

func (over) Token(context.Context, string) (string, error) { return "", signInAgain{} }

type signInAgain struct{}

func (signInAgain) Error() string        { return "invalid_grant" }
func (signInAgain) SignInRequired() bool { return true }

func TestPausesWithoutASession(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	tokens := b.store.api.tokens
	b.store.api.tokens = over{}
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrSignIn) {
		t.Fatalf("sync: %v", err)
	}
	if st := b.status(); st.Waiting != 1 || st.Unknown != 0 || !st.NextTry.IsZero() {
		t.Fatalf("status %+v", st)
	}
	did(t, b.store, Retitle(b.item("two").Todo, "zwei")) // it stays writable
	b.store.api.tokens = tokens
	if r := b.sync(); r.Sent != 2 {
		t.Fatalf("report %+v", r)
	}
}

func TestRetryAfterAndBackOff(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect("PATCH", "429")
	r, err := b.store.Sync(t.Context(), SyncOptions{})
	st := b.status()
	if !errors.Is(err, ErrOffline) || st.Unknown != 0 || !r.NextTry.Equal(st.NextTry) || st.NextTry.Sub(b.clock.Now()) < 7*time.Second {
		t.Fatalf("%v, %+v, now %v", err, st, b.clock.Now())
	}
	var waits []time.Duration
	for range 12 {
		b.net.expect("WHO", "no connection")
		_, _ = b.store.Sync(t.Context(), SyncOptions{})
		waits = append(waits, b.status().NextTry.Sub(b.clock.Now()))
	}
	if waits[1] > 15*time.Second || waits[11] < longBackOff/2 || waits[11] > longBackOff*3/2 {
		t.Errorf("waits %v", waits)
	}
	b.sync()
	if st := b.status(); !st.NextTry.IsZero() || st.LastError != "" {
		t.Errorf("after a success: %+v", st)
	}
}

// What a pull shows to have landed is not sent again after somebody took it back.
func TestWhatAPullSawIsNotRepeated(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, NewAdd("new", b.clock.Now()))
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPost, "answer lost")
	b.net.expect(http.MethodPatch, "answer lost")
	if r := b.sync(); r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	row, _ := b.row("new")
	b.web(row, nil)
	row, _ = b.row("one")
	b.web(row, func(t *Todo) { t.Done = False })
	b.net.advance(2 * time.Minute)
	b.sync()
	if _, ok := b.row("new"); ok {
		t.Error("the add was repeated")
	}
	if row, _ := b.row("one"); row.Done != False {
		t.Error("the change was repeated")
	}
	sameLists(t, b.project, b.store)
}

// An op that was refused after an attempt of unknown outcome may have been
// carried out by that: it is not changed any more.
func TestRefusedAfterUnknownIsNotFolded(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Retitle(b.item("one").Todo, "two of it"))
	b.net.expect(http.MethodPatch, "late")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.project.refuse = nil
	b.expectState("two of it", Parked, "this one")
	did(t, b.store, Retitle(b.item("two of it").Todo, "three of it"))
	b.net.advance(16 * time.Second) // it lands after all
	if err := b.store.Retry(t.Context(), b.item("three of it").ID); err != nil {
		t.Fatal(err)
	}
	b.net.advance(time.Minute)
	if r := b.sync(); r.Conflicts != 0 || r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
	b.item("three of it")
}

// A clock that was a year ahead when a change was sent does not hold up the next.
func TestClockThatWasWrong(t *testing.T) {
	b := newBench(t, "one", "two")
	const year = 365 * 24 * time.Hour
	b.clock.add(year)
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPatch, "answer lost")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.sync()
	did(t, b.store, Complete(b.item("one").Todo, false))
	if r := b.sync(); r.Waiting != 1 {
		t.Fatalf("report %+v", r)
	}
	b.clock.add(-year)
	if r := b.sync(); r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// What a person has to decide about is listed first, whatever waits before it.
func TestOutboxHead(t *testing.T) {
	b := newBench(t)
	b.project.refuse = refuseBad
	did(t, b.store, NewAdd("good", b.clock.Now()), NewAdd("bad", b.clock.Now()))
	b.sync()
	for i := range 4 {
		did(t, b.store, NewAdd(fmt.Sprint("waiting ", i), b.clock.Now()))
	}
	head := func(n int) (titles []string, more int) {
		first, more, err := b.store.OutboxHead(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range first {
			titles = append(titles, p.State+" "+p.Op.Want.Title)
		}
		return titles, more
	}
	if got, more := head(2); more != 3 || !slices.Equal(got, []string{"parked bad", "unsent waiting 0"}) {
		t.Errorf("the first two: %q, and %d more", got, more)
	}
	if got, more := head(100); more != 0 || len(got) != 5 {
		t.Errorf("all: %q, and %d more", got, more)
	}
	parked, err := b.store.Parked(t.Context())
	if err != nil || len(parked) != 1 || parked[0].Op.Want.Title != "bad" || parked[0].Reason == "" {
		t.Errorf("refused: %+v, %v", parked, err)
	}
}
