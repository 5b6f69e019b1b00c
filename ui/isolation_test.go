package ui

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindling/assets"
	"kindling/auth"
	"kindling/store"
)

// fourAnswers are those of a project whose row-level security works.
func fourAnswers(leak bool) []store.Attack {
	all := []store.Attack{
		{Name: "read-as-owner", Sent: "GET /api/database/records/todos?id=eq.1", Answer: `200 [{"title":"Buy milk"}]`, Verdict: "safe", Why: "the owner finds it"},
		{Name: "read-by-id", Sent: "GET /api/database/records/todos?id=eq.1", Answer: "200 []", Verdict: "safe", Why: "as if it did not exist"},
		{Name: "update-by-id", Sent: "PATCH /api/database/records/todos?id=eq.1", Answer: "200 []", Verdict: "safe", Why: "as if it did not exist"},
	}
	if leak {
		all[1].Answer, all[1].Verdict, all[1].Why = all[0].Answer, "leak", "somebody else's todo was read"
	}
	return all
}

func TestIsolationListsBothAccounts(t *testing.T) {
	play(t, twoAccounts(t), func(d *driver) {
		d.press("I")
		d.sees("Isolation", "Bob tries Alice's todos", "Alice's list", "Bob's list", "▌ [ ] Buy milk", "│ [ ] Feed the cat")
		d.press("tab")
		d.sees("Alice tries Bob's todos", "▌ [ ] Feed the cat", "│ [ ] Buy milk")
	})
}

func TestIsolationTriesOneTodoStepByStep(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = fourAnswers(false)
	tried := ""
	b.tryOne = func(as, other string, todo store.Todo) iter.Seq2[store.Attack, error] {
		tried = as + " " + other + " " + todo.Title
		return b.yieldAttacks
	}
	play(t, b, func(d *driver) {
		d.press("I", "enter")
		d.sees("Bob wants “Buy milk”")
		d.seesNot("GET")
		d.wait(pace + 50*time.Millisecond)
		d.sees("Alice   GET /todos?id=eq.1")
		d.seesNot("200")
		d.wait(pace)
		d.sees(`→ 200 [{"title":"Buy milk"}]`)
		d.seesNot("✓")
		d.wait(pace)
		d.sees("✓ the owner finds it")
		d.seesNot("SAFE")
		d.press("enter") // shows the rest at once
		d.sees("Bob     PATCH /todos?id=eq.1", "✓ SAFE: for Bob, Alice's todo does not exist")
		if tried != "bob alice Buy milk" {
			t.Errorf("tried %q", tried)
		}
		d.press("esc")
		d.seesNot("SAFE")
		d.sees("Bob's list")
	})
}

func TestIsolationNamesALeak(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = fourAnswers(true)
	play(t, b, func(d *driver) {
		d.press("I", "enter", "enter")
		d.sees("✗ somebody else's todo was read", "✗ LEAK: Bob can reach Alice's todo")
	})
}

func TestIsolationThatFailsProvesNothing(t *testing.T) {
	b := twoAccounts(t)
	b.tryOne = func(string, string, store.Todo) iter.Seq2[store.Attack, error] {
		return func(yield func(store.Attack, error) bool) { yield(store.Attack{}, errors.New("offline \x1b[2J")) }
	}
	play(t, b, func(d *driver) {
		d.press("I", "enter")
		d.wait(5 * pace)
		d.sees("✗ Offline ␛[2J")
		d.seesNot("SAFE")
	})
}

func TestIsolationRunsEveryAttack(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = append(fourAnswers(false), store.Attack{Name: "insert-duplicate-id", Sent: "POST /todos", Answer: "409", Verdict: "known", Why: "a 409 says that an id exists"})
	play(t, b, func(d *driver) {
		d.press("I", "r")
		d.sees("no leak, 3 safe, 1 known", "✓ safe", "read-by-id", "! known", "a 409 says that an id exists")
		d.press("k")
		d.sees("PATCH /api/database/records/todos?id=eq.1 · as if it did not exist")
		d.press("esc")
		d.sees("Bob's list")
	})
}

// When all attacks are made, the cursor is at what matters.
func TestIsolationEndsAtTheFirstLeak(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = fourAnswers(true)
	play(t, b, func(d *driver) {
		d.press("I", "r")
		d.sees("1 LEAK, 2 safe", "GET /api/database/records/todos?id=eq.1 · somebody else's todo was")
	})
}

// Answers may overtake each other on their way to the screen.
func TestIsolationListsAttacksInTheirOrder(t *testing.T) {
	s := &isolation{suite: &suite{}}
	for _, n := range []int{2, 0, 3, 1} {
		s.answered(attackAnswered{&s.suite.run, n, store.Attack{Name: strconv.Itoa(n)}})
	}
	for n, a := range s.suite.answers {
		if a.Name != strconv.Itoa(n) {
			t.Errorf("attack %s is listed at %d", a.Name, n)
		}
	}
	if len(s.suite.answers) != 4 || s.suite.at != 3 {
		t.Errorf("%d attacks, the cursor at %d", len(s.suite.answers), s.suite.at)
	}
}

