package todotxt

import (
	"context"
	"strings"
	"sync"

	"kindling/store"
)

// Index holds what queries look at for a list of items, so that a whole list is filtered
// within a frame. Row i stands for the caller's item i. Its methods may be used
// by several goroutines at once: a filter that runs sees each row as it was
// before or after a change, and no Set waits long for it.
type Index struct {
	mu   sync.RWMutex
	rows []row
	room *strings.Builder // folded titles, many in one piece of memory
	buf  []byte
}

// pieceSize is the memory that folded titles share.
const pieceSize = 64 << 10

// Set makes row i that of it; i is at most Len().
func (x *Index) Set(i int, it *store.Item) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if i == len(x.rows) {
		x.rows = append(x.rows, row{})
	}
	x.buf = fold(x.buf[:0], it.Title)
	x.rows[i].read(it, x.keep(it.Title), lettersOf(x.buf))
}

// keep returns buf as a string that lasts: the title itself where they are the same.
func (x *Index) keep(title string) string {
	if string(x.buf) == title {
		return title
	}
	if x.room == nil || x.room.Cap()-x.room.Len() < len(x.buf) {
		x.room = new(strings.Builder)
		x.room.Grow(max(pieceSize, len(x.buf)))
	}
	from := x.room.Len()
	x.room.Write(x.buf)
	return x.room.String()[from:]
}

// Truncate drops the rows from n on. To remove row i, Set it to the last item,
// and truncate.
func (x *Index) Truncate(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.rows[n:])
	x.rows = x.rows[:n]
}

// Len returns the number of rows.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.rows)
}

// breath is how many rows are filtered between two looks at ctx, without
// letting a Set in: some tenths of a millisecond.
const breath = 2048

// Filter returns those of the rows among that q matches, in the order of among;
// nil stands for all rows. When the query before was narrowed (Query.Narrows),
// its result is the among of the next. among is not changed, and must not be
// meanwhile. Filter ends early with ctx's error.
func (x *Index) Filter(ctx context.Context, q Query, among []int) ([]int, error) {
	n := len(among)
	if among == nil {
		n = x.Len()
	}
	found := make([]int, 0, min(n, 1024))
	for from := 0; from < n; from += breath {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found = x.filter(found, &q, among, from, min(from+breath, n))
	}
	return found, nil
}

func (x *Index) filter(found []int, q *Query, among []int, from, to int) []int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	for i := from; i < to; i++ {
		at := i
		if among != nil {
			at = among[i]
		}
		if at < len(x.rows) && q.matches(&x.rows[at]) {
			found = append(found, at)
		}
	}
	return found
}
