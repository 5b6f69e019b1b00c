package store

import (
	"net/http"
	"slices"
	"testing"
)

// Two windows of one person that change one column of a todo, each without having
// seen the other's change, are told of both texts: also where neither was sent yet.
func TestTwoWindowsEditOneTitle(t *testing.T) {
	for name, begin := range map[string]func(b *bench) Todo{
		"of a todo at the project": func(b *bench) Todo { return b.item("one").Todo },
		"of a todo not sent yet": func(b *bench) Todo {
			did(b, b.store, NewAdd("new", b.clock.Now()))
			return b.item("new").Todo
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, "one", "two")
			seen := begin(b)
			did(t, b.store, Retitle(seen, "of the one window"))
			did(t, b.store, Retitle(seen, "of the other"))
			b.sync()
			all, err := b.store.Conflicts(t.Context())
			if err != nil || len(all) != 1 || all[0].Mine != "of the other" || all[0].Theirs != "of the one window" {
				t.Fatalf("conflicts %+v, %v; shown %s", all, err, b.shown())
			}
		})
	}
}

// The second waits where the first was refused: it would be overtaken as the first is sent again.
func TestTwoWindowsEditOneTitleOfARefusedEdit(t *testing.T) {
	b := newBench(t, "one", "two")
	seen := b.item("one").Todo
	did(t, b.store, Retitle(seen, "bad"))
	did(t, b.store, Retitle(seen, "good"))
	b.project.refuse = refuseBad
	if r := b.sync(); r.Parked != 1 || r.Waiting != 1 {
		t.Fatalf("report %+v", r)
	}
	b.project.refuse = nil
	if err := b.store.Retry(t.Context(), seen.ID); err != nil {
		t.Fatal(err)
	}
	b.sync()
	all, err := b.store.Conflicts(t.Context())
	if err != nil || len(all) != 1 || all[0].Mine != "good" || all[0].Theirs != "bad" {
		t.Fatalf("conflicts %+v, %v; shown %s", all, err, b.shown())
	}
}

// Who deletes a todo without having seen its new title is asked, as where somebody else gave it that.
func TestOneWindowDeletesWhatAnotherEdited(t *testing.T) {
	b := newBench(t, "one", "two")
	seen := b.item("one").Todo
	did(t, b.store, Retitle(seen, "edited"))
	did(t, b.store, Remove(seen))
	b.sync()
	b.expectState("edited", Conflicted, "deleted here")
}

// Both windows may say the same.
func TestTwoWindowsCompleteOneTodo(t *testing.T) {
	b := newBench(t, "one", "two")
	seen := b.item("one").Todo
	did(t, b.store, Complete(seen, true))
	did(t, b.store, Complete(seen, true))
	if r := b.sync(); r.Waiting+r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, b.project, b.store)
	if !b.item("one").Done.Bool() {
		t.Error("it is open")
	}
}

// An edit goes into the one of the same column that was refused, whatever was changed
// between them: it would be guarded by a text that the project never held.
func TestEditOfARefusedEditBehindAnother(t *testing.T) {
	b := newBench(t, "one", "two")
	b.project.refuse = refuseBad
	did(t, b.store, Retitle(b.item("one").Todo, "bad"))
	if r := b.sync(); r.Parked != 1 {
		t.Fatalf("report %+v", r)
	}
	did(t, b.store, Complete(b.item("bad").Todo, true))
	did(t, b.store, Retitle(b.item("bad").Todo, "good"))
	if r := b.sync(); r.Waiting+r.Parked+r.Conflicts != 0 {
		t.Fatalf("report %+v; shown %s", r, b.shown())
	}
	sameLists(t, b.project, b.store)
	if it := b.item("good"); !it.Done.Bool() {
		t.Errorf("shown %+v", it)
	}
}

// What was typed while a change was on its way takes the place of that change where it is refused.
func TestEditOfWhatIsRefusedMeanwhile(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPatch} {
		t.Run(method, func(t *testing.T) {
			b := newBench(t, "one", "two")
			b.project.refuse = refuseBad
			if method == http.MethodPost {
				did(t, b.store, NewAdd("bad", b.clock.Now()))
			} else {
				did(t, b.store, Retitle(b.item("one").Todo, "bad"))
			}
			first := true
			b.between(func(r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
				if r.Method == method && first {
					first = false
					did(t, b.store, Complete(b.item("bad").Todo, true))
					did(t, b.store, Retitle(b.item("bad").Todo, "good"))
				}
				return send(r)
			})
			b.sync()
			if r := b.sync(); r.Waiting+r.Parked+r.Conflicts != 0 {
				t.Fatalf("report %+v; shown %s", r, b.shown())
			}
			sameLists(t, b.project, b.store)
			if it := b.item("good"); !it.Done.Bool() {
				t.Errorf("shown %+v", it)
			}
		})
	}
}

// A todo that was deleted elsewhere while it was changed here, and came back since, is a
// conflict over what differs: our text is not given up with the question whether it is there.
func TestConflictOfATodoThatCameBack(t *testing.T) {
	for choice, want := range map[Choice][]string{Mine: {"mine", "two"}, Theirs: {"back", "two"}, Both: {"back", "mine", "two"}} {
		b := newBench(t, "one", "two")
		row, _ := b.row("one")
		did(t, b.store, Retitle(b.item("one").Todo, "mine"))
		b.web(row, nil)
		b.sync()
		b.expectState("mine", Conflicted, "deleted elsewhere")
		b.web(row, func(t *Todo) { t.Title = "back" })
		b.sync()
		b.expectState("back", Conflicted, "changed here and elsewhere")
		if err := b.store.Resolve(t.Context(), row.ID, choice); err != nil {
			t.Fatal(err)
		}
		b.sync()
		var got []string
		for _, it := range items(t, b.store) {
			got = append(got, it.Title)
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("choice %d: %q, want %q", choice, got, want)
		}
		sameLists(t, b.project, b.store)
	}
}

// It is none where it came back as it is here.
func TestConflictOfATodoThatCameBackAsItIsHere(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("one")
	did(t, b.store, Retitle(b.item("one").Todo, "mine"))
	b.web(row, nil)
	b.sync()
	b.web(row, func(t *Todo) { t.Title = "mine" })
	if r := b.sync(); r.Conflicts != 0 {
		t.Fatalf("report %+v", r)
	}
	b.expectState("mine", Synced, "")
}
