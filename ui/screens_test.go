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

// scene is one of the screens beyond the list, with something to show.
type scene struct {
	name    string
	backend func(t *testing.T) *fakeBackend
	options Options
	open    func(d *driver)
}

// scenes are every such screen in each of its states.
var scenes = []scene{
	{"welcome", func(t *testing.T) *fakeBackend { return newFakeBackend(t) }, Options{Welcome: true}, func(*driver) {}},
	{"signin", signInBackend, Options{}, func(d *driver) { d.press("A", "n") }},
	{"signin-error", signInBackend, Options{}, func(d *driver) { d.press("A", "n"); d.wait(AdviceAfter) }},
	{"signin-paste", signInBackend, Options{}, func(d *driver) { d.press("A", "n", "p"); d.typing("http://127.0.0.1") }},
	{"signin-demo", demoBackend, Options{Facts: Facts{Demo: true, Headless: "container"}}, func(d *driver) { d.press("j") }},
	{"signin-code", codeBackend, Options{Facts: Facts{Headless: "SSH"}}, func(*driver) {}},
	{"signin-late", signInBackend, Options{}, func(d *driver) {
		d.press("A", "n")
		d.backend.login.(*fakeLogin).end() <- fakeEnd{err: auth.ErrTimeout}
		d.settle()
	}},
	{"accounts", unsentBackend, Options{}, func(d *driver) { d.press("A", "j") }},
	{"accounts-ask", unsentBackend, Options{}, func(d *driver) { d.press("A", "x") }},
	{"conflicts", contestedTodos, Options{}, func(d *driver) { d.press("c") }},
	{"conflicts-deleted", contestedTodos, Options{}, func(d *driver) { d.press("c", "n") }},
	{"conflicts-none", twoAccounts, Options{}, func(d *driver) { d.press("c") }},
	{"details", troubledTodos, Options{}, func(d *driver) { d.press("S", "j", "j") }},
	{"settings", twoAccounts, Options{}, func(d *driver) { d.press(",", "j") }},
	{"isolation", twoAccounts, Options{}, func(d *driver) { d.press("I") }},
	{"isolation-safe", watchedBackend(false), Options{}, func(d *driver) { d.press("I", "enter", "enter") }},
	{"isolation-leak", watchedBackend(true), Options{}, func(d *driver) { d.press("I", "enter", "enter") }},
	{"isolation-all", watchedBackend(true), Options{}, func(d *driver) { d.press("I", "r") }},
	{"isolation-alone", signInBackend, Options{}, func(d *driver) { d.press("I") }},
}

func signInBackend(t *testing.T) *fakeBackend {
	b := newFakeBackend(t, "Buy milk")
	b.login, b.codeErr = &fakeLogin{}, auth.ErrDenied
	return b
}

func demoBackend(t *testing.T) *fakeBackend {
	b, _ := signedOut(t)
	b.people = []string{"Alice", "Bob"}
	return b
}

func codeBackend(t *testing.T) *fakeBackend {
	b, _ := signedOut(t)
	b.device = &fakeDevice{}
	return b
}

func unsentBackend(t *testing.T) *fakeBackend {
	b := twoAccounts(t)
	b.alice().status.Parked = 3
	return b
}

func watchedBackend(leak bool) func(t *testing.T) *fakeBackend {
	return func(t *testing.T) *fakeBackend {
		b := twoAccounts(t)
		b.attacks = fourAnswers(leak)
		return b
	}
}

// show plays a scene in a theme.
func (sc scene) show(t *testing.T, theme string, then func(d *driver)) {
	t.Helper()
	o := sc.options
	o.Settings = DefaultSettings()
	o.Settings.Theme = theme
	playWith(t, sc.backend(t), o, then)
}

func TestGoldenScenes(t *testing.T) {
	for _, sc := range scenes {
		for _, size := range goldenSizes {
			for _, look := range goldenLooks {
				name := fmt.Sprintf("%s-%dx%d", sc.name, size[0], size[1])
				if sc.name == "settings" {
					name += "-in-" + look.theme // the text names the theme
				}
				t.Run(name+"/"+look.theme, func(t *testing.T) {
					sc.show(t, look.theme, func(d *driver) {
						d.feed(map[bool]tea.BackgroundColorMsg{true: darkMsg, false: lightMsg}[look.dark])
						d.size(size[0], size[1])
						sc.open(d)
						d.wait(6 * time.Second) // toasts are gone
						d.matches(name, look.theme)
					})
				})
			}
		}
	}
}

