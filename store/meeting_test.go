package store

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// meanwhile does something while the first change of b is on its way.
func (b *bench) meanwhile(do func()) {
	first := true
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if r.Method == http.MethodPatch && first {
			first = false
			do()
		}
		return send(r)
	})
}

// What was typed while a change was on its way is our side of the conflict that
// it meets, and is not sent into it.
func TestLaterEditsArePartOfAConflict(t *testing.T) {
	for name, theirs := range map[string]func(*Todo){"changed": func(t *Todo) { t.Title = "theirs" }, "deleted": nil} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "one", "two")
			row, _ := b.row("one")
			did(t, b.store, Retitle(b.item("one").Todo, "mine"))
			b.web(row, theirs)
			b.meanwhile(func() { did(t, b.store, Retitle(b.item("mine").Todo, "mine, later")) })
			if r := b.sync(); r.Conflicts != 1 || r.Waiting != 0 || b.project.count(http.MethodPatch) != 1 {
				t.Fatalf("report %+v, %d sent", r, b.project.count(http.MethodPatch))
			}
			all, err := b.store.Conflicts(t.Context())
			if err != nil || len(all) != 1 || all[0].Mine != "mine, later" {
				t.Errorf("conflicts %+v, %v", all, err)
			}
		})
	}
}

// Half a thought about a todo goes with it to its new id.
func TestDraftFollowsItsTodo(t *testing.T) {
	b := newBench(t, "one")
	op := NewAdd("new", b.clock.Now())
	b.project.foreign[op.ID] = true
	did(t, b.store, op)
	if err := b.store.SaveDraft(t.Context(), op.ID, "half a thought"); err != nil {
		t.Fatal(err)
	}
	b.sync()
	if all, err := b.store.Drafts(t.Context()); all[b.item("new").ID] != "half a thought" || len(all) != 1 || err != nil {
		t.Errorf("drafts %q, %v", all, err)
	}
}

// A title that was changed and then deleted while the change before it was on its
// way is deleted, whatever comes of that one.
func TestDeleteBehindAConflictStays(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	b.meanwhile(func() {
		did(t, b.store, Retitle(b.item("mine").Todo, "mine, again"))
		did(t, b.store, Remove(b.item("mine, again").Todo))
	})
	b.sync()
	conflicts, err := b.store.Conflicts(t.Context())
	if err != nil || len(conflicts) != 1 || conflicts[0].Column != "deleted" || conflicts[0].Theirs != "theirs" {
		t.Fatalf("conflicts %+v, %v", conflicts, err)
	}
}

// A todo that was deleted elsewhere and here is no conflict, though its delete
// here has to wait.
func TestDeletedHereAndElsewhereIsNoConflict(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.net.expect(http.MethodPatch, "late")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	did(t, b.store, Remove(b.item("mine").Todo))
	b.web(row, nil)
	if r := b.sync(); r.Waiting != 1 || r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	b.net.advance(time.Minute)
	if r := b.sync(); r.Waiting+r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// A repeat is told of where it may have made a change twice: not where the first
// try is seen to have landed, and not within a minute.
func TestRepeatsThatNeedNoWord(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, NewAdd("landed", b.clock.Now()))
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPost, "answer lost")
	b.net.expect(http.MethodPatch, "request lost")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.net.advance(25 * time.Second)
	b.net.expect(http.MethodPost, "request lost")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	if it := b.item("one"); it.State != Synced || it.Note != "" {
		t.Errorf("repeated within a minute: %+v", it)
	}
	b.net.advance(2 * time.Minute)
	b.sync()
	if it := b.item("landed"); it.State != Synced || it.Note != "" {
		t.Errorf("landed before: %+v", it)
	}
}

// An add that was there when it was repeated, and is not there when it is looked
// for, was deleted elsewhere: it is not added again by itself.
func TestAddDeletedElsewhereIsNotAddedAgain(t *testing.T) {
	b := newBench(t, "one")
	did(t, b.store, NewAdd("new", b.clock.Now()))
	b.net.expect(http.MethodPost, "answer lost")
	b.net.expect(http.MethodGet, "no connection")
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if row, ok := b.row("new"); ok && looks(r) {
			b.web(row, nil)
		}
		return send(r)
	})
	if r := b.sync(); r.Conflicts != 1 || r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	if _, ok := b.row("new"); ok {
		t.Error("it was added again")
	}
}

// A todo that was completed elsewhere since is not deleted without a word.
func TestDeleteMeetsAnotherState(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Remove(b.item("one").Todo))
	b.web(row, func(t *Todo) { t.Done = True })
	if r := b.sync(); r.Conflicts != 1 {
		t.Fatalf("report %+v", r)
	}
	if row, ok := b.row("one"); !ok || row.Done != True {
		t.Errorf("the project holds %v (%t)", row, ok)
	}
}

// A guard that only meant the same is put right, and the change is made.
func TestGuardOnNullIsPutRight(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.web(row, func(t *Todo) { t.Done = Null })
	if r := b.sync(); r.Waiting+r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
	if it := b.item("one"); it.Done != True {
		t.Errorf("shown %+v", it)
	}
}

