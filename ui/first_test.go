package ui

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	tea "charm.land/bubbletea/v2"
)

// The first rows need a window of the list and nothing else: no other todo is read
// and no sync, which would ask for a token, begins before they had their frames.
func TestFirstRowsNeedAWindowAlone(t *testing.T) {
	titles := make([]string, firstRows+100)
	for i := range titles {
		titles[i] = fmt.Sprint("todo number ", i)
	}
	synctest.Test(t, func(t *testing.T) {
		b := newFakeBackend(t, titles...)
		d := newDriver(t, t.Context(), b, Options{})
		d.run(d.root.Init())
		d.feed(tea.WindowSizeMsg{Width: 80, Height: 24})
		if !strings.Contains(d.root.View().Content, "todo number 0") {
			t.Fatalf("no rows:\n%s", d.root.View().Content)
		}
		todos := b.alice()
		todos.mu.Lock()
		for _, later := range []string{"All", "Changes", "Sync"} {
			if todos.calls[later] > 0 {
				t.Errorf("%s was called before the first rows had their frames", later)
			}
		}
		todos.mu.Unlock()
		if n := d.root.shared.rows.len(); n != firstRows || todos.calls["Window"] != 1 {
			t.Errorf("%d rows from %d windows, want %d from one", n, todos.calls["Window"], firstRows)
		}
		d.wait(firstFrames)
		if n := d.root.shared.rows.len(); n != len(titles) || todos.calls["Sync"] != 1 {
			t.Errorf("after the first frames there are %d rows and %d syncs, want %d and one", n, todos.calls["Sync"], len(titles))
		}
		d.root.cancel()
	})
}
