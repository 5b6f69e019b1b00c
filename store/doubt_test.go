package store

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// between lets do see each request of b before it leaves; do sends it, or not.
func (b *bench) between(do func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error)) {
	b.store.api.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) { return do(r, b.net.RoundTrip) })
}

func asAnon(r *http.Request) *http.Request {
	r = cloned(r)
	r.Header.Set("Authorization", "Bearer "+tokenAnon)
	return r
}

func looks(r *http.Request) bool { return strings.Contains(r.URL.RawQuery, "id=in.") }

// With no other todo for a witness, a look counts only where the project took us
// for ourselves before it and after it, however often it is repeated.
func TestLookAloneIsVerified(t *testing.T) {
	for name, nobody := range map[string]func(r *http.Request, now *bool) bool{
		"nobody until the look": func(r *http.Request, now *bool) bool {
			was := *now || r.Method == http.MethodPatch
			*now = was && !looks(r)
			return was
		},
		"nobody from the look on": func(r *http.Request, now *bool) bool {
			*now = *now || looks(r)
			return *now || r.Method == http.MethodPatch
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "only")
			did(t, b.store, Complete(b.item("only").Todo, true))
			now := false
			b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if nobody(r, &now) {
					r = asAnon(r)
				}
				return send(r)
			})
			for range 3 {
				now = false
				_, _ = b.store.Sync(t.Context(), SyncOptions{})
				b.net.advance(31 * time.Second)
			}
			if st := b.status(); st.Conflicts != 0 || st.Waiting != 1 {
				t.Fatalf("an answer to nobody was believed: %+v", st)
			}
			b.store.api.http.Transport = b.net
			b.sync()
			if row, _ := b.row("only"); row.Done != True {
				t.Errorf("the project holds %v", row)
			}
		})
	}
}

// An absence has to hold without a doubt between its two sightings.
func TestAbsenceStartsAnewAfterADoubt(t *testing.T) {
	b := newBench(t, "only")
	row, _ := b.row("only")
	did(t, b.store, Complete(b.item("only").Todo, true))
	b.web(row, nil)
	b.sync()
	if next := b.status().NextTry.Sub(b.clock.Now()); next < 29*time.Second {
		t.Errorf("it is asked again in %v", next)
	}
	b.net.advance(29 * time.Second)
	if b.sync(); b.project.count(http.MethodPatch) != 1 {
		t.Error("it was asked again at once")
	}
	b.net.advance(2 * time.Second)
	b.net.expect(http.MethodPatch, "answer lost")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.net.advance(10 * time.Second)
	b.sync()
	if st := b.status(); st.Conflicts != 0 || st.Waiting != 1 {
		t.Fatalf("believed at once: %+v", st)
	}
	b.net.advance(31 * time.Second)
	b.sync()
	if st := b.status(); st.Conflicts != 1 {
		t.Fatalf("not believed after 31 s more: %+v", st)
	}
}

// Nor does a first sighting count any more once the todo was seen.
func TestAbsenceStartsAnewAfterTheTodoWasSeen(t *testing.T) {
	b := newBench(t, "only")
	did(t, b.store, Complete(b.item("only").Todo, true))
	b.net.expect(http.MethodPatch, "as anon")
	b.net.expect("LOOK", "as anon")
	b.sync()
	b.net.advance(31 * time.Second)
	row, _ := b.row("only")
	b.web(row, func(t *Todo) { t.Done = Null }) // another guard: it is seen, and sent again
	for _, fault := range []string{"none", "as anon"} {
		b.net.expect(http.MethodPatch, fault)
		b.net.expect("LOOK", fault)
	}
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	if st := b.status(); st.Conflicts != 0 || st.Waiting != 1 || len(b.net.rules) > 0 {
		t.Fatalf("status %+v, faults left %v", st, b.net.rules)
	}
}

// Where no todo of ours was in an answer, it is not known whom the write before
// it was taken for: what follows waits as behind any unknown outcome.
func TestAnswerToNobodyIsADoubt(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPatch, "as anon")
	b.net.expect("LOOK", "as anon")
	b.sync()
	if st := b.status(); st.Unknown != 1 {
		t.Fatalf("status %+v", st)
	}
	did(t, b.store, Retitle(b.item("one").Todo, "one more"))
	if r := b.sync(); r.Sent != 1 || r.Waiting != 1 {
		t.Fatalf("what follows did not wait: %+v", r)
	}
	b.net.advance(31 * time.Second)
	if r := b.sync(); r.Waiting != 0 {
		t.Fatalf("what follows did not go: %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// A sync is scheduled for what has to wait for its time, not for what may go already and
// was not believed: that would be asked again and again.
func TestWhatMayGoIsNotScheduled(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPatch, "as anon")
	b.net.expect("LOOK", "as anon")
	if r := b.sync(); r.Waiting != 1 || !r.NextTry.IsZero() {
		t.Errorf("report %+v", r)
	}
}

// What was done to a todo while its add was on its way is part of that add where that
// was refused: there is nothing to change yet.
func TestRefusedAddTakesInWhatFollows(t *testing.T) {
	b := newBench(t, "one")
	b.project.refuse = refuseBad
	did(t, b.store, NewAdd("bad", b.clock.Now()))
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if r.Method == http.MethodPost {
			did(t, b.store, Complete(b.item("bad").Todo, true))
		}
		return send(r)
	})
	if r := b.sync(); r.Parked != 1 || r.Waiting != 0 || b.project.count(http.MethodPatch) != 0 {
		t.Fatalf("report %+v, %d changes sent", r, b.project.count(http.MethodPatch))
	}
	b.store.api.http.Transport = b.net
	b.project.refuse = nil
	if err := b.store.Retry(t.Context(), b.item("bad").ID); err != nil {
		t.Fatal(err)
	}
	if r := b.sync(); r.Waiting+r.Parked+r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	if row, _ := b.row("bad"); row.Done != True {
		t.Errorf("the project holds %v", row)
	}
}

