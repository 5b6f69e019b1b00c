package store

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// clash makes a conflict of each kind, and returns whose.
var clashes = map[string]func(b *bench) uuid.UUID{
	"edit meets edit": func(b *bench) uuid.UUID {
		row, _ := b.row("one")
		b.web(row, func(t *Todo) { t.Title = "theirs" })
		did(b.T, b.store, Retitle(b.item("one").Todo, "mine"))
		return row.ID
	},
	"edit meets delete": func(b *bench) uuid.UUID {
		row, _ := b.row("one")
		b.web(row, nil)
		did(b.T, b.store, Retitle(b.item("one").Todo, "mine"))
		return row.ID
	},
	"delete meets edit": func(b *bench) uuid.UUID {
		row, _ := b.row("one")
		b.web(row, func(t *Todo) { t.Title = "theirs" })
		did(b.T, b.store, Remove(b.item("one").Todo))
		return row.ID
	},
}

// open tells the conflicts in one line, without their ids.
func (b *bench) open() string {
	b.Helper()
	all, err := b.store.Conflicts(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var lines []string
	for _, c := range all {
		lines = append(lines, fmt.Sprintf("%s: %q %q %q on %q", c.Column, c.Base, c.Mine, c.Theirs, c.Item.Title))
	}
	return strings.Join(lines, "\n")
}

// A decision that is undone is to be made again: the list is as before, and the conflict
// is open with its three sides. Done again, it is decided. So it is before the decision
// was sent and after, and through a restart.
func TestUndoOfADecisionOpensTheConflict(t *testing.T) {
	for kind, clash := range clashes {
		for c := Mine; c <= Both; c++ {
			for sent := range 8 { // after which of the acts it is sent
				t.Run(fmt.Sprint(kind, " ", c, " ", sent), func(t *testing.T) {
					b := newBench(t, "one", "witness")
					id := clash(b)
					b.sync()
					shown, open := b.shown(), b.open()
					if err := b.store.Resolve(t.Context(), id, c); err != nil {
						t.Fatal(err)
					}
					decided := b.shown()
					for i, act := range []func() Step{b.undo, b.redo, b.undo} {
						if sent>>i&1 == 1 {
							b.sync()
						}
						dir := b.store.o.Dir
						if err := b.store.Close(); err != nil {
							t.Fatal(err)
						}
						b.store = reopen(t, dir, b.net, b.clock.Now)
						step := act()
						if !strings.HasPrefix(step.Name, `resolve the conflict of "`) || len(step.Ops) == 0 {
							t.Errorf("act %d: step %+v", i, step)
						}
						wantShown, wantOpen := decided, ""
						if i%2 == 0 {
							wantShown, wantOpen = shown, open
						}
						if b.shown() != wantShown || b.open() != wantOpen {
							t.Fatalf("act %d: %s with %s, want %s with %s", i, b.shown(), b.open(), wantShown, wantOpen)
						}
					}
					for range 3 {
						b.net.advance(31 * time.Second)
						b.sync()
					}
					if b.shown() != shown || b.open() != open {
						t.Fatalf("synced: %s with %s, want %s with %s", b.shown(), b.open(), shown, open)
					}
					b.redo()
					b.net.advance(31 * time.Second)
					b.sync()
					if b.shown() != decided || b.open() != "" {
						t.Fatalf("at last: %s with %s, want %s", b.shown(), b.open(), decided)
					}
					sameLists(t, b.project, b.store)
				})
			}
		}
	}
}

// A delete ends conflicts too: taken back, they are open again, before the delete was
// sent and after.
func TestUndoOfADeleteOpensTheConflicts(t *testing.T) {
	for _, kind := range []string{"edit meets edit", "delete meets edit"} {
		for sent := range 8 { // after which of the acts it is sent
			b := newBench(t, "one", "two", "witness")
			clashes[kind](b)
			row, _ := b.row("two")
			b.web(row, func(t *Todo) { t.Done = True })
			did(t, b.store, Remove(b.item("two").Todo))
			b.sync()
			shown, open := b.shown(), b.open()
			if b.status().Conflicts != 2 {
				t.Fatalf("conflicts %s", open)
			}
			did(t, b.store, Remove(b.item("theirs").Todo), Remove(b.item("two").Todo))
			for i, act := range []func() Step{b.undo, b.redo, b.undo} {
				if sent>>i&1 == 1 {
					b.sync()
				}
				act()
				wantShown, wantOpen := `["witness"]`, ""
				if i%2 == 0 {
					wantShown, wantOpen = shown, open
				}
				if b.shown() != wantShown || sorted(b.open()) != sorted(wantOpen) {
					t.Fatalf("%s %d, act %d: %s with %s, want %s with %s", kind, sent, i, b.shown(), b.open(), wantShown, wantOpen)
				}
			}
			b.sync()
			if b.shown() != shown || sorted(b.open()) != sorted(open) {
				t.Fatalf("%s %d, synced: %s with %s", kind, sent, b.shown(), b.open())
			}
		}
	}
}

func sorted(lines string) string {
	all := strings.Split(lines, "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// What theirs is by now is their side; ours is what it was.
func TestUndoOfADecisionMeetsWhatMovedOn(t *testing.T) {
	for _, c := range []Choice{Mine, Theirs, Both} {
		for _, moved := range []string{"before", "after", "deleted"} {
			b := newBench(t, "one", "witness")
			id := clashes["edit meets edit"](b)
			b.sync()
			if err := b.store.Resolve(t.Context(), id, c); err != nil {
				t.Fatal(err)
			}
			b.sync()
			if moved == "after" {
				b.undo()
			}
			b.web(b.project.rows[id], map[bool]func(*Todo){false: func(t *Todo) { t.Title = "moved on" }}[moved == "deleted"])
			if moved != "after" {
				b.sync()
				b.undo()
			}
			for range 3 {
				b.net.advance(31 * time.Second)
				b.sync()
			}
			want := `title: "one" "mine" "moved on" on "moved on"`
			if moved == "deleted" {
				want = `deleted: "one" "mine" "" on "mine"`
			}
			if got := b.open(); got != want {
				t.Errorf("choice %d, moved %s: %s, want %s", c, moved, got, want)
			}
		}
	}
}

// A decision of unknown outcome, undone, keeps both texts whatever came of it.
func TestUndoOfADecisionOfUnknownOutcome(t *testing.T) {
	for _, fault := range []string{"late", "answer lost"} {
		b := newBench(t, "one", "witness")
		id := clashes["edit meets edit"](b)
		b.sync()
		if err := b.store.Resolve(t.Context(), id, Mine); err != nil {
			t.Fatal(err)
		}
		b.net.expect(http.MethodPatch, fault)
		b.sync()
		b.undo()
		for range 4 {
			b.net.advance(40 * time.Second)
			b.sync()
		}
		if got, want := b.open(), `title: "one" "mine" "theirs" on "theirs"`; got != want {
			t.Errorf("%s: %s, want %s", fault, got, want)
		}
	}
}

// A new conflict is not decided by doing an old decision again.
func TestRedoLeavesANewConflict(t *testing.T) {
	b := newBench(t, "one", "witness")
	id := clashes["edit meets edit"](b)
	b.sync()
	if err := b.store.Resolve(t.Context(), id, Theirs); err != nil {
		t.Fatal(err)
	}
	did(t, b.store, Retitle(b.item("theirs").Todo, "mine again"))
	b.web(b.project.rows[id], func(t *Todo) { t.Title = "moved on" })
	b.sync()
	want := b.open()
	if want == "" {
		t.Fatal("no new conflict")
	}
	for _, act := range []func() (Step, error){
		func() (Step, error) { return b.store.Undo(t.Context()) }, // of the edit
		func() (Step, error) { return b.store.Undo(t.Context()) },
		func() (Step, error) { return b.store.Redo(t.Context()) },
	} {
		if step, err := act(); !errors.Is(err, ErrNothing) {
			t.Errorf("%+v, %v", step, err)
		}
	}
	if got := b.open(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A cache of the format before decisions were kept is taken over as it is.
func TestACacheOfTheFirstFormat(t *testing.T) {
	b := newBench(t, "one", "witness")
	did(t, b.store, Retitle(b.item("one").Todo, "edited"))
	err := b.store.db.write(t.Context(), func(c *conn) error { return c.Exec("DROP TABLE settled; PRAGMA user_version=1") })
	if err != nil {
		t.Fatal(err)
	}
	dir := b.store.o.Dir
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.store = reopen(t, dir, b.net, b.clock.Now)
	b.undo()
	if got := b.shown(); got != `["one" "witness"]` {
		t.Errorf("shown %s", got)
	}
}
