package ui

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kindling/store"
)

// twoAccounts is a machine with alice, who is on screen, and bob.
func twoAccounts(t *testing.T) *fakeBackend {
	b := newFakeBackend(t, "Buy milk")
	b.add("bob", "Feed the cat")
	b.login = &fakeLogin{}
	return b
}

func TestAccountsListsWhoIsSignedIn(t *testing.T) {
	play(t, twoAccounts(t), func(d *driver) {
		d.press("A")
		d.sees("Accounts", "2 signed in", "▌ 1  ● alice@example.com", "open now", "2    bob@example.com", "kept as bob")
	})
}

func TestAccountsSayWhereSignInsAreKept(t *testing.T) {
	for vault, want := range map[string]string{"os": "this machine's keyring", "file": "encrypted with your passphrase", "memory": "in memory only", "demo": "they open nothing else"} {
		playWith(t, twoAccounts(t), Options{Facts: Facts{Vault: vault}}, func(d *driver) {
			d.press("A")
			d.sees(want)
		})
	}
}

func TestAccountsOverIsolationCloseItWithTheAccount(t *testing.T) {
	b := twoAccounts(t)
	play(t, b, func(d *driver) {
		d.press("I", "A", "x")
		d.sees("bob@example.com · my-project")
		d.seesNot("Isolation", "Accounts")
	})
}

func TestAccountsSwitchInOneKey(t *testing.T) {
	for _, keys := range [][]string{{"2"}, {"j", "enter"}, {"G", "enter"}} {
		b := twoAccounts(t)
		play(t, b, func(d *driver) {
			d.press("A")
			d.press(keys...)
			d.sees("bob@example.com · my-project")
			d.seesNot("Accounts")
			if b.current != "bob" {
				t.Errorf("the next start opens %q", b.current)
			}
		})
	}
}

func TestAccountsSignOutOfTheOpenOneOpensAnother(t *testing.T) {
	b := twoAccounts(t)
	alice := b.alice()
	play(t, b, func(d *driver) {
		d.press("A", "x")
		d.sees("bob@example.com · my-project", "Signed out alice")
		if !alice.closed {
			t.Error("signed out while it was open")
		}
	})
}

func TestAccountsSignOutOfTheLastSignsIn(t *testing.T) {
	b := newFakeBackend(t)
	b.login = &fakeLogin{}
	play(t, b, func(d *driver) {
		d.press("A", "x")
		d.sees("nobody signed in", "Sign in", "5:00 left")
	})
}

func TestAccountsSignOutAsksAboutUnsentChanges(t *testing.T) {
	b := twoAccounts(t)
	b.alice().status.Parked = 3
	play(t, b, func(d *driver) {
		d.press("A", "x")
		d.sees("Sign out alice@example.com? 3 changes are not sent yet and", "▌ s stay signed in")
		d.press("x") // no answer: the key that asked confirms nothing
		d.sees("stay signed in")
		for _, safe := range []string{"enter", "esc", "s"} {
			d.press(safe)
			d.sees("2 signed in")
			d.press("x")
		}
		d.press("y")
		d.sees("bob@example.com · my-project", "Signed out alice")
	})
}

func TestAccountsSignOutOfAnotherAsksWhatTheBackendSays(t *testing.T) {
	b := twoAccounts(t)
	b.logOut = fmt.Errorf("sign out: %w", Unsent(2))
	play(t, b, func(d *driver) {
		d.press("A", "j", "x")
		d.sees("Sign out bob@example.com? 2 changes are not sent yet")
		d.press("y")
		d.sees("1 signed in", "Signed out bob")
		d.seesNot("bob@example.com")
	})
}

func TestAccountsInUseElsewhere(t *testing.T) {
	b := twoAccounts(t)
	b.logOut = fmt.Errorf("sign out: %w", store.ErrInUse)
	play(t, b, func(d *driver) {
		d.press("A", "x")
		d.sees("Another kindling uses alice · close that one, then sign out", "alice@example.com · my-project")
	})
}

func TestAccountsRenewOpensTheSignIn(t *testing.T) {
	b := twoAccounts(t)
	b.login = &fakeLogin{}
	play(t, b, func(d *driver) {
		d.press("A", "l")
		d.sees("Sign in again as alice@example.com", "5:00 left")
	})
}

func TestSwitchingSavesFirst(t *testing.T) {
	b := newFakeBackend(t, "Alice's todo")
	b.add("bob", "Bob's todo")
	b.alice().saveTakes = time.Second
	play(t, b, func(d *driver) {
		d.press("space")
		d.run(d.root.open("bob"))
		d.settle()
		d.sees("Alice's todo") // it is still being saved
		d.wait(2 * time.Second)
		d.sees("bob@example.com", "Bob's todo")
		if it := b.alice().items[fakeID(0)]; !it.Done.Bool() {
			t.Error("the change was lost")
		}
	})
}

func TestSwitchingKeepsWhatCannotBeSaved(t *testing.T) {
	b := newFakeBackend(t, "Alice's todo")
	b.add("bob", "Bob's todo")
	b.alice().saveErr = errors.New("disk full")
	play(t, b, func(d *driver) {
		d.press("space")
		d.run(d.root.open("bob"))
		d.settle()
		d.sees("alice@example.com", "[x] Alice's todo", "The last change is not saved yet: press R first")
		if !b.todos["bob"].closed {
			t.Error("Bob's account stays open unseen")
		}
	})
}

func TestTheAccountAskedForLastOpens(t *testing.T) {
	b := newFakeBackend(t, "Alice's todo")
	b.add("bob", "Bob's todo")
	b.add("carol", "Carol's todo")
	play(t, b, func(d *driver) {
		first := d.root.open("bob")
		d.run(d.root.open("carol"))
		d.settle()
		d.run(first)
		d.settle()
		d.sees("carol@example.com", "Carol's todo")
		if !b.todos["bob"].closed {
			t.Error("Bob's account stays open unseen")
		}
	})
}
