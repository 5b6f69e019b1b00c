package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

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
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.logout(cmd.Context(), f) },
	}
	c.Flags().BoolVar(&f.all, "all", false, "sign out every account")
	c.Flags().BoolVar(&f.purge, "purge", false, "every account, and also configuration, state and demo data")
	c.Flags().BoolVar(&f.force, "force", false, "lose unsent changes without a question")
	return c
}

func (a *app) logout(ctx context.Context, f logoutFlags) error {
	leaving, err := a.leaving(f)
	if err != nil {
		return err
	}
	for _, acc := range leaving {
		if err := a.logoutOne(ctx, acc, f.force); err != nil {
			return fmt.Errorf("sign out %s: %w", acc.Name, err)
		}
		a.note("signed out %s", who(acc))
	}
	if f.purge {
		return a.purge()
	}
	if client, err := a.client(); err == nil && len(leaving) > 0 {
		if address := client.LogoutURL(ctx); address != "" {
			a.note("to end the session in the browser too, open %s", address)
		}
	}
	return nil
}

// leaving is who signs out.
func (a *app) leaving(f logoutFlags) ([]auth.Account, error) {
	if !f.all && !f.purge {
		acc, err := a.account()
		return []auth.Account{acc}, err
	}
	accounts, err := a.accounts()
	if err != nil {
		return nil, err
	}
	all, _, err := accounts.List()
	return all, err
}

// logoutOne signs an account out while it is sure that nobody else writes into
// what is deleted.
func (a *app) logoutOne(ctx context.Context, acc auth.Account, force bool) error {
	if !force {
		if err := a.mayLose(ctx, acc); err != nil {
			return err
		}
	}
	return a.deleteAccount(ctx, acc)
}

// mayLose asks before changes are lost that the server does not have.
func (a *app) mayLose(ctx context.Context, acc auth.Account) error {
	unsent, err := a.unsentOf(ctx, acc)
	if err != nil || len(unsent) == 0 {
		return err
	}
	if !isTerminal(a.Stdin) {
		return fmt.Errorf("%w: run kindling sync first, or give --force", lostError(unsent))
	}
	if !a.ask(lostError(unsent).Error() + ". Sign out?") {
		return errors.New("nothing was changed")
	}
	return nil
}

// lostError names the changes that signing out would lose, by project.
func lostError(unsent map[string]int) error {
	var parts []string
	for _, project := range slices.Sorted(maps.Keys(unsent)) {
		parts = append(parts, fmt.Sprintf("%s to %s", count(unsent[project], "change"), project))
	}
	return fmt.Errorf("%s would be lost: not sent yet", strings.Join(parts, ", "))
}

// unsentIn counts what only this machine has, in one cache.
func (a *app) unsentIn(ctx context.Context, acc auth.Account, dir, project string) (int, error) {
	accounts, err := a.accounts()
	if err != nil {
		return 0, err
	}
	key, err := accounts.CacheKey(ctx, acc, project, false)
	if err != nil {
		return 0, err
	}
	todos, err := store.Open(ctx, store.Options{Dir: dir, Key: key, Sub: acc.Sub, BaseURL: project, Now: a.Now})
	if err != nil {
		return 0, err
	}
	defer todos.Close()
	s, err := todos.Status(ctx)
	return s.Unsent(), err
}

// deleteAccount takes the sole use of every cache, then deletes the secrets
// first: what is left without its key is not readable any more.
func (a *app) deleteAccount(ctx context.Context, acc auth.Account) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	dirs, err := projectsOf(c, acc)
	if err != nil {
		return err
	}
	var locks []*store.Lock
	defer func() {
		for _, l := range locks {
			_ = l.Unlock()
		}
	}()
	for dir := range dirs {
		l, err := store.LockDir(dir)
		if err != nil {
			return err
		}
		locks = append(locks, l)
	}
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Logout(ctx, acc, a.clientOf(c, acc)); err != nil {
		return err
	}
	for _, l := range locks {
		err = errors.Join(err, l.Destroy())
	}
	return err
}

func (a *app) clientOf(c config.Config, acc auth.Account) *auth.Client {
	ac := authConfig(c)
	ac.Issuer = acc.Issuer
	return auth.NewClient(ac)
}

// purge deletes every directory of ours, the demo's data with them.
func (a *app) purge() error {
	c, err := a.config()
	if err != nil {
		return err
	}
	lock, err := lockDemo(c.DataDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, dir := range []string{c.ConfigDir, c.DataDir, c.StateDir} {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	a.note("deleted %s, %s and %s", c.ConfigDir, c.DataDir, c.StateDir)
	return nil
}

// ask puts a yes-or-no question to the person at the terminal; no is the default.
func (a *app) ask(question string) bool {
	_, _ = fmt.Fprintf(a.Stderr, "%s [y/N] ", printable(question))
	var answer string
	_, _ = fmt.Fscanln(a.Stdin, &answer)
	return strings.HasPrefix(strings.ToLower(answer), "y")
}
