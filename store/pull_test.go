package store

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestEmptyAnswerIsCheckedThreeTimes(t *testing.T) {
	b := newBench(t, "one", "two")
	for _, row := range b.project.all() {
		b.web(row, nil)
	}
	for i, wait := range []time.Duration{0, 5 * time.Second, 16 * time.Second} { // the second comes too early
		b.net.advance(wait)
		if r := b.sync(); r.Gone != 0 {
			t.Fatalf("believed by pull %d", i)
		}
		if st := b.status(); !st.Checking || st.Open != 2 || st.NextTry.IsZero() {
			t.Fatalf("status %+v", st)
		}
	}
	b.net.advance(21 * time.Second)
	if r := b.sync(); r.Gone != 2 {
		t.Fatalf("not believed by the third: %+v", r)
	}
	if st := b.status(); st.Checking || st.Open != 0 {
		t.Fatalf("status %+v", st)
	}
}

func TestEmptyAnswerToNobodyIsForgotten(t *testing.T) {
	b := newBench(t, "one", "two")
	for range 2 {
		b.net.advance(30 * time.Second)
		b.net.expect(http.MethodGet, "as anon")
		b.sync()
		if !b.status().Checking {
			t.Fatal("it is not checked")
		}
	}
	b.net.advance(30 * time.Second)
	b.sync()
	if b.status().Checking {
		t.Fatal("it is still checked")
	}
	for range 2 { // the count starts again
		b.net.advance(30 * time.Second)
		b.net.expect(http.MethodGet, "as anon")
		b.sync()
	}
	b.net.advance(30 * time.Second)
	b.sync()
	sameLists(t, b.project, b.store)
}

func TestShrinkIsCheckedTwice(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprint("todo ", i))
	}
	b := newBench(t, names...)
	for _, row := range b.project.all()[:40] {
		b.web(row, nil)
	}
	if r := b.sync(); r.Gone != 0 || b.status().Checking {
		t.Fatalf("a first pull took %d", r.Gone)
	}
	b.net.advance(21 * time.Second)
	if r := b.sync(); r.Gone != 40 {
		t.Fatalf("a second pull took %d", r.Gone)
	}
	sameLists(t, b.project, b.store)
}

func TestIdentityIsAskedBeforeAndAfter(t *testing.T) {
	for after := range 2 {
		b := newBench(t, "one", "two", "three")
		row, _ := b.row("two")
		b.web(row, nil)
		if after == 0 {
			b.net.expect("WHO", "as anon")
		} else {
			who := 0
			b.store.api.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "requesting_user_id") {
					if who++; who == 2 {
						b.net.expect("WHO", "as anon")
					}
				}
				return b.net.RoundTrip(r)
			})
		}
		if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrOffline) {
			t.Fatalf("sync: %v", err)
		}
		if st := b.status(); st.Open != 3 {
			t.Fatalf("a row went: %+v", st)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestMissingPageRemovesNothing(t *testing.T) {
	for _, fault := range []string{"as anon", "500, nothing", "no connection", "401", "429"} {
		b := newBench(t, "a", "b", "c", "d", "e", "f", "g", "h")
		b.store.pageRows = 3
		gets := 0
		b.store.api.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.RawQuery, "id=gte.") {
				if gets++; gets%3 == 0 { // always the third
					b.net.expect(http.MethodGet, fault)
				}
			}
			return b.net.RoundTrip(r)
		})
		if _, err := b.store.Sync(t.Context(), SyncOptions{}); err == nil {
			t.Fatalf("%s: no error", fault)
		}
		if st := b.status(); st.Open != 8 {
			t.Errorf("%s: %+v", fault, st)
		}
	}
}

func TestRowsOfSomebodyElseAreRefused(t *testing.T) {
	b := newBench(t, "one", "two")
	b.store.api.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.RawQuery, "id=gte.") {
			return answered(r, 200, `[{"id":"`+uuid.NewString()+`","user_id":"kp_bob","title":"secret of Bob","is_complete":false,"created_at":null}]`, nil), nil
		}
		return b.net.RoundTrip(r)
	})
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrForeign) || strings.Contains(err.Error(), "secret") {
		t.Fatalf("sync: %v", err)
	}
	if st := b.status(); st.Open != 2 {
		t.Errorf("status %+v", st)
	}
}

// A page that is as it was when it was read says nothing of what is held, if
// that was changed by a push since.
func TestNotModifiedAfterThereAndBack(t *testing.T) {
	b := newBench(t, "one", "two")
	b.sync() // keeps the page
	before, _ := b.row("one")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	row, _ := b.row("one")
	b.web(row, func(t *Todo) { *t = before })
	b.sync()
	sameLists(t, b.project, b.store)
}

// Where pages begin and end shifts with what is added and deleted: one that
// comes back as it once was says nothing of what others told since.
func TestNotModifiedAfterPagesShifted(t *testing.T) {
	b := newBench(t)
	b.store.pageRows = 3
	var rows []Todo
	for i := range 6 {
		rows = append(rows, Todo{ID: uuid.UUID{byte(i + 1)}, Title: fmt.Sprint("todo ", i), Done: False})
	}
	put := func(all ...Todo) {
		for _, row := range all {
			b.web(row, func(*Todo) {})
		}
		b.sync()
		sameLists(t, b.project, b.store)
	}
	put(rows...) // the second page begins with the third todo
	b.web(rows[1], nil)
	put() // it begins with the fourth
	changed := rows[4]
	changed.Title = "changed"
	put(changed)
	put(rows[1], rows[4]) // all as at first
}

