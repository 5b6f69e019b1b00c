package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

// list is the home screen: every todo of the account, one row each.
type list struct {
	shared      *shared
	w, h        int // of the body
	arr         arrangement
	cursor      uuid.UUID // the todo under the cursor
	index       int       // where it stands in arr.shown
	offset      int       // the first line that is drawn
	wanted      uuid.UUID // goes under the cursor as soon as it is shown
	touched     bool      // the person did something: until then the cursor stays on top
	stay        bool      // the next change leaves the cursor at its place, not with its todo
	picked      map[uuid.UUID]bool
	anchor      uuid.UUID // where the running selection began; Nil: none runs
	anchorIndex int
	text        string // the filter as typed
	query       todotxt.Query
	wrong       error // why the filter as typed cannot be read
	said        map[dueDate]string
}

func newList(sh *shared) *list {
	l := &list{shared: sh}
	l.reset()
	return l
}

// reset forgets everything about the account before.
func (l *list) reset() {
	if l.arr.stop != nil {
		l.arr.stop()
	}
	*l = list{shared: l.shared, w: l.w, h: l.h, picked: map[uuid.UUID]bool{}, said: map[dueDate]string{}, arr: arrangement{stale: true, run: l.arr.run}}
}

func (l *list) scope() scope    { return inList }
func (l *list) capturing() bool { return false }

func (l *list) resize(w, h int) {
	l.w, l.h = w, h
	l.reveal()
}

func (l *list) spec() spec {
	return specOf(l.shared.settings, l.shared.today())
}

// specOf is what the settings say of a list.
func specOf(s Settings, today todotxt.Day) spec {
	return spec{show: oneOf(showings, s.Show, showAll), group: oneOf(groupings, s.Group, groupNone),
		sort: oneOf(sortings, s.Sort, sortCreated), today: today}
}

// arrange computes the view anew in a command; one that still runs is stopped.
func (l *list) arrange() tea.Cmd {
	a := &l.arr
	if a.stop != nil {
		a.stop()
	}
	ctx, stop := context.WithCancel(l.shared.ctx)
	a.stop, a.running, a.lent = stop, true, true
	a.run++
	snap, was, want, query, text := l.shared.rows.snapshot(), *a, l.spec(), l.query, l.text
	return l.shared.ask(l, func(context.Context) tea.Msg {
		defer stop()
		return arrangeRows(ctx, snap, was, want, query, text)
	})
}

// arrangedAnew takes a finished view. One that is about older rows is computed again.
func (l *list) arrangedAnew(res arranged) tea.Cmd {
	if res.stopped || res.run != l.arr.run {
		return nil // a newer one runs
	}
	if !l.arr.take(res) {
		return l.arrange()
	}
	l.follow()
	return nil
}

// rowsReplaced says that shared.rows took the place of old, with slots of its own. What
// was shown stays as it was until the new rows are arranged: the screen does not go
// blank, and a key meets the todo that is seen.
func (l *list) rowsReplaced(old *rows) tea.Cmd {
	l.arr.moveOver(old, l.shared.rows)
	l.follow()
	return l.arrange()
}

// note works changes into the view.
func (l *list) note(changes []change) tea.Cmd {
	again := l.arr.note(l.shared.rows, changes)
	l.follow()
	if again {
		return l.arrange()
	}
	return nil
}

// turnDay arranges anew when midnight has passed: due groups changed.
func (l *list) turnDay() tea.Cmd {
	if l.arr.spec.today == l.shared.today() || l.arr.running {
		return nil
	}
	return l.arrange()
}

// follow keeps the cursor with its todo, or, where that has left, at its place.
func (l *list) follow() {
	if slot, ok := l.shared.rows.slot(l.wanted); ok && l.indexOf(slot) >= 0 {
		l.cursor, l.wanted, l.stay, l.touched = l.wanted, uuid.Nil, false, true
	}
	if slot, ok := l.shared.rows.slot(l.cursor); ok && l.touched && !l.stay {
		if i := l.indexOf(slot); i >= 0 {
			l.index = i
		}
	}
	l.stay = false
	l.moveTo(l.index)
	l.anchorMoved()
	l.prune()
}

// goTo puts the cursor on a todo, now or when it comes to be shown.
func (l *list) goTo(id uuid.UUID) {
	l.wanted = id
	l.follow()
}

// goToFirst puts the cursor on the first todo of a step that is there.
func (l *list) goToFirst(step store.Step) {
	for _, op := range step.Ops {
		if _, ok := l.shared.rows.slot(op.ID); ok {
			l.goTo(op.ID)
			return
		}
	}
}

// indexOf is where a slot is shown, -1 for nowhere.
func (l *list) indexOf(slot int32) int {
	if l.arr.stale {
		return slices.Index(l.arr.shown.slots, slot)
	}
	return l.arr.shown.find(l.arr.spec, l.shared.rows.at, slot)
}

// moveTo puts the cursor on an index, or the nearest there is.
func (l *list) moveTo(i int) {
	slots := l.arr.shown.slots
	l.index = max(0, min(i, len(slots)-1))
	if len(slots) > 0 {
		l.cursor = l.shared.rows.at(slots[l.index]).ID
	}
	l.reveal()
}

// reveal scrolls so that the cursor is on screen.
func (l *list) reveal() {
	l.offset = l.scrolled(l.rowsHeight(l.h))
}

// scrolled is the offset at which a window of h lines shows the cursor.
func (l *list) scrolled(h int) int {
	if h <= 0 || len(l.arr.shown.slots) == 0 {
		return 0
	}
	line, margin := l.arr.shown.lineOf(l.index), min(2, (h-1)/4)
	off := l.offset
	if line-margin < off {
		off = line - margin
	}
	if line+margin >= off+h {
		off = line + margin - h + 1
	}
	return max(0, min(off, l.arr.shown.height()-h))
}

// current is the todo under the cursor.
func (l *list) current() (store.Item, bool) {
	if l.index >= len(l.arr.shown.slots) {
		return store.Item{}, false
	}
	return l.shared.rows.at(l.arr.shown.slots[l.index]).Item, true
}

// targets are the todos an action is about: the selection, or the one under the cursor.
func (l *list) targets() []store.Todo {
	l.fix()
	if len(l.picked) == 0 {
		if it, ok := l.current(); ok {
			return []store.Todo{it.Todo}
		}
		return nil
	}
	var all []store.Todo
	for _, slot := range l.arr.shown.slots {
		if w := l.shared.rows.at(slot); l.picked[w.ID] {
			all = append(all, w.Todo)
		}
	}
	return all
}

func oneOf(known []string, s, otherwise string) string {
	for _, k := range known {
		if k == s {
			return s
		}
	}
	return otherwise
}
