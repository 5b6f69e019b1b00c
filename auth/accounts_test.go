package auth_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// grantOf is a sign-in of a made-up person.
func grantOf(sub, email string) auth.Grant {
	return auth.Grant{Issuer: "https://a.kinde.com", ClientID: "c", Sub: sub, Email: email,
		Tokens: auth.Tokens{Access: auth.NewSecret("access-" + sub), Refresh: auth.NewSecret("refresh-" + sub)}}
}

func TestNamesOfAccounts(t *testing.T) {
	type step struct {
		name     string
		g        auth.Grant
		wantName string // "": refused
		says     string
	}
	alice, bob, nobody := grantOf("kp_a", "alice@example.com"), grantOf("kp_b", "bob@example.com"), grantOf("kp_n", "")
	elsewhere := alice
	elsewhere.Issuer = "https://b.kinde.com"
	for name, steps := range map[string][]step{
		"by e-mail":                        {{"", alice, "alice@example.com", ""}, {"", bob, "bob@example.com", ""}},
		"by sub":                           {{"", nobody, "kp_n", ""}},
		"a name of one's own, kept":        {{"work", alice, "work", ""}, {"", alice, "work", ""}},
		"again":                            {{"", alice, "alice@example.com", ""}, {"alice@example.com", alice, "alice@example.com", ""}},
		"another person under a name":      {{"work", alice, "work", ""}, {"work", bob, "", `"work"`}},
		"a person under another name":      {{"work", alice, "work", ""}, {"home", alice, "", `already kept as "work"`}},
		"the same e-mail at two issuers":   {{"", alice, "alice@example.com", ""}, {"", elsewhere, "", "--account"}, {"other", elsewhere, "other", ""}},
		"controls are not part of a name":  {{"wo\x1brk\n", alice, "wo rk", ""}},
		"only controls are no name at all": {{"\x1b\n", alice, "alice@example.com", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			a := auth.OpenAccounts(t.TempDir(), auth.NewMemoryVault())
			for i, s := range steps {
				before, current, _ := a.List()
				acc, err := a.Keep(ctx, s.name, s.g)
				if s.wantName == "" {
					after, now, _ := a.List()
					if !errors.Is(err, auth.ErrOther) || !strings.Contains(err.Error(), s.says) || !slices.Equal(before, after) || current != now {
						t.Errorf("step %d: %v, list %v", i, err, after)
					}
					continue
				}
				_, current, _ = a.List()
				if err != nil || acc.Name != s.wantName || current != s.wantName {
					t.Errorf("step %d: %+v, current %q, %v", i, acc, current, err)
				}
			}
		})
	}
}

