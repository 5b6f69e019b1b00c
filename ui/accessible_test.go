package ui

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kindling/auth"
	"kindling/store"
)

// talk says lines to the program and returns all that it answered.
func talk(t *testing.T, b *fakeBackend, o Options, lines ...string) string {
	t.Helper()
	o.Backend, o.Location, o.Now = b, time.UTC, func() time.Time { return fakeNow }
	if o.Facts.Project == "" {
		o.Facts.Project = "my-project"
	}
	for _, f := range b.todos {
		f.now = o.Now
	}
	var out strings.Builder
	summary, err := runAccessible(t.Context(), o, strings.NewReader(strings.Join(lines, "\n")+"\n"), &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + "SUMMARY " + summary
}

// hears fails unless an answer holds every text, in order.
func hears(t *testing.T, got string, want ...string) {
	t.Helper()
	rest := got
	for _, w := range want {
		i := strings.Index(rest, w)
		if i < 0 {
			t.Fatalf("not heard: %q in\n%s", w, got)
		}
		rest = rest[i+len(w):]
	}
	if i := strings.IndexFunc(got, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
		t.Errorf("a control character at %d of\n%q", i, got)
	}
}

func TestAccessibleTalksAboutTodos(t *testing.T) {
	b := newFakeBackend(t, "Buy milk +home", "x Old \x1b[2Jone", "Call Bob due:2026-11-26")
	got := talk(t, b, Options{},
		"add Feed the cat tomorrow", "list", "done 1 2", "undo", "redo", "edit 3 Call Rob", "edit 2", "New text", "delete 1", "list +home", "redo", "quit")
	hears(t, got,
		"alice@example.com, my-project.", "Synced", "1. Buy milk +home", "2. Call Bob, due tomorrow", "3. Done: Old ␛[2Jone",
		"Add \"Feed the cat", "was read as a date", "2. Feed the cat, due tomorrow",
		"Complete 2 todos", "Taken back", "Done again", "Edit", "Now: ", "New text, or nothing to keep it:", "Edit", "Delete",
		"No todo matches +home", "Nothing to redo")
}

func TestAccessibleUnderstands(t *testing.T) {
	for line, want := range map[string]string{
		"list": "list", "ls +home": "list", "SIGN IN": "sign in", "sign  in another": "sign in another", "d 1": "done",
		"mine 2": "mine", "give up 1": "give up", "?": "help", "quitter": "", "dance": "", "": "",
	} {
		p, _, ok := understand(line)
		if ok != (want != "") || ok && p.words[0] != want {
			t.Errorf("%q is %v %v, want %q", line, p.words, ok, want)
		}
	}
}

func TestAccessibleNumbers(t *testing.T) {
	for text, want := range map[string]int{"1": 1, "1 3": 2, "1,2,3": 3, "2-4": 3, "5": 0, "0": 0, "x": 0, "3-2": 0, "": 0, "1 9": 0, "-1": 0} {
		if got := numbers(text, 4); len(got) != want {
			t.Errorf("%q means %v", text, got)
		}
	}
}

func TestAccessibleSaysWhatItDoesNotKnow(t *testing.T) {
	got := talk(t, newFakeBackend(t), Options{}, "dance", "done 4", "add", "mine 1", "retry 1", "restore 1", "switch 9", "edit x", "help")
	hears(t, got, "No todos. Say: add, and a text.", "“dance” is not understood", "Say which by the numbers", "Say add and a text",
		"Say which conflict", "Say the number of a refused change", "Say the number of a vanished todo", "Say which account", "list [FILTER]: ", "quit: leave.")
}

func TestAccessibleHelpNamesEveryPhrase(t *testing.T) {
	got := talk(t, newFakeBackend(t), Options{}, "help")
	for _, p := range phrases() {
		if !strings.Contains(got, p.words[0]) || !strings.Contains(got, p.help) {
			t.Errorf("help does not name %q", p.words[0])
		}
	}
}

func TestAccessibleConflicts(t *testing.T) {
	b := contestedTodos(t)
	got := talk(t, b, Options{}, "conflicts", "both 2", "mine 2", "theirs 1", "conflicts")
	hears(t, got, "Conflict 1. You changed this todo", "Mine: Buy oat milk", "Theirs: Buy soy milk +shop", "Before: Buy milk", "Say: mine 1, theirs 1, or both 1.",
		"Theirs: deleted", "mine 2 to restore it, theirs 2 to let it go.", "One side deleted it", "Restored: “Call Bob”.", "Took theirs: “Buy oat milk”.", "Conflict 1. You deleted this todo")
	if b.alice().resolved[fakeID(0)] != store.Theirs || b.alice().resolved[fakeID(1)] != store.Mine {
		t.Errorf("resolved %v", b.alice().resolved)
	}
}

func TestAccessibleDetails(t *testing.T) {
	b := troubledTodos(t)
	got := talk(t, b, Options{}, "details", "retry 3", "give up 3", "no", "give up 3", "yes", "restore 4", "status")
	hears(t, got, "Offline.", "Synced 1 h ago.", "1. Add “Buy milk”: not sent yet.", "3. Complete “Water the plants”: refused, because 42501: ␛[2Jrefused, tried 1 time.",
		"5. Gone at the project 2 h ago: Old todo. Say: restore 5", "Type yes to go on", "Type yes to go on", "Gave the change up.", "Brought back: Old todo", "5 open")
	if len(b.alice().retried) != 1 || len(b.alice().discarded) != 1 || len(b.alice().restored) != 1 {
		t.Errorf("retried %v, gave up %v, restored %v", b.alice().retried, b.alice().discarded, b.alice().restored)
	}
}

func TestAccessibleSignsInInTheDemo(t *testing.T) {
	b, login := signedOut(t)
	b.people = []string{"Alice", "Bob"}
	b.pretend = func(context.Context, string, string) error {
		b.openErr = nil
		login.end() <- fakeEnd{grant: bobsGrant}
		return nil
	}
	got := talk(t, b, Options{Facts: Facts{Demo: true, Headless: "container"}}, "2", "accounts")
	hears(t, got, "Sign in at this address: "+fakeURL, "Or say 2 to be Bob.", "Signed in as bob@example.com.", "1. bob@example.com, open now.")
}

func TestAccessibleSignInByPasteCancelAndCode(t *testing.T) {
	b, login := signedOut(t)
	login.pasteErr = auth.ErrState
	b.codeErr = auth.ErrDenied
	got := talk(t, b, Options{Facts: Facts{Headless: "SSH"}}, "http://wrong", "cancel", "list")
	hears(t, got, "this address is not from this sign-in. Still waiting.", "Cancelled.", "Nobody is signed in. Say: sign in")
	device := &fakeDevice{}
	b.device, b.codeErr = device, nil
	device.end() <- fakeEnd{err: auth.ErrTimeout}
	got = talk(t, b, Options{Facts: Facts{Headless: "SSH"}})
	hears(t, got, "enter the code A B C D E F G H")
}

// An error that only the browser shows never comes back: what to check is said.
func TestAccessibleSignInSaysWhatToCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, login := signedOut(t)
		time.AfterFunc(AdviceAfter+time.Second, func() { login.end() <- fakeEnd{err: auth.ErrTimeout} })
		hears(t, talk(t, b, Options{}, "sign in"), "Sign in at this address: ", "Does the browser show an error? Then check that KINDE_CLIENT_ID (kindling)", "Say sign in to try again.")
	})
}

