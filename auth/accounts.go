package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Account is a signed-in person, without secrets: what accounts.json holds.
type Account struct {
	Name     string `json:"name"` // as kept: --account NAME
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	Sub      string `json:"sub"`
	Email    string `json:"email"`
}

// is reports whether both are the same person of the same issuer.
func (a Account) is(b Account) bool { return a.Issuer == b.Issuer && a.Sub == b.Sub }

// Accounts is who is signed in on this machine. The list itself is a plain
// file without secrets, so that reading it asks no keyring.
type Accounts struct {
	dir   string
	vault Vault
	now   func() time.Time
	wait  func(context.Context, time.Duration) error

	// spending is held shared while a refresh token is on its way, and for good
	// once the program ends.
	spending sync.RWMutex
}

// OpenAccounts uses dir for the list and the locks, and vault for secrets.
func OpenAccounts(dir string, vault Vault) *Accounts {
	return &Accounts{dir: dir, vault: vault, now: time.Now, wait: wait}
}

// Close waits until every renewed token of this process is kept, and lets no other
// renewal begin. A program that ended before would lose the one token that is good,
// and with it the sign-in. Cancel what else may still ask for tokens first.
func (a *Accounts) Close() { a.spending.Lock() }

// List returns the accounts in the order they were added, and the current one's name.
func (a *Accounts) List() (all []Account, current string, err error) {
	book, err := a.read()
	if err != nil {
		return nil, "", err
	}
	for _, e := range book.Accounts {
		all = append(all, e.Account)
	}
	return all, book.Current, nil
}

// Projects are the addresses, normalised, that an account has secrets for, and
// so may have a cache of: what a logout has to clear away.
func (a *Accounts) Projects(acc Account) ([]string, error) {
	book, err := a.read()
	if err != nil {
		return nil, err
	}
	if e := book.person(acc); e != nil {
		return e.Projects, nil
	}
	return nil, nil
}

// Switch changes which account the next start opens; ErrNoAccount where name is not kept.
func (a *Accounts) Switch(name string) error {
	return a.change(context.Background(), func(book *accountBook) error {
		if book.named(name) == nil {
			return problemf(ErrNoAccount, "no account is called %q: see `kindling accounts`", plain(name))
		}
		book.Current = name
		return nil
	})
}

// Keep stores a grant under name ("" lets it choose: the account's present name, the
// e-mail, or the sub) and makes it current. Another sub under a kept name is
// ErrOther; a sub kept under another name is refused naming that one.
func (a *Accounts) Keep(ctx context.Context, name string, g Grant) (Account, error) {
	acc := Account{Name: plain(name), Issuer: g.Issuer, ClientID: g.ClientID, Sub: g.Sub, Email: g.Email}
	err := a.change(ctx, func(book *accountBook) error {
		if err := book.admit(&acc); err != nil {
			return err
		}
		unlock, err := a.lock(ctx, tokensName(acc))
		if err != nil {
			return err
		}
		defer unlock()
		if err := a.saveTokens(ctx, acc, keptTokens(acc, g.Tokens)); err != nil {
			return fmt.Errorf("keep the sign-in: %w", err)
		}
		book.put(acc)
		book.Current = acc.Name
		return nil
	})
	return acc, err
}

// CacheKey returns the 32 bytes that open the account's cache for the project,
// made at first use when make is set. Gone and not make: ErrNoEntry.
func (a *Accounts) CacheKey(ctx context.Context, acc Account, project string, make bool) ([]byte, error) {
	name := keyName(acc, project)
	key, err := a.vault.Get(ctx, name)
	if !make || !errors.Is(err, ErrNoEntry) {
		return key, err
	}
	unlock, err := a.lock(ctx, name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if key, err := a.vault.Get(ctx, name); !errors.Is(err, ErrNoEntry) {
		return key, err // another process was first
	}
	if err := a.remember(ctx, acc, project); err != nil {
		return nil, err
	}
	key = random32()
	if err := a.vault.Set(ctx, name, key); err != nil {
		return nil, fmt.Errorf("keep the cache's key: %w", err)
	}
	return key, nil
}

func random32() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // it never fails
	return b
}