// doubted is a bench whose "one" has a new title that was refused, after an
// attempt of it that lands 15 s later.
func doubted(t *testing.T) *bench {
	b := newBench(t, "one", "two")
	did(t, b.store, Retitle(b.item("one").Todo, "refused"))
	b.net.expect(http.MethodPatch, "late")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	if r := b.sync(); r.Parked != 1 {
		t.Fatalf("report %+v", r)
	}
	b.project.refuse = nil
	return b
}

// A refused change that was carried out all the same, by its attempt before, is refused no more.
func TestRefusedAfterUnknownIsRecognised(t *testing.T) {
	b := doubted(t)
	did(t, b.store, Complete(b.item("refused").Todo, true))
	b.net.advance(16 * time.Second) // it lands
	if r := b.sync(); r.Parked != 0 || r.Waiting != 1 {
		t.Fatalf("report %+v", r)
	}
	b.net.advance(hold)
	if r := b.sync(); r.Waiting+r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// A refused change that may have been carried out all the same holds up what follows.
func TestRefusedAfterUnknownHoldsUpWhatFollows(t *testing.T) {
	b := doubted(t)
	did(t, b.store, Complete(b.item("refused").Todo, true))
	b.net.late = nil // it never lands
	b.net.advance(time.Minute)
	if r := b.sync(); r.Sent != 0 || r.Waiting != 1 || r.Parked != 1 {
		t.Fatalf("report %+v", r)
	}
	if err := b.store.Retry(t.Context(), b.item("refused").ID); err != nil {
		t.Fatal(err)
	}
	if st := b.status(); st.Waiting != 2 || st.Unknown != 1 {
		t.Fatalf("status %+v", st)
	}
}

// Nor does what follows go at once where it was given up: an attempt of it may
// still land.
func TestGivenUpAfterUnknownHoldsUpWhatFollows(t *testing.T) {
	b := doubted(t)
	if err := b.store.Discard(t.Context(), b.item("refused").ID); err != nil {
		t.Fatal(err)
	}
	did(t, b.store, Retitle(b.item("one").Todo, "another"))
	if r := b.sync(); r.Sent != 0 || r.Waiting != 1 {
		t.Fatalf("report %+v", r)
	}
	b.net.advance(31 * time.Second) // it lands
	if r := b.sync(); r.Conflicts != 1 {
		t.Fatalf("report %+v", r)
	}
}

// What a person changed during a pull stays until the next one, though it was
// changed back.
func TestChangedDuringThePullStays(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	b.web(row, nil)
	read, changed := false, false
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if read && !changed {
			changed = true
			did(t, b.store, Complete(b.item("one").Todo, true))
			did(t, b.store, Complete(b.item("one").Todo, false))
		}
		read = read || strings.Contains(r.URL.RawQuery, "id=gte.")
		return send(r)
	})
	if r := b.sync(); r.Gone != 0 || !changed {
		t.Fatalf("report %+v, changed %t", r, changed)
	}
	b.item("one")
	if r := b.sync(); r.Gone != 1 {
		t.Fatalf("report %+v", r)
	}
}

// silent lets a write reach nobody who answers, and the time that was given be over.
type silent struct {
	http.RoundTripper
	given patience
}

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPatch {
		return s.RoundTripper.RoundTrip(r)
	}
	close(s.given.over)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Who gives a sync little time is told that this was over, and not that he is offline.
func TestTheTimeGivenIsOver(t *testing.T) {
	b := newBench(t, "one", "witness")
	did(t, b.store, Retitle(b.item("one").Todo, "edited"))
	given := newPatience()
	b.store.api.http.Transport = silent{b.store.api.http.Transport, given}
	_, err := b.store.Sync(given, SyncOptions{PushOnly: true})
	if !errors.Is(err, ErrOffline) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	waits, failed := b.store.Outbox(t.Context())
	if failed != nil || len(waits) != 1 || waits[0].State != "unknown" {
		t.Fatalf("%+v, %v", waits, failed)
	}
	for _, text := range []string{err.Error(), waits[0].Reason, b.status().LastError} {
		if text != "the time given was over before the answer came; the next sync asks again" {
			t.Errorf("told: %s", text)
		}
	}
}
