package ui

import (
	"fmt"

	"github.com/google/uuid"
)

// selects reports that the row at an index is selected: picked before, or between
// the anchor and the cursor.
func (l *list) selects(i int, id uuid.UUID) bool {
	if l.picked[id] {
		return true
	}
	lo, hi, ok := l.stretch()
	return ok && i >= lo && i <= hi
}

// stretch is the running selection, from the anchor to the cursor.
func (l *list) stretch() (lo, hi int, ok bool) {
	if l.anchor == uuid.Nil {
		return 0, 0, false
	}
	slot, ok := l.shared.rows.slot(l.anchor)
	if !ok {
		return 0, 0, false
	}
	at := l.anchorIndex
	if at >= len(l.arr.shown.slots) || l.arr.shown.slots[at] != slot {
		return 0, 0, false
	}
	return min(at, l.index), max(at, l.index), true
}

// selecting reports that anything is selected.
func (l *list) selecting() bool { return len(l.picked) > 0 || l.anchor != uuid.Nil }

// stretchOn begins a stretch at the cursor, or ends the one that runs.
func (l *list) stretchOn() {
	if l.anchor != uuid.Nil {
		l.fix()
		return
	}
	if it, ok := l.current(); ok {
		l.anchor, l.anchorIndex = it.ID, l.index
	}
}

// extend moves the cursor with the stretch.
func (l *list) extend(by int) {
	if l.anchor == uuid.Nil {
		l.stretchOn()
	}
	l.moveTo(l.index + by)
}

// fix makes the stretch part of what is picked.
func (l *list) fix() {
	if lo, hi, ok := l.stretch(); ok {
		for _, slot := range l.arr.shown.slots[lo : hi+1] {
			l.picked[l.shared.rows.at(slot).ID] = true
		}
	}
	l.anchor = uuid.Nil
}

// selectAll picks everything that is shown; when all is picked already, nothing.
func (l *list) selectAll() {
	l.fix()
	if len(l.picked) >= len(l.arr.shown.slots) {
		l.unselect()
		return
	}
	for _, slot := range l.arr.shown.slots {
		l.picked[l.shared.rows.at(slot).ID] = true
	}
}

func (l *list) unselect() {
	clear(l.picked)
	l.anchor = uuid.Nil
}

// selected is how many rows are selected.
func (l *list) selected() int {
	n := len(l.picked)
	lo, hi, ok := l.stretch()
	if ok && n == 0 {
		return hi - lo + 1
	}
	if ok {
		for _, slot := range l.arr.shown.slots[lo : hi+1] {
			if !l.picked[l.shared.rows.at(slot).ID] {
				n++
			}
		}
	}
	return n
}

// anchorMoved finds the anchor again after the order changed.
func (l *list) anchorMoved() {
	if l.anchor == uuid.Nil {
		return
	}
	slot, ok := l.shared.rows.slot(l.anchor)
	if ok {
		l.anchorIndex = l.indexOf(slot)
	}
	if !ok || l.anchorIndex < 0 {
		l.anchor = uuid.Nil
	}
}

// prune unpicks what is not shown any more.
func (l *list) prune() {
	if len(l.picked) == 0 {
		return
	}
	shown := newSlotSet(l.shared.rows)
	for _, slot := range l.arr.shown.slots {
		shown.add(slot)
	}
	for id := range l.picked {
		if slot, ok := l.shared.rows.slot(id); !ok || !shown.has(slot) {
			delete(l.picked, id)
		}
	}
}

// selectionText says how many are selected and what can be done.
func (l *list) selectionText() string {
	k, more := l.shared.keys, ""
	if l.anchor != uuid.Nil {
		more = ", moving selects more"
	}
	return fmt.Sprintf("%d selected%s · %s done · %s delete · %s copy · %s clears", l.selected(), more,
		k.key(verbToggle), k.key(verbDelete), k.key(verbCopy), k.key(verbBack))
}
