package ui

import (
	"testing"
	"time"

	"charm.land/bubbles/v2/spinner"

	"kindling/store"
)

func TestSyncIsShownOnlyWhenItTakesLong(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncTakes = time.Second
	play(t, b, func(d *driver) {
		d.seesNot("syncing")
		d.wait(300 * time.Millisecond)
		d.sees("syncing…")
		before := d.text()
		d.wait(200 * time.Millisecond)
		if d.text() == before {
			t.Error("nothing turns while a sync takes its time")
		}
		d.wait(time.Second)
		d.seesNot("syncing")
	})
}

func TestNothingTurnsWithoutColoursOrWhenIdle(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncTakes = time.Second
	playWith(t, b, Options{Env: []string{"NO_COLOR=1"}}, func(d *driver) {
		d.wait(300 * time.Millisecond)
		d.sees("· syncing…")
		before := d.text()
		d.wait(500 * time.Millisecond)
		if d.text() != before {
			t.Errorf("something moves without colours:\n%s", d.text())
		}
	})
	play(t, b, func(d *driver) {
		d.wait(3 * time.Second)
		if r := d.root; r.busy.turning || r.spun(spinner.TickMsg{}) != nil {
			t.Error("the sign of a sync that ended goes on")
		}
	})
}

func TestProgressOfALongSync(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncTakes = time.Hour
	play(t, b, func(d *driver) {
		d.wait(time.Second)
		d.feed(answer{d.root.shared.epoch, nil, syncProgressed{store.Progress{Phase: "fetching", Done: 3000, Total: 12000}}})
		d.sees("fetching 3000 of 12000", "━━━━━───────────────")
		d.size(79, 24)
		d.seesNot("━")
		d.size(80, 24)
		if p := d.view().ProgressBar; p == nil || p.Value != 25 {
			t.Errorf("the terminal's progress is %+v, want 25", p)
		}
	})
}
