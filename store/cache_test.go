package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"kindling/store"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

// offline opens a store that has no connection to any project.
func offline(t testing.TB, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Key: testKey, Sub: "kp_alice"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func titles(t testing.TB, s *store.Store) (all []string) {
	t.Helper()
	for it, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		mark := ""
		if it.Done.Bool() {
			mark = "x "
		}
		all = append(all, mark+it.Title)
	}
	return all
}

func save(t testing.TB, s *store.Store, name string, ops ...store.Op) {
	t.Helper()
	if err := s.Save(t.Context(), store.Step{Name: name, Ops: ops}); err != nil {
		t.Fatal(err)
	}
}

func TestCacheSurvivesRestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "account")
	s := offline(t, dir)
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	one, two := store.NewAdd("one", at), store.NewAdd("two", at.Add(time.Second))
	save(t, s, "add one", one)
	save(t, s, "add two", two)
	save(t, s, "complete one", store.Complete(one.Want, true))
	want(t, titles(t, s), "two", "x one")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = offline(t, dir)
	want(t, titles(t, s), "two", "x one")
	st, err := s.Status(t.Context())
	if err != nil || st.Open != 1 || st.Completed != 1 || st.Waiting != 2 || st.CanUndo != "complete one" {
		t.Fatalf("status after restart: %+v, %v", st, err)
	}
	for _, step := range [][]string{{"two", "one"}, {"one"}, nil} {
		if _, err := s.Undo(t.Context()); err != nil {
			t.Fatal(err)
		}
		want(t, titles(t, s), step...)
	}
	if _, err := s.Undo(t.Context()); !errors.Is(err, store.ErrNothing) {
		t.Fatalf("undo of nothing: %v", err)
	}
	for range 3 {
		if _, err := s.Redo(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want(t, titles(t, s), "two", "x one")
}

func want(t testing.TB, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

var _ context.Context