func TestSwitchAndList(t *testing.T) {
	a := auth.OpenAccounts(t.TempDir(), auth.NewMemoryVault())
	if all, current, err := a.List(); err != nil || len(all) != 0 || current != "" {
		t.Errorf("nobody: %v %q %v", all, current, err)
	}
	for _, g := range []auth.Grant{grantOf("a", "alice"), grantOf("b", "bob")} {
		if _, err := a.Keep(ctx, "", g); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Switch("carol"); !errors.Is(err, auth.ErrNoAccount) || !strings.Contains(err.Error(), "kindling accounts") {
		t.Errorf("switch to nobody: %v", err)
	}
	if err := a.Switch("alice"); err != nil {
		t.Error(err)
	}
	if all, current, _ := a.List(); len(all) != 2 || all[0].Name != "alice" || current != "alice" {
		t.Errorf("%v %q", all, current)
	}
}

func TestListHoldsNoSecretAndIsPrivate(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.token(k.session, "")
	path := filepath.Join(k.accounts.Dir(), "accounts.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "eyJ") || len(text) > 1000 {
		t.Errorf("the list is %s", text)
	}
	if runtime.GOOS == "windows" {
		return // it has no such modes
	}
	err = filepath.WalkDir(k.accounts.Dir(), func(path string, d os.DirEntry, err error) error {
		info, _ := d.Info()
		if want := map[bool]os.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; path != k.accounts.Dir() && info.Mode().Perm() != want {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestListThatCannotBeReadIsNeverOverwritten(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"damaged": {`{"version":1,"accounts":[`, "move it away"},
		"newer":   {`{"version":2}`, "newer"},
		"empty":   {``, "move it away"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "accounts.json")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			a := auth.OpenAccounts(dir, auth.NewMemoryVault())
			_, _, listed := a.List()
			_, kept := a.Keep(ctx, "", grantOf("a", "alice"))
			for _, err := range []error{listed, kept, a.Switch("x")} {
				if err == nil || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v", err)
				}
			}
			if now, _ := os.ReadFile(path); string(now) != c.text {
				t.Errorf("it is now %q", now)
			}
		})
	}
}

func TestManyKeepAtOnce(t *testing.T) {
	dir, vault := t.TempDir(), auth.NewMemoryVault()
	var all sync.WaitGroup
	for _, who := range strings.Split("abcdefghij", "") {
		all.Go(func() {
			if _, err := auth.OpenAccounts(dir, vault).Keep(ctx, "", grantOf(who, who)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if kept, _, err := auth.OpenAccounts(dir, vault).List(); err != nil || len(kept) != 10 {
		t.Errorf("%d kept, %v", len(kept), err)
	}
}

func TestKeepThatCannotStoreKeepsNothing(t *testing.T) {
	vault := &brittleVault{Vault: auth.NewMemoryVault(), noSet: auth.ErrLocked}
	a := auth.OpenAccounts(t.TempDir(), vault)
	if _, err := a.Keep(ctx, "", grantOf("a", "alice")); !errors.Is(err, auth.ErrLocked) {
		t.Errorf("keep: %v", err)
	}
	if all, _, _ := a.List(); len(all) != 0 {
		t.Errorf("listed without tokens: %v", all)
	}
}

func TestCacheKeyIsMadeOnceAndKept(t *testing.T) {
	k := newKeptWorld(t, nil)
	if _, err := k.accounts.CacheKey(ctx, k.account, project, false); !errors.Is(err, auth.ErrNoEntry) {
		t.Errorf("no key yet: %v", err)
	}
	keys := make(chan string, 10)
	for range cap(keys) {
		go func() {
			key, err := auth.OpenAccounts(k.accounts.Dir(), k.vault).CacheKey(ctx, k.account, project, true)
			if err != nil {
				t.Error(err)
			}
			keys <- string(key)
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if <-keys != first {
			t.Error("two processes made two keys")
		}
	}
	if len(first) != 32 {
		t.Errorf("%d bytes", len(first))
	}
	same, _ := k.accounts.CacheKey(ctx, k.account, "HTTPS://Project.Example.com:443/", false)
	other, err := k.accounts.CacheKey(ctx, k.account, project+"/other", true)
	if string(same) != first || string(other) == first || err != nil {
		t.Errorf("by project: %v", err)
	}
	k.vault.fail(auth.ErrLocked, auth.ErrLocked)
	if _, err := k.accounts.CacheKey(ctx, k.account, project, true); !errors.Is(err, auth.ErrLocked) {
		t.Errorf("a locked keyring: %v", err)
	}
}

func TestDataIDTellsListsApart(t *testing.T) {
	acc := auth.Account{Issuer: "https://a.kinde.com", Sub: "kp_1", ClientID: "c", Name: "n"}
	id := auth.DataID(acc, "https://x.example.com")
	same := map[string]func(*auth.Account) string{
		"name and client": func(a *auth.Account) string {
			a.Name, a.ClientID, a.Email = "m", "d", "e"
			return "https://x.example.com"
		},
		"a slash":  func(*auth.Account) string { return "https://x.example.com/" },
		"capitals": func(*auth.Account) string { return " HTTPS://X.example.COM:443 " },
	}
	other := map[string]func(*auth.Account) string{
		"sub":     func(a *auth.Account) string { a.Sub = "kp_2"; return "https://x.example.com" },
		"issuer":  func(a *auth.Account) string { a.Issuer = "https://b.kinde.com"; return "https://x.example.com" },
		"project": func(*auth.Account) string { return "https://y.example.com" },
		"path":    func(*auth.Account) string { return "https://x.example.com/a" },
		"port":    func(*auth.Account) string { return "https://x.example.com:8443" },
		"scheme":  func(*auth.Account) string { return "http://x.example.com" },
		"parts": func(a *auth.Account) string {
			a.Issuer, a.Sub = "https://a.kinde.comk", "p_1"
			return "https://x.example.com"
		},
	}
	for name, change := range same {
		a := acc
		if p := change(&a); auth.DataID(a, p) != id {
			t.Errorf("%s makes another list", name)
		}
	}
	for name, change := range other {
		a := acc
		if p := change(&a); auth.DataID(a, p) == id {
			t.Errorf("another %s is the same list", name)
		}
	}
	if strings.Trim(id, "0123456789abcdef") != "" || len(id) != 32 {
		t.Errorf("not fit for a directory: %q", id)
	}
}

// TestLogoutDeletesEverySecret: and it alone does.
func TestLogoutDeletesEverySecret(t *testing.T) {
	ring := newPretendRing()
	vault := auth.NewRingVault(ring, auth.ReadPatience)
	w := newWorld(t, nil)
	accounts := w.newAccounts(vault)
	bob, alice := w.keep(accounts, "bob"), w.keep(accounts, "alice")
	for _, acc := range []auth.Account{alice, bob} {
		for _, p := range []string{project, project + "/2"} {
			if _, err := accounts.CacheKey(ctx, acc, p, true); err != nil {
				t.Fatal(err)
			}
			if _, err := accounts.Session(acc, w.client, p, &mint{}).Token(ctx, ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	session := accounts.Session(alice, w.client, project, &mint{})
	if err := accounts.Logout(ctx, alice, w.client); err != nil {
		t.Fatal(err)
	}
	if all, current, _ := accounts.List(); len(all) != 1 || current != bob.Name {
		t.Errorf("left: %v, current %q", all, current)
	}
	if names := ring.names(); len(names) != 5 {
		t.Errorf("left in the vault: %v", names)
	}
	if _, err := session.Token(ctx, ""); !signInRequired(err) {
		t.Errorf("a session that was open: %v", err)
	}
	if len(ring.names()) != 5 {
		t.Errorf("the open session wrote again: %v", ring.names())
	}
	if err := accounts.Logout(ctx, alice, w.client); !errors.Is(err, auth.ErrNoAccount) {
		t.Errorf("twice: %v", err)
	}
	if err := accounts.Logout(ctx, bob, w.client); err != nil || len(ring.items) != 0 {
		t.Errorf("at last: %v, %v", ring.names(), err)
	}
	if n := w.idp.Count(demoidp.RevokePath); n != 2 {
		t.Errorf("%d revoked", n)
	}
}

func TestLogoutRevokesWhereItCan(t *testing.T) {
	for name, broken := range map[string]int{"it works": 0, "the issuer is down": 500, "not allowed": 403} {
		t.Run(name, func(t *testing.T) {
			k := newKeptWorld(t, nil)
			_, sealed := entry(t, k.vault, k.account)
			var tokens struct{ Refresh string }
			if err := json.Unmarshal(sealed, &tokens); err != nil {
				t.Fatal(err)
			}
			k.idp.Break(demoidp.RevokePath, broken, 0)
			if err := k.accounts.Logout(ctx, k.account, k.client); err != nil {
				t.Fatal(err)
			}
			sent := k.to(demoidp.RevokePath)
			if len(sent) != 1 || sent[0].form.Get("token") != tokens.Refresh || sent[0].form.Get("client_id") != browserClient {
				t.Errorf("sent %d", len(sent))
			}
		})
	}
}

func TestLogoutThatFailsCanBeRepeated(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.vault.failDelete(auth.ErrLocked)
	k.token(k.session, "")
	if err := k.accounts.Logout(ctx, k.account, nil); !errors.Is(err, auth.ErrLocked) || strings.Contains(err.Error(), "\n") {
		t.Errorf("logout: %v", err)
	}
	if all, _, _ := k.accounts.List(); len(all) != 1 {
		t.Error("it is gone from the list, and its secrets are not")
	}
	k.vault.failDelete(nil)
	if err := k.accounts.Logout(ctx, k.account, nil); err != nil {
		t.Error(err)
	}
}

// TestSigningInAnotherWayIsFollowed: browser first, a code later. Sessions go on with
// the newer tokens, and signing out deletes both.
func TestSigningInAnotherWayIsFollowed(t *testing.T) {
	k := newKeptWorld(t, nil)
	g := k.signIn("alice")
	g.ClientID = deviceClient
	newer, err := k.accounts.Keep(ctx, "", g)
	if err != nil {
		t.Fatal(err)
	}
	if got := k.kindeToken(k.session); got != g.Tokens.Access.Reveal() {
		t.Error("the session that was open does not follow")
	}
	if err := k.accounts.Logout(ctx, newer, k.client); err != nil {
		t.Fatal(err)
	}
	for _, acc := range []auth.Account{k.account, newer} {
		if _, err := k.vault.Get(ctx, auth.TokensName(acc)); !errors.Is(err, auth.ErrNoEntry) {
			t.Errorf("tokens of client %s: %v", acc.ClientID, err)
		}
	}
	if sent := k.to(demoidp.RevokePath); len(sent) != 2 {
		t.Errorf("%d revoked", len(sent))
	}
}

func TestKnownEMailIsNotForgotten(t *testing.T) {
	a := auth.OpenAccounts(t.TempDir(), auth.NewMemoryVault())
	for _, email := range []string{"alice@example.com", ""} {
		if acc, err := a.Keep(ctx, "", grantOf("a", email)); err != nil || acc.Email != "alice@example.com" {
			t.Errorf("%+v %v", acc, err)
		}
	}
}

func TestListIsNotRewrittenForNothing(t *testing.T) {
	k := newKeptWorld(t, nil)
	path := filepath.Join(k.accounts.Dir(), "accounts.json")
	k.token(k.session, "")
	before, _ := os.Stat(path)
	k.clock.Advance(13 * time.Minute)
	k.token(k.session, "")
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was rewritten: %v", err)
	}
}

func TestProjectsOfAnAccount(t *testing.T) {
	k := newKeptWorld(t, nil)
	for _, p := range []string{project + "/", strings.ToUpper(project), project + "/b"} {
		if _, err := k.accounts.CacheKey(ctx, k.account, p, true); err != nil {
			t.Fatal(err)
		}
	}
	got, err := k.accounts.Projects(k.account)
	if err != nil || !slices.Equal(got, []string{project, project + "/b"}) {
		t.Errorf("%v %v", got, err)
	}
	if got, err := k.accounts.Projects(auth.Account{Sub: "nobody"}); err != nil || len(got) != 0 {
		t.Errorf("nobody's: %v %v", got, err)
	}
}
