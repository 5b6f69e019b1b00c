package ui

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

func TestEditMovesThroughTextAndFields(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press("e", "ctrl+j")
		d.typing("second line")
		d.press("up", "home")
		d.typing("> ")
		d.press("down", "down") // the second line, then the box
		d.sees("▌ done      [ ]")
		d.press("j", "down", "down")
		d.typing("+a b")
		d.press("shift+tab", "ctrl+t", "ctrl+s")
		it := b.alice().items[fakeID(0)]
		if it.Title != "> Buy milk +a +b\nsecond line" || !it.Done.Bool() {
			t.Errorf("saved %q %v", it.Title, it.Done)
		}
	})
}

// TestAFieldReplacesItsOwnPartInPlace: clearing a field on the way to its new value must not
// move the part to the end, and a value that cannot be read takes nothing away.
func TestAFieldReplacesItsOwnPartInPlace(t *testing.T) {
	b := newFakeBackend(t, "Pay due:2026-12-01 +home the rent")
	play(t, b, func(d *driver) {
		d.press("e", "tab", "tab", "tab", "ctrl+u")
		d.sees("▌ due", "Pay +home the rent")
		d.typing("2026-12-0")
		d.sees("Pay due:2026-12-01 +home the rent")
		d.press("enter")
		d.sees("Due: not a date yet", "Edit")
		d.typing("9")
		d.press("enter")
		if got := b.alice().items[fakeID(0)].Title; got != "Pay due:2026-12-09 +home the rent" {
			t.Errorf("saved %q", got)
		}
	})
}

func TestEditRefusesNoText(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk"), func(d *driver) {
		d.press("e", "ctrl+u", "enter")
		d.sees("A todo needs some text")
		d.press("esc", "d")
		d.sees("[ ] Buy milk")
	})
}

func TestEditFollowsTheCursorOnSmallScreens(t *testing.T) {
	play(t, newFakeBackend(t, strings.Repeat("a long title ", 20)), func(d *driver) {
		d.size(20, 6)
		d.press("e")
		for range 8 {
			if c := d.view().Cursor; c == nil {
				t.Fatalf("no cursor:\n%s", d.text())
			}
			d.press("tab")
		}
	})
}

