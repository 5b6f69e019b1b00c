package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"kindling/assets"
	"kindling/auth"
	"kindling/ui/cli/config"
)

// setupFlags answer the wizard's questions where nobody can be asked.
type setupFlags struct{ issuer, clientID, project, anonKey, companion, redirect, keyring string }

func newSetupCmd(a *app) *cobra.Command {
	var f setupFlags
	var example bool
	c := &cobra.Command{
		Use:   "setup",
		Short: "Connect your own Kinde and InsForge, step by step",
		Long: "Ask for what Kindling needs, check it, and write it to config.toml. It reads the .env.local\n" +
			"of InsForge's guide with --env-file. Without a terminal the flags answer its questions.\n" +
			"--example prints a config.toml that explains every setting and names every action.",
		Example: "kindling setup\nkindling setup --env-file .env.local",
		Args:    noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !example {
				return a.setup(cmd.Context(), f)
			}
			_, err := fmt.Fprint(a.Stdout, assets.ConfigExample)
			return err
		},
	}
	c.Flags().BoolVar(&example, "example", false, "print a config.toml with every setting, and nothing else")
	c.Flags().StringVar(&f.issuer, "kinde-issuer", "", "your Kinde domain, https://example.kinde.com")
	c.Flags().StringVar(&f.clientID, "kinde-client-id", "", "client id of the Kinde application")
	c.Flags().StringVar(&f.redirect, "kinde-redirect", "", "callback registered in Kinde (default "+auth.DefaultRedirectURL+")")
	c.Flags().StringVar(&f.project, "insforge-url", "", "base address of the InsForge project")
	c.Flags().StringVar(&f.anonKey, "insforge-anon-key", "", "the project's public key: checks the table before anybody signs in")
	c.Flags().StringVar(&f.companion, "companion-url", "", "token endpoint (default: the project's edge function)")
	c.Flags().StringVar(&f.keyring, "keyring", "", "where secrets live: os, file or memory")
	return c
}

func (a *app) setup(ctx context.Context, f setupFlags) error {
	if err := a.offerEnvFile(); err != nil {
		return err
	}
	c, err := a.readConfig()
	if err != nil {
		return err
	}
	if f, err = a.answers(f.or(c)); err != nil {
		return err
	}
	if err := config.Write(c.Path(), f.entries(c)); err != nil {
		return err
	}
	a.note("wrote %s", c.Path())
	if !c.JWTSecret.IsZero() {
		a.note("INSFORGE_JWT_SECRET was not written down: it is the keys to the whole database")
	}
	a.config = sync.OnceValues(a.loadConfig) // from the file that was just written
	checks := a.examine(ctx)
	err = a.report(checks)
	if a.forPeople() {
		a.noteNext(checks)
	}
	return err
}

// answers are those of the flags, or of the person at the terminal, who is asked
// again while one cannot be right.
func (a *app) answers(f setupFlags) (setupFlags, error) {
	if !isTerminal(a.Stdin) {
		return a.checkAnswers(f)
	}
	for {
		if err := a.wizard(&f); err != nil {
			return f, left(err)
		}
		checked, err := a.checkAnswers(f)
		if err == nil {
			return checked, nil
		}
		a.note("%v", err)
		_, _ = fmt.Fprint(a.Stderr, "Press enter to answer again, or ctrl+c to leave: ")
		if _, err := a.readLine(); err != nil {
			return f, left(err)
		}
	}
}

// left is why the questions were not answered to their end.
func left(err error) error {
	if errors.Is(err, io.EOF) {
		return errors.New("the questions were left: nothing was written")
	}
	return err
}

// offerEnvFile takes the guide's file in this directory, if the person agrees.
func (a *app) offerEnvFile() error {
	const guide = ".env.local"
	if a.flags.envFile != "" || a.Getenv("KINDLING_ENV_FILE") != "" || !isTerminal(a.Stdin) {
		return nil
	}
	if _, err := os.Stat(guide); err != nil {
		return nil // there is none
	}
	yes, err := a.ask("There is a " + guide + " here. Read the settings in it?")
	if yes {
		a.flags.envFile = guide
	}
	return err
}

// or fills what no flag gave with what is configured already.
func (f setupFlags) or(c config.Config) setupFlags {
	f.issuer = cmp.Or(f.issuer, c.Issuer)
	f.clientID = cmp.Or(f.clientID, c.ClientID)
	f.project = cmp.Or(f.project, c.InsForgeURL)
	f.anonKey = cmp.Or(f.anonKey, c.AnonKey)
	if c.Origin("KINDE_REDIRECT_URL") != "" {
		f.redirect = cmp.Or(f.redirect, c.RedirectURL)
	}
	if c.Origin("KINDLING_COMPANION_URL") != "" {
		f.companion = cmp.Or(f.companion, c.CompanionURL)
	}
	if c.Origin("KINDLING_KEYRING") != "" {
		f.keyring = cmp.Or(f.keyring, c.Keyring)
	}
	return f
}

