package auth_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// TestOutagesSignNobodyOut: whatever the network and the issuer do, a good
// session stays one, and tokens that still live are used.
func TestOutagesSignNobodyOut(t *testing.T) {
	for name, outage := range map[string]func(k *keptWorld){
		"500":           func(k *keptWorld) { k.idp.Break(demoidp.TokenPath, 500, 0) },
		"503":           func(k *keptWorld) { k.idp.Break("", 503, 0) },
		"429":           func(k *keptWorld) { k.idp.Break(demoidp.TokenPath, 429, 0) },
		"403":           func(k *keptWorld) { k.idp.Break(demoidp.TokenPath, 403, 0) },
		"nobody there":  func(k *keptWorld) { k.server.CloseClientConnections(); k.server.Listener.Close() },
		"keys are gone": func(k *keptWorld) { k.idp.Break(demoidp.KeysPath, 500, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeptWorld(t, nil)
			first := k.kindeToken(k.session)
			outage(k)
			k.clock.Advance(20 * time.Hour) // due, and still alive
			if got := k.kindeToken(k.open()); got != first && name != "keys are gone" {
				t.Error("another token out of nowhere")
			}
			k.clock.Advance(5 * time.Hour) // dead
			_, err := k.open().Token(ctx, "")
			if signInRequired(err) || (err == nil) != (name == "keys are gone") {
				t.Errorf("token: %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
		})
	}
}

func TestAskedToWaitMeansWaiting(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.clock.Advance(25 * time.Hour)
	k.idp.Break(demoidp.TokenPath, 429, 30*time.Second)
	before := len(k.to(demoidp.TokenPath))
	for range 3 {
		_, err := k.session.Token(ctx, "")
		if err == nil || signInRequired(err) {
			t.Errorf("token: %v", err)
		}
		var again interface{ RetryAfter() time.Duration }
		if !errors.As(err, &again) || again.RetryAfter() != 30*time.Second {
			t.Errorf("retry after: %v", err)
		}
	}
	if n := len(k.to(demoidp.TokenPath)) - before; n != 1 {
		t.Errorf("asked %d times", n)
	}
	k.idp.Break(demoidp.TokenPath, 0, 0)
	k.clock.Advance(40 * time.Second) // 30 s and the most jitter
	k.token(k.session, "")
}

// Where many are asked to wait for the same time, they do not all come back at its end.
func TestThoseWhoWaitDoNotComeBackAtOnce(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.clock.Advance(25 * time.Hour)
	k.idp.Break(demoidp.TokenPath, 429, 30*time.Second)
	sessions := make([]*auth.Session, 20)
	for i := range sessions {
		sessions[i] = k.open()
	}
	asked := func() int {
		before := len(k.to(demoidp.TokenPath))
		for _, s := range sessions {
			if _, err := s.KindeToken(ctx); err == nil || signInRequired(err) {
				t.Errorf("token: %v", err)
			}
		}
		return len(k.to(demoidp.TokenPath)) - before
	}
	if n := asked(); n != len(sessions) {
		t.Errorf("at first %d asked", n)
	}
	k.clock.Advance(30*time.Second - time.Millisecond)
	if n := asked(); n != 0 {
		t.Errorf("%d asked too early", n)
	}
	k.clock.Advance(2 * time.Millisecond)
	if n := asked(); n == len(sessions) {
		t.Error("all came back in the same moment")
	}
}

// TestWrongClocksSignNobodyOut: lifetimes count from receipt, so a clock that is
// days wrong costs a renewal at most.
func TestWrongClocksSignNobodyOut(t *testing.T) {
	for name, jump := range map[string]time.Duration{"two days ahead": 48 * time.Hour, "two days back": -48 * time.Hour, "a year back": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			k := newKeptWorld(t, nil)
			wrong := newClock()
			wrong.Advance(jump)
			k.accounts.SetClock(wrong.Now, wrong.Advance) // our clock alone is wrong
			s := k.open()
			k.token(s, "")
			if k.exchanges() != 1 {
				t.Errorf("%d exchanges", k.exchanges())
			}
			k.kindeToken(k.open())
			if k.exchanges() > 1 {
				t.Errorf("%d exchanges once it was renewed under the wrong clock", k.exchanges())
			}
		})
	}
}

