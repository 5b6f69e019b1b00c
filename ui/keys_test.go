package ui

import (
	"fmt"
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"kindling/assets"
	"kindling/store/todotxt"
)

func TestDefaultKeysDoNotClash(t *testing.T) {
	if _, err := newKeyMap(nil); err != nil {
		t.Fatal(err)
	}
}

func TestVerbsAreNamedOnce(t *testing.T) {
	seen := map[verb]bool{}
	for _, b := range defaultBindings() {
		if seen[b.verb] {
			t.Errorf("%s is bound twice", b.verb)
		}
		seen[b.verb] = true
		if b.Help().Desc == "" || b.in == 0 {
			t.Errorf("%s has no help or no place", b.verb)
		}
	}
}

func TestRebinding(t *testing.T) {
	for _, c := range []struct {
		own  map[string][]string
		want string // of the error, "" for none
	}{
		{map[string][]string{"toggle": {"t"}}, ""},
		{map[string][]string{"toggle": {"d"}}, `"d" means both "toggle" and "delete"`},
		{map[string][]string{"undo": {"a"}}, `"a" means both "add" and "undo"`},
		{map[string][]string{"fly": {"w"}}, `"fly" is not an action`},
		{map[string][]string{"quit": {}}, `"quit" has no key`},
		{map[string][]string{"as-typed": {"s"}}, ""}, // typed where it would be a key: see typesText
	} {
		_, err := newKeyMap(c.own)
		if got := fmt.Sprint(err); (err == nil) != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: error %q, want %q", c.own, got, c.want)
		}
	}
}

func TestOwnKeysWorkAndShow(t *testing.T) {
	s := DefaultSettings()
	s.Keys = map[string][]string{"toggle": {"t"}, "help": {"h"}}
	playWith(t, newFakeBackend(t, "Buy milk"), Options{Settings: s}, func(d *driver) {
		d.press("space")
		d.sees("[ ] Buy milk", "t done", "h help")
		d.press("t")
		d.sees("[x] Buy milk")
		d.press("h")
		d.sees("t                  reopen")
	})
}

func TestEveryBindingIsInHelpAndPalette(t *testing.T) {
	r := idleRoot(t)
	r.shared.status.CanUndo, r.shared.status.CanRedo = "add", "add"
	for _, b := range r.shared.keys.bindings {
		from := inList
		if b.in&(inList|global) == 0 {
			from = b.in
		}
		if from&^inPalette == 0 || from&^inHelp == 0 {
			continue // their own keys need no palette over themselves
		}
		here := busyScreen{in: from}
		text := strings.Join(newHelp(r.shared, here).lines(300), "\n")
		does, keys := b.Help().Desc, b.Help().Key
		if isDigit(keys) { // all nine share a row
			does, keys = strings.TrimSuffix(does, " "+keys), "1…9"
		}
		if !strings.Contains(text, does) || !strings.Contains(text, keys) {
			t.Errorf("help does not show %s", b.verb)
		}
		p := newPalette(r.shared, here)
		found := b.verb == verbPalette
		for _, x := range p.all {
			found = found || x.verb == b.verb
		}
		if !found {
			t.Errorf("the palette does not hold %s", b.verb)
		}
	}
}

// busyScreen is a screen where every key has something to do.
type busyScreen struct {
	screen
	in scope
}

func (s busyScreen) scope() scope              { return s.in }
func (s busyScreen) offer(verb) (string, bool) { return "", true }

// idleRoot is a program that was never started.
func idleRoot(t *testing.T) *root {
	s := DefaultSettings()
	s.Filters = strings.Fields("+a +b +c +d +e +f +g +h +i")
	return newDriver(t, t.Context(), newFakeBackend(t), Options{Settings: s}).root
}

// TestEveryKeyOfTheListDoesSomething presses each key where it has something to
// do, and looks for a difference.
func TestEveryKeyOfTheListDoesSomething(t *testing.T) {
	keys := idleRoot(t).shared.keys
	for _, b := range keys.of(inList) {
		if n := strings.TrimPrefix(string(b.verb), "filter-"); n != string(b.verb) && n != "1" {
			continue // only one filter is saved
		}
		for _, key := range b.Keys() {
			t.Run(string(b.verb)+"/"+key, func(t *testing.T) { doesSomething(t, key) })
		}
	}
}

func doesSomething(t *testing.T, key string) {
	t.Setenv("TMPDIR", t.TempDir())
	s := DefaultSettings()
	s.Filters = []string{"+home"}
	b := fuzzBackend(t)
	playWith(t, b, Options{Settings: s}, func(d *driver) {
		d.size(80, 10)
		d.press("d", "u", "u", "j", "j", "j", "v") // something to redo; esc has a selection to end
		d.wait(20e9)
		if key == "v" || strings.Contains(key, "R") {
			d.press("esc")
		}
		before := d.state()
		d.press(key)
		if d.state() == before {
			t.Errorf("%s does nothing:\n%s", key, d.text())
		}
	})
}

