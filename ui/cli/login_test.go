package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
	"kindling/store"
	"kindling/ui"
)

// errorPage is a sign-in whose browser was shown an error: nothing comes back.
type errorPage struct{ ui.Login }

func (errorPage) Advice() string { return "check the client id" }

func (errorPage) Wait(ctx context.Context) (auth.Grant, error) {
	<-ctx.Done()
	return auth.Grant{}, auth.ErrCancelled
}

// A wrong client id or callback is told to the browser alone: the terminal says
// what to check long before the time is over.
func TestLoginSaysWhatToCheckWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told Transcript
		a := newApp(t.Context(), Process{Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stderr: &told})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := a.waitFor(ctx, errorPage{})
			ended <- err
		}()
		time.Sleep(ui.AdviceAfter - time.Second)
		if synctest.Wait(); told.String() != "" {
			t.Errorf("said at once: %s", told.String())
		}
		time.Sleep(time.Second)
		if synctest.Wait(); told.String() != "if the browser shows an error: press ctrl+c, check the client id\n" {
			t.Errorf("said %q", told.String())
		}
		stop()
		if err := <-ended; err != auth.ErrCancelled {
			t.Errorf("ended with %v", err)
		}
	})
}

// asks is a machine whose project does not answer, with a pretend Kinde.
func asks(t *testing.T, more map[string]string) (env map[string]string) {
	t.Helper()
	return asksBehind(t, more, func(idp http.Handler) http.Handler { return idp })
}

func asksBehind(t *testing.T, more map[string]string, front func(http.Handler) http.Handler) (env map[string]string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	idp, err := demoidp.New(demoidp.Config{Issuer: issuer, Clients: []string{"test"}, Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = front(idp)
	server.Start()
	t.Cleanup(server.Close)
	env = map[string]string{
		"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir(), "INSFORGE_URL": "http://127.0.0.1:1", "KINDE_ISSUER_URL": issuer, "KINDE_CLIENT_ID": "test",
		"KINDE_REDIRECT_URL": "http://127.0.0.1:0/callback", "KINDLING_KEYRING": "file", "KINDLING_KEYRING_PASSPHRASE": "a passphrase",
	}
	for name, value := range more {
		env[name] = value
	}
	return env
}

// run runs one command with that environment and no terminal.
func runIn(ctx context.Context, env map[string]string, stderr io.Writer, args ...string) int {
	return Run(ctx, Process{Args: args, Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: stderr})
}

func TestLoginStopsAtOnceWhenItIsTold(t *testing.T) {
	var told Transcript
	ctx, stop := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() { code <- runIn(ctx, asks(t, nil), &told, "login", "--no-browser") }()
	told.Await(t, "ctrl\\+c cancels")
	stop()
	if got := <-code; got != exitError || !strings.HasSuffix(told.String(), "kindling: sign-in was cancelled\n") {
		t.Errorf("exit %d after\n%s", got, told.String())
	}
}

// A sign-in that ended in another way than by a pasted address says nothing more.
func TestWaitingForAPastedAddressEndsInSilence(t *testing.T) {
	var told Transcript
	a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Stderr: &told})
	a.pasteInto(errorPage{})
	if told.String() != "" {
		t.Errorf("said %q", told.String())
	}
}

func TestLoginSaysWhyNoBrowserOpened(t *testing.T) {
	var told Transcript
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { ended <- runIn(ctx, asks(t, map[string]string{"BROWSER": "/nowhere/browser"}), &told, "login") }()
	told.Await(t, "ctrl\\+c cancels")
	stop()
	<-ended
	if want := "cannot start /nowhere/browser: open the address by hand, or set BROWSER to another command\nto sign in, open\n"; !strings.HasPrefix(told.String(), want) {
		t.Errorf("said\n%s", told.String())
	}
}

// Where secrets cannot be kept, a command says what is missing, and how to give it.
func TestWhatTheVaultNeedsIsSaid(t *testing.T) {
	noPassphrase := map[string]string{"KINDLING_KEYRING_PASSPHRASE": ""}
	memory := map[string]string{"KINDLING_KEYRING": "memory"}
	inside := "kindling: KINDLING_KEYRING=memory keeps a sign-in only inside the running program, which no command sees"
	for name, c := range map[string]struct {
		env  map[string]string
		args []string
		code int
		want string
	}{
		"file, none yet":   {noPassphrase, []string{"login"}, exitSignIn, "kindling: there is no vault file yet, and no passphrase to make it with: choose one and set KINDLING_KEYRING_PASSPHRASE"},
		"memory, login":    {memory, []string{"login"}, exitSignIn, "kindling: KINDLING_KEYRING=memory forgets a sign-in when the command ends"},
		"memory, add":      {memory, []string{"add", "milk"}, exitSignIn, inside},
		"memory, ls":       {memory, []string{"ls"}, exitSignIn, inside},
		"memory, done":     {memory, []string{"done", "1"}, exitSignIn, inside},
		"memory, sync":     {memory, []string{"sync"}, exitSignIn, inside},
		"memory, status":   {memory, []string{"status"}, exitSignIn, inside},
		"memory, whoami":   {memory, []string{"whoami"}, exitSignIn, inside},
		"memory, logout":   {memory, []string{"logout"}, exitSignIn, inside},
		"memory, named":    {memory, []string{"ls", "--account", "me"}, exitSignIn, inside},
		"memory, accounts": {memory, []string{"accounts"}, exitDone, strings.TrimPrefix(inside, "kindling: ")},
	} {
		t.Run(name, func(t *testing.T) {
			var told Transcript
			if code := runIn(t.Context(), asks(t, c.env), &told, c.args...); code != c.code || !strings.HasPrefix(told.String(), c.want) || strings.Count(told.String(), "\n") != 1 {
				t.Errorf("exit %d:\n%s", code, told.String())
			}
		})
	}
}

