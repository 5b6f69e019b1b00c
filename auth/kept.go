package auth

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// kept is what the vault holds of Kinde's tokens for one account.
type kept struct {
	Version  int    `json:"version"`
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	Sub      string `json:"sub"`
	Access   string `json:"access"`
	Refresh  string `json:"refresh,omitempty"`
	// Unmoved says that a renewal gave the same access token again: the next one
	// waits for its end.
	Unmoved bool `json:"unmoved,omitempty"`
	lease
}

const keptVersion = 1

func keptTokens(acc Account, t Tokens) kept {
	return kept{
		Version: keptVersion, Issuer: acc.Issuer, ClientID: acc.ClientID, Sub: acc.Sub,
		Access: t.Access.Reveal(), Refresh: t.Refresh.Reveal(),
		lease: lease{t.Received, t.Lifetime},
	}
}

// due reports that these tokens should be renewed now.
func (k kept) due(now time.Time) bool {
	if k.Unmoved {
		return !k.alive(now)
	}
	return k.lease.due(now)
}

// follow makes what a renewal brought into what to keep. Kinde may give the same
// access token again: then only the rest of its life, by the issuer's own clock,
// is left to it.
func (k kept) follow(t Tokens, atIssuer time.Time) kept {
	next := k
	next.Access, next.Refresh, next.lease = t.Access.Reveal(), t.Refresh.Reveal(), lease{t.Received, t.Lifetime}
	if next.Unmoved = next.Access == k.Access; next.Unmoved {
		next.Lifetime = min(next.Lifetime, rest(next.Access, atIssuer))
	}
	return next
}

// warning is one line where no renewal will follow, or "".
func (k kept) warning(now time.Time) string {
	if k.Refresh != "" {
		return ""
	}
	end := now.Add(k.left(now)).Local().Format("2 Jan 15:04")
	return "this sign-in ends at " + end + ": Kinde gave no token to renew it (allow the scope offline, then sign in again)"
}

// Warning is one line about a sign-in that will end and cannot be renewed, or "".
// It reads the vault and nothing else.
func (a *Accounts) Warning(ctx context.Context, acc Account) string {
	k, err := a.loadTokens(ctx, acc)
	if err != nil {
		return ""
	}
	return k.warning(a.now())
}

// loadTokens reads what is kept for the account. What belongs to anybody else is
// never handed out.
func (a *Accounts) loadTokens(ctx context.Context, acc Account) (kept, error) {
	text, err := a.vault.Get(ctx, tokensName(acc))
	if errors.Is(err, ErrNoEntry) {
		return kept{}, signInAgain("the vault holds no sign-in for " + acc.Name)
	}
	if err != nil {
		return kept{}, err
	}
	var k kept
	if json.Unmarshal(text, &k) != nil || k.Version != keptVersion {
		return kept{}, signInAgain("the vault's entry for " + acc.Name + " cannot be read")
	}
	if k.Issuer != acc.Issuer || k.Sub != acc.Sub || k.ClientID != acc.ClientID {
		return kept{}, signInAgain("the vault holds another account's sign-in for " + acc.Name)
	}
	return k, nil
}

func (a *Accounts) saveTokens(ctx context.Context, acc Account, k kept) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return a.vault.Set(ctx, tokensName(acc), text)
}

// keptJWT is an InsForge token of one account and one project.
type keptJWT struct {
	JWT string `json:"jwt"`
	Sub string `json:"sub"`
	lease
}

func (a *Accounts) loadJWT(ctx context.Context, acc Account, project string) (keptJWT, bool) {
	var k keptJWT
	text, err := a.vault.Get(ctx, jwtName(acc, project))
	ok := err == nil && json.Unmarshal(text, &k) == nil && k.Sub == acc.Sub
	return k, ok
}

func (a *Accounts) saveJWT(ctx context.Context, acc Account, project string, k keptJWT) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return a.vault.Set(ctx, jwtName(acc, project), text)
}
