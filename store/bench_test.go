package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// rowsOf makes n todos as people have them: 20 to 80 characters, one in ten not
// ASCII, six in ten done.
func rowsOf(n int) []Todo {
	rng := rand.New(rand.NewPCG(1, 2))
	rows := make([]Todo, n)
	words := strings.Fields("call mother about the invoice pay rent fix bicycle +home @phone read chapter seven write report größer naïve 東京 meeting")
	for i := range rows {
		title := fmt.Sprint("todo ", i)
		for len(title) < 20+rng.IntN(60) {
			title += " " + words[rng.IntN(len(words))]
		}
		rows[i] = Todo{ID: uuid.New(), Title: title, Done: BoolOf(rng.IntN(10) < 6), Created: InstantOf(time.Unix(1.7e9+int64(rng.IntN(1e8)), 0))}
	}
	return rows
}

// pulled fills a cache by a first pull, and returns its directory.
func pulled(b testing.TB, n int) (dir string) {
	b.Helper()
	p := newProject()
	for _, row := range rowsOf(n) {
		p.rows[row.ID] = row
	}
	s := device(b, transport{pages(p)}, time.Now)
	synced(b, s)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return s.o.Dir
}

func sizes(b *testing.B, run func(b *testing.B, dir string)) {
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { run(b, pulled(b, n)) })
	}
}

// BenchmarkFirstWindow is a program's start to its first page.
func BenchmarkFirstWindow(b *testing.B) {
	sizes(b, func(b *testing.B, dir string) {
		for b.Loop() {
			s, err := Open(b.Context(), Options{Dir: dir, Key: cacheKey, Sub: "kp_alice"})
			if err != nil {
				b.Fatal(err)
			}
			if all, err := s.Window(b.Context(), 50); err != nil || len(all) != 50 {
				b.Fatal(len(all), err)
			}
			b.StopTimer()
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
}

// BenchmarkCommand is a whole `done`: open, find, save, close.
func BenchmarkCommand(b *testing.B) {
	sizes(b, func(b *testing.B, dir string) {
		for b.Loop() {
			s, err := Open(b.Context(), Options{Dir: dir, Key: cacheKey, Sub: "kp_alice"})
			if err != nil {
				b.Fatal(err)
			}
			all, err := s.Window(b.Context(), 1)
			if err != nil {
				b.Fatal(err)
			}
			if found, err := s.Find(b.Context(), all[0].ID.String()); err != nil || len(found) != 1 {
				b.Fatal(err)
			}
			did(b, s, Complete(all[0].Todo, true))
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	sizes(b, func(b *testing.B, dir string) {
		s := mustOpen(b, dir)
		for b.Loop() {
			did(b, s, NewAdd("a new todo", time.Now()))
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	sizes(b, func(b *testing.B, dir string) {
		b.ReportAllocs()
		for b.Loop() {
			s, err := Open(b.Context(), Options{Dir: dir, Key: cacheKey, Sub: "kp_alice"})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for _, err := range s.All(b.Context()) {
				if n++; err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReplay(b *testing.B) {
	rows := rowsOf(100_000)
	var ops []Op
	for _, row := range rows[:1000] {
		ops = append(ops, Complete(row, !row.Done.Bool()), Retitle(row, row.Title+"!"))
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(Replay(rows, ops)) != len(rows) {
			b.Fatal("lost some")
		}
	}
}

// BenchmarkPull is a pull of 100,000 rows: the first, and one after which nothing changed.
func BenchmarkPull(b *testing.B) {
	p := newProject()
	for _, row := range rowsOf(100_000) {
		p.rows[row.ID] = row
	}
	h := pages(p)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			synced(b, device(b, transport{h}, time.Now))
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		s := device(b, transport{h}, time.Now)
		synced(b, s)
		for b.Loop() {
			synced(b, s)
		}
	})
}

func BenchmarkImport(b *testing.B) {
	var ops []Op
	for _, row := range rowsOf(10_000) {
		ops = append(ops, AddTodo(row))
	}
	for b.Loop() {
		s := device(b, failing{context.Canceled}, time.Now)
		did(b, s, ops...)
	}
}

func BenchmarkIdleWatch(b *testing.B) {
	s := filled(b, b.TempDir())
	c, err := s.db.take()
	if err != nil {
		b.Fatal(err)
	}
	defer s.db.give(c)
	for b.Loop() {
		if _, err := c.integer("PRAGMA data_version"); err != nil {
			b.Fatal(err)
		}
	}
}
