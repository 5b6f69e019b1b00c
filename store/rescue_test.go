package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// unsentCache is a cache with some pages of todos, and three changes that are not at
// the server, all in its file.
func unsentCache(t *testing.T) (dir string) {
	dir = filepath.Join(t.TempDir(), "a [good] place")
	s := mustOpen(t, dir)
	err := s.change(t.Context(), func(l *ledger) error {
		for i := range 200 {
			row := NewAdd(fmt.Sprintf("%d %s", i, strings.Repeat("at the server ", 10)), time.Unix(int64(i), 0)).Want
			if err := l.save(&entry{id: row.ID, row: &row}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all := items(t, s)
	did(t, s, NewAdd("not sent yet", time.Unix(1, 0)))
	did(t, s, Retitle(all[0].Todo, "edited here"))
	did(t, s, Remove(all[1].Todo))
	putAway(t, s)
	return dir
}

// Damage anywhere: at the latest the start after it was found begins a new cache, with
// what was not sent, unless the damage is there; and the damaged one is kept.
func TestDamageIsFoundAndTheUnsentIsKept(t *testing.T) {
	dir := unsentCache(t)
	whole, err := os.ReadFile(filepath.Join(dir, cacheFile))
	if err != nil {
		t.Fatal(err)
	}
	kept, hurt := 0, 0
	for at := 0; at < len(whole); at += 4096 {
		harmed := bytes.Clone(whole)
		for i := range 4096 {
			harmed[at+i] ^= 0x5a
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, cacheFile), harmed, 0o600); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, dir)
		if s.SetAside() == "" {
			if readAll(t, s) == nil {
				continue // a page that nothing reads
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = mustOpen(t, dir)
		}
		raw, err := os.ReadFile(s.SetAside())
		if err != nil || !bytes.Equal(raw, harmed) {
			t.Fatalf("page %d: %d bytes were kept, %v", at/4096, len(raw), err)
		}
		if err := readAll(t, s); err != nil {
			t.Fatalf("page %d: %v", at/4096, err)
		}
		out, err := s.Outbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hurt++
		if len(out) == 3 {
			kept++
			checkRescued(t, s)
		}
		if again := mustOpen(t, dir); again.SetAside() != "" {
			t.Errorf("page %d: set aside twice", at/4096)
		}
	}
	if hurt < 10 || kept < hurt-4 {
		t.Errorf("of %d damaged caches %d gave back what was not sent", hurt, kept)
	}
}

// readAll reads what the program and its commands read.
func readAll(t *testing.T, s *Store) error {
	_, err := s.Status(t.Context())
	for _, e := range s.All(t.Context()) {
		if err == nil {
			err = e
		}
	}
	if err == nil {
		_, err = s.Outbox(t.Context())
	}
	return err
}

func checkRescued(t *testing.T, s *Store) {
	t.Helper()
	var titles []string
	for _, it := range items(t, s) {
		if it.State != Waiting {
			t.Errorf("%q is %v", it.Title, it.State)
		}
		titles = append(titles, it.Title)
	}
	if got := strings.Join(titles, ", "); got != "edited here, not sent yet" {
		t.Errorf("shown: %s", got)
	}
	if st, err := s.Status(t.Context()); err != nil || st.Open != 2 || st.Waiting != 3 {
		t.Errorf("%+v, %v", st, err)
	}
}

// An index that lost rows is damage too: writes meet it as a broken constraint.
func TestABrokenConstraintIsDamage(t *testing.T) {
	dir := unsentCache(t)
	s := mustOpen(t, dir)
	add := NewAdd("twice", time.Unix(5, 0)).Want
	twice := func(l *ledger) error {
		return errors.Join(l.show(&entry{id: add.ID}, Item{Todo: add}), l.show(&entry{id: add.ID}, Item{Todo: add}))
	}
	if err := s.change(t.Context(), twice); err == nil || !strings.Contains(err.Error(), "damaged: start kindling again") {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s = mustOpen(t, dir); s.SetAside() == "" {
		t.Fatal("it was opened again")
	}
	checkRescued(t, s)
}
