package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindling/store"
)

// A text that nobody saved yet is named: it is what a sign-out would ask about.
func TestStatusNamesDrafts(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	var out strings.Builder
	a.Stdout = &out
	for _, drafts := range []int{0, 2} {
		todos, err := a.openAccount(t.Context(), acc, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := range drafts {
			if err := todos.SaveDraft(t.Context(), uuid.New(), fmt.Sprint("half typed ", n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := todos.Close(); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := a.status(t.Context()); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "2 drafts") != (drafts == 2) || strings.Contains(out.String(), "unsaved") != (drafts == 2) {
			t.Errorf("%d drafts:\n%s", drafts, out.String())
		}
	}
}

// However much waits, status counts all of it and lists a little.
func TestStatusListsALittle(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	todos, err := a.openAccount(t.Context(), acc, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer todos.Close()
	step := store.Step{Name: "add"}
	for i := range 150 {
		step.Ops = append(step.Ops, store.NewAdd(fmt.Sprint("todo ", i), a.Now()))
	}
	if err := todos.Save(t.Context(), step); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		json         bool
		listed, more int
	}{{true, pendingListed, 50}, {false, pendingShown, 130}} {
		a.flags.json = c.json
		s, err := a.statusOf(t.Context(), acc, todos)
		if err != nil {
			t.Fatal(err)
		}
		if s.Waiting != 150 || len(s.Pending) != c.listed || s.More != c.more || s.Pending[0].Title != "todo 0" {
			t.Errorf("json %t: %d wait, %d listed, %d more, first %+v", c.json, s.Waiting, len(s.Pending), s.More, s.Pending[0])
		}
	}
	var out strings.Builder
	a.Stdout = &out
	if err := a.status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "and 130 more\n") || strings.Contains(out.String(), "todo 20") {
		t.Errorf("printed:\n%s", out.String())
	}
}