// wizard explains each step and asks; enter keeps what is shown.
func (a *app) wizard(f *setupFlags) (err error) {
	question := func(label string, at *string) {
		if err != nil {
			return
		}
		hint := ""
		if *at != "" {
			hint = " [" + *at + "]"
		}
		_, _ = fmt.Fprintf(a.Stderr, "   %s%s: ", label, printable(hint))
		var typed string
		typed, err = a.readLine()
		*at = cmp.Or(strings.TrimSpace(typed), *at)
	}
	_, _ = fmt.Fprintf(a.Stderr, `
1. Kinde: Settings → Applications → Add application → "Front-end and mobile".
   Choose "Other native". In its details, under allowed callback URLs, add exactly

     %s

   Then copy the domain and the client id from the same page.

`, cmp.Or(f.redirect, auth.DefaultRedirectURL))
	question("Kinde domain, https://….kinde.com", &f.issuer)
	question("Client id", &f.clientID)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprint(a.Stderr, `
2. InsForge: apply the schema, and deploy the companion with its settings.

     npx @insforge/cli link --project-id ID
     kindling schema > schema.sql && npx @insforge/cli db import schema.sql
     npx @insforge/cli secrets add KINDE_ISSUER_URL `+printable(f.issuer)+`
     npx @insforge/cli secrets add KINDE_CLIENT_ID `+printable(f.clientID)+`
     kindling companion --js > companion.js
     npx @insforge/cli functions deploy kindling-token --file ./companion.js

`)
	question("The project's base address", &f.project)
	question("Its anon key, to check the table now (or enter)", &f.anonKey)
	_, _ = fmt.Fprintln(a.Stderr)
	return err
}

// checkAnswers holds the answers to the rules that a configuration is held to,
// and returns them with their addresses normalised.
func (a *app) checkAnswers(f setupFlags) (setupFlags, error) {
	if f.issuer == "" || f.clientID == "" || f.project == "" {
		return f, usagef("not enough to go on: give --kinde-issuer, --kinde-client-id and --insforge-url, or --env-file")
	}
	answers := map[string]string{
		"KINDE_ISSUER_URL": f.issuer, "KINDE_CLIENT_ID": f.clientID, "KINDE_REDIRECT_URL": f.redirect,
		"INSFORGE_URL": f.project, "KINDLING_COMPANION_URL": f.companion, "KINDLING_KEYRING": f.keyring,
		"NEXT_PUBLIC_INSFORGE_ANON_KEY": f.anonKey,
	}
	c, err := config.Load(config.Input{Getenv: a.Getenv, EnvFile: a.flags.envFile, Flags: answers, InsecureHTTP: a.flags.insecure})
	return f.normalised(c), err
}

func (f setupFlags) normalised(c config.Config) setupFlags {
	f.issuer, f.project = c.Issuer, c.InsForgeURL
	if f.companion != "" {
		f.companion = c.CompanionURL
	}
	return f
}

// entries is what goes into config.toml: never the secret that signs for everybody.
func (f setupFlags) entries(c config.Config) []config.Entry {
	entries := []config.Entry{
		{Key: "kinde_issuer_url", Value: f.issuer},
		{Key: "kinde_client_id", Value: f.clientID},
		{Key: "insforge_url", Value: f.project},
	}
	for _, optional := range []struct{ key, value string }{
		{"kinde_client_secret", c.ClientSecret.Reveal()}, {"kinde_redirect_url", f.redirect}, {"kinde_audience", c.Audience},
		{"kinde_org_code", c.OrgCode}, {"kinde_device_client_id", c.DeviceClientID}, {"insforge_anon_key", f.anonKey},
		{"companion_url", f.companion}, {"keyring", f.keyring},
	} {
		if optional.value != "" {
			entries = append(entries, config.Entry{Key: optional.key, Value: optional.value})
		}
	}
	if c.InsecureHTTP {
		entries = append(entries, config.Entry{Key: "insecure_http", Value: true})
	}
	return entries
}

// noteNext says what remains to be done.
func (a *app) noteNext(checks []check) {
	for _, c := range checks {
		if c.Result == checkFail {
			a.note("correct what failed, then run kindling doctor")
			return
		}
	}
	a.note("next: kindling login")
}
