package store

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func (b *bench) undo() Step {
	b.Helper()
	step, err := b.store.Undo(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return step
}

func (b *bench) redo() Step {
	b.Helper()
	step, err := b.store.Redo(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return step
}

// shown describes the list in one line.
func (b *bench) shown() string {
	b.Helper()
	var all []string
	for _, it := range items(b, b.store) {
		mark := ""
		if it.Done.Bool() {
			mark = "x "
		}
		all = append(all, mark+it.Title)
	}
	slices.Sort(all)
	return fmt.Sprintf("%q", all)
}

// Every kind of step is undone and done again, before it was sent and after.
func TestUndoAndRedo(t *testing.T) {
	steps := map[string]func(b *bench) []Op{
		"add":      func(b *bench) []Op { return []Op{NewAdd("new", b.clock.Now())} },
		"edit":     func(b *bench) []Op { return []Op{Retitle(b.item("one").Todo, "ein")} },
		"complete": func(b *bench) []Op { return []Op{Complete(b.item("one").Todo, true)} },
		"delete":   func(b *bench) []Op { return []Op{Remove(b.item("one").Todo)} },
		"clear": func(b *bench) (ops []Op) {
			for _, it := range items(b, b.store) {
				ops = append(ops, Remove(it.Todo))
			}
			return ops
		},
		"bulk": func(b *bench) []Op {
			return []Op{NewAdd("new", b.clock.Now()), Retitle(b.item("one").Todo, "ein"), Complete(b.item("two").Todo, true), Remove(b.item("three").Todo)}
		},
	}
	for name, make := range steps {
		for sent := range 8 { // after which of the three acts it is sent
			t.Run(fmt.Sprint(name, " ", sent), func(t *testing.T) {
				b := newBench(t, "one", "two", "three", "witness")
				before := b.shown()
				did(t, b.store, make(b)...)
				after := b.shown()
				for i, act := range []func() Step{b.undo, b.redo, b.undo, b.redo} {
					if sent>>i&1 == 1 {
						b.sync()
					}
					act()
					if got, want := b.shown(), []string{before, after}[i%2]; got != want {
						t.Fatalf("act %d: %s, want %s", i, got, want)
					}
				}
				for range 3 {
					b.net.advance(31 * time.Second)
					b.sync()
				}
				sameLists(t, b.project, b.store)
			})
		}
	}
}

func TestUndoSurvivesRestart(t *testing.T) {
	b := newBench(t, "one")
	for i := range 110 {
		did(t, b.store, Retitle(items(t, b.store)[0].Todo, fmt.Sprint("title ", i)))
	}
	dir := b.store.o.Dir
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.store = reopen(t, dir, b.net, b.clock.Now)
	for range 110 {
		b.undo()
	}
	if got := b.shown(); got != `["one"]` {
		t.Errorf("shown %s", got)
	}
}

func TestNewStepClearsRedo(t *testing.T) {
	b := newBench(t, "one")
	did(t, b.store, Complete(b.item("one").Todo, true))
	b.undo()
	did(t, b.store, NewAdd("two", b.clock.Now()))
	if _, err := b.store.Redo(t.Context()); !errors.Is(err, ErrNothing) {
		t.Errorf("redo: %v", err)
	}
}

func TestUndoLeavesWhatOthersWrote(t *testing.T) {
	b := newBench(t, "one", "two")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.sync()
	row, _ := b.row("mine")
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	b.sync()
	if _, err := b.store.Undo(t.Context()); !errors.Is(err, ErrNothing) {
		t.Fatalf("undo: %v", err)
	}
	b.item("theirs")
}

func TestUndoOfSentDeleteTakesANewID(t *testing.T) {
	b := newBench(t, "one", "two")
	old := b.item("one")
	did(t, b.store, Remove(old.Todo))
	b.net.expect(http.MethodDelete, "late")
	b.sync()
	b.undo()
	b.net.advance(40 * time.Second) // the delete lands
	b.sync()
	sameLists(t, b.project, b.store)
	if it := b.item("one"); it.ID == old.ID {
		t.Error("it came back under an id that a late delete could take")
	}
	found, err := b.store.Find(t.Context(), old.ID.String())
	if err != nil || len(found) != 1 || found[0].Title != "one" {
		t.Errorf("the old id finds %v, %v", found, err)
	}
	did(t, b.store, Complete(old.Todo, true)) // as a screen that knows the old id does
	b.sync()
	if row, _ := b.row("one"); row.Done != True {
		t.Error("a change of the old id was lost")
	}
}

func TestImportTwiceAddsNothing(t *testing.T) {
	b := newBench(t, "witness")
	op := AddTodo(Todo{ID: uuid.NewSHA1(uuid.NameSpaceOID, []byte("line 1")), Title: "imported", Done: False, Created: InstantOf(b.clock.Now())})
	for range 2 {
		did(t, b.store, op)
		b.sync()
	}
	did(t, b.store, Remove(b.item("imported").Todo))
	b.sync()
	for range 3 { // once more after it was deleted: under a new id, once
		did(t, b.store, op)
		b.sync()
	}
	if got := b.shown(); got != `["imported" "witness"]` {
		t.Errorf("shown %s", got)
	}
	sameLists(t, b.project, b.store)
}

func TestFolding(t *testing.T) {
	b := newBench(t, "one")
	add := NewAdd("new", b.clock.Now())
	did(t, b.store, add)
	did(t, b.store, Retitle(b.item("new").Todo, "newer"))
	did(t, b.store, Complete(b.item("newer").Todo, true))
	if n := b.status().Waiting; n != 1 {
		t.Errorf("an add and its edits are %d ops", n)
	}
	did(t, b.store, Remove(b.item("newer").Todo))
	did(t, b.store, Complete(b.item("one").Todo, true))
	did(t, b.store, Complete(b.item("one").Todo, false))
	if n := b.status().Waiting; n != 0 {
		t.Errorf("what cancels out is %d ops", n)
	}
	did(t, b.store, Retitle(b.item("one").Todo, "edited"))
	did(t, b.store, Remove(b.item("edited").Todo))
	b.undo()
	if got := b.shown(); got != `["edited"]` {
		t.Errorf("after undo of a delete that took an edit along: %s", got)
	}
	calls := len(b.project.calls)
	b.sync()
	sameLists(t, b.project, b.store)
	if n := len(b.project.calls) - calls; n > 5 {
		t.Errorf("%d requests", n)
	}
}

func TestDeleteMeetsEdit(t *testing.T) {
	for c, want := range map[Choice]string{Mine: `["witness"]`, Theirs: `["theirs" "witness"]`, Both: `["theirs" "witness"]`} {
		b := newBench(t, "one", "witness")
		row, _ := b.row("one")
		b.web(row, func(t *Todo) { t.Title = "theirs" })
		did(t, b.store, Remove(b.item("one").Todo))
		b.sync()
		b.expectState("theirs", Conflicted, "deleted here")
		all, err := b.store.Conflicts(t.Context())
		if err != nil || len(all) != 1 || all[0].Column != "deleted" || all[0].Mine != "" || all[0].Theirs != "theirs" || all[0].Base != "one" {
			t.Fatalf("conflicts %+v, %v", all, err)
		}
		if err := b.store.Resolve(t.Context(), row.ID, c); err != nil {
			t.Fatal(err)
		}
		b.sync()
		if got := b.shown(); got != want {
			t.Errorf("choice %d: %s, want %s", c, got, want)
		}
		sameLists(t, b.project, b.store)
	}
}

// A delete that was never sent is undone without undoing what others wrote meanwhile.
func TestUndoOfUnsentDeleteKeepsTheirs(t *testing.T) {
	for _, edited := range []bool{false, true} {
		b := newBench(t, "one", "witness")
		shown := b.item("one").Todo
		if edited {
			did(t, b.store, Retitle(shown, "mine"))
			shown.Title = "mine"
		}
		did(t, b.store, Remove(shown))
		row, _ := b.row("one")
		b.web(row, func(t *Todo) { t.Title = "theirs" })
		if err := b.store.pull(t.Context(), SyncOptions{Progress: func(Progress) {}}, &Report{}); err != nil {
			t.Fatal(err)
		}
		b.undo()
		b.sync()
		b.item("theirs")
		all, err := b.store.Conflicts(t.Context())
		if err != nil || edited != (len(all) == 1 && all[0].Mine == "mine") {
			t.Errorf("conflicts %+v, %v", all, err)
		}
	}
}

func TestEditDecidesToKeep(t *testing.T) {
	b := newBench(t, "one", "witness")
	row, _ := b.row("one")
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	did(t, b.store, Remove(b.item("one").Todo))
	b.sync()
	did(t, b.store, Retitle(b.item("theirs").Todo, "mine after all"))
	b.sync()
	b.expectState("mine after all", Synced, "")
	sameLists(t, b.project, b.store)
}

func TestRestoreOfAConflictKeepsBothTexts(t *testing.T) {
	b := newBench(t, "one", "witness")
	row, _ := b.row("one")
	b.web(row, func(t *Todo) { t.Title = "theirs" })
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.sync()
	did(t, b.store, Retitle(b.item("theirs").Todo, "mine on theirs"))
	row, _ = b.row("theirs")
	b.web(row, nil)
	b.sync()
	if all, err := b.store.Conflicts(t.Context()); err != nil || len(all) != 2 {
		t.Fatalf("conflicts %+v, %v", all, err)
	}
	if err := b.store.Resolve(t.Context(), row.ID, Mine); err != nil {
		t.Fatal(err)
	}
	b.sync()
	if got := b.shown(); got != `["mine" "mine on theirs" "witness"]` {
		t.Errorf("shown %s", got)
	}
	sameLists(t, b.project, b.store)
}

// For a day a late delete of ours is thought possible: an undo does not use the id again.
func TestUndoOfADeleteAfterHoursHasANewID(t *testing.T) {
	b := newBench(t, "one", "two")
	old := b.item("one").ID
	did(t, b.store, Remove(b.item("one").Todo))
	b.sync()
	b.net.advance(23 * time.Hour)
	b.sync()
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.item("one").ID == old {
		t.Error("it has its old id")
	}
}

// A todo that came back under its old id is itself again, beside the one that an
// undo put in its place.
func TestOldIDThatCameBackIsItself(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Remove(b.item("one").Todo))
	b.sync()
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.sync()
	b.web(row, func(t *Todo) { t.Title = "one, again" })
	b.sync()
	did(t, b.store, Remove(b.item("one, again").Todo))
	b.sync()
	sameLists(t, b.project, b.store)
	if got := len(items(t, b.store)); got != 2 {
		t.Errorf("%d todos", got)
	}
	b.item("one")
}

// A step is taken back from its end.
func TestUndoGoesBackwards(t *testing.T) {
	b := newBench(t, "one")
	first := Retitle(b.item("one").Todo, "two")
	did(t, b.store, first, Retitle(first.Want, "three"))
	if _, err := b.store.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.item("one")
	if _, err := b.store.Redo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.item("three")
}

// TestAnAddUnderAnotherIDIsTold: an id that was deleted before is not used again, so whoever shows
// the todo under it already, as a program does that redraws before the cache has answered, is told.
func TestAnAddUnderAnotherIDIsTold(t *testing.T) {
	b := newBench(t, "one")
	op := NewAdd("comes again", b.clock.Now())
	did(t, b.store, op)
	b.sync()
	for _, why := range []string{"deleted before", "there already under another id"} {
		if why == "deleted before" {
			b.undo()
			b.sync()
		}
		before, err := b.store.Changes(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.store.Save(t.Context(), Step{Name: "add", Ops: []Op{op}}); err != nil {
			t.Fatal(err)
		}
		d, err := b.store.Changes(t.Context(), before.Rev)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(d.Gone, op.ID) {
			t.Errorf("%s: %s is not told as gone: %+v", why, op.ID, d)
		}
		if got := b.shown(); got != `["comes again" "one"]` {
			t.Errorf("%s: %s", why, got)
		}
	}
}