// remember writes down that an account has secrets for a project, before it has:
// a vault cannot be searched, and logout must find them all.
func (a *Accounts) remember(ctx context.Context, acc Account, project string) error {
	project = NormalURL(project)
	return a.change(ctx, func(book *accountBook) error {
		e := book.person(acc)
		if e == nil {
			return signInAgain(fmt.Sprintf("%s is not signed in any more", acc.Name))
		}
		if !slices.Contains(e.Projects, project) {
			e.Projects = append(e.Projects, project)
		}
		return nil
	})
}

// Logout revokes (best effort, 5 s) and deletes every secret of the account,
// cache keys of all its projects included. It is the only thing that deletes.
// c may be nil: then nothing is revoked. After an error the account is still
// listed, so that logging out can be tried again.
func (a *Accounts) Logout(ctx context.Context, acc Account, c *Client) error {
	book, err := a.read()
	if err != nil {
		return err
	}
	e := book.person(acc)
	if e == nil {
		return problemf(ErrNoAccount, "no account is called %q: see `kindling accounts`", plain(acc.Name))
	}
	if err := a.forget(ctx, *e, c); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return a.change(ctx, func(book *accountBook) error {
		book.drop(acc)
		return nil
	})
}

// revokePatience is how long signing out waits for the issuer.
const revokePatience = 5 * time.Second

// forget deletes an account's secrets under the locks of those who write them:
// a renewal under way finishes first, and its tokens go too.
func (a *Accounts) forget(ctx context.Context, e bookEntry, c *Client) error {
	for _, project := range e.Projects {
		unlock, err := a.lock(ctx, jwtName(e.Account, project))
		if err != nil {
			return err
		}
		defer unlock()
	}
	revoking, cancel := context.WithTimeout(ctx, revokePatience)
	defer cancel()
	for _, signIn := range e.signIns() {
		if err := a.forgetTokens(ctx, signIn, func(k kept) { c.revoke(revoking, signIn, k) }); err != nil {
			return err
		}
	}
	for _, project := range e.Projects {
		for _, name := range []string{jwtName(e.Account, project), keyName(e.Account, project)} {
			if err := a.vault.Delete(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Accounts) forgetTokens(ctx context.Context, signIn Account, revoke func(kept)) error {
	unlock, err := a.lock(ctx, tokensName(signIn))
	if err != nil {
		return err
	}
	defer unlock()
	if k, err := a.loadTokens(ctx, signIn); err == nil {
		revoke(k)
	}
	return a.vault.Delete(ctx, tokensName(signIn))
}

// lock excludes other processes from what the name stands for.
func (a *Accounts) lock(ctx context.Context, name string) (unlock func(), err error) {
	return lockFile(ctx, filepath.Join(a.dir, "locks", strings.ReplaceAll(name, "/", "-")+".lock"))
}

// DataID names what belongs to one account in one project: a directory for its
// cache, outbox and locks. It holds no secret and tells nothing.
func DataID(acc Account, project string) string {
	return digest(acc.Issuer, acc.Sub, NormalURL(project))
}

func tokensName(acc Account) string { return "tokens/" + digest(acc.Issuer, acc.ClientID, acc.Sub) }

func jwtName(acc Account, project string) string { return "jwt/" + DataID(acc, project) }

func keyName(acc Account, project string) string { return "key/" + DataID(acc, project) }

// digest makes one short name of several parts; quoted, so that no two lists of
// parts are written alike.
func digest(parts ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:16])
}

// NormalURL writes addresses of one project in one way.
func NormalURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" {
		return s
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	scheme := strings.ToLower(u.Scheme)
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" {
		host += ":" + port
	}
	return scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/")
}
