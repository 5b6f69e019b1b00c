package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

type logoutFlags struct{ all, purge, force bool }

func newLogoutCmd(a *app) *cobra.Command {
	var f logoutFlags
	c := &cobra.Command{
		Use:   "logout",
		Short: "Sign out: delete the tokens, the cache and its key",
		Long: "Sign out on this machine. It deletes the account's tokens, its cache and the cache's\n" +
			"key; todos at the server stay. Changes that were not sent yet would be lost: it asks\n" +
			"first, or refuses where nobody can be asked.",
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logout(cmd.Context(), f) },
	}
	c.Flags().BoolVar(&f.all, "all", false, "sign out every account")
	c.Flags().BoolVar(&f.purge, "purge", false, "every account, and also configuration, state and demo data")
	c.Flags().BoolVar(&f.force, "force", false, "lose unsent changes without a question")
	return c
}

func (a *app) logout(ctx context.Context, f logoutFlags) error {
	if f.purge {
		return a.purge(ctx, f.force)
	}
	leaving, err := a.leaving(f.all)
	if err != nil {
		return err
	}
	if err := a.signOutAll(ctx, leaving, f.force); err != nil {
		return err
	}
	if client, err := a.client(); err == nil && len(leaving) > 0 {
		if address := client.LogoutURL(ctx); address != "" {
			a.note("to end the session in the browser too, open %s", address)
		}
	}
	if a.forPeople() {
		return nil
	}
	out := make([]accountJSON, 0, len(leaving))
	for _, acc := range leaving {
		out = append(out, accountJSON{Name: acc.Name, Email: acc.Email, Sub: acc.Sub, Issuer: acc.Issuer})
	}
	return a.printValue(out)
}

// leaving is who signs out.
func (a *app) leaving(all bool) ([]auth.Account, error) {
	if !all {
		acc, err := a.account()
		return []auth.Account{acc}, err
	}
	accounts, err := a.accounts()
	if err != nil {
		return nil, err
	}
	everybody, _, err := accounts.List()
	return everybody, err
}

// signOutAll signs out everybody or nobody: who is in use elsewhere, or is not to lose
// what waits, is found before anybody's secrets go.
func (a *app) signOutAll(ctx context.Context, leaving []auth.Account, force bool) error {
	mayLose := a.mayLose
	if force {
		mayLose = nil
	}
	outs, release, err := a.claimAll(ctx, leaving, mayLose)
	defer release()
	if err != nil {
		return err
	}
	for _, out := range outs {
		if err := a.forget(ctx, out); err != nil {
			return fmt.Errorf("sign out %s: %w", out.Name, err)
		}
		a.note("signed out %s", who(out.Account))
	}
	return nil
}

// signOut signs one account out.
func (a *app) signOut(ctx context.Context, acc auth.Account, mayLose func(map[string]store.Status) error) error {
	outs, release, err := a.claimAll(ctx, []auth.Account{acc}, mayLose)
	defer release()
	if err != nil {
		return err
	}
	return a.forget(ctx, outs[0])
}

// claimAll claims every account that is leaving; release lets go of all. mayLose is asked
// about the changes that only their caches have; a nil one loses them.
func (a *app) claimAll(ctx context.Context, leaving []auth.Account, mayLose func(map[string]store.Status) error) (all []claim, release func(), err error) {
	release = func() {
		for _, out := range all {
			out.release()
		}
	}
	c, err := a.config()
	if err != nil {
		return nil, release, err
	}
	for _, acc := range leaving {
		out, err := lockCaches(c, acc)
		if err != nil {
			return all, release, fmt.Errorf("sign out %s: %w", acc.Name, err)
		}
		all = append(all, out)
	}
	for _, out := range all {
		if err := a.agree(ctx, out, mayLose); err != nil {
			return all, release, fmt.Errorf("sign out %s: %w", out.Name, err)
		}
	}
	return all, release, nil
}

// mayLose asks before changes are lost that the server does not have.
func (a *app) mayLose(unsent map[string]store.Status) error {
	if !isTerminal(a.Stdin) {
		return fmt.Errorf("%w: %s, or give --force", lostError(unsent), rescue(unsent))
	}
	yes, err := a.ask(lostError(unsent).Error() + ". Sign out?")
	if err == nil && !yes {
		err = errors.New("nothing was changed")
	}
	return err
}

// lostError names the changes that signing out would lose, by project.
func lostError(unsent map[string]store.Status) error {
	var parts []string
	for _, project := range slices.Sorted(maps.Keys(unsent)) {
		parts = append(parts, fmt.Sprintf("%s to %s", count(unsent[project].Unsent(), "change"), project))
	}
	return fmt.Errorf("%s would be lost, not sent yet", strings.Join(parts, ", "))
}