func TestAccessibleSignsOut(t *testing.T) {
	b := twoAccounts(t)
	b.logOut = Unsent(3)
	got := talk(t, b, Options{}, "sign out 1", "no", "sign out 1", "yes", "accounts", "switch 1")
	hears(t, got, "3 changes are not sent yet and would be lost.", "alice@example.com stays signed in.", "Signed out alice@example.com.", "bob@example.com, my-project.", "1. bob@example.com, kept as bob, open now.")
}

func TestAccessibleIsolation(t *testing.T) {
	b := twoAccounts(t)
	b.attacks = fourAnswers(true)
	got := talk(t, b, Options{}, "try 1", "isolation")
	hears(t, got, "Alice asks: GET", "Bob asks: GET", "That is leak: somebody else's todo was read.", "read-by-id: leak.", "1 leak, 2 safe")
}

func TestAccessibleSummaryAndMemoryVault(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().status.Parked = 2
	got := talk(t, b, Options{Facts: Facts{Vault: "memory"}}, "quit", "no", "quit", "yes", "list")
	hears(t, got, "kept in memory only. Type yes", "Type yes", "SUMMARY 2 changes refused")
	if strings.Count(got, "1. Buy milk") != 1 {
		t.Error("it went on after quit")
	}
}

func TestAccessibleWelcome(t *testing.T) {
	got := talk(t, newFakeBackend(t), Options{Welcome: true}, "list")
	hears(t, got, "Try the demo: run kindling demo", "Connect a project: run kindling setup")
}

func TestRunIsAccessibleWhereSettingsSaySo(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	o := Options{Backend: b, Settings: Settings{Accessible: true}, Now: func() time.Time { return fakeNow }, Location: time.UTC}
	var out strings.Builder
	if _, err := Run(t.Context(), o, strings.NewReader("screens\nquit\n"), &out); err != nil {
		t.Fatal(err)
	}
	hears(t, out.String(), "1. Buy milk", "The next start draws screens")
	if b.settings.Accessible {
		t.Error("the setting was not kept")
	}
}

// FuzzAccessible holds that nothing that is typed breaks the conversation, or
// reaches the terminal as a command.
func FuzzAccessible(f *testing.F) {
	for _, p := range phrases() {
		f.Add(p.words[0] + " 1\nyes\n")
	}
	f.Add("add \x1b[2J\x00\u202e\nlist\nedit 1\n\nedit 1 \xff\ndone 1-99999999999\n")
	f.Fuzz(func(t *testing.T, script string) {
		b := fuzzBackend(t)
		b.login, b.people = &fakeLogin{}, nil
		hears(t, talk(t, b, Options{}, strings.Split(script, "\n")...))
	})
}
