package auth_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"kindling/auth"
)

func TestSignInWithABrowser(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "alice")
	page := make(chan string, 1)
	go func() { page <- visit(t, at) }()
	g, err := l.Wait(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if g.Issuer != w.server.URL || g.ClientID != browserClient || g.Sub == "" || !strings.HasPrefix(g.Email, "alice@") || g.Name == "" {
		t.Errorf("grant = %+v", g)
	}
	if g.Tokens.Access.IsZero() || g.Tokens.Refresh.IsZero() || g.Tokens.ID.IsZero() || g.Tokens.Lifetime.Round(time.Minute) != 24*time.Hour {
		t.Errorf("tokens = %+v", g.Tokens)
	}
	if p := <-page; !strings.Contains(p, "You are signed in") {
		t.Errorf("the browser was shown %q", p)
	}
}

func TestASessionGivesTokens(t *testing.T) {
	w := newWorld(t, nil)
	accounts := w.newAccounts(auth.NewMemoryVault())
	acc := w.keep(accounts, "alice")
	m := newMint(w.clock)
	s := accounts.Session(acc, w.client, project, m)
	first, err := s.Token(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Token(context.Background(), "")
	if err != nil || again != first || m.Made() != 1 {
		t.Errorf("a second call minted again: %v, %d made", err, m.Made())
	}
	other, err := accounts.Session(acc, w.client, project, m).Token(context.Background(), "")
	if err != nil || other != first || m.Made() != 1 {
		t.Errorf("the next command minted again: %v, %d made", err, m.Made())
	}
}