// rescue names the commands that bring unsent changes to an end.
func rescue(unsent map[string]store.Status) string {
	var sum store.Status
	for _, s := range unsent {
		sum.Waiting, sum.Parked = sum.Waiting+s.Waiting, sum.Parked+s.Parked
		sum.Conflicts, sum.Drafts = sum.Conflicts+s.Conflicts, sum.Drafts+s.Drafts
	}
	var steps []string
	for _, one := range []struct {
		n       int
		command string
	}{{sum.Waiting, "kindling sync"}, {sum.Parked, "kindling parked"}, {sum.Conflicts, "kindling conflicts"}, {sum.Drafts, "kindling for the unsaved text"}} {
		if one.n > 0 {
			steps = append(steps, one.command)
		}
	}
	return "run " + strings.Join(steps, ", ") + " first"
}

// claim is an account that is about to be signed out: its caches, by project, are used by
// nobody else, so that no change is added between the question and the end.
type claim struct {
	auth.Account
	held map[string]*store.Lock
}

func (out claim) release() {
	for _, l := range out.held {
		_ = l.Unlock()
	}
}

// agree asks mayLose, unless it is nil, about the changes that only the claimed caches have.
func (a *app) agree(ctx context.Context, out claim, mayLose func(map[string]store.Status) error) error {
	if mayLose == nil {
		return nil
	}
	unsent, err := a.unsentUnder(ctx, out.Account, out.held)
	if err != nil || len(unsent) == 0 {
		return err
	}
	return mayLose(unsent)
}

// forget deletes everything of a claimed account: the secrets first, so that what is left
// is not readable any more.
func (a *app) forget(ctx context.Context, out claim) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Logout(ctx, out.Account, a.clientOf(c, out.Account)); err != nil {
		return err
	}
	for _, l := range out.held {
		err = errors.Join(err, l.Destroy())
	}
	return err
}

// lockCaches takes the sole use of an account's caches, or of none.
func lockCaches(c config.Config, acc auth.Account) (out claim, err error) {
	out = claim{acc, map[string]*store.Lock{}}
	dirs, err := projectsOf(c, acc)
	if err != nil {
		return out, err
	}
	for dir, project := range dirs {
		l, err := store.LockDir(dir)
		if err != nil {
			out.release()
			return claim{}, err
		}
		out.held[project] = l
	}
	return out, nil
}

// unused refuses while another process has a cache of theirs open.
func unused(c config.Config, accounts []auth.Account) error {
	for _, acc := range accounts {
		out, err := lockCaches(c, acc)
		if err != nil {
			return err
		}
		out.release()
	}
	return nil
}

// unsentUnder counts, for each locked cache that has any, the changes that the
// server does not have.
func (a *app) unsentUnder(ctx context.Context, acc auth.Account, held map[string]*store.Lock) (map[string]store.Status, error) {
	accounts, err := a.accounts()
	if err != nil {
		return nil, err
	}
	unsent := map[string]store.Status{}
	for project, l := range held {
		key, err := accounts.CacheKey(ctx, acc, project, false)
		if errors.Is(err, auth.ErrNoEntry) {
			continue // its key is gone: nothing there can be read any more
		}
		if err != nil {
			return nil, err // without its vault nobody can be signed out, by force neither
		}
		s, err := l.Status(ctx, store.Options{Key: key, Sub: acc.Sub, BaseURL: project, Now: a.Now})
		if err != nil {
			return nil, fmt.Errorf("%s: %w; kindling logout --force signs out all the same", project, err)
		}
		if s.Unsent() > 0 {
			unsent[project] = s
		}
	}
	return unsent, nil
}

func (a *app) clientOf(c config.Config, acc auth.Account) *auth.Client {
	ac := authConfig(c)
	ac.Issuer = acc.Issuer
	return auth.NewClient(ac)
}

// purge signs everybody out and deletes every directory of ours, the demo's data
// with them. The demo's lock is let go of at the last moment: an open file
// cannot be deleted everywhere.
func (a *app) purge(ctx context.Context, force bool) error {
	c, err := a.readConfig() // its directory is the lasting one, where the vault is memory too
	if err != nil {
		return err
	}
	if _, err := os.Stat(accountsDir(c)); c.Keyring == "memory" && err == nil {
		return errors.New("accounts were kept here in another vault: set KINDLING_KEYRING to os or file, as they were signed in, and purge again")
	}
	demo, err := lockDemo(c.DataDir)
	if err != nil {
		return err
	}
	defer demo.Close()
	everybody, err := a.leaving(true)
	if force && errors.Is(err, auth.ErrLocked) { // who is asked for the passphrase has forgotten it
		a.noQuestions = true
		a.vault, a.accounts = sync.OnceValues(a.openVault), sync.OnceValues(a.openAccounts)
		everybody, err = a.leaving(true)
	}
	if err != nil {
		return err
	}
	err = a.signOutAll(ctx, everybody, force)
	if force && c.Keyring == "file" && errors.Is(err, auth.ErrLocked) {
		a.note("the vault stays closed, so Kinde is not told; its file is deleted")
		err = unused(c, everybody)
	}
	if err != nil {
		return err
	}
	err = errors.Join(demo.Close(), sweepTemporary(os.TempDir(), memoryRuns))
	for _, dir := range []string{c.ConfigDir, c.DataDir, c.StateDir} {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	a.note("deleted %s, %s and %s", c.ConfigDir, c.DataDir, c.StateDir)
	return nil
}