// state is everything a key can change that a person or the backend sees.
func (d *driver) state() string {
	calls := map[string]int{} // none where alice signed out
	if f := d.backend.alice(); f != nil {
		calls = f.calls
	}
	return fmt.Sprint(d.styled(), d.copied, d.left, d.suspend, calls, d.root.shared.settings, len(d.root.stack))
}

func TestNonLatinLayoutsUseTheKeysPlace(t *testing.T) {
	play(t, newFakeBackend(t, "one", "two"), func(d *driver) {
		d.feed(tea.KeyPressMsg{Code: 'о', Text: "о", BaseCode: 'j'}) // Cyrillic о stands where j does
		d.press("space")
		d.sees("[ ] one", "[x] two")
		d.feed(tea.KeyPressMsg{Code: 'п', Text: "П", Mod: tea.ModShift, ShiftedCode: 'П', BaseCode: 'g'})
		d.feed(tea.KeyPressMsg{Code: 'ф', Text: "ф", BaseCode: 'a'})
		d.sees("add ")
		d.feed(tea.KeyPressMsg{Code: 'ф', Text: "ф", BaseCode: 'a'})
		d.sees("add ф") // where text is typed, it is text
	})
	k, _ := newKeyMap(nil)
	if v, ok := k.find(inList, tea.KeyPressMsg{Code: 'é', Text: "é", BaseCode: 'd'}, false); ok {
		t.Errorf("a Latin layout's key means %s by its place", v)
	}
}

func TestTypedKeysAreText(t *testing.T) {
	play(t, newFakeBackend(t, "one"), func(d *driver) {
		d.press("a")
		d.typing("quit? no: undo u, sync R")
		d.sees("add quit? no: undo u, sync R")
		if d.left {
			t.Fatal("a typed q left the program")
		}
	})
}

// TestTheExampleNamesEveryAction holds the example of config.toml to the KeyMap: there a
// person finds by which name an action is bound to other keys.
func TestTheExampleNamesEveryAction(t *testing.T) {
	const path, table = "../assets/config.example.toml", "[ui.keys]\n"
	before, _, _ := strings.Cut(assets.ConfigExample, table)
	var b strings.Builder
	b.WriteString(before + table)
	for _, k := range defaultBindings() {
		fmt.Fprintf(&b, "# %-16s = %-30s # %s\n", k.verb, `["`+strings.Join(k.Keys(), `", "`)+`"]`, k.Help().Desc)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != assets.ConfigExample {
		t.Errorf("%s does not end with every action; look, then go test ./ui -update\n%s", path, b.String())
	}
}

// TestHelpTellsThatThereIsMore, and no line is between two pages of it.
func TestHelpTellsThatThereIsMore(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk"), func(d *driver) {
		d.press("?")
		all := len(newHelp(d.root.shared, d.root.list).lines(80))
		shown := d.root.bodyHeight() - 1
		d.sees(fmt.Sprintf("↓ %d more", all-shown))
		d.press("ctrl+d")
		d.sees(fmt.Sprintf("↓ %d more", all-2*shown))
		d.press("G")
		d.seesNot("↓ ")
	})
}

func TestThePaletteNamesActionsAsTheConfigurationDoes(t *testing.T) {
	play(t, newFakeBackend(t, "x Buy milk"), func(d *driver) {
		d.press(":")
		d.typing("all compl")
		d.sees("delete all completed", "config.toml: clear-completed")
		d.press("ctrl+u")
		d.typing("th") // of all that hold "the", the one that is named so
		d.sees("▌ next theme")
	})
}

// TestHelpTeachesWhatIsRead holds the samples of help to the readers themselves.
func TestHelpTeachesWhatIsRead(t *testing.T) {
	for _, row := range syntaxHelp[1].rows {
		for _, word := range strings.Fields(strings.ReplaceAll(row.Help().Key+" "+row.Help().Desc, ",", " ")) {
			if !strings.Contains(word, ":") {
				continue
			}
			if _, err := todotxt.ParseQuery(word, fakeNow); err != nil {
				t.Errorf("help teaches %q: %v", word, err)
			}
		}
	}
	for _, words := range []string{"fri", "tomorrow", "in 3 days", "24 dec", "2026-12-24"} {
		if r := todotxt.ReadDates("Call due:"+words, fakeNow, true); r.Words == "" && !strings.Contains(r.Text, "due:2026") {
			t.Errorf("help teaches due:%s, and it is not read", words)
		}
	}
}
