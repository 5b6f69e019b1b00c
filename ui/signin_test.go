package ui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
	"kindling/store"
)

// fakeLogin is a sign-in in a browser that the test finishes. Its channel is
// made at first use, so that it belongs to the bubble of the test.
type fakeLogin struct {
	once     sync.Once
	ends     chan fakeEnd
	closed   bool
	mu       sync.Mutex
	pasteErr error
	pasted   []string
}

type fakeEnd struct {
	grant auth.Grant
	err   error
}

const fakeURL = "https://example.kinde.com/oauth2/auth?client_id=kindling&redirect_uri=http%3A%2F%2F127.0.0.1%3A53180%2Fcallback&state=0123456789abcdef&nonce=fedcba9876543210&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

func (l *fakeLogin) end() chan fakeEnd {
	l.once.Do(func() { l.ends = make(chan fakeEnd, 1) })
	return l.ends
}

func (l *fakeLogin) URL() string         { return fakeURL }
func (l *fakeLogin) RedirectURL() string { return auth.DefaultRedirectURL }
func (l *fakeLogin) Deadline() time.Time { return fakeNow.Add(5 * time.Minute) }
func (l *fakeLogin) Advice() string {
	return "check that KINDE_CLIENT_ID (kindling) is your application's, and that " + auth.DefaultRedirectURL + " is one of its allowed callback URLs (in Kinde: Settings → Applications)"
}

func (l *fakeLogin) Paste(address string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pasted = append(l.pasted, address)
	return l.pasteErr
}

func (l *fakeLogin) Wait(ctx context.Context) (auth.Grant, error) {
	select {
	case e := <-l.end():
		return e.grant, e.err
	case <-ctx.Done():
		return auth.Grant{}, auth.ErrCancelled
	}
}

func (l *fakeLogin) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// fakeDevice is a sign-in by code that the test finishes.
type fakeDevice struct{ fakeLogin }

func (f *fakeDevice) Code() string { return "ABCDEFGH" }
func (f *fakeDevice) VerificationURL() string {
	return "https://example.kinde.com/device?user_code=ABCDEFGH"
}

var bobsGrant = auth.Grant{Issuer: "https://example.kinde.com", Sub: "kp_bob", Email: "bob@example.com",
	Tokens: auth.Tokens{Refresh: auth.NewSecret("refresh")}}

// signedOut is a machine where nobody is signed in yet.
func signedOut(t *testing.T) (*fakeBackend, *fakeLogin) {
	b := newFakeBackend(t)
	b.accounts, b.openErr = nil, store.ErrSignIn
	login := &fakeLogin{}
	b.login = login
	return b, login
}

// openSignIn signs in one more account, from alice's list.
func openSignIn(d *driver) { d.press("A", "n") }

// signingIn plays what follows openSignIn, where login is what waits for the browser.
func signingIn(t *testing.T, login *fakeLogin, steps func(*driver, *fakeBackend, *fakeLogin)) {
	t.Helper()
	b := newFakeBackend(t)
	b.login = login
	play(t, b, func(d *driver) {
		openSignIn(d)
		steps(d, b, login)
	})
}

func TestSignInShowsTheAddressAndCountsDown(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, b *fakeBackend, _ *fakeLogin) {
		d.sees("Sign in as somebody else", "5:00 left", "Your browser is open")
		if got := strings.ReplaceAll(d.text(), "\n", ""); !strings.Contains(got, fakeURL) {
			t.Errorf("the address is not whole on screen:\n%s", d.text())
		}
		if len(b.opened) != 1 || b.opened[0] != fakeURL {
			t.Errorf("the browser was given %q", b.opened)
		}
		d.wait(3 * time.Second)
		d.sees("4:57 left")
		d.press("y")
		if d.copied != fakeURL {
			t.Errorf("copied %q", d.copied)
		}
	})
}

// A wrong client id or callback ends at Kinde's own error page, and nothing comes back.
func TestSignInSaysWhatToCheckWhileItWaits(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, _ *fakeBackend, _ *fakeLogin) {
		d.wait(AdviceAfter - time.Second)
		d.seesNot("show an error")
		d.wait(time.Second)
		d.sees("Does the browser show an error", "KINDE_CLIENT_ID (kindling)", auth.DefaultRedirectURL, "4:50 left", "cancel")
	})
}

func TestSignInElsewhereSaysWhatToCheckToo(t *testing.T) {
	b, _ := signedOut(t)
	b.codeErr = errors.New("no client id for signing in by code")
	playWith(t, b, Options{Facts: Facts{Headless: "SSH"}}, func(d *driver) {
		d.wait(AdviceAfter)
		d.sees("No sign-in by code", "https://example.kinde.com/oauth2/auth", "Does the browser show an error", "paste the address that the browser ended at")
	})
}

func TestSignInOpensTheAccountWhenItEnds(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, b *fakeBackend, login *fakeLogin) {
		login.end() <- fakeEnd{grant: bobsGrant}
		d.settle()
		d.sees("bob@example.com · my-project", "Signed in as bob@example.com")
		if b.current != "bob@example.com" {
			t.Errorf("current is %q", b.current)
		}
	})
}

func TestSignInWithoutRefreshTokenSaysSo(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, _ *fakeBackend, login *fakeLogin) {
		g := bobsGrant
		g.Tokens.Refresh = auth.Secret{}
		login.end() <- fakeEnd{grant: g}
		d.settle()
		d.sees("until the token ends")
	})
}

func TestSignInEscClosesTheListener(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, _ *fakeBackend, login *fakeLogin) {
		d.press("esc")
		d.seesNot("left")
		if !login.closed {
			t.Error("the listener is still open")
		}
	})
}

func TestSignInFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"link":    {auth.ErrLinkStale, []string{"The link expired.", "Press enter to try again."}},
		"late":    {auth.ErrTimeout, []string{"Nobody finished the sign-in in time", "Does the browser show an error", "KINDE_CLIENT_ID (kindling)", auth.DefaultRedirectURL}},
		"refused": {auth.ErrDenied, []string{"The sign-in was refused", "Press enter to try again"}},
		"hostile": {errors.New("it says \x1b[2Jboo\u202e"), []string{"It says ␛[2Jboo\uFFFD"}},
	} {
		t.Run(name, func(t *testing.T) {
			signingIn(t, &fakeLogin{}, func(d *driver, b *fakeBackend, login *fakeLogin) {
				login.end() <- fakeEnd{err: c.err}
				d.settle()
				d.sees(c.want...)
				begun := b.calls["BeginLogin"]
				d.press("enter")
				d.sees("left")
				if b.calls["BeginLogin"] != begun+1 {
					t.Error("enter did not begin again")
				}
			})
		})
	}
}

func TestSignInThatCannotBegin(t *testing.T) {
	b := newFakeBackend(t)
	b.loginErr = auth.ErrPortTaken
	play(t, b, func(d *driver) {
		openSignIn(d)
		d.sees("The callback port is taken", "Press enter to try again")
	})
}

func TestSignInKeepsTheTokenThatTheVaultRefused(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, b *fakeBackend, login *fakeLogin) {
		b.keepErr = auth.ErrLocked
		login.end() <- fakeEnd{grant: bobsGrant}
		d.settle()
		d.sees("The keyring is locked", "it could not be kept")
		b.keepErr = nil
		d.press("enter")
		d.sees("bob@example.com · my-project")
		if b.calls["BeginLogin"] != 1 {
			t.Error("the person had to sign in twice")
		}
	})
}

func TestSignInTakesAPastedAddress(t *testing.T) {
	signingIn(t, &fakeLogin{pasteErr: auth.ErrState}, func(d *driver, _ *fakeBackend, login *fakeLogin) {
		d.press("p")
		d.sees("Paste the address", "It begins with "+auth.DefaultRedirectURL)
		if d.view().Cursor == nil {
			t.Error("the field has no cursor")
		}
		d.typing("http://q")
		d.sees("http://q")
		d.press("enter")
		d.sees("this address is not from this sign-in · still waiting")
		login.pasteErr = nil
		d.press("ctrl+u")
		d.seesNot("http://q")
		d.typing("http://right")
		d.press("enter")
		d.sees("Finishing")
		if n := len(login.pasted); n != 2 || login.pasted[1] != "http://right" {
			t.Errorf("pasted %q", login.pasted)
		}
	})
}

func TestSignInPasteNeedsNoKeyBeforeIt(t *testing.T) {
	signingIn(t, &fakeLogin{}, func(d *driver, _ *fakeBackend, _ *fakeLogin) {
		d.feed(tea.PasteMsg{Content: "http://127.0.0.1:53180/callback?code=1"})
		d.sees("Finishing")
	})
}

func TestSignInHeadlessOffersACode(t *testing.T) {
	b, _ := signedOut(t)
	device := &fakeDevice{}
	b.device = device
	playWith(t, b, Options{Facts: Facts{Headless: "SSH"}}, func(d *driver) {
		d.sees("A B C D E F G H", "SSH", "https://example.kinde.com/device", "▀")
		if len(b.opened) != 0 {
			t.Error("a browser was opened")
		}
		d.press("enter") // a code is not given up by it
		d.sees("A B C D E F G H", "p use a browser instead")
		b.openErr = nil
		device.end() <- fakeEnd{grant: bobsGrant}
		d.settle()
		d.sees("bob@example.com · my-project")
	})
}

func TestSignInHeadlessWithoutCodesShowsTheAddress(t *testing.T) {
	b, _ := signedOut(t)
	b.codeErr = errors.New("no client id for signing in by code")
	playWith(t, b, Options{Facts: Facts{Headless: "SSH"}}, func(d *driver) {
		d.sees("No sign-in by code: no client id", "https://example.kinde.com/oauth2/auth", "paste the address that the browser ended at")
	})
}

func TestSignInPretendsInTheDemo(t *testing.T) {
	for _, keys := range [][]string{{"2"}, {"down", "enter"}, {"j", "enter"}} {
		b, login := signedOut(t)
		b.people = []string{"Alice", "Bob"}
		b.pretend = func(_ context.Context, url, who string) error {
			b.openErr = nil
			if url != fakeURL || who != "Bob" {
				t.Errorf("pretended %q at %q", who, url)
			}
			login.end() <- fakeEnd{grant: bobsGrant}
			return nil
		}
		playWith(t, b, Options{Facts: Facts{Demo: true, Headless: "container"}}, func(d *driver) {
			d.sees("1  Alice", "2  Bob")
			d.press(keys...)
			d.sees("bob@example.com · my-project")
		})
	}
}

func TestQRCodeHasItsFinders(t *testing.T) {
	lines := qrLines("https://example.com")
	if got, want := qrWidth(lines), 25+2*qrQuiet; got != want {
		t.Fatalf("a version 2 code is %d cells wide, want %d", got, want)
	}
	if len(lines) != 15 {
		t.Fatalf("it has %d lines", len(lines))
	}
	// the second line of cells is modules 0 and 1: a finder's edge, then its hollow
	body := strings.TrimPrefix(lines[1], qrInk)
	if !strings.HasPrefix(body, "██ ▄▄▄▄▄ ") {
		t.Errorf("no finder pattern in %q", body)
	}
	if qrLines(strings.Repeat("x", 5000)) != nil {
		t.Error("a text too long for a code gave one")
	}
}