func TestSignedInUnderAWrongClockLivesOn(t *testing.T) {
	k := newKeptWorld(t, nil)
	g := k.signIn("alice")
	g.Tokens.Received = g.Tokens.Received.Add(-30 * 24 * time.Hour)
	if _, err := k.accounts.Keep(ctx, "", g); err != nil {
		t.Fatal(err)
	}
	k.token(k.session, "")
}

func TestRotatedTokenSurvivesAKeyringThatFails(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.RevokeFamily = true })
	k.clock.Advance(20 * time.Hour)
	k.vault.fail(nil, auth.ErrLocked)
	first := k.kindeToken(k.session)
	if k.exchanges() != 1 || !strings.Contains(k.session.Warning(), "could not be stored") || !strings.Contains(k.session.Warning(), "keep this program open") {
		t.Errorf("%d exchanges, warning %q", k.exchanges(), k.session.Warning())
	}
	k.vault.fail(auth.ErrLocked, auth.ErrLocked)
	if k.kindeToken(k.session) != first || k.exchanges() != 1 {
		t.Errorf("with the keyring locked: %d exchanges", k.exchanges())
	}
	k.vault.fail(nil, nil)
	if k.kindeToken(k.session) != first || k.session.Warning() != "" {
		t.Errorf("once it can be stored: warning %q", k.session.Warning())
	}
	if k.kindeToken(k.open()) != first || k.exchanges() != 1 {
		t.Errorf("another process: %d exchanges", k.exchanges())
	}
	k.clock.Advance(20 * time.Hour)
	if k.kindeToken(k.open()) == first || k.exchanges() != 2 {
		t.Errorf("the stored token was not the rotated one: %d exchanges", k.exchanges())
	}
}

// The token sent is used up, so none is sent where the next one could not be kept: a
// command that ends would take it along, and the sign-in with it.
func TestNoTokenIsSpentWhereNoneCanBeKept(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.RevokeFamily = true })
	first := k.kindeToken(k.session)
	k.vault.fill(errors.New("no space left on device"))
	k.clock.Advance(20 * time.Hour) // due, and still alive
	if got := k.kindeToken(k.open()); got != first {
		t.Error("another token out of nowhere")
	}
	k.clock.Advance(5 * time.Hour) // dead
	if _, err := k.open().KindeToken(ctx); err == nil || signInRequired(err) || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("token: %v", err)
	}
	if n := len(k.to(demoidp.TokenPath)); n != 1 {
		t.Errorf("the token was sent %d times", n-1)
	}
	k.vault.fill(nil)
	if k.kindeToken(k.open()) == first || k.exchanges() != 1 {
		t.Errorf("once there is room: %d exchanges", k.exchanges())
	}
}

func TestUnsavedTokenGivesWayToANewSignIn(t *testing.T) {
	for name, then := range map[string]func(k *keptWorld) error{
		"signed in anew": func(k *keptWorld) error { k.keep(k.accounts, "alice"); return nil },
		"signed out":     func(k *keptWorld) error { return k.accounts.Logout(ctx, k.account, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKeptWorld(t, nil)
			k.clock.Advance(20 * time.Hour)
			k.vault.fail(nil, auth.ErrLocked)
			unsaved := k.kindeToken(k.session)
			k.vault.fail(nil, nil)
			if err := then(k); err != nil {
				t.Fatal(err)
			}
			got, err := k.session.KindeToken(ctx)
			if got.Reveal() == unsaved || (name == "signed out") != signInRequired(err) {
				t.Errorf("the unsaved token is still used: %v", err)
			}
		})
	}
}

func TestTokensAreWrittenBeforeTheLockIsFree(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.clock.Advance(20 * time.Hour)
	held := false
	k.vault.onSet = func(name string) {
		if !strings.HasPrefix(name, "tokens/") {
			return
		}
		lock := flock.New(filepath.Join(k.accounts.Dir(), "locks", strings.ReplaceAll(name, "/", "-")+".lock"))
		free, err := lock.TryLock()
		held = err == nil && !free
		_ = lock.Close()
	}
	k.kindeToken(k.session)
	if !held {
		t.Error("the tokens were written without the lock")
	}
}

