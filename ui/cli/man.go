package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

func newManCmd(a *app) *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "man [COMMAND…]",
		Short: "Print a manual page: of kindling, or of a command",
		Long: "Print the manual page of kindling, or of a command, made from the commands themselves.\n" +
			"--dir writes every page into a directory, as packages carry them.",
		Example: "kindling man add | man -l -\nkindling man --dir ~/.local/share/man/man1",
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir != "" {
				return a.writeManual(cmd.Root(), dir)
			}
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q", strings.Join(args, " "))
			}
			_, err = fmt.Fprint(a.Stdout, a.manPage(of))
			return err
		},
		ValidArgsFunction: completeCommands,
		Annotations:       map[string]string{ownOutput: "it prints a page"},
	}
	c.Flags().StringVar(&dir, "dir", "", "write every page into this directory")
	return c
}

// writeManual writes the page of every command.
func (a *app) writeManual(c *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the directory: %w", err)
	}
	name := filepath.Join(dir, manName(c)+".1")
	err := os.WriteFile(name, []byte(a.manPage(c)), 0o644) // a manual is for everybody
	for _, sub := range c.Commands() {
		if hasPage(sub) {
			err = errors.Join(err, a.writeManual(sub, dir))
		}
	}
	return err
}

// hasPage leaves out what completes itself and helps itself.
func hasPage(c *cobra.Command) bool { return c.IsAvailableCommand() && c.Name() != "help" }

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// completeCommands offers the commands below those that are typed.
func completeCommands(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	if of, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
		for _, sub := range of.Commands() {
			if hasPage(sub) {
				names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
			}
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// manPage is a command's page, in the language of man(7).
func (a *app) manPage(c *cobra.Command) string {
	c.InitDefaultHelpFlag() // cobra's own, which it makes of the command that runs alone
	c.InitDefaultVersionFlag()
	var p page
	b := a.Build.orEmbedded()
	p.line(`.TH "%s" "1" "%s" "%s" "Kindling"`, strings.ToUpper(manName(c)), b.Date, strings.TrimSpace("kindling "+b.Version))
	p.section("NAME", manName(c)+` \- `+roffText(c.Short))
	p.synopsis(c)
	p.section("DESCRIPTION")
	p.text(described(c))
	p.commands(c)
	p.flags("OPTIONS", c.NonInheritedFlags())
	p.flags("OPTIONS OF EVERY COMMAND", c.InheritedFlags())
	if c.Example != "" {
		p.section("EXAMPLES")
		p.verbatim(c.Example)
	}
	if c.HasParent() {
		p.section("SEE ALSO", `.BR kindling (1)`)
		return p.String()
	}
	p.list("OUTPUT FOR PROGRAMS", outputs)
	p.list("EXIT STATUS", exitStatus)
	p.list("ENVIRONMENT", environment)
	p.list("FILES", []entry{{"config.toml", "the settings: kindling status says where, and names the other files in use"}})
	p.section("SEE ALSO")
	p.text("Every command has a page of its own, such as kindling-add(1).")
	return p.String()
}

func described(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short + "."
}
