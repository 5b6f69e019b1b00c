package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

// emptyScenes are screens with nothing on them, or with little to do.
var emptyScenes = []scene{
	{"list-empty", func(t *testing.T) *fakeBackend { return newFakeBackend(t) }, Options{}, func(*driver) {}},
	{"list-one", func(t *testing.T) *fakeBackend { return newFakeBackend(t, "Buy milk") }, Options{}, func(*driver) {}},
	{"list-nothing-found", signInBackend, Options{}, func(d *driver) { d.press("/"); d.typing("zebra"); d.press("enter") }},
	{"list-selected", signInBackend, Options{}, func(d *driver) { d.press("v") }},
	{"list-signed-out", func(t *testing.T) *fakeBackend { b, _ := signedOut(t); return b }, Options{}, func(d *driver) { d.press("esc") }},
	{"list-all-done", func(t *testing.T) *fakeBackend { return newFakeBackend(t, "x Buy milk", "x Buy eggs") }, Options{}, func(*driver) {}},
	{"filter-empty", func(t *testing.T) *fakeBackend { return newFakeBackend(t) }, Options{}, func(d *driver) { d.press("/") }},
	{"filter-nothing-found", signInBackend, Options{}, func(d *driver) { d.press("/"); d.typing("zebra") }},
	{"add-empty", signInBackend, Options{}, func(d *driver) { d.press("a") }},
	{"add-dated", signInBackend, Options{}, func(d *driver) { d.press("a"); d.typing("Call Bob tomorrow") }},
	{"add-named", unsentBackend, Options{}, func(d *driver) { d.press("a"); d.typing("x +home "); d.press("enter", "a"); d.typing("y +h") }},
	{"paste-few", signInBackend, Options{}, func(d *driver) { d.feed(tea.PasteMsg{Content: "one\ntwo"}) }},
	{"paste-nothing", signInBackend, Options{}, func(d *driver) { d.feed(tea.PasteMsg{Content: "\n\n"}) }},
	{"paste-many", signInBackend, Options{}, func(d *driver) { d.feed(tea.PasteMsg{Content: manyLines(500)}) }},
	{"edit", signInBackend, Options{}, func(d *driver) { d.press("e") }},
	{"edit-field", signInBackend, Options{}, func(d *driver) { d.press("e", "tab", "tab") }},
	{"choice", signInBackend, Options{}, func(d *driver) { d.press("e"); d.typing("!"); d.press("esc") }},
	{"palette-nothing-found", signInBackend, Options{}, func(d *driver) { d.press(":"); d.typing("qqqq") }},
	{"palette-one-found", signInBackend, Options{}, func(d *driver) { d.press(":"); d.typing("isolation of two") }},
	{"help", signInBackend, Options{}, func(d *driver) { d.press("?") }},
	{"help-that-fits", signInBackend, Options{}, func(d *driver) { d.size(200, 200); d.press("?") }},
	{"conflicts-one", func(t *testing.T) *fakeBackend {
		b := contestedTodos(t)
		b.alice().conflicts = b.alice().conflicts[:1]
		return b
	}, Options{}, func(d *driver) { d.press("c") }},
	{"details-none", twoAccounts, Options{}, func(d *driver) { d.press("S") }},
	{"details-unsent", troubledTodos, Options{}, func(d *driver) { d.press("S") }},
	{"details-conflict", troubledTodos, Options{}, func(d *driver) { d.press("S", "j", "j", "j") }},
	{"details-vanished", troubledTodos, Options{}, func(d *driver) { d.press("S", "G") }},
	{"isolation-nothing", func(t *testing.T) *fakeBackend {
		b := newFakeBackend(t)
		b.add("bob")
		return b
	}, Options{}, func(d *driver) { d.press("I") }},
	{"signin-failed", signInBackend, Options{}, func(d *driver) {
		d.press("A", "n")
		d.backend.login.(*fakeLogin).end() <- fakeEnd{err: auth.ErrDenied}
		d.settle()
	}},
	{"accounts-none", func(t *testing.T) *fakeBackend { b, _ := signedOut(t); return b }, Options{}, func(d *driver) { d.press("esc", "A") }},
	{"accounts-one", signInBackend, Options{}, func(d *driver) { d.press("A") }},
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- todo %d\n", i)
	}
	return b.String()
}