func TestWhatIsOnesOwnDoesNotVanish(t *testing.T) {
	b := newBench(t, "waiting", "parked", "draft", "plain", "other")
	did(t, b.store, Complete(b.item("parked").Todo, true))
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	b.sync()
	if err := b.store.SaveDraft(t.Context(), b.item("draft").ID, "half a thought"); err != nil {
		t.Fatal(err)
	}
	for _, row := range b.project.all() {
		if row.Title != "other" {
			b.web(row, nil)
		}
	}
	did(t, b.store, Complete(b.item("waiting").Todo, true))
	b.net.expect(http.MethodPatch, "500, nothing")
	if r := b.sync(); r.Gone != 1 {
		t.Errorf("report %+v", r)
	}
	for _, title := range []string{"waiting", "parked", "draft", "other"} {
		b.item(title)
	}
	gone, err := b.store.Vanished(t.Context())
	if err != nil || len(gone) != 1 || gone[0].Todo.Title != "plain" {
		t.Fatalf("vanished %v, %v", gone, err)
	}
	b.project.refuse = nil
	if err := b.store.Restore(t.Context(), gone[0].Todo.ID); err != nil {
		t.Fatal(err)
	}
	b.sync()
	if row, ok := b.row("plain"); !ok || row.ID == gone[0].Todo.ID {
		t.Errorf("restored as %v", row)
	}
}

func TestComeBackIsSaid(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Remove(b.item("one").Todo))
	b.sync()
	b.project.put(nil, &row)
	b.sync()
	b.expectState("one", Synced, saidBack)
	did(t, b.store, Remove(b.item("one").Todo))
	b.net.advance(25 * time.Hour)
	b.sync()
	sameLists(t, b.project, b.store)
}

// What came back is not listed as gone, and cannot be restored beside itself.
func TestWhatCameBackHasNotVanished(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	b.web(row, nil)
	b.sync()
	b.web(row, func(*Todo) {})
	b.sync()
	if gone, err := b.store.Vanished(t.Context()); err != nil || len(gone) != 0 {
		t.Fatalf("vanished %v, %v", gone, err)
	}
}

// Where nothing could vanish, an empty answer needs no checking.
func TestEmptyAnswerOverOnesOwnIsNotChecked(t *testing.T) {
	b := newBench(t, "one")
	row, _ := b.row("one")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.web(row, nil)
	b.sync()
	if st := b.status(); st.Checking || st.Waiting != 1 {
		t.Fatalf("status %+v", st)
	}
}

func TestVanishedKeepsTheLastHundred(t *testing.T) {
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("todo %03d", i))
	}
	b := newBench(t, names...)
	for _, row := range b.project.all()[:130] {
		b.web(row, nil)
	}
	b.sync()
	gone, err := b.store.Vanished(t.Context())
	if err != nil || len(gone) != keptVanished {
		t.Errorf("%d vanished, %v", len(gone), err)
	}
}

func TestChangesAreIncremental(t *testing.T) {
	b := newBench(t, "one", "two", "three")
	all, err := b.store.Changes(t.Context(), 0)
	if err != nil || !all.All || len(all.Items) != 3 {
		t.Fatalf("changes %+v, %v", all, err)
	}
	did(t, b.store, Complete(b.item("one").Todo, true))
	did(t, b.store, Remove(b.item("two").Todo))
	d, err := b.store.Changes(t.Context(), all.Rev)
	if err != nil || d.All || len(d.Items) != 1 || d.Items[0].Title != "one" || len(d.Gone) != 1 || d.Status.Waiting != 2 {
		t.Fatalf("changes %+v, %v", d, err)
	}
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err = b.store.Changes(t.Context(), d.Rev)
	if err != nil || len(d.Items) != 1 || d.Items[0].Title != "two" || len(d.Gone) != 0 {
		t.Fatalf("changes %+v, %v", d, err)
	}
	if again, err := b.store.Changes(t.Context(), d.Rev); err != nil || len(again.Items)+len(again.Gone) != 0 {
		t.Errorf("nothing changed: %+v, %v", again, err)
	}
}

func TestChangesSinceForgottenRemovals(t *testing.T) {
	b := newBench(t, "one", "two", "three", "four")
	var revs []Rev
	for _, title := range []string{"one", "two", "three"} {
		revs = append(revs, revOf(t, b.store))
		did(t, b.store, Remove(b.item(title).Todo))
	}
	if err := b.store.change(t.Context(), func(l *ledger) error { return l.forgetGone(1) }); err != nil {
		t.Fatal(err)
	}
	for i, all := range []bool{true, true, false} {
		d, err := b.store.Changes(t.Context(), revs[i])
		if err != nil || d.All != all || all && len(d.Items) != 1 || !all && len(d.Gone) != 1 {
			t.Errorf("changes since removal %d: %+v, %v", i, d, err)
		}
	}
}

// A project that sends fewer rows at a time than are asked for hides none, and none seem gone.
func TestAProjectThatSendsFewerRowsAtATime(t *testing.T) {
	b := newBench(t)
	for i := range 9 {
		b.web(Todo{ID: uuid.UUID{byte(i + 1)}, Title: fmt.Sprint("todo ", i), Done: False}, func(*Todo) {})
	}
	b.sync()
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "limit=1000", "limit=4", 1)
		return send(r)
	})
	b.web(Todo{ID: uuid.UUID{200}, Title: "new", Done: False}, func(*Todo) {})
	for range 2 {
		if r := b.sync(); r.Gone != 0 {
			t.Fatalf("report %+v", r)
		}
		sameLists(t, b.project, b.store)
	}
}
