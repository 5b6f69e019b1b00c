package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

func TestSyncOnItsOwn(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	play(t, b, func(d *driver) {
		if n := f.calls["Sync"]; n != 1 {
			t.Fatalf("%d syncs at the start, want 1", n)
		}
		d.wait(70 * time.Second)
		if n := f.calls["Sync"]; n != 2 {
			t.Errorf("%d syncs after a minute, want 2", n)
		}
		d.feed(tea.BlurMsg{})
		d.wait(5 * time.Minute)
		if n := f.calls["Sync"]; n != 2 {
			t.Errorf("%d syncs while nobody looks, want 2", n)
		}
		d.feed(tea.FocusMsg{})
		if n := f.calls["Sync"]; n != 3 {
			t.Errorf("%d syncs after focus, want 3", n)
		}
		d.press("space")
		d.wait(2 * changeDelay)
		if n := f.calls["Sync"]; n != 4 {
			t.Errorf("%d syncs after a change, want 4", n)
		}
		d.press("space", "space", "space")
		d.wait(2 * changeDelay)
		if n := f.calls["Sync"]; n != 5 {
			t.Errorf("%d syncs after quick changes, want 5: they share one", n)
		}
	})
}

// A long list is pulled more rarely than a short one, and not all of them at once.
func TestLongListsSyncMoreRarely(t *testing.T) {
	for _, c := range []struct {
		rows   int
		within time.Duration
	}{{largeRows, smallEvery}, {largeRows + 1, largeEvery}} {
		b := newFakeBackend(t, slices.Repeat([]string{"Buy milk"}, c.rows)...)
		f := b.alice()
		play(t, b, func(d *driver) {
			d.wait(c.within * 8 / 10)
			if n := f.calls["Sync"]; n != 1 {
				t.Errorf("%d rows: %d syncs before %v, want 1", c.rows, n, c.within)
			}
			d.wait(c.within * 4 / 10)
			if n := f.calls["Sync"]; n != 2 {
				t.Errorf("%d rows: %d syncs after %v, want 2", c.rows, n, c.within)
			}
		})
	}
	if a, b := jitter(smallEvery), jitter(smallEvery); a == b {
		t.Errorf("two programs sync at the same moment: %v", a)
	}
}

func TestHeaderTellsTheTruth(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(f *fakeTodos)
		want string
	}{
		{"offline", func(f *fakeTodos) { f.syncErr = store.ErrOffline }, "offline, never synced"},
		{"signed out", func(f *fakeTodos) { f.syncErr = store.ErrSignIn }, "signed out, never synced"},
		{"no token", func(f *fakeTodos) { f.syncErr = store.ErrNoToken }, "no token, never synced"},
		{"no table", func(f *fakeTodos) { f.syncErr = store.ErrNoTable }, "no todos table"},
		{"foreign rows", func(f *fakeTodos) { f.syncErr = store.ErrForeign }, "rows of somebody else"},
		{"refused", func(f *fakeTodos) { f.syncErr = store.ErrRefused }, "refused, never synced"},
		{"checking", func(f *fakeTodos) { f.status.Checking = true }, "checking an empty answer"},
		{"parked", func(f *fakeTodos) { f.status.Parked = 3 }, "3 refused"},
		{"unknown", func(f *fakeTodos) { f.syncErr = errors.New("boom") }, "sync failed, never synced"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newFakeBackend(t, "Buy milk")
			c.set(b.alice())
			play(t, b, func(d *driver) { d.sees("alice@example.com", c.want, "Buy milk") })
		})
	}
}

func TestOfflineIsAStateAndTriesAgain(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	f.syncErr = store.ErrOffline
	play(t, b, func(d *driver) {
		d.press("space")
		d.sees("offline, never synced · 1 waiting", "[x] Buy milk")
		d.press("R")
		d.sees("Offline · changes wait here")
		f.syncErr = nil
		d.wait(3 * time.Minute)
		d.sees("synced")
		d.seesNot("offline", "waiting")
	})
}

// The cache says when the next sync is: later where the project asked for that, sooner
// where a change had to wait for its time.
func TestTheCacheSaysWhenToSync(t *testing.T) {
	for _, c := range []struct {
		err  error
		wait time.Duration
	}{{store.ErrOffline, 10 * time.Minute}, {store.ErrRefused, 10 * time.Minute}, {nil, 25 * time.Second}} {
		b := newFakeBackend(t, "Buy milk")
		f := b.alice()
		f.syncErr, f.nextIn = c.err, c.wait
		play(t, b, func(d *driver) {
			d.wait(c.wait - 5*time.Second)
			if n := f.calls["Sync"]; n != 1 {
				t.Errorf("%v: %d syncs before it is time, want 1", c.err, n)
			}
			f.syncErr, f.nextIn = nil, 0
			d.wait(10 * time.Second)
			if n := f.calls["Sync"]; n != 2 {
				t.Errorf("%v: %d syncs when it was time, want 2", c.err, n)
			}
		})
	}
}

func TestAnOddAnswerHasANextStep(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncErr = fmt.Errorf("read: %w", &store.APIError{Status: 431, Message: "request header fields too large"})
	play(t, b, func(d *driver) {
		d.press("R")
		d.sees("The project answered 431 · run: kindling doctor")
	})
}