func TestLockedKeyringIsSaidSo(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.vault.fail(auth.ErrLocked, auth.ErrLocked)
	if _, err := k.session.Token(ctx, ""); !errors.Is(err, auth.ErrLocked) || signInRequired(err) {
		t.Errorf("token: %v", err)
	}
}

// TestCancelledCallerLosesNoRotatedToken: the token sent is used up, so what comes
// back is stored although nobody waits for it any more.
func TestCancelledCallerLosesNoRotatedToken(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.RevokeFamily = true })
	k.clock.Advance(20 * time.Hour)
	calling, cancel := context.WithCancel(ctx)
	k.instead(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.TokenPath {
			cancel()
		}
		return false
	})
	_, _ = k.session.KindeToken(calling)
	k.clock.Advance(20 * time.Hour)
	k.kindeToken(k.open())
	if k.exchanges() != 2 {
		t.Errorf("%d exchanges", k.exchanges())
	}
}

// TestClosingWaitsForARenewalOnItsWay: a person who opens the program and leaves at
// once must not take the only good token away with them.
func TestClosingWaitsForARenewalOnItsWay(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.RevokeFamily = true })
	k.clock.Advance(20 * time.Hour)
	asked, answer := make(chan struct{}), make(chan struct{})
	k.instead(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.TokenPath {
			close(asked)
			<-answer
		}
		return false
	})
	leaving, leave := context.WithCancel(ctx)
	go func() { _, _ = k.session.Token(leaving, "") }()
	<-asked
	leave()
	closed := make(chan struct{})
	go func() { k.accounts.Close(); close(closed) }()
	select {
	case <-closed:
		t.Fatal("it closed while a token was on its way")
	case <-time.After(20 * time.Millisecond):
	}
	k.instead(nil)
	close(answer)
	<-closed
	restarted := auth.OpenAccounts(k.accounts.Dir(), k.vault)
	restarted.SetClock(k.clock.Now, k.clock.Advance)
	first := k.kindeToken(restarted.Session(k.account, k.client, project, k.mint))
	if k.exchanges() != 1 {
		t.Errorf("%d exchanges: the renewed token was not kept", k.exchanges())
	}
	k.clock.Advance(20 * time.Hour)
	if got := k.kindeToken(k.session); got != first || k.exchanges() != 1 {
		t.Errorf("a renewal began after the end: %d exchanges", k.exchanges())
	}
	if k.kindeToken(restarted.Session(k.account, k.client, project, k.mint)) == first || k.exchanges() != 2 {
		t.Errorf("the kept token was not the good one: %d exchanges", k.exchanges())
	}
}

// TestAProcessThatHoldsTheLockIsNotWaitedForForEver: one that was stopped with ctrl+z
// in the middle of a renewal. A token that lives is used meanwhile.
func TestAProcessThatHoldsTheLockIsNotWaitedForForEver(t *testing.T) {
	k := newKeptWorld(t, nil)
	first := k.kindeToken(k.session)
	name := strings.ReplaceAll(auth.TokensName(k.account), "/", "-")
	stopped := flock.New(filepath.Join(k.accounts.Dir(), "locks", name+".lock"))
	if got, err := stopped.TryLock(); err != nil || !got {
		t.Fatal(err)
	}
	defer stopped.Close()
	synctest.Test(t, func(t *testing.T) {
		k.clock.Advance(20 * time.Hour) // due, and still alive
		if got, err := k.session.KindeToken(ctx); err != nil || got.Reveal() != first {
			t.Errorf("while it lives: %v", err)
		}
		k.clock.Advance(5 * time.Hour) // dead
		before := time.Now()
		_, err := k.session.KindeToken(ctx)
		if err == nil || signInRequired(err) || !strings.Contains(err.Error(), "wait for another Kindling: it keeps what this one needs") {
			t.Errorf("dead: %v", err)
		}
		if waited := time.Since(before); waited > 2*time.Minute {
			t.Errorf("it waited %v", waited)
		}
	})
}
