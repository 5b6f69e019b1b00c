package ui

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kindling/assets"
	"kindling/store"
)

// TestEveryActionCanBeSaid holds that the linear prompt offers every action of the
// KeyMap, or gives a reason; and that nothing is said of actions that are gone.
func TestEveryActionCanBeSaid(t *testing.T) {
	known := map[verb]bool{}
	for _, b := range defaultBindings() {
		known[b.verb] = true
		words, why := spokenAs[b.verb], unspoken[b.verb]
		if (words == "") == (why == "") {
			t.Errorf("%s (%s) is said as %q and not said because %q: it needs one of both", b.verb, b.Help().Desc, words, why)
		}
		if p, rest, ok := understand(words); words != "" && (!ok || rest != "" || p.words[0] != words) {
			t.Errorf("%s is said as %q, which is no phrase", b.verb, words)
		}
	}
	for v := range spokenAs {
		if !known[v] {
			t.Errorf("%s is no action", v)
		}
	}
	for v := range unspoken {
		if !known[v] {
			t.Errorf("%s is no action", v)
		}
	}
}

func TestAccessiblePhrasesAreNotTheSame(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range phrases() {
		for _, w := range p.words {
			if seen[w] {
				t.Errorf("%q is said for two things", w)
			}
			seen[w] = true
		}
	}
}

func TestAccessibleTeachesItsWords(t *testing.T) {
	got := talk(t, newFakeBackend(t), Options{}, "clear-completed", "T", "j", "ctrl+z", "help saved")
	hears(t, got, "Say: clear completed.", "Say: theme.", "no cursor moves", "the terminal does it itself", "> saved [N]: ", "N is a number")
}

func TestAccessibleSortsGroupsAndShows(t *testing.T) {
	b := newFakeBackend(t, "Call Bob due:2026-11-26", "(A) Buy milk", "x Old one", "Water due:2026-11-25")
	s := DefaultSettings()
	s.Sort, s.Show = sortTitle, showOpen
	got := talk(t, b, Options{Settings: s}, "group due", "show done", "show all", "group none", "sort priority", "sort", "sort sideways")
	hears(t, got, "1. (A) Buy milk", "2. Call Bob, due tomorrow", "3. Water, due today",
		"Group by is due now.", "Today:", "1. Water", "Tomorrow:", "2. Call Bob", "No date:", "3. (A) Buy milk",
		"Show is done now.", "Done:", "1. Done: Old one", "Show is all now.", "4. Done: Old one",
		"Group by is none now.", "Sort by is priority now.", "1. (A) Buy milk", "4. Done: Old one",
		"Sort by is priority; it can be created, title, due, priority.", "Sort by is priority; it can be")
	if strings.Contains(got[:strings.Index(got, "Group by")], "Old one") {
		t.Error("what is shown was not remembered")
	}
	if b.settings.Sort != sortPriority || b.settings.Show != showAll || b.settings.Group != groupNone {
		t.Errorf("kept %+v", b.settings)
	}
}

func TestAccessibleSelectsAndCopies(t *testing.T) {
	b := newFakeBackend(t, "Buy milk +home", "Call Bob", "Water the plants", "x Old one", "x Older one +home")
	got := talk(t, b, Options{}, "select 1 3", "done", "done", "undo", "select 9", "select all", "select none", "copy 1-2", "select 2", "copy",
		"clear completed", "filter +home", "clear completed", "undo", "delete all")
	hears(t, got, "Selected 2 todos.", "Complete 2 todos.", "Say which by the numbers", "Taken back: complete 2 todos", "Say which by the numbers", "Selected 5 todos.", "Nothing is selected.",
		"This output has no clipboard. The text:\nBuy milk +home\nCall Bob", "The text:\nCall Bob",
		"Delete 2 completed todos.", "1. Buy milk +home", "Nothing to do.", "Taken back: delete 2 completed todos", "Delete")
}

func TestAccessibleSavesFilters(t *testing.T) {
	b := newFakeBackend(t, "Buy milk +home", "Call Bob")
	got := talk(t, b, Options{}, "save filter", "saved", "filter +home", "save filter", "filter", "saved", "saved 1", "save filter", "saved 1", "save filter 3", "saved", "save filter 12", "names")
	hears(t, got, "Filter first.", "No filter is saved.", "1. Buy milk", "Kept. Say saved 1 to filter by it.", "2. Call Bob", "1. +home", "1. Buy milk", "Filter 1 is free again.", "No filter is saved.", "Kept. Say saved 3", "3. +home", "a number from 1 to 9", "+home.")
	if !slices.Equal(b.settings.Filters, []string{"", "", "+home"}) {
		t.Errorf("kept %q", b.settings.Filters)
	}
}

