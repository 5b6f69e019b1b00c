package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// wrote watches what reaches the project: of the changes that one device makes to
// one row, an older one must not land after a newer one.
func (w *world) wrote(who string, before, after *Todo) {
	switch {
	case after == nil:
		if w.absent[before.ID] == nil {
			w.absent[before.ID] = map[string]bool{}
		}
		w.absent[before.ID][who] = true
	case before == nil:
		if w.absent[after.ID][who] {
			w.fail("%s brought %v back that it had deleted", who, *after)
		}
		w.order(who, *after)
	case before.Title != after.Title:
		w.order(who, *after)
	}
}

func (w *world) order(who string, t Todo) {
	_, text, _ := strings.Cut(t.Title, ":")
	n, err := strconv.Atoi(strings.TrimPrefix(text, who))
	if err != nil || w.turned[nameOf(t.Title)] {
		return
	}
	key := t.ID.String() + who
	if n < w.newest[key] { // a repeat of the newest is what cannot be told apart
		w.fail("%s wrote %q after a newer text of its own", who, t.Title)
	}
	w.newest[key] = n
}

func (w *world) fail(format string, args ...any) {
	if w.broken == nil {
		w.broken = fmt.Errorf(format, args...)
		w.say("BROKEN: %v", w.broken)
	}
}

// checkNow holds what is true at any time: what is shown is Replay, and a row
// that vanished had been deleted.
func (w *world) checkNow(m *machine) error {
	if err := m.audit(w.ctx); err != nil {
		return err
	}
	vanished, err := m.Vanished(w.ctx)
	for _, v := range vanished {
		if w.absent[v.Todo.ID] == nil {
			return fmt.Errorf("%v vanished, and nobody had deleted it", v.Todo)
		}
	}
	return err
}

// check holds the promises.
func (w *world) check() error {
	count := map[string]int{}
	rows := map[uuid.UUID]Todo{}
	for _, t := range w.all() {
		count[nameOf(t.Title)]++
		rows[t.ID] = t
	}
	for name := range w.born {
		if n := count[name]; !w.deleted[name] && n != 1 && !(w.copied[name] && n > 1) {
			return fmt.Errorf("todo %s is %d times at the project", name, n)
		}
	}
	if err := w.checkMeant(); err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, m := range w.devices {
		if err := w.checkDevice(m, rows, kept); err != nil {
			return fmt.Errorf("device %s: %w", m.name, err)
		}
	}
	for id, who := range w.removed {
		if row, there := rows[id]; there && w.absent[id] == nil && !kept[who+" "+id.String()] {
			return fmt.Errorf("%v was deleted on %s, is there and was never gone", row, who)
		}
	}
	for text, t := range w.typed {
		if t.apart && len(w.touched[t.name]) > 1 || w.apart[t.name] && w.turned[t.name] {
			continue // what an undo leads back to is one of two texts
		}
		if !t.replaced && !w.table.titles[text] && !kept[t.who+" "+text] {
			return fmt.Errorf("text %q, typed on %s, was never at the project and is not shown", text, t.who)
		}
	}
	return nil
}

// checkMeant holds that a todo which one device alone ever changed is at the
// project just as its author left it, whatever the network did.
func (w *world) checkMeant() error {
	holds := map[string]string{}
	for _, t := range w.all() {
		holds[nameOf(t.Title)] += fmt.Sprintf("%s %t;", t.Title, t.Done.Bool())
	}
	for name, by := range w.touched {
		if len(by) == 1 && !by["web"] && !w.apart[name] && holds[name] != w.meant[name] {
			return fmt.Errorf("todo %s was left as %q by its only author, the project holds %q", name, w.meant[name], holds[name])
		}
	}
	return nil
}

// checkDevice holds that a device shows what the project holds, but for its conflicts.
func (w *world) checkDevice(m *machine, rows map[uuid.UUID]Todo, kept map[string]bool) error {
	st, err := m.Status(w.ctx)
	if err != nil {
		return err
	}
	if st.Waiting+st.Parked > 0 {
		return fmt.Errorf("%d changes still wait, %d are parked", st.Waiting, st.Parked)
	}
	conflicts, err := m.Conflicts(w.ctx)
	if err != nil {
		return err
	}
	for _, c := range conflicts {
		kept[m.name+" "+c.Mine] = true
		kept[m.name+" "+c.ID.String()] = true
	}
	shown, err := m.Window(w.ctx, 1000)
	if err != nil {
		return err
	}
	n := 0
	for _, it := range shown {
		row, there := rows[it.ID]
		switch {
		case there && row == it.Todo:
			n++
		case !there && it.State == Conflicted:
		default:
			return fmt.Errorf("shows %v, the project holds %v (%t)", it, row, there)
		}
	}
	if n != len(rows) {
		return fmt.Errorf("shows %d of the project's %d rows", n, len(rows))
	}
	return nil
}
