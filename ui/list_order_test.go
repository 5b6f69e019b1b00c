package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"kindling/store"
	"kindling/store/todotxt"
)

// TestSmallChangesKeepTheOrder works random changes in one by one and compares
// with arranging anew, for every grouping, sorting and showing.
func TestSmallChangesKeepTheOrder(t *testing.T) {
	for _, g := range groupings {
		for _, o := range sortings {
			for _, show := range showings {
				for _, text := range []string{"", "season"} {
					t.Run(fmt.Sprintf("%s/%s/%s/%s", g, o, show, text), func(t *testing.T) {
						changesKeepOrder(t, spec{show, g, o, todotxt.DayOf(fakeNow)}, text)
					})
				}
			}
		}
	}
}

func changesKeepOrder(t *testing.T, s spec, text string) {
	rnd := rand.New(rand.NewPCG(1, 2))
	q, _ := todotxt.ParseQuery(text, fakeNow)
	r := newRows()
	for i, title := range manyTitles(120) {
		r.put(fakeItem(i, title))
	}
	a := arrangement{stale: true}
	a.take(arrangeRows(context.Background(), r, a, s, q, text))
	for range 60 {
		a.note(r, randomChanges(rnd, r))
		want := arrangeRows(context.Background(), r, arrangement{stale: true}, s, q, text)
		if !slices.Equal(a.sorted.slots, want.sorted.slots) || !slices.Equal(a.shown.slots, want.shown.slots) {
			t.Fatal("the order differs from arranging anew")
		}
		if !slices.EqualFunc(a.shown.groups, want.shown.groups, sameGroup) {
			t.Fatalf("groups %v, want %v", a.shown.groups, want.shown.groups)
		}
	}
}

func sameGroup(a, b group) bool { return a.start == b.start && a.key == b.key }

// randomChanges changes up to three rows, as keys and syncs do.
func randomChanges(rnd *rand.Rand, r *rows) []change {
	var ops []store.Op
	for range 1 + rnd.IntN(3) {
		n := rnd.IntN(140)
		it, ok := r.get(fakeID(n))
		switch {
		case !ok:
			ops = append(ops, store.AddTodo(fakeItem(n, fmt.Sprintf("new %d for the season +p%d", n, n%7)).Todo))
		case rnd.IntN(3) == 0:
			ops = append(ops, store.Remove(it.Todo))
		case rnd.IntN(2) == 0:
			ops = append(ops, store.Complete(it.Todo, !it.Done.Bool()))
		default:
			ops = append(ops, store.Retitle(it.Todo, fmt.Sprintf("(%c) changed %d season @c%d due:2026-11-%02d", 'A'+rune(rnd.IntN(26)), n, n%5, 20+n%10)))
		}
	}
	return r.applyOps(ops)
}

func TestListingLinesAndIndicesAgree(t *testing.T) {
	l := listing{slots: make([]int32, 10), groups: []group{{start: 0}, {start: 3}, {start: 9}}}
	for i := range l.slots {
		if got, heading := l.indexAt(l.lineOf(i)); got != i || heading >= 0 {
			t.Errorf("line of %d leads to %d (heading %d)", i, got, heading)
		}
	}
	for line, want := range map[int]int{0: 0, 4: 1, 11: 2} {
		if _, heading := l.indexAt(line); heading != want {
			t.Errorf("line %d is heading %d, want %d", line, heading, want)
		}
	}
}

func TestSnapshotStaysAsItWas(t *testing.T) {
	r := newRows()
	for i, title := range manyTitles(pageSize + 10) {
		r.put(fakeItem(i, title))
	}
	snap := r.snapshot()
	it := fakeItem(3, "changed")
	slot := r.put(it)
	r.drop(fakeID(4))
	if snap.at(slot).Title == "changed" || r.at(slot).Title != "changed" {
		t.Error("a write reached the snapshot")
	}
	if snap.at(4).gone || !r.at(4).gone {
		t.Error("a removal reached the snapshot")
	}
}

// TestGroupsOfDaysAreInTheirOrder, where the list is in no order that was chosen.
func TestGroupsOfDaysAreInTheirOrder(t *testing.T) {
	titles := []string{"b due:2026-11-29", "a due:2026-12-01", "c due:2026-11-28", "x e due:2026-11-22", "x d due:2026-11-21"}
	for sort, want := range map[string]string{sortCreated: "cbaed", sortTitle: "abcde"} {
		r := newRows()
		for i, title := range titles {
			r.put(fakeItem(i, title))
		}
		l := spec{showAll, groupDue, sort, todotxt.DayOf(fakeNow)}.sorted(r)
		var got string
		for _, slot := range l.slots {
			got += r.at(slot).Title[:1]
		}
		if got != want {
			t.Errorf("by %s the order is %s, want %s", sort, got, want)
		}
	}
}