// Nobody signs in, in whatever way, for a vault that will not keep it: the issuer is
// not even asked.
func TestAVaultThatKeepsNothingIsKnownBeforeTheSignIn(t *testing.T) {
	var asked atomic.Int32
	env := asksBehind(t, map[string]string{"KINDLING_KEYRING_PASSPHRASE": "", "KINDE_DEVICE_CLIENT_ID": "device"}, func(idp http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			idp.ServeHTTP(w, r)
		})
	})
	b := &backend{app: newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader("")})}
	_, inBrowser := b.BeginLogin(t.Context(), auth.LoginOptions{})
	_, byCode := b.BeginDevice(t.Context())
	for way, err := range map[string]error{"in the browser": inBrowser, "by code": byCode} {
		if !errors.Is(err, auth.ErrLocked) {
			t.Errorf("%s: %v", way, err)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the issuer was asked %d times", n)
	}
}

func TestAVaultWithoutItsPassphraseSaysSo(t *testing.T) {
	env := asks(t, nil)
	a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader("")})
	accounts, err := a.accounts()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Keep(t.Context(), "me", auth.Grant{Issuer: env["KINDE_ISSUER_URL"], ClientID: "test", Sub: "kp_me"}); err != nil {
		t.Fatal(err)
	}
	for passphrase, want := range map[string]string{"": "needs its passphrase: set KINDLING_KEYRING_PASSPHRASE", "wrong": "the passphrase does not open"} {
		env["KINDLING_KEYRING_PASSPHRASE"] = passphrase
		var told Transcript
		if code := runIn(t.Context(), env, &told, "ls"); code != exitSignIn || !strings.Contains(told.String(), want) {
			t.Errorf("%q: exit %d:\n%s", passphrase, code, told.String())
		}
		b := newApp(t.Context(), a.Process)
		b.Connect = func(s *auth.Session) store.TokenSource { return s }
		c, err := b.config()
		if _, _, signedIn := b.checkSignIn(t.Context(), c); err != nil || signedIn.Result != checkFail || signedIn.Next != "see the checks above" {
			t.Errorf("%q: the doctor says %+v, %v", passphrase, signedIn, err)
		}
	}
}

// Whoever leaves the program while a sign-in is renewed does not lose it: the program
// ends when what came back is kept.
func TestTheEndWaitsForARenewal(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	env := asksBehind(t, nil, func(idp http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == demoidp.TokenPath {
				close(asked)
				<-answer
			}
			idp.ServeHTTP(w, r)
		})
	})
	a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stderr: io.Discard})
	accounts, err := a.accounts()
	if err != nil {
		t.Fatal(err)
	}
	_, err = accounts.Keep(t.Context(), "me", auth.Grant{Issuer: env["KINDE_ISSUER_URL"], ClientID: "test", Sub: "kp_me",
		Tokens: auth.Tokens{Access: auth.NewSecret("a"), Refresh: auth.NewSecret("r"), Received: time.Now().Add(-20 * time.Hour), Lifetime: 24 * time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	leaving, leave := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- Run(t.Context(), Process{Args: []string{"sync"}, Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""),
			Stdout: io.Discard, Stderr: io.Discard, Connect: func(s *auth.Session) store.TokenSource {
				go func() { _, _ = s.KindeToken(leaving) }()
				return noToken{asked}
			}})
	}()
	<-asked
	leave()
	select {
	case code := <-ended:
		close(answer)
		t.Fatalf("it ended with %d while a token was on its way", code)
	case <-time.After(100 * time.Millisecond):
	}
	close(answer)
	<-ended
}

// noToken is a source that gives up after a moment.
type noToken struct{ after <-chan struct{} }

func (n noToken) Token(context.Context, string) (string, error) {
	<-n.after
	return "", store.ErrSignIn
}

// Signing out here ends nothing in the browser: where to do that is offered.
func TestLogoutOffersTheBrowsersOwn(t *testing.T) {
	env := asks(t, nil)
	a := newApp(t.Context(), Process{Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stderr: io.Discard})
	accounts, err := a.accounts()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Keep(t.Context(), "me", auth.Grant{Issuer: env["KINDE_ISSUER_URL"], ClientID: "test", Sub: "kp_me"}); err != nil {
		t.Fatal(err)
	}
	var told Transcript
	code := runIn(t.Context(), env, &told, "logout")
	if want := "to end the session in the browser too, open " + env["KINDE_ISSUER_URL"] + demoidp.LogoutPath + "\n"; code != exitDone || !strings.HasSuffix(told.String(), want) {
		t.Errorf("exit %d:\n%s", code, told.String())
	}
}
