package ui

import (
	"testing"
	"time"

	"kindling/store"
)

// troubledTodos is a machine with every kind of change that is not at the project.
func troubledTodos(t *testing.T) *fakeBackend {
	b := newFakeBackend(t, "Buy milk", "Call Bob", "Water the plants", "Pay rent", "Sing")
	a := b.alice()
	todo := func(n int) store.Todo { return a.items[fakeID(n)].Todo }
	since := fakeNow.Add(-3 * time.Minute)
	a.outbox = []store.Pending{
		{Op: store.AddTodo(todo(0)), State: "unsent", Since: since},
		{Op: store.Retitle(todo(1), "Call Rob"), State: "unknown", Attempts: 2, Since: since, NextTry: fakeNow.Add(20 * time.Second), Reason: "500: timeout"},
		{Op: store.Complete(todo(2), true), State: "parked", Attempts: 1, Since: since, Reason: "42501: \x1b[2Jrefused"},
		{Op: store.Remove(todo(3)), State: "conflict", Since: since},
	}
	a.vanished = []store.Vanished{{Todo: store.Todo{ID: fakeID(20), Title: "Old todo"}, At: fakeNow.Add(-2 * time.Hour)}}
	a.status = store.Status{LastError: "offline: no route", LastErrorAt: fakeNow.Add(-time.Minute), NextTry: fakeNow.Add(30 * time.Second),
		Unknown: 1, Parked: 1, LastSync: fakeNow.Add(-time.Hour)}
	a.syncErr = store.ErrOffline
	return b
}

func TestDetailsTellWhatWaitsAndWhy(t *testing.T) {
	b := troubledTodos(t)
	play(t, b, func(d *driver) {
		d.press("S")
		d.sees("Sync details", "last sync   1 h ago", "next try    in 30 s", "On the way 4", "↑ add      Buy milk  not sent yet",
			"? edit     Call Rob  sent, no answer yet", "× complete Water the plants  refused", "! delete   Pay rent  conflict",
			"made 3 min ago", "Gone at the project 1", "Old todo  2 h ago")
		d.press("j")
		d.sees("500: timeout · made 3 min ago · tried 2 times · next try in 20 s")
		d.press("j")
		d.sees("42501: ␛[2Jrefused", "enter send it again")
	})
}

func TestDetailsRetryAndGiveUp(t *testing.T) {
	b := troubledTodos(t)
	play(t, b, func(d *driver) {
		d.press("S", "x")
		d.sees("Only a refused change can be given up")
		d.press("j", "j")
		syncs := b.alice().calls["Sync"]
		d.press("r")
		if got := b.alice().retried; len(got) != 1 || got[0] != fakeID(2) {
			t.Errorf("retried %v", got)
		}
		if b.alice().calls["Sync"] == syncs {
			t.Error("nothing was sent")
		}
		d.press("x")
		d.sees("Give up: complete “Water the plants”?", "▌ k keep the change")
		d.press("x", "enter")
		if got := b.alice().discarded; len(got) != 0 {
			t.Errorf("gave up %v", got)
		}
		d.press("x", "y")
		d.sees("Gave the change up", "On the way 3")
		if got := b.alice().discarded; len(got) != 1 || got[0] != fakeID(2) {
			t.Errorf("gave up %v", got)
		}
	})
}

func TestDetailsBringBackWhatVanished(t *testing.T) {
	for _, key := range []string{"b", "enter"} {
		b := troubledTodos(t)
		play(t, b, func(d *driver) {
			d.press("S", "G", key)
			d.sees("Brought back: “Old todo” · u undo")
			d.seesNot("Gone at the project")
			if got := b.alice().restored; len(got) != 1 || got[0] != fakeID(20) {
				t.Errorf("restored %v", got)
			}
		})
	}
}

func TestDetailsOfNothing(t *testing.T) {
	play(t, newFakeBackend(t), func(d *driver) {
		d.press("S")
		d.sees("Nothing waits")
	})
}

func TestDetailsOpenConflicts(t *testing.T) {
	b := troubledTodos(t)
	play(t, b, func(d *driver) {
		d.press("S", "j", "j", "j", "enter")
		d.sees("Nothing to decide") // the fake has none
	})
}
