package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	todos, err := a.openAccount(context.Background(), acc, true, nil)
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

// fileHome is a home with somebody signed in and a todo that waits, whose secrets lie
// in an encrypted file.
func fileHome(t *testing.T) (home string, env map[string]string, acc auth.Account) {
	t.Helper()
	home = t.TempDir()
	env = map[string]string{
		"HOME": home, "LOCALAPPDATA": home, "XDG_CONFIG_HOME": filepath.Join(home, "c"),
		"XDG_DATA_HOME": filepath.Join(home, "d"), "XDG_STATE_HOME": filepath.Join(home, "s"), "KINDLING_LOG": "debug",
		"INSFORGE_URL": "http://127.0.0.1:1", "KINDE_ISSUER_URL": "http://127.0.0.1:1", "KINDE_CLIENT_ID": "test",
		"KINDLING_KEYRING": "file", "KINDLING_KEYRING_PASSPHRASE": "a passphrase",
	}
	a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
	t.Cleanup(a.close)
	accounts, err := a.accounts()
	if err == nil {
		acc, err = accounts.Keep(t.Context(), "me", auth.Grant{Issuer: "http://127.0.0.1:1", ClientID: "test", Sub: "kp_me", Email: "me@example.com"})
	}
	if err == nil {
		err = addBeside(a, acc, "only here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return home, env, acc
}

// filesIn are the paths of all files below dir, and what they hold.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var data []byte
			data, err = os.ReadFile(path)
			files[path] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// What stays after a sign-out says nothing of who it was, nor of where.
func TestSignOutLeavesNothingOfTheAccount(t *testing.T) {
	home, env, _ := fileHome(t)
	var told Transcript
	if code := runIn(t.Context(), env, &told, "logout"); code != exitError || !strings.Contains(told.String(), "1 change to") {
		t.Fatalf("exit %d:\n%s", code, told.String())
	}
	if code := runIn(t.Context(), env, &told, "logout", "--force"); code != exitDone {
		t.Fatalf("exit %d:\n%s", code, told.String())
	}
	for path, text := range filesIn(t, filepath.Join(home, "d")) {
		name := filepath.Base(path)
		if strings.Contains(path, "todos") && name != "use.lock" && name != "sync.lock" {
			t.Errorf("left: %s", path)
		}
		for _, what := range []string{"kp_me", "me@example.com", "127.0.0.1:1", "only here"} {
			if strings.Contains(text, what) {
				t.Errorf("%s still has %q", path, what)
			}
		}
	}
}

// Purging leaves no file and no directory, the demo's and the set-aside ones neither.
func TestPurgeLeavesNothing(t *testing.T) {
	home, env, _ := fileHome(t)
	for _, dir := range []string{"c", "d/kindling/demo/insforge"} {
		if err := os.MkdirAll(filepath.Join(home, dir, "kindling"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"c/kindling/config.toml", "d/kindling/demo/insforge/todos.jsonl"} {
		if err := os.WriteFile(filepath.Join(home, path), []byte("# ours\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var told Transcript
	if code := runIn(t.Context(), env, &told, "logout", "--all", "--purge"); code != exitError || len(filesIn(t, home)) == 0 {
		t.Fatalf("a change that waits was not asked about: exit %d:\n%s", code, told.String())
	}
	if code := runIn(t.Context(), env, &told, "logout", "--all", "--purge", "--force"); code != exitDone {
		t.Fatalf("exit %d:\n%s", code, told.String())
	}
	left, err := filepath.Glob(filepath.Join(home, "?", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A run that keeps nothing leaves nothing: its directory goes with it, or with the
// next one when it was killed, or with a purge; that of one that runs stays.
func TestMemoryLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("TMP", os.TempDir())
	left := func() int { return len(filesIn(t, os.TempDir())) }
	home, env, _ := fileHome(t)
	env["KINDLING_KEYRING"] = "memory"
	open := func() *app {
		a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stderr: io.Discard})
		if _, err := a.accounts(); err != nil {
			t.Fatal(err)
		}
		return a
	}
	killed, running := open(), open()
	if err := killed.temporary.use.Close(); err != nil { // as the system does
		t.Fatal(err)
	}
	if left() != 2 {
		t.Fatalf("%d files", left())
	}
	open().close()
	if _, err := os.Stat(running.temporary.dir); err != nil || left() != 1 {
		t.Errorf("%d files, and that of the one that runs: %v", left(), err)
	}
	var told Transcript
	if code := runIn(t.Context(), env, &told, "logout", "--purge", "--force"); code != exitError || !strings.Contains(told.String(), "another vault") {
		t.Errorf("accounts of another vault: exit %d:\n%s", code, told.String())
	}
	if err := errors.Join(running.temporary.use.Close(), os.RemoveAll(filepath.Join(home, "d", "kindling", "accounts"))); err != nil {
		t.Fatal(err)
	}
	for _, vault := range []string{"memory", "file"} {
		env["KINDLING_KEYRING"] = vault
		if code := runIn(t.Context(), env, &told, "logout", "--purge", "--force"); code != exitDone || left() != 0 || len(filesIn(t, home)) != 0 {
			t.Errorf("%s: exit %d, %d files left:\n%s", vault, code, left(), told.String())
		}
		env["KINDLING_KEYRING"] = "memory"
		if err := open().temporary.use.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever forgot the vault's passphrase can still be rid of everything, and is
// promised nothing that does not come true.
func TestPurgeWithoutThePassphrase(t *testing.T) {
	home, env, acc := fileHome(t)
	env["KINDLING_KEYRING_PASSPHRASE"] = "forgotten"
	for _, flags := range [][]string{{"logout"}, {"logout", "--force"}, {"logout", "--purge"}} {
		var told Transcript
		code := runIn(t.Context(), env, &told, flags...)
		if code != exitSignIn || !strings.Contains(told.String(), "passphrase does not open") || strings.Contains(told.String(), "all the same") {
			t.Errorf("%v: exit %d:\n%s", flags, code, told.String())
		}
	}
	env["KINDLING_KEYRING_PASSPHRASE"] = "a passphrase"
	a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stderr: io.Discard})
	todos, err := a.openAccount(t.Context(), acc, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	env["KINDLING_KEYRING_PASSPHRASE"] = "forgotten"
	var told Transcript
	if code := runIn(t.Context(), env, &told, "logout", "--purge", "--force"); code != exitError || !strings.Contains(told.String(), "another process uses") {
		t.Errorf("while it is in use: exit %d:\n%s", code, told.String())
	}
	if err := todos.Close(); err != nil {
		t.Fatal(err)
	}
	if code := runIn(t.Context(), env, &told, "logout", "--purge", "--force"); code != exitDone || !strings.Contains(told.String(), "Kinde is not told") {
		t.Errorf("exit %d:\n%s", code, told.String())
	}
	if left := filesIn(t, home); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Whoever has the account open keeps it.
func TestSignOutRefusesWhileInUse(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	todos, err := a.openAccount(t.Context(), acc, true, nil)
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

// Signing out everybody signs out nobody where one may not be.
func TestSignOutOfAllIsAllOrNothing(t *testing.T) {
	a, me := newSignedIn(t, strings.NewReader(""))
	accounts, err := a.accounts()
	if err != nil {
		t.Fatal(err)
	}
	you, err := accounts.Keep(t.Context(), "you", auth.Grant{Issuer: me.Issuer, ClientID: "test", Sub: "kp_you"})
	if err != nil {
		t.Fatal(err)
	}
	signedIn := func() int {
		all, _, err := accounts.List()
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for _, busy := range []auth.Account{me, you} {
		todos, err := a.openAccount(t.Context(), busy, true, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.logout(t.Context(), logoutFlags{all: true}); !errors.Is(err, store.ErrInUse) || signedIn() != 2 {
			t.Errorf("%s in use: %v, %d are signed in", busy.Name, err, signedIn())
		}
		if err := todos.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, writer := range []auth.Account{you, me} {
		if err := addBeside(a, writer, "not sent"); err != nil {
			t.Fatal(err)
		}
		if err := a.logout(t.Context(), logoutFlags{all: true}); err == nil || signedIn() != 2 {
			t.Errorf("%s has a change: %v, %d are signed in", writer.Name, err, signedIn())
		}
	}
	if err := a.logout(t.Context(), logoutFlags{all: true, force: true}); err != nil || signedIn() != 0 {
		t.Errorf("by force: %v, %d are signed in", err, signedIn())
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
