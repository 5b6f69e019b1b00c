package ui

import (
	"runtime/debug"
	"slices"
	"testing"

	"kindling/store"
)

// While all rows take the place of the first ones, those stay on screen, and keys
// meet the todos that are seen.
func TestKeysMeetWhatIsSeenWhileRowsAreReplaced(t *testing.T) {
	for _, filter := range []string{"", "milk"} {
		b := newFakeBackend(t, "Buy milk", "Fetch milk", "Drink milk")
		play(t, b, func(d *driver) {
			if filter != "" {
				d.press("/")
				d.typing(filter)
				d.press("enter")
			}
			var items []store.Item
			for w := range d.root.shared.rows.all() {
				items = append(items, w.Item)
			}
			slices.Reverse(items) // so that each has another slot
			arranging := d.root.replaceRows(rowsOf(items), false)
			d.sees("[ ] Buy milk", "[ ] Fetch milk", "[ ] Drink milk")
			_, moved := d.root.Update(keyPress("j"))
			_, toggled := d.root.Update(keyPress("x"))
			d.sees("[x] Fetch milk", `Completed "Fetch milk"`)
			d.run(arranging)
			d.run(moved)
			d.run(toggled)
			d.settle()
			d.sees("[ ] Buy milk", "[x] Fetch milk", "[ ] Drink milk")
			if it := b.alice().items[fakeID(1)]; !it.Done.Bool() {
				t.Error("it was not saved")
			}
		})
	}
}

// The collector's goal is ours only where the person has set none.
func TestGOGCOfTheEnvironmentStands(t *testing.T) {
	was := debug.SetGCPercent(300)
	t.Cleanup(func() { debug.SetGCPercent(was) })
	for _, c := range []struct {
		env  []string
		want int
	}{
		{[]string{"GOGC=300"}, 300},
		{[]string{"GOGC=off"}, 300},
		{[]string{"GOMEMLIMIT=64MiB"}, 50},
		{nil, 50},
	} {
		debug.SetGCPercent(300) // as the runtime read it from the environment
		collectOften(c.env)
		if got := debug.SetGCPercent(300); got != c.want {
			t.Errorf("with %q the collector's goal is %d, want %d", c.env, got, c.want)
		}
	}
}