// Who deletes a todo in conflict has decided.
func TestDeleteEndsAConflict(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	if r := b.sync(); r.Conflicts != 1 {
		t.Fatalf("report %+v", r)
	}
	id := b.item("theirs").ID
	did(t, b.store, Remove(b.item("theirs").Todo))
	if all, err := b.store.Conflicts(t.Context()); err != nil || len(all) != 0 || b.status().Conflicts != 0 {
		t.Errorf("a deleted todo is to be decided: %+v, %v", all, err)
	}
	if err := b.store.Resolve(t.Context(), id, Mine); !errors.Is(err, ErrNotFound) {
		t.Errorf("resolve: %v", err)
	}
	if b.undo(); b.status().Conflicts != 1 {
		t.Errorf("taken back, it is not in conflict: %+v", b.status())
	}
	did(t, b.store, Remove(b.item("theirs").Todo))
	if r := b.sync(); r.Conflicts+r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// A second conflict over one column keeps what both sides began with.
func TestSecondConflictKeepsItsBase(t *testing.T) {
	b := newBench(t, "one", "two")
	now := "one"
	for _, n := range []string{"", ", again"} {
		row, _ := b.row(now)
		did(t, b.store, Retitle(b.item(now).Todo, "mine"+n))
		now = "theirs" + n
		b.web(row, func(t *Todo) { t.Title = now })
		b.sync()
	}
	all, err := b.store.Conflicts(t.Context())
	if err != nil || len(all) != 1 || all[0].Base != "one" || all[0].Mine != "mine, again" || all[0].Theirs != "theirs, again" {
		t.Errorf("conflicts %+v, %v", all, err)
	}
}

// A look that fails says nothing of the write before it: that is repeated, not parked.
func TestRefusedLookParksNothing(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.net.expect(http.MethodPatch, "as anon")
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if looks(r) {
			return answered(r, 400, badRow, nil), nil
		}
		return send(r)
	})
	if r := b.sync(); r.Parked != 0 || r.Waiting != 1 {
		t.Fatalf("report %+v", r)
	}
	b.store.api.http.Transport = b.net
	b.sync()
	sameLists(t, b.project, b.store)
}

// An add that lands as nobody is no fault of its own, though others went through.
func TestAddAsNobodyIsNotParked(t *testing.T) {
	b := newBench(t, "one", "two")
	b.store.workers = 1
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if r.Method == http.MethodPost {
			r = asAnon(r)
		}
		return send(r)
	})
	did(t, b.store, NewAdd("new", b.clock.Now()))
	did(t, b.store, Complete(b.item("one").Todo, true))
	_, _ = b.store.Sync(t.Context(), SyncOptions{})
	if st := b.status(); st.Parked != 0 || st.Waiting != 2 {
		t.Fatalf("status %+v", st)
	}
}

// What a request created is a witness for what it did not.
func TestWhatWasCreatedIsAWitness(t *testing.T) {
	b := newBench(t)
	mine, foreign := NewAdd("mine", b.clock.Now()), NewAdd("foreign", b.clock.Now())
	b.project.foreign[foreign.ID] = true
	did(t, b.store, mine, foreign)
	if r := b.sync(); r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
}

// An edit of a todo that is only shown for its conflict is part of that.
func TestEditOfATodoDeletedElsewhere(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.web(row, nil)
	b.sync()
	did(t, b.store, Retitle(b.item("mine").Todo, "mine, later"))
	if st := b.status(); st.Waiting != 0 || st.Conflicts != 1 {
		t.Fatalf("status %+v", st)
	}
	if err := b.store.Resolve(t.Context(), row.ID, Mine); err != nil {
		t.Fatal(err)
	}
	b.sync()
	sameLists(t, b.project, b.store)
	b.item("mine, later")
}

// Of a todo that was in conflict before it was deleted elsewhere, there is nothing
// on the other side.
func TestConflictOfATodoDeletedElsewhere(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	b.sync()
	did(t, b.store, Complete(b.item("theirs").Todo, true))
	b.web(row, nil)
	b.sync()
	all, err := b.store.Conflicts(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("conflicts %+v, %v", all, err)
	}
	for _, c := range all {
		if c.Theirs != "" {
			t.Errorf("conflict %+v", c)
		}
	}
}

// A conflict tells what the project holds by now.
func TestConflictTellsTheirsAsItIsNow(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	for _, title := range []string{"theirs", "theirs, later"} {
		b.web(row, func(t *Todo) { t.Title = title })
		b.sync()
	}
	all, err := b.store.Conflicts(t.Context())
	if err != nil || len(all) != 1 || all[0].Theirs != "theirs, later" {
		t.Errorf("conflicts %+v, %v", all, err)
	}
}

// Where the project takes us for somebody else, nothing is sent and nothing believed.
func TestTakenForSomebodyElse(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/requesting_user_id") {
			return answered(r, 200, `"kp_bob"`, nil), nil
		}
		return send(r)
	})
	if _, err := b.store.Sync(t.Context(), SyncOptions{}); !errors.Is(err, ErrRefused) || b.project.count(http.MethodPatch) != 0 {
		t.Fatalf("sync: %v", err)
	}
	if st := b.status(); st.Waiting != 1 || st.Open+st.Completed != 2 {
		t.Errorf("status %+v", st)
	}
}
