package store

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// full is a bench with n todos.
func full(t *testing.T, n int) *bench {
	titles := make([]string, n)
	for i := range titles {
		titles[i] = fmt.Sprint("todo ", i)
	}
	return newBench(t, titles...)
}

// empty deletes todos at the project, all but the first few.
func (b *bench) empty(left int) {
	for _, row := range b.project.all()[left:] {
		b.web(row, nil)
	}
}

// How much a list shrank is told by all of it, also by what has a change of its own.
func TestShrinkIsOfTheWholeList(t *testing.T) {
	b := full(t, 100)
	for _, it := range items(t, b.store)[:50] {
		did(t, b.store, Complete(it.Todo, true))
	}
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	b.sync()
	for i := 60; i < 90; i++ {
		row, _ := b.row(fmt.Sprint("todo ", i))
		b.web(row, nil)
	}
	if r := b.sync(); r.Gone != 30 {
		t.Fatalf("report %+v", r)
	}
}

// A pull that found less is not one that found nothing.
func TestShrinkIsNoEmptyAnswer(t *testing.T) {
	b := full(t, 60)
	b.empty(20)
	b.sync()
	b.empty(0)
	for n := range emptyPulls {
		b.net.advance(21 * time.Second)
		if r := b.sync(); (r.Gone > 0) != (n == emptyPulls-1) {
			t.Fatalf("empty answer %d: %+v", n+1, r)
		}
	}
}

// A clock that was a year ahead when the first empty answer came does not put the
// next off.
func TestCheckingWithAClockThatWasWrong(t *testing.T) {
	b := newBench(t, "one", "two")
	const year = 365 * 24 * time.Hour
	b.clock.add(year)
	b.empty(0)
	b.sync()
	b.clock.add(-year)
	gone := 0
	for range emptyPulls {
		gone += b.sync().Gone
		b.clock.add(21 * time.Second)
	}
	if gone != 2 {
		t.Fatalf("%d gone, status %+v", gone, b.status())
	}
}

// Nor does it put off a change whose todo was not found.
func TestAbsenceWithAClockThatWasWrong(t *testing.T) {
	b := newBench(t, "only")
	const year = 365 * 24 * time.Hour
	b.clock.add(year)
	did(t, b.store, Complete(b.item("only").Todo, true))
	b.empty(0)
	b.sync()
	b.clock.add(-year)
	before := b.project.count(http.MethodPatch)
	if b.sync(); b.project.count(http.MethodPatch) == before {
		t.Errorf("it was not tried again: %+v", b.status())
	}
}

// What was added here and is not at the project yet makes no list shrink.
func TestRefusedAddsAreNotMissing(t *testing.T) {
	b := full(t, 12)
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	for i := range shrinkRows + 5 {
		did(t, b.store, NewAdd(fmt.Sprint("refused ", i), b.clock.Now()))
	}
	b.empty(11)
	if r := b.sync(); r.Gone != 1 || r.Parked != shrinkRows+5 {
		t.Fatalf("report %+v", r)
	}
	if st := b.status(); !st.NextTry.IsZero() {
		t.Errorf("it is to be looked at again: %+v", st)
	}
}

// An absence that was first seen by a clock that was a year ahead is believed all the same.
func TestAbsenceFirstSeenByAClockThatWasWrong(t *testing.T) {
	b := newBench(t, "only")
	const year = 365 * 24 * time.Hour
	did(t, b.store, Retitle(b.item("only").Todo, "mine"))
	b.empty(0)
	b.clock.add(year)
	b.sync()
	b.clock.add(-year)
	b.sync()
	b.clock.add(hold)
	if r := b.sync(); r.Waiting != 0 || r.Conflicts != 1 {
		t.Errorf("report %+v", r)
	}
}

// A list that changed while it was read is read again at once.
func TestPullStartsAgain(t *testing.T) {
	b := newBench(t)
	b.store.pageRows = 3
	for i := range 6 {
		b.web(Todo{ID: uuid.UUID{byte(i + 1)}, Title: fmt.Sprint("todo ", i), Done: False}, func(*Todo) {})
	}
	pages := 0
	b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
		if strings.Contains(r.URL.RawQuery, "id=gte.") {
			if pages++; pages == 2 {
				row, _ := b.row("todo 2") // it ended the first page
				b.web(row, nil)
			}
		}
		return send(r)
	})
	b.sync()
	sameLists(t, b.project, b.store)
}

// What is told of a todo stays until it changes, and what did not change is no news.
func TestNotesEndWithTheNextChange(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Remove(b.item("one").Todo))
	b.sync()
	b.web(row, func(*Todo) {})
	b.sync()
	b.expectState("one", Synced, saidBack)
	did(t, b.store, Retitle(b.item("two").Todo, "mine"))
	b.project.refuse = func(string, Todo) (int, string) { return 400, badRow }
	b.sync()
	b.web(Todo{ID: uuid.New(), Title: "three", Done: False}, func(*Todo) {})
	if r := b.sync(); r.Pulled != 1 {
		t.Errorf("report %+v", r)
	}
	b.expectState("one", Synced, saidBack)
	row, _ = b.row("one")
	b.web(row, func(t *Todo) { t.Done = True })
	b.sync()
	if it := b.item("one"); it.Note != "" {
		t.Errorf("note %q", it.Note)
	}
}
