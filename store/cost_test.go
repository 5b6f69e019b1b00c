package store

import (
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// What the first screen and a command read of the cache does not grow with the list:
// each page that they need is found by an index, a few more of them where the trees are deeper.
func TestACommandReadsAsMuchOfALongList(t *testing.T) {
	short, long := pagesRead(t, 1_000), pagesRead(t, 20_000)
	t.Logf("%d pages of 1,000 todos, %d of 20,000", short, long)
	if long > 3*short {
		t.Errorf("a command reads %d pages of the cache of 1,000 todos, and %d of 20,000", short, long)
	}
}

// pagesRead are the pages that a start reads: the first window, the state and one change.
func pagesRead(t *testing.T, n int) (pages int64) {
	s := mustOpen(t, pulled(t, n))
	first, err := s.Window(t.Context(), 50)
	if err != nil || len(first) != 50 {
		t.Fatal(len(first), err)
	}
	if _, err := s.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Conflicts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(t.Context(), first[0].ID.String()[:8]); err != nil || len(found) != 1 {
		t.Fatal(len(found), err)
	}
	did(t, s, Complete(first[0].Todo, true))
	for _, c := range s.db.free {
		missed, _, err := c.Status(sqlite3.DBSTATUS_CACHE_MISS, false)
		if err != nil {
			t.Fatal(err)
		}
		pages += missed
	}
	return pages
}
