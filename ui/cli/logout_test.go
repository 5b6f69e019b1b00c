package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"kindling/auth"
	"kindling/store"
)

// newSignedIn is a run in a home of its own, with somebody signed in there.
func newSignedIn(t *testing.T, stdin io.Reader) (*app, auth.Account) {
	t.Helper()
	env := map[string]string{
		"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir(), "INSFORGE_URL": "http://127.0.0.1:1",
		"KINDE_ISSUER_URL": "http://127.0.0.1:1", "KINDE_CLIENT_ID": "test", "KINDLING_KEYRING": "memory",
	}
	a := newApp(t.Context(), Process{
		Getenv: func(name string) string { return env[name] }, Stdin: stdin, Stdout: io.Discard, Stderr: io.Discard,
	})
	t.Cleanup(a.close)
	a.flags.sync = "no"
	accounts, err := a.accounts()
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.Keep(t.Context(), "me", auth.Grant{Issuer: "http://127.0.0.1:1", ClientID: "test", Sub: "kp_me"})
	if err != nil {
		t.Fatal(err)
	}
	return a, acc
}

// addBeside saves a todo as another process would; its error says whether it may.
func addBeside(a *app, acc auth.Account, title string) error {
	todos, err := a.openAccount(context.Background(), acc, true)
	if err != nil {
		return err
	}
	return errors.Join(todos.Save(context.Background(), store.Step{Name: "add", Ops: []store.Op{store.NewAdd(title, a.Now())}}), todos.Close())
}

// Between the question about unsent changes and the end of the account nobody
// can add another one, which nobody was asked about.
func TestNothingIsAddedDuringSignOut(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	if err := addBeside(a, acc, "asked about"); err != nil {
		t.Fatal(err)
	}
	asked := false
	err := a.signOut(t.Context(), acc, func(unsent map[string]store.Status) error {
		asked = true
		if unsent["http://127.0.0.1:1"].Unsent() != 1 {
			t.Errorf("asked about %v", unsent)
		}
		if err := addBeside(a, acc, "not asked about"); !errors.Is(err, store.ErrInUse) {
			t.Errorf("another process wrote while it was asked: %v", err)
		}
		return errors.New("no")
	})
	if err == nil || !asked {
		t.Fatalf("signed out against a no: %v", err)
	}
	if err := addBeside(a, acc, "a second one"); err != nil {
		t.Fatalf("after a no: %v", err)
	}
	if err := a.signOut(t.Context(), acc, nil); err != nil {
		t.Fatal(err)
	}
	if err := addBeside(a, acc, "late"); err == nil {
		t.Error("a change was taken for somebody who signed out")
	}
}

// Whoever has the account open keeps it.
func TestSignOutRefusesWhileInUse(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	todos, err := a.openAccount(t.Context(), acc, true)
	if err != nil {
		t.Fatal(err)
	}
	defer todos.Close()
	mayLose := func(map[string]store.Status) error { t.Error("asked"); return nil }
	if err := a.signOut(t.Context(), acc, mayLose); !errors.Is(err, store.ErrInUse) {
		t.Fatal(err)
	}
	if err := a.purge(t.Context(), true); !errors.Is(err, store.ErrInUse) {
		t.Fatal(err)
	}
	if err := todos.Save(t.Context(), store.Step{Name: "add", Ops: []store.Op{store.NewAdd("kept", a.Now())}}); err != nil {
		t.Fatal(err)
	}
}

// slowly is a person who never answers.
type slowly struct{ asked chan struct{} }

func (s slowly) Read([]byte) (int, error) {
	close(s.asked)
	select {}
}

// ctrl+c ends a question at once.
func TestAQuestionEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	person := slowly{make(chan struct{})}
	a := newApp(ctx, Process{Stdin: person, Stderr: io.Discard})
	go func() { <-person.asked; cancel() }()
	if yes, err := a.ask("Sign out?"); yes || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", yes, err)
	}
	if _, err := a.inputLines(); !errors.Is(err, context.Canceled) {
		t.Errorf("reading on: %v", err)
	}
}