// TestOfferedKeysDoSomething presses, on every screen in each of its states, each
// key that footer, help and palette offer there, and looks for a difference.
func TestOfferedKeysDoSomething(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, sc := range append(emptyScenes, scenes...) {
		t.Run(sc.name, func(t *testing.T) {
			for _, b := range offeredIn(t, sc) {
				sc.show(t, "default", func(d *driver) {
					d.backend.pretend = func(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }
					if d.backend.device == nil {
						d.backend.codeErr = auth.ErrDenied
					}
					sc.open(d)
					d.rest()
					before := d.reach()
					d.press(keyOf(b, d.root.top()))
					if d.reach() != before {
						return
					}
					d.press(turned(b.verb)...) // a cursor at the end of its way
					before = d.reach()
					d.press(keyOf(b, d.root.top()))
					if d.reach() == before {
						t.Errorf("%s is offered and does nothing:\n%s", b.verb, d.text())
					}
				})
			}
		})
	}
}

// rest lets toasts go.
func (d *driver) rest() {
	time.Sleep(12 * time.Second)
	d.settle()
}

// offeredIn are the keys that a scene offers as its own, and undo and redo. $EDITOR
// is tested where one can be run.
func offeredIn(t *testing.T, sc scene) (offered []binding) {
	sc.show(t, "default", func(d *driver) {
		sc.open(d)
		d.rest()
		s, sh := d.root.top(), d.root.shared
		for _, b := range sh.keys.of(s.scope()) {
			own := b.in&global == 0 && b.verb != verbExternal || b.verb == verbUndo || b.verb == verbRedo
			if b = sh.shown(b, s); own && b.Enabled() && keyOf(b, s) != "" {
				offered = append(offered, b)
			}
		}
	})
	return offered
}

// keyOf is a binding's first key that is not text where it would be pressed.
func keyOf(b binding, s screen) string {
	for _, name := range b.Keys() {
		if !s.capturing() || !typesText(name) {
			return name
		}
	}
	return ""
}

// turned takes a cursor away from the end that a verb moves to.
func turned(v verb) []string {
	back := map[verb][]string{verbUp: {"down"}, verbPageUp: {"pgdown"}, verbTop: {"end"}, verbDown: {"up"}, verbPageDown: {"pgup"}, verbBottom: {"home"}, verbFoundUp: {"pgdown"}, verbFoundDown: {"pgup"}}
	return back[v]
}

func TestKeysThatWouldDoNothingAreNotOffered(t *testing.T) {
	for _, c := range []struct {
		scene string
		not   []string // in the footer, and in the palette
	}{
		{"list-empty", []string{"toggle done", "edit", "delete", "filter", "undo"}},
		{"details-none", []string{"send it again", "give the change up", "bring it back", "accept"}},
		{"conflicts-none", []string{"mine", "theirs", "both", "next", "accept"}},
		{"accounts-none", []string{"sign out", "sign in again"}},
		{"isolation-alone", []string{"run every attack", "swap who attacks"}},
		{"add-empty", []string{"complete", "keep the words", "accept"}},
	} {
		t.Run(c.scene, func(t *testing.T) {
			for _, sc := range append(emptyScenes, scenes...) {
				if sc.name != c.scene {
					continue
				}
				sc.show(t, "default", func(d *driver) {
					sc.open(d)
					d.rest()
					d.size(200, 60)
					lines := strings.Split(d.text(), "\n")
					for _, not := range c.not {
						if footer := lines[len(lines)-1]; strings.Contains(footer, " "+not) {
							t.Errorf("the footer offers %q: %s", not, footer)
						}
					}
					d.press("f1")
					here, idle, _ := strings.Cut(d.text(), "Here, but not now")
					for _, not := range c.not {
						if not != "accept" && not != "undo" && !strings.Contains(idle, not) {
							t.Errorf("help does not list %q as idle:\n%s%s", not, here, idle)
						}
					}
				})
			}
		})
	}
}
