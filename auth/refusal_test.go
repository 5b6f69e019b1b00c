package auth_test

import (
	"errors"
	"testing"
	"time"

	"kindling/auth"
)

// TestA401RenewsOncePerToken: the token that replaced a refused one is final while it
// has over a minute left. Returning it again tells the caller so.
func TestA401RenewsOncePerToken(t *testing.T) {
	k := newKeptWorld(t, nil)
	first := k.token(k.session, "")
	second := k.token(k.session, first)
	if second == first || k.mint.Made() != 2 {
		t.Fatalf("a refused token was not replaced: %d made", k.mint.Made())
	}
	for range 3 {
		if again := k.token(k.session, second); again != second || k.mint.Made() != 2 {
			t.Errorf("a fresh token that is refused was replaced: %d made", k.mint.Made())
		}
	}
	if k.exchanges() != 0 {
		t.Errorf("%d exchanges: Kinde's tokens were not refused", k.exchanges())
	}
	k.clock.Advance(14*time.Minute + 30*time.Second)
	if third := k.token(k.session, second); third == second {
		t.Error("with half a minute left it was still final")
	}
}

func TestARefusedTokenThatAnotherProcessReplaced(t *testing.T) {
	k := newKeptWorld(t, nil)
	other := k.open()
	old := k.token(k.session, "")
	k.token(other, "")
	fresh := k.token(k.session, old)
	if got := k.token(other, old); got != fresh || k.mint.Made() != 2 {
		t.Errorf("it was not adopted: %d made", k.mint.Made())
	}
}

func TestCompanionThatRefusesAnOldToken(t *testing.T) {
	k := newKeptWorld(t, nil)
	stale := k.kindeToken(k.session)
	k.clock.Advance(13 * time.Hour)
	k.mint.refuse = func(access string) error {
		if access == stale {
			return auth.ErrRejected
		}
		return nil
	}
	k.token(k.session, "")
	if k.exchanges() != 1 || k.mint.Made() != 1 {
		t.Errorf("%d exchanges, %d made", k.exchanges(), k.mint.Made())
	}
}

// TestCompanionThatRefusesEverything must not make the session renew for ever.
func TestCompanionThatRefusesEverything(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.clock.Advance(13 * time.Hour)
	asked := 0
	k.mint.refuse = func(string) error { asked++; return auth.ErrRejected }
	for range 4 {
		_, err := k.session.Token(ctx, "")
		if !errors.Is(err, auth.ErrRejected) || signInRequired(err) {
			t.Errorf("token: %v", err)
		}
	}
	if k.exchanges() != 1 || asked != 5 {
		t.Errorf("%d exchanges, %d requests to the companion", k.exchanges(), asked)
	}
	k.mint.refuse = nil
	k.token(k.session, "")
}

func TestCompanionOutageKeepsTheTokenThatLives(t *testing.T) {
	k := newKeptWorld(t, nil)
	first := k.token(k.session, "")
	k.mint.refuse = func(string) error { return errors.New("down") }
	k.clock.Advance(13 * time.Minute)
	if got := k.token(k.session, ""); got != first {
		t.Error("a living token was not used")
	}
	if _, err := k.session.Token(ctx, first); err == nil || signInRequired(err) {
		t.Errorf("refused and no companion: %v", err)
	}
	k.clock.Advance(3 * time.Minute)
	if _, err := k.session.Token(ctx, ""); err == nil || signInRequired(err) {
		t.Errorf("dead and no companion: %v", err)
	}
}

func TestCompanionThatMintsForSomebodyElse(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.mint.sub = "kp_somebody_else"
	if token, err := k.session.Token(ctx, ""); err == nil || token != "" || signInRequired(err) {
		t.Errorf("token: %v", err)
	}
}
