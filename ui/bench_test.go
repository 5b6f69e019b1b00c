package ui

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/assets"
	"kindling/store"
	"kindling/store/todotxt"
)

// manyTitles are n titles as people write them: a tenth has a date or a project,
// a tenth is not ASCII, and most are done.
func manyTitles(n int) []string {
	words := []string{"Call", "Buy", "Write", "Plant", "Größe", "paint the fence", "日本語", "report", "milk", "dentist"}
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s %s %d for the season", words[i%10], words[(i/7)%10], i)
		switch i % 10 {
		case 1:
			all[i] += fmt.Sprintf(" due:2026-12-%02d", 1+i%28)
		case 2:
			all[i] += fmt.Sprintf(" +project%d @home", i%50)
		case 3:
			all[i] = "(B) " + all[i]
		}
		if i%5 > 1 {
			all[i] = "x " + all[i]
		}
	}
	return all
}

// benchRoot is a program with n todos on screen, at 120×40 with the preview.
func benchRoot(b testing.TB, n int) *root {
	b.Helper()
	back := newFakeBackend(b)
	d := newDriver(b, context.Background(), back, Options{})
	r := d.root
	r.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	loaded := newRows()
	for i, title := range manyTitles(n) {
		loaded.put(fakeItem(i, title))
	}
	loaded.complete = true
	r.shared.todos, r.shared.rows = back.alice(), loaded
	benchArrange(r)
	return r
}

// benchArrange arranges the list as its command would.
func benchArrange(r *root) {
	l := r.list
	l.arr.running = true
	l.arr.take(arrangeRows(context.Background(), r.shared.rows.snapshot(), l.arr, l.spec(), l.query, l.text))
	l.follow()
}

// A row that is drawn costs no allocation: a tall screen makes as many as a low one,
// whatever stands in the rows, and a long list as many as a short one.
func TestRowsAllocateNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector is on: sync.Pool forgets at random, so a frame's allocations vary")
	}
	for _, filter := range []string{"", "season"} {
		for _, w := range []int{80, 160} { // without and with the preview
			low, tall := frameAllocs(t, 1_000, w, 20, filter), frameAllocs(t, 50_000, w, 120, filter)
			if tall > low {
				t.Errorf("filter %q, %d columns: 20 lines of 1,000 todos take %v allocations, 120 lines of 50,000 take %v", filter, w, low, tall)
			}
		}
	}
}

// frameAllocs are the allocations of a frame: the least of several, since a sync.Pool
// forgets what it held when the collector runs.
func frameAllocs(t *testing.T, n, w, h int, filter string) float64 {
	r := benchRoot(t, n)
	r.Update(tea.WindowSizeMsg{Width: w, Height: h})
	if filter != "" {
		r.list.filter(filter)
		benchArrange(r)
	}
	least := math.Inf(1)
	for range 20 {
		least = min(least, testing.AllocsPerRun(1, func() { r.View() }))
	}
	return least
}

var sizes = []int{1_000, 100_000, 1_000_000}

func BenchmarkMoveAndView(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := benchRoot(b, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Update(keyPress([]string{"j", "j", "ctrl+d", "k"}[i%4]))
				r.View()
			}
		})
	}
}

func BenchmarkToggleAndView(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := benchRoot(b, n)
			b.ReportAllocs()
			for b.Loop() {
				r.Update(keyPress("space"))
				r.queue.jobs = r.queue.jobs[:0]
				r.View()
			}
		})
	}
}

func BenchmarkToggleGroupedAndFiltered(b *testing.B) {
	r := benchRoot(b, 100_000)
	r.shared.settings.Group, r.shared.settings.Sort = groupProject, sortTitle
	r.list.filter("season")
	benchArrange(r)
	b.ReportAllocs()
	for b.Loop() {
		r.Update(keyPress("space"))
		r.queue.jobs = r.queue.jobs[:0]
		r.View()
	}
}

func BenchmarkFilterKey(b *testing.B) {
	for _, text := range []string{"m", "milk", "paint fence", "+project7", "is:open due:<fri"} {
		b.Run(text, func(b *testing.B) {
			r := benchRoot(b, 100_000)
			q, err := todotxt.ParseQuery(text, fakeNow)
			if err != nil {
				b.Fatal(err)
			}
			snap, was := r.shared.rows.snapshot(), r.list.arr
			for b.Loop() {
				arrangeRows(context.Background(), snap, was, was.spec, q, text)
			}
		})
	}
}

func BenchmarkArrange(b *testing.B) {
	for _, s := range []spec{{showAll, groupNone, sortCreated, 0}, {showAll, groupProject, sortTitle, 0}, {showAll, groupDue, sortDue, 20_000}} {
		b.Run(s.group+"/"+s.sort, func(b *testing.B) {
			r := benchRoot(b, 100_000)
			for b.Loop() {
				s.sorted(r.shared.rows)
			}
		})
	}
}

func BenchmarkLoadRows(b *testing.B) {
	items := make([]store.Item, 100_000)
	for i, title := range manyTitles(len(items)) {
		items[i] = fakeItem(i, title)
	}
	b.ReportAllocs()
	for b.Loop() {
		rowsOf(items)
	}
}

func BenchmarkStart(b *testing.B) {
	o := Options{Backend: newFakeBackend(b), Themes: assets.Themes(), Now: time.Now, Location: time.UTC, Settings: DefaultSettings()}
	for b.Loop() {
		if _, err := newRoot(context.Background(), o); err != nil {
			b.Fatal(err)
		}
	}
}
