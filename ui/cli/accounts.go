package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"kindling/auth"
)

func newAccountsCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "accounts",
		Short: "List who is signed in on this machine",
		Args:  noWords,
		RunE:  func(*cobra.Command, []string) error { return a.listAccounts() },
	}
}

func (a *app) listAccounts() error {
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	all, current, err := accounts.List()
	if err != nil {
		return err
	}
	if !a.forPeople() {
		out := make([]accountJSON, 0, len(all))
		for _, acc := range all {
			out = append(out, accountJSON{acc.Name, acc.Email, acc.Sub, acc.Issuer, acc.Name == current})
		}
		return a.printValue(out)
	}
	if len(all) == 0 {
		a.note("%v", a.nobody())
	}
	for _, acc := range all {
		mark := " "
		if acc.Name == current {
			mark = "*"
		}
		if _, err := fmt.Fprintf(a.Stdout, "%s %s\n", mark, printable(who(acc))); err != nil {
			return err
		}
	}
	return nil
}

func newSwitchCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:               "switch NAME",
		Short:             "Change the account that the next start opens",
		Args:              justOne("no account is named: kindling accounts lists them"),
		ValidArgsFunction: a.completeAccount,
		RunE:              func(_ *cobra.Command, args []string) error { return a.switchTo(args[0]) },
	}
}

func (a *app) switchTo(name string) error {
	acc, err := a.accountNamed(name)
	if err != nil {
		return err
	}
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	if err := accounts.Switch(acc.Name); err != nil {
		return err
	}
	if !a.forPeople() {
		return a.printValue(accountJSON{acc.Name, acc.Email, acc.Sub, acc.Issuer, true})
	}
	a.note("now %s", who(acc))
	return nil
}

func newWhoamiCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Say whom commands act as",
		Args:  noWords,
		RunE:  func(*cobra.Command, []string) error { return a.whoami() },
	}
}

func (a *app) whoami() error {
	acc, err := a.account()
	if err != nil {
		return err
	}
	if !a.forPeople() {
		current, err := a.isCurrent(acc)
		if err != nil {
			return err
		}
		return a.printValue(accountJSON{acc.Name, acc.Email, acc.Sub, acc.Issuer, current})
	}
	_, err = fmt.Fprintln(a.Stdout, printable(who(acc)))
	return err
}

func (a *app) isCurrent(acc auth.Account) (bool, error) {
	accounts, err := a.accounts()
	if err != nil {
		return false, err
	}
	_, current, err := accounts.List()
	return acc.Name == current, err
}

// completeAccount offers the one account that an argument names.
func (a *app) completeAccount(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeAccounts(c, args, typed)
}

func (a *app) completeAccounts(_ *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	accounts, err := a.accounts()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all, _, _ := accounts.List() // no list: nothing to complete
	var names []string
	for _, acc := range all {
		names = append(names, acc.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