// TestScenesFitEverySize draws each scene at every small size, and at some large
// ones: the driver holds each frame to its size.
func TestScenesFitEverySize(t *testing.T) {
	for _, sc := range scenes {
		t.Run(sc.name, func(t *testing.T) {
			sc.show(t, "default", func(d *driver) {
				sc.open(d)
				for w := 1; w <= 200; w += 1 + w/16 {
					for h := 1; h <= 60; h += 1 + h/8 {
						d.size(w, h)
					}
				}
				d.size(80, 24)
			})
		})
	}
}

// TestScenesTellTheMainThingWhenTiny holds 20×6 to be of use.
func TestScenesTellTheMainThingWhenTiny(t *testing.T) {
	for name, want := range map[string]string{
		"welcome": "Try the demo", "signin": "4:4", "signin-demo": "Bob", "signin-code": "A B C D E F G H", "signin-late": "Nobody",
		"accounts": "bob@example", "conflicts": "‹oat›", "details": "Water", "settings": "Group by", "isolation": "Buy milk",
		"isolation-safe": "SAFE", "isolation-leak": "LEAK",
	} {
		t.Run(name, func(t *testing.T) {
			for _, sc := range scenes {
				if sc.name == name {
					sc.show(t, "default", func(d *driver) {
						d.size(20, 6)
						sc.open(d)
						d.wait(11 * time.Second)
						d.sees(want)
					})
				}
			}
		})
	}
}

// TestEveryKeyOfTheScenesDoesSomething presses each screen's own keys where they
// have something to do.
func TestEveryKeyOfTheScenesDoesSomething(t *testing.T) {
	in := map[string]scope{"signin": inSignIn, "accounts": inAccounts, "conflicts": inConflicts, "details": inDetails,
		"settings": inSettings, "isolation": inIsolation, "welcome": inWelcome}
	elsewhere := map[verb]bool{verbUp: true, verbTop: true, verbPageUp: true, verbPageDown: true, verbDown: true, verbBottom: true,
		verbRestore: true} // tested where the list is longer, or something is there
	for _, sc := range scenes {
		for _, b := range idleRoot(t).shared.keys.bindings {
			if b.in&in[sc.name] == 0 || b.in&global != 0 || elsewhere[b.verb] || strings.HasPrefix(string(b.verb), "pick-") {
				continue
			}
			for _, key := range b.Keys() {
				t.Run(sc.name+"/"+key, func(t *testing.T) {
					sc.show(t, "default", func(d *driver) {
						sc.open(d)
						before := d.reach()
						d.press(key)
						if d.reach() == before {
							t.Errorf("%s does nothing:\n%s", key, d.text())
						}
					})
				})
			}
		}
	}
}

// reach is everything a key can change that a person or the backend sees.
func (d *driver) reach() string { return d.state() + fmt.Sprint(d.backend.calls, d.backend.current) }

func TestClicksOnRows(t *testing.T) {
	for _, c := range []struct {
		scene string
		y     int
		want  string
	}{
		{"signin-demo", 6, "Signing in as Bob"}, {"accounts", 4, "alice@example.com · my-project"}, {"settings", 4, "Theme: "},
		{"welcome", 11, "Copied: kindling setup"}, {"isolation", 5, "Bob wants “Buy milk”"}, {"details", 13, "▌ × complete"},
	} {
		t.Run(c.scene, func(t *testing.T) {
			for _, sc := range scenes {
				if sc.name != c.scene {
					continue
				}
				sc.show(t, "default", func(d *driver) {
					d.backend.pretend = func(ctx context.Context, _, _ string) error { <-ctx.Done(); return ctx.Err() }
					sc.open(d)
					d.feed(tea.MouseClickMsg{X: 4, Y: c.y, Button: tea.MouseLeft})
					d.sees(c.want)
				})
			}
		})
	}
}

// A screen's key closes it again; from a screen above it leads back to it.
func TestTheKeyOfAScreenClosesIt(t *testing.T) {
	for _, key := range []string{"A", "S", "c", ",", "I"} {
		play(t, troubledTodos(t), func(d *driver) {
			d.press(key)
			if len(d.root.stack) != 1 {
				t.Fatalf("%s opens nothing", key)
			}
			d.press(key)
			if len(d.root.stack) != 0 {
				t.Errorf("%s does not close what it opened:\n%s", key, d.text())
			}
		})
	}
	play(t, troubledTodos(t), func(d *driver) {
		d.press("S", "c", "S")
		d.sees("Sync details")
		d.press("esc")
		d.sees("? help · space done")
	})
}

// Where nobody is signed in, no screen claims that all is well.
func TestScreensOfNobodySaySo(t *testing.T) {
	playWith(t, newFakeBackend(t), Options{Welcome: true}, func(d *driver) {
		for _, key := range []string{"S", "c"} {
			d.press(key)
			d.sees("No account is open. Press A for the accounts.")
			d.seesNot("✓", "last sync")
			d.press("esc")
		}
		d.sees("esc leave")
	})
}