// TestOutsideEditor plays $EDITOR: the runtime runs it, so the test does what it would.
func TestOutsideEditor(t *testing.T) {
	temp := t.TempDir()
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.root.shared.scratch = func() (string, func() error, error) {
			dir, err := os.MkdirTemp(temp, "")
			return dir, func() error { return os.RemoveAll(dir) }, err
		}
		d.press("E")
		files, _ := filepath.Glob(filepath.Join(temp, "*", "*"))
		if len(files) != 1 {
			t.Fatalf("files for the editor: %v", files)
		}
		if info, _ := os.Stat(files[0]); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("others can read it: %v", info.Mode())
		}
		if err := os.WriteFile(files[0], []byte("Buy oat milk\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		e := d.root.top()
		d.feed(answer{d.root.shared.epoch, e, editorLeft{file: TextFile{files[0], func() error { return os.RemoveAll(filepath.Dir(files[0])) }}}})
		d.sees("[ ] Buy oat milk", "Edit")
		if left, _ := os.ReadDir(temp); len(left) > 0 {
			t.Error("the file is left behind")
		}
		d.press("e", "tab", "tab", "tab", "tab")
		d.typing("home") // a field has the focus: what it held is no longer so
		path := filepath.Join(t.TempDir(), "left.txt")
		if err := os.WriteFile(path, []byte("Buy rice milk\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.feed(answer{d.root.shared.epoch, d.root.top(), editorLeft{file: TextFile{path, func() error { return os.Remove(path) }}}})
		d.sees("Edit · not saved", "▌ Buy rice milk")
		if e, ok := d.root.top().(*edit); !ok || e.text.text != "Buy rice milk" {
			t.Errorf("a field wrote over the text of the editor:\n%s", d.text())
		}
		d.press("esc", "d", "e", "ctrl+o")
		gone := TextFile{"gone", func() error { return nil }}
		d.feed(answer{d.root.shared.epoch, d.root.top(), editorLeft{file: gone, err: &exec.ExitError{ProcessState: &os.ProcessState{}}}})
		d.sees("$EDITOR ended with an error, so its text was not taken", "Buy oat milk")
		d.feed(answer{d.root.shared.epoch, d.root.top(), editorLeft{file: gone, err: errors.New("no such file")}})
		d.sees("$EDITOR did not start · set EDITOR to a program that is installed: no such")
	})
}

func TestEditorCommandHasNoSecrets(t *testing.T) {
	c := TextFile{path: "/tmp/file"}.Command(t.Context(), []string{"EDITOR=code --wait", "PATH=/bin", "INSFORGE_JWT_SECRET=x"})
	if got := strings.Join(c.Args, "|"); got != "code|--wait|/tmp/file" {
		t.Errorf("runs %s", got)
	}
	if strings.Contains(strings.Join(c.Env, " "), "JWT_SECRET") {
		t.Error("the editor gets our secret")
	}
}

// A path to the editor may hold spaces, quoted as for a shell, or plainly where it is there.
func TestEditorCommandWithSpaces(t *testing.T) {
	there := filepath.Join(t.TempDir(), "My Editor")
	if err := os.WriteFile(there, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"vi":                          "vi",
		" code  --wait ":              "code|--wait",
		`"/Program Files/e" -n "a b"`: "/Program Files/e|-n|a b",
		`'/Program Files/e' --wait`:   "/Program Files/e|--wait",
		`/Program" Files"/e`:          "/Program Files/e",
		`emacs -e "say 'hi'" ''`:      "emacs|-e|say 'hi'|",
		`"/not closed`:                "/not closed",
		there:                         there,
		there + " --wait":             there + "|--wait",
		`"` + there + `" --wait`:      there + "|--wait",
		there + ` "--as it" 'is'`:     there + "|--as it|is",
		`""`:                          `""`,
	}
	if runtime.GOOS == "windows" {
		tests[`"C:\Program Files\e.exe" /w`] = `C:\Program Files\e.exe|/w`
	} else {
		tests[`/Program\ Files/e --wait`] = "/Program Files/e|--wait"
	}
	for editor, want := range tests {
		c := TextFile{path: "FILE"}.Command(t.Context(), []string{"EDITOR=" + editor})
		if got := strings.Join(c.Args, "|"); got != want+"|FILE" {
			t.Errorf("%s runs %s, want %s", editor, got, want)
		}
	}
}

func TestPasteIntoTheAddLine(t *testing.T) {
	play(t, newFakeBackend(t), func(d *driver) {
		d.press("a")
		d.feed(tea.PasteMsg{Content: "one line\n"})
		d.sees("add one line")
		d.feed(tea.PasteMsg{Content: "- two\n- three"})
		d.sees("Add 2 todos?")
		d.press("esc")
		d.sees("add one line")
		d.press("enter")
		d.feed(tea.PasteMsg{Content: " \n\n"})
		d.sees("There is no text in what was pasted")
		d.press("enter")
		d.sees("[ ] one line")
	})
}

// TestToastsNameNoKeyThatIsText: where a text is typed, u is a letter of it.
func TestToastsNameNoKeyThatIsText(t *testing.T) {
	play(t, newFakeBackend(t), func(d *driver) {
		d.press("a")
		d.typing("one")
		d.press("ctrl+j")
		d.sees(`Added "one"`)
		d.seesNot("u undo")
		d.typing("two")
		d.press("enter")
		d.sees(`Added "two" · u undo`)
		d.press("a")
		d.feed(tea.PasteMsg{Content: "- three\n- four"})
		d.press("enter")
		d.sees("Added 2 todos · u undo")
		d.press("u")
		d.sees("Taken back: add 2 todos")
	})
}

func TestPaletteByArrowsAndMouse(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk"), func(d *driver) {
		d.press("ctrl+p", "down", "down", "up", "pgdown", "pgup", "esc")
		d.sees("[ ] Buy milk")
		d.press(":")
		d.feed(tea.PasteMsg{Content: "toggle"})
		d.sees("▌ done")
		d.feed(tea.MouseClickMsg{X: 12, Y: 6, Button: tea.MouseLeft})
		d.sees("[x] Buy milk")
		d.press(":")
		d.typing("no such thing at all")
		d.sees("No command is like that")
	})
}

func TestFilterCanBeTakenBackAndMovedIn(t *testing.T) {
	play(t, newFakeBackend(t, some...), func(d *driver) {
		d.press("/")
		d.typing("home")
		d.press("down")
		d.sees("▌ [ ] (C) Plant")
		d.press("esc")
		d.sees("dentist", "▌ [ ] (C) Plant")
		d.press("/")
		d.feed(tea.PasteMsg{Content: "milk"})
		d.seesNot("dentist")
		d.typing(" due:nonsense")
		d.sees("due:") // what cannot be read leaves the last result
		d.sees("Buy milk")
		d.seesNot("dentist")
	})
}

