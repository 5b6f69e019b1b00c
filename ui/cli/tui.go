package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kindling/assets"
	"kindling/auth"
	"kindling/ui"
	"kindling/ui/cli/config"
)

// runTUI opens the program.
func (a *app) runTUI(cmd *cobra.Command, _ []string) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	switch seen := c.UI.Accessible || isTerminal(a.Stdin) && isTerminal(a.Stdout); {
	case !seen && !c.Configured():
		return usagef("the program needs a terminal, and nothing is set up yet: run kindling setup, or kindling demo to try it")
	case !seen:
		return usagef("the program needs a terminal; in a script use a command, such as kindling ls")
	}
	if _, err := a.vault(); err != nil { // a passphrase is asked for before the screen is taken
		a.note("warning: %v", err)
	}
	b := &backend{app: a, settings: c}
	summary, err := ui.Run(cmd.Context(), ui.Options{
		Backend:  b,
		Facts:    a.facts(c),
		Settings: c.UI,
		Account:  c.Account,
		Welcome:  !c.Configured() && !a.hasCache(c),
		Themes:   themes(c),
		Now:      a.Now,
		Location: time.Local,
		Env:      a.childEnv(),
		Scratch:  a.scratch,
	}, a.Stdin, a.Stdout)
	for _, path := range b.aside {
		a.noteAside(path) // whole, as the screen may have been too narrow
	}
	if summary != "" {
		a.note("%s", summary)
	}
	return err
}

// hasCache reports whether there are todos to show although the configuration
// is not enough to sign anybody in.
func (a *app) hasCache(c config.Config) bool {
	acc, err := a.account()
	if err != nil || c.InsForgeURL == "" {
		return false
	}
	_, err = os.Stat(cacheDir(c, acc))
	return err == nil
}

func (a *app) facts(c config.Config) ui.Facts {
	f := ui.Facts{
		Project:  c.ProjectHost(),
		Demo:     a.demo != nil,
		DevMode:  !c.JWTSecret.IsZero(),
		Insecure: c.Insecure(),
		Vault:    c.Keyring,
		Headless: auth.Headless(a.browserEnv(c)),
		Version:  a.Build.text(),
	}
	if c.RedirectGuessed() {
		f.Warnings = append(f.Warnings, "register "+c.RedirectURL+" as an allowed callback URL in Kinde")
	}
	return f
}

// themes are the built-in ones and the person's own in themes/ beside
// config.toml, which win.
func themes(c config.Config) map[string][]byte {
	all := assets.Themes()
	own := os.DirFS(filepath.Join(c.ConfigDir, "themes"))
	names, _ := fs.Glob(own, "*.toml") // the pattern is well formed
	for _, name := range names {
		if text, err := fs.ReadFile(own, name); err == nil {
			all[strings.TrimSuffix(name, ".toml")] = text
		}
	}
	return all
}

// browserEnv is the environment, with BROWSER also from the configuration.
func (a *app) browserEnv(c config.Config) func(string) string {
	return func(name string) string {
		if name == "BROWSER" {
			return c.Browser
		}
		return a.Getenv(name)
	}
}