func TestAccessibleSettings(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	got := talk(t, b, Options{Settings: DefaultSettings(), Themes: assets.Themes()}, "settings", "theme", "theme nord", "set mouse off", "set sort by due", "set wings on", "set mouse sideways", "screens", "set mouse on")
	hears(t, got, "Theme is default; it can be default", "nord", "Mouse is on; it can be off, on.", "Accessible is", "Theme is default; it can be", "Theme is nord now.", "Mouse is off now.", "Sort by is due now.", "There is no such setting.", "Mouse is off; it can be", "The next start draws screens.", "Mouse is on now.")
	if b.settings.Theme != "nord" || b.settings.Sort != sortDue || b.settings.Accessible {
		t.Errorf("kept %+v", b.settings)
	}
}

func TestAccessibleChangesPartsAndTellsAll(t *testing.T) {
	b := newFakeBackend(t, "Buy milk +home")
	got := talk(t, b, Options{}, "due 1 tomorrow", "due 1", "priority 1 b", "contexts 1 shop phone", "projects 1 none", "due 1 nonsense", "due 9 fri", "about 1", "about", "add as typed Call tomorrow", "list")
	hears(t, got, "Edit", "The due of it: 2026-11-26.", "Edit", "Edit", "Edit", "Kept as it was. Not a date yet", "Say due, the number of a todo",
		"Text: (B) Buy milk due:2026-11-26 @shop @phone", "State: open.", "Due: tomorrow", "Priority: B.", "Contexts: shop, phone.", "Sync:", "Id:", "Say about, and the number", "Add", "Call tomorrow")
}

func TestAccessibleAddsMany(t *testing.T) {
	b := newFakeBackend(t)
	got := talk(t, b, Options{}, "add many", "- [x] eggs", "* flour +home", "", "yes", "list", "add many", "", "add many", "one", "", "no", "list")
	hears(t, got, "An empty line ends them.", "1. Done: eggs", "2. flour +home", "Add 2 todos? Type yes", "Add 2 todos.", "1. flour +home", "2. Done: eggs", "There is no text in that.", "Nothing was added.", "2. Done: eggs")
}

func TestAccessibleSaysALongListInParts(t *testing.T) {
	got := talk(t, newFakeBackend(t, manyTitles(120)...), Options{}, "more", "more", "more", "done 120", "list 日本語")
	hears(t, got, "50. ", "And 70 more. Say more", "51. ", "And 20 more.", "120. ", "That is all of the list.", "Nothing to do.")
}

func TestAccessibleUnsavedTexts(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	for id, text := range map[int]string{0: "Buy oat milk", 7: "half a thought"} {
		if err := f.SaveDraft(t.Context(), fakeID(id), text); err != nil {
			t.Fatal(err)
		}
	}
	got := talk(t, b, Options{}, "unsaved", "save unsaved 1", "unsaved", "drop unsaved 1", "no", "drop unsaved 1", "yes", "unsaved", "save unsaved 1", "list")
	hears(t, got, "2 texts are not saved.", "1. Buy oat milk", "2. half a thought", "Edit", "1. half a thought", "It cannot be undone. Type yes", "Dropped.", "Every text is saved.", "Say the number of an unsaved text", "1. Buy oat milk")
}

func TestAccessibleAttacksAsAChosenAccount(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = []store.Attack{{Name: "read-by-id", Verdict: "safe"}}
	got := talk(t, b, Options{}, "isolation 1", "isolation 2", "isolation 3")
	hears(t, got, "Say another.", "read-by-id: safe.", "Say which account by its number")
}

func TestAccessibleSignsInByCode(t *testing.T) {
	b := newFakeBackend(t)
	device := &fakeDevice{}
	b.device = device
	device.end() <- fakeEnd{grant: bobsGrant}
	got := talk(t, b, Options{}, "sign in by code")
	hears(t, got, "On any machine open", "enter the code A B C D E F G H")
}

// TestADumbTerminalGetsLines holds that a terminal which draws nothing is sent no
// escape sequences.
func TestADumbTerminalGetsLines(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	o := Options{Backend: b, Settings: DefaultSettings(), Env: []string{"TERM=dumb"}, Now: func() time.Time { return fakeNow }, Location: time.UTC}
	var out strings.Builder
	if _, err := Run(t.Context(), o, strings.NewReader("copy 1\nquit\n"), &out); err != nil {
		t.Fatal(err)
	}
	hears(t, out.String(), "1. Buy milk", "The text:\nBuy milk")
	if obeys(os.Stdout, o.Env) {
		t.Error("a dumb terminal is sent escape sequences")
	}
}

func TestAccessibleKeepsWholeCharacters(t *testing.T) {
	got := talk(t, newFakeBackend(t, "👩\u200d👩\u200d👧 visit"), Options{}, "list")
	hears(t, got, "👩\u200d👩\u200d👧 visit")
}