// The end of a run may overtake its last answers: what they say is not known before.
func TestIsolationJudgesWhenEveryAnswerIsThere(t *testing.T) {
	leak := fourAnswers(true)
	play(t, twoAccounts(t), func(d *driver) {
		d.press("I")
		s := d.root.top().(*isolation)
		for name, of := range map[string]*run{"trial": new(run), "suite": new(run)} {
			of.stop = func() {}
			s.trial, s.suite = nil, nil
			if name == "trial" {
				s.trial = &trial{run: *of, todo: store.Todo{Title: "Buy milk"}}
				of = &s.trial.run
			} else {
				s.suite = &suite{run: *of}
				of = &s.suite.run
			}
			s.update(attackAnswered{of, 0, leak[0]})
			s.update(attacksEnded{of, len(leak), nil})
			if s.trial != nil {
				s.trial.hurry()
			}
			d.seesNot("SAFE", "no leak")
			for n, a := range leak[1:] {
				s.update(attackAnswered{of, n + 1, a})
			}
			if s.trial != nil {
				s.trial.hurry()
			}
			d.sees("LEAK")
			d.seesNot("attacking…")
		}
	})
}

func TestIsolationAloneSaysHowToAddAnAccount(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.login = &fakeLogin{}
	play(t, b, func(d *driver) {
		d.press("I")
		d.sees("It takes a second account")
		d.press("enter")
		d.sees("Sign in as somebody else")
	})
}

func TestIsolationInTheDemoSignsTheOtherIn(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	login := &fakeLogin{}
	b.login, b.people = login, []string{"Alice", "Bob"}
	b.pretend = func(_ context.Context, _, who string) error {
		if who != "Bob" {
			return errors.New("somebody else was chosen: " + who)
		}
		login.end() <- fakeEnd{grant: bobsGrant}
		return nil
	}
	playWith(t, b, Options{Facts: Facts{Demo: true}}, func(d *driver) {
		d.press("I")
		d.sees("Bob tries Alice's todos", "alice@example.com · my-project", "Bob is signed in too")
		if b.current != "alice" {
			t.Errorf("the next start opens %q", b.current)
		}
	})
}

func TestIsolationInTheDemoTellsWhyNobodyCouldSignIn(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.login, b.people = &closingLogin{}, []string{"Alice", "Bob"}
	b.pretend = func(context.Context, string, string) error { return errors.New("no answer") }
	playWith(t, b, Options{Facts: Facts{Demo: true}}, func(d *driver) {
		d.press("I")
		d.sees("No answer", "Press enter: Bob signs in too")
	})
}

func TestIsolationClosesTheOtherAccount(t *testing.T) {
	b := twoAccounts(t)
	play(t, b, func(d *driver) {
		d.press("I")
		d.sees("Bob's list")
		d.press("esc")
		d.settle()
		if !b.todos["bob"].closed {
			t.Error("the other account is still open")
		}
		if b.alice().closed {
			t.Error("the account on screen was closed")
		}
	})
}

func TestIsolationShowsWhatChangesElsewhere(t *testing.T) {
	b := twoAccounts(t)
	play(t, b, func(d *driver) {
		d.press("I")
		bob := b.todos["bob"]
		bob.put(fakeItem(7, "Buy flowers"))
		bob.ring()
		d.settle()
		d.sees("Buy flowers")
	})
}

// closingLogin is a sign-in whose wait ends when it is closed.
type closingLogin struct{ fakeLogin }

func (l *closingLogin) Close() { l.end() <- fakeEnd{err: auth.ErrCancelled} }

// The lane shows where the request is: on its way to the wall, at it, or through it.
func TestIsolationLane(t *testing.T) {
	for _, leak := range []bool{false, true} {
		t.Run(fmt.Sprintf("leak %v", leak), func(t *testing.T) {
			play(t, twoAccounts(t), func(d *driver) {
				d.press("I")
				s := d.root.top().(*isolation)
				s.trial = &trial{todo: store.Todo{Title: "Buy milk"}}
				s.trial.stop = func() {}
				attacks := fourAnswers(leak)
				for n, a := range attacks {
					s.update(attackAnswered{&s.trial.run, n, a})
				}
				s.update(attacksEnded{&s.trial.run, len(attacks), nil})
				d.seesNot("Alice asks")
				frames := func(n int) {
					for range n {
						s.update(trialMoved{s.trial})
					}
				}
				frames(framesEach + 2) // the owner's request is on its way
				d.sees("  Buy milk              ←── Alice asks │  ")
				frames(framesEach) // and is answered
				d.sees("  Buy milk ←─────────────── Alice asks │  ")
				frames(2 * framesEach) // the other's
				d.sees("  Buy milk                             │                    ←──── Bob asks by id")
				frames(framesEach / 2)
				d.sees("  Buy milk                             │        ←──────────────── Bob asks by id")
				frames(framesEach)
				if !leak {
					d.sees("  Buy milk                             █ ✓ stopped ←───────────── Bob asks by id")
					return
				}
				d.sees("  Buy milk         ←──────────────────── ✗ got through ────────── Bob asks by id")
				frames(framesEach)
				d.sees("  Buy milk ←──────────────────────────── ✗ got through ────────── Bob asks by id", "✗ somebody else's todo was read")
			})
		})
	}
}

// A lane is as wide as the screen, whatever is in it.
func TestIsolationLaneFits(t *testing.T) {
	themes, _ := readThemes(assets.Themes())
	st := newStyles(themes[0], true, true)
	for w := besideFrom; w < 130; w++ {
		for _, verdict := range []string{"safe", "leak", "untested", ""} {
			for _, own := range []bool{true, false} {
				l := lane{todo: strings.Repeat("長い ", 30), said: "Somebody with a long name asks by title", own: own, verdict: verdict, asked: 1, answered: verdict != ""}
				if verdict == "leak" {
					l.through = 1
				}
				if got := width(l.draw(st, w)); got > w {
					t.Fatalf("%d cells in %d: %q", got, w, l.draw(st, w))
				}
			}
		}
	}
}