func TestManyChangesAtOnce(t *testing.T) {
	b := newFakeBackend(t, manyTitles(300)...)
	play(t, b, func(d *driver) {
		d.press("f", "f", "ctrl+a", "x") // open ones only
		d.sees("Complete", "Everything is done.")
		d.press("u", "f", "ctrl+a", "d")
		d.sees("Nothing to do yet.", "Deleted 300 todos")
		d.press("u", "G")
		d.sees("▌ [x] dentist Write 299")
	})
}

func TestWhatCannotBeOpenedIsSaid(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.openErr = auth.ErrLocked
	play(t, b, func(d *driver) {
		d.sees("The list could not be opened: the keyring is locked", "R tries again")
		d.press("a")
		d.typing("lost?")
		d.press("enter")
		d.sees("No account is open")
		b.openErr = nil
		d.press("R")
		d.sees("Buy milk")
	})
}

func TestMidnightTurnsTheGroups(t *testing.T) {
	s := DefaultSettings()
	s.Group = groupDue
	b := newFakeBackend(t, "Buy milk due:2026-11-26")
	playWith(t, b, Options{Settings: s}, func(d *driver) {
		d.sees("Tomorrow 1")
		d.feed(tea.BlurMsg{}) // no sync helps
		d.wait(15 * time.Hour)
		d.sees("Today 1", "today")
	})
}

// A question and the palette stand in a frame over what they are about; a small
// screen is theirs alone.
func TestAQuestionFloatsOverWhatItIsAbout(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk", "Call Bob"), func(d *driver) {
		for key, want := range map[string]string{":": "commands", "e": "This todo was changed"} {
			d.press(key)
			if d.typing("x"); key == "e" {
				d.press("esc")
			}
			for _, size := range [][2]int{{200, 60}, {80, 24}, {50, 15}} {
				d.size(size[0], size[1])
				d.sees("╭", want[:8], "╰")
				if key == "e" {
					d.sees("Edit · not saved", "created")
				}
			}
			d.size(49, 24)
			d.sees(want[:8])
			d.seesNot("╭", "Edit")
			d.press("esc", "esc", "d")
			d.size(80, 24)
		}
	})
}

// Undo goes to what it changed.
func TestUndoGoesToWhatItChanged(t *testing.T) {
	play(t, newFakeBackend(t, "one", "two", "three", "four"), func(d *driver) {
		d.press("j", "d", "G")
		d.sees("▌ [ ] four")
		d.press("u")
		d.sees("▌ [ ] two", "· U redo")
		d.press("G", "U")
		d.sees("▌ [ ] four", "· u undo")
	})
}

func TestEditCompletesNames(t *testing.T) {
	b := newFakeBackend(t, "Buy milk", "Paint +home @desk", "Plan +homework")
	play(t, b, func(d *driver) {
		d.press("e")
		d.typing(" for +Ho")
		d.sees("tab +home  +homework", "tab complete")
		d.press("tab")
		d.sees("Buy milk for +home", "projects  home", "tab next field")
		d.press("tab", "tab", "tab", "tab", "tab") // to the contexts
		d.typing("de")
		d.sees("▌ contexts  de tab @desk")
		d.press("tab")
		d.sees("▌ contexts  desk", "Buy milk for +home @desk")
		d.press("enter")
		if got := b.alice().items[fakeID(0)].Title; got != "Buy milk for +home @desk" {
			t.Errorf("saved %q", got)
		}
	})
}

// TestTabThroughTheFieldsChangesNothing passes names that others begin with.
func TestTabThroughTheFieldsChangesNothing(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk +home", "Plan +homework"), func(d *driver) {
		d.press("e", "tab", "tab", "tab", "tab", "tab", "tab", "tab")
		d.seesNot("not saved", "homework")
		d.press("shift+tab", "shift+tab", "shift+tab", "backspace") // the projects
		d.typing("e")
		d.sees("▌ projects  home")
		d.press("tab") // the name is there whole
		d.sees("▌ contexts")
		d.seesNot("homework")
	})
}

func TestEditShowsTheTextFirstOnTheSmallestScreens(t *testing.T) {
	play(t, newFakeBackend(t, "Paint the fence behind the house"), func(d *driver) {
		d.size(20, 6)
		d.press("e")
		d.sees("▌ Paint the fence", "▌ behind the house")
		d.press("tab", "tab", "tab")
		d.typing("fri")
		d.sees("▌ due       fri")
	})
}