func TestOnlyAPersonMendsASignIn(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncErr = store.ErrSignIn
	play(t, b, func(d *driver) {
		d.sees("Your sign-in ended · A signs in again; nothing is lost")
		n := b.alice().calls["Sync"]
		d.wait(10 * time.Minute)
		if m := b.alice().calls["Sync"]; m != n {
			t.Errorf("%d more syncs without a sign-in", m-n)
		}
	})
}

// Whoever signs in again in another window has mended this one too.
func TestAnotherProcessMendsASignIn(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	f.syncErr = store.ErrSignIn
	play(t, b, func(d *driver) {
		d.sees("signed out, never synced")
		n := f.calls["Sync"]
		f.ring() // the other one changed something, and has not signed in yet
		d.settle()
		d.sees("signed out")
		d.wait(time.Second)
		f.syncErr, f.status.LastSync = nil, f.now()
		f.ring()
		d.settle()
		d.sees("synced just now")
		d.seesNot("signed out")
		d.wait(70 * time.Second)
		if m := f.calls["Sync"]; m != n+1 {
			t.Errorf("%d syncs in the minute after, want 1", m-n)
		}
	})
}

func TestChangesOfOthersAppear(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Call Bob")
	f := b.alice()
	play(t, b, func(d *driver) {
		d.press("j")
		it := fakeItem(0, "Buy oat milk")
		f.put(it)
		f.put(fakeItem(7, "From another window"))
		delete(f.items, fakeID(1))
		f.rev++
		f.changed[fakeID(1)] = f.rev
		f.ring()
		d.settle()
		d.sees("Buy oat milk", "From another window")
		d.seesNot("Call Bob")
		d.press("k", "e")
		d.sees("09:30 Changed elsewhere")
	})
}

func TestWhatIsNotSavedStaysAndIsSaid(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	play(t, b, func(d *driver) {
		f.saveErr = errors.New("disk full")
		d.press("space")
		d.sees("[x] Buy milk", "Not saved: disk full · R tries again", "1 not saved")
		f.ring() // the cache still says that it is open
		d.settle()
		d.sees("[x] Buy milk")
		f.saveErr = nil
		d.press("R")
		d.seesNot("not saved")
		if it := f.items[fakeID(0)]; !it.Done.Bool() {
			t.Error("it was not saved by R")
		}
	})
}

func TestQuitSavesFirstAndLeavesOneLine(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Call Bob")
	b.alice().syncErr = store.ErrOffline
	play(t, b, func(d *driver) {
		d.press("space")
		d.press("d")
		d.press("q")
		if !d.left {
			t.Fatal("q did not leave")
		}
		if line, err := d.root.leave(nil); line != "1 change waiting" || err != nil {
			t.Errorf("it left %q, %v", line, err)
		}
		if !b.alice().closed {
			t.Error("the account is still open")
		}
	})
}

func TestQuitAsksWhereNothingIsKept(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().syncErr = store.ErrOffline
	o := Options{}
	o.Facts.Vault = "memory"
	playWith(t, b, o, func(d *driver) {
		d.press("space", "q")
		d.sees("1 change is not at the server yet", "sync first", "leave and lose")
		if d.left {
			t.Fatal("it left")
		}
		d.press("l")
		if !d.left {
			t.Error("it did not leave")
		}
	})
}

func TestAnotherAccountsAnswersAreDropped(t *testing.T) {
	b := newFakeBackend(t, "Alice's todo")
	b.add("bob", "Bob's todo")
	play(t, b, func(d *driver) {
		late := answer{d.root.shared.epoch, nil, refreshed{news: news{rev: 99, rows: rowsOf([]store.Item{fakeItem(5, "late news of Alice")})}}}
		d.run(d.root.open("bob"))
		d.settle()
		d.sees("bob@example.com", "Bob's todo")
		d.feed(late)
		d.feed(answer{late.epoch, d.root.list, arranged{}})
		d.sees("Bob's todo")
		d.seesNot("Alice")
		if !b.alice().closed {
			t.Error("Alice's account is still open")
		}
	})
}

func TestNewConflictsAreSaid(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	play(t, b, func(d *driver) {
		it := fakeItem(0, "Buy milk")
		it.State = store.Conflicted
		f.conflicts = []store.Conflict{{ID: it.ID, Column: "title", Mine: "Buy milk", Theirs: "Buy oat milk", Item: it}}
		f.put(it)
		f.ring()
		d.settle()
		d.sees("! conflict", "1 conflict", "Both sides changed a todo · c shows them side by side")
	})
}

// A conflict that an undo opens again is part of what the undo says.
func TestAnUndoThatOpensAConflictSaysSo(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	play(t, b, func(d *driver) {
		d.press("space")
		f.conflicts = []store.Conflict{{ID: fakeItem(0, "Buy milk").ID, Column: "title", Mine: "Buy milk", Theirs: "Buy oat milk"}}
		d.press("u")
		d.sees("Taken back", "c decides anew", "1 conflict")
		d.seesNot("Both sides changed")
	})
}
