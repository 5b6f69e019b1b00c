package auth_test

import (
	"testing"

	"kindling/auth"
)

func TestASessionGivesTokens(t *testing.T) {
	w := newWorld(t, nil)
	accounts := w.newAccounts(auth.NewMemoryVault())
	acc := w.keep(accounts, "alice")
	m := newMint(w.clock)
	s := accounts.Session(acc, w.client, project, m)
	first, err := s.Token(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Token(ctx, "")
	if err != nil || again != first || m.Made() != 1 {
		t.Errorf("a second call minted again: %v, %d made", err, m.Made())
	}
	other, err := accounts.Session(acc, w.client, project, m).Token(ctx, "")
	if err != nil || other != first || m.Made() != 1 {
		t.Errorf("the next command minted again: %v, %d made", err, m.Made())
	}
}
