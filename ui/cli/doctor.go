package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/ui/cli/config"
)

func newDoctorCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check every part, and say what to do about it",
		Args:  noWords,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.report(a.examine(cmd.Context())) },
	}
}

// examine looks at every part, from the near ones to the far ones. A part that
// cannot be looked at yet is listed as skipped.
func (a *app) examine(ctx context.Context) []check {
	c, err := a.config()
	if err != nil {
		return []check{{"configuration", checkFail, err.Error(), "correct it, then run kindling doctor again"}}
	}
	checks := []check{checkConfig(c), checkDirs(c), a.checkVault(ctx)}
	if c.Issuer != "" {
		checks = append(checks, checkIssuer(ctx, c, a.Now()))
	} else {
		checks = append(checks, skipped("KINDE_ISSUER_URL is not set", "kindling setup", "Kinde")...)
	}
	checks = append(checks, checkCallback(c))
	if c.InsForgeURL == "" {
		return append(checks, skipped("INSFORGE_URL is not set", "kindling setup", "InsForge", "companion", "account", "table", "identity", "policy")...)
	}
	checks = append(checks, checkProject(ctx, c), a.checkCompanion(ctx, c))
	return append(checks, a.checkAccount(ctx, c)...)
}

func checkConfig(c config.Config) check {
	const name = "configuration"
	if missing := c.Missing(); len(missing) > 0 {
		return check{name, checkFail, "not set: " + strings.Join(missing, ", "), "kindling setup, or kindling demo to try it without"}
	}
	detail := fmt.Sprintf("%s (from %s), %s (from %s)", c.Issuer, c.Origin("KINDE_ISSUER_URL"), c.InsForgeURL, c.Origin("INSFORGE_URL"))
	if c.Insecure() {
		return check{name, checkWarn, detail + ": http to another machine", "use https: anybody on the way can read the tokens"}
	}
	return check{name, checkOK, detail, ""}
}

func checkDirs(c config.Config) check {
	const name = "files"
	for _, dir := range []string{c.DataDir, c.StateDir} {
		if err := writable(dir); err != nil {
			return check{name, checkFail, err.Error(), "make " + dir + " writable, or set XDG_DATA_HOME and XDG_STATE_HOME"}
		}
	}
	return check{name, checkOK, "data in " + c.DataDir, ""}
}

func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (a *app) checkVault(ctx context.Context) check {
	const name = "keyring"
	v, err := a.vault()
	if err == nil {
		err = auth.Probe(ctx, v)
	}
	switch {
	case errors.Is(err, auth.ErrLocked):
		return check{name, checkFail, err.Error(), "unlock it, or give the right passphrase"}
	case err != nil && v != nil && v.Kind() == "file":
		return check{name, checkFail, err.Error(), "the vault is a file in the data directory: it must be readable and writable"}
	case err != nil:
		return check{name, checkFail, err.Error(), "start a Secret Service (gnome-keyring, KWallet), or set KINDLING_KEYRING=file"}
	case v.Kind() == "memory":
		return check{name, checkWarn, "secrets live in memory", "a sign-in ends with the program: set KINDLING_KEYRING to os or file to keep it"}
	}
	return check{name, checkOK, secretsText(v.Kind()), ""}
}

// skewLimit is how far a clock may be off before tokens are refused.
const skewLimit = time.Minute

func checkIssuer(ctx context.Context, c config.Config, now time.Time) check {
	const name = "Kinde"
	r, err := fetch(ctx, http.MethodGet, c.Issuer+"/.well-known/openid-configuration", "", "")
	if err != nil {
		return check{name, checkFail, err.Error(), "see that KINDE_ISSUER_URL is right and the network works"}
	}
	var found struct{ Issuer string }
	if r.status != http.StatusOK || json.Unmarshal(r.body, &found) != nil {
		return check{name, checkFail, fmt.Sprintf("%s is no issuer: it answered %d", c.Issuer, r.status), "set KINDE_ISSUER_URL to the domain that Kinde shows, https://….kinde.com"}
	}
	if strings.TrimSuffix(found.Issuer, "/") != c.Issuer {
		return check{name, checkFail, "the issuer calls itself " + found.Issuer, "set KINDE_ISSUER_URL to exactly that"}
	}
	if skew := clockSkew(r.header, now); skew > skewLimit {
		return check{name, checkWarn, "this machine's clock is off by " + roughly(skew), "set the clock: tokens are refused when it is wrong"}
	}
	return check{name, checkOK, c.Issuer + " answers", ""}
}

func clockSkew(h http.Header, now time.Time) time.Duration {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return now.Sub(date).Abs()
}

func checkCallback(c config.Config) check {
	const name = "callback"
	u, err := url.Parse(c.RedirectURL)
	if err != nil {
		return check{name, checkFail, err.Error(), "correct KINDE_REDIRECT_URL"}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), u.Port()))
	if err != nil {
		return check{name, checkFail, fmt.Sprintf("port %s is taken", u.Port()), "end what uses it, or set and register another KINDE_REDIRECT_URL"}
	}
	_ = l.Close()
	next := ""
	if c.RedirectGuessed() {
		next = "make sure that exactly this is an allowed callback URL of the Kinde application"
		return check{name, checkWarn, c.RedirectURL + " is our default beside a web application's settings", next}
	}
	return check{name, checkOK, c.RedirectURL + " is free here; it must be registered in Kinde", next}
}

func checkProject(ctx context.Context, c config.Config) check {
	const name = "InsForge"
	r, err := fetch(ctx, http.MethodGet, c.InsForgeURL+"/api/health", "", "")
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "see that INSFORGE_URL is right and the project runs"}
	case r.status != http.StatusOK:
		return check{name, checkFail, fmt.Sprintf("%s answered %d", c.InsForgeURL, r.status), "set INSFORGE_URL to the project's base address"}
	}
	return check{name, checkOK, c.InsForgeURL + " answers", ""}
}

// checkCompanion asks without a token: a companion that is there answers 401.
func (a *app) checkCompanion(ctx context.Context, c config.Config) check {
	const name = "companion"
	if !c.JWTSecret.IsZero() {
		return check{name, checkWarn, "development: INSFORGE_JWT_SECRET signs here, and is the keys to the whole database", "deploy the companion, and take the secret off this machine"}
	}
	r, err := fetch(ctx, http.MethodPost, c.CompanionURL, "", "{}")
	switch {
	case err != nil:
		return check{name, checkFail, err.Error(), "start it, or set KINDLING_COMPANION_URL"}
	case r.status == http.StatusUnauthorized:
		return check{name, checkOK, c.CompanionURL + " answers", ""}
	case r.status == http.StatusNotFound:
		return check{name, checkFail, "nothing is deployed at " + c.CompanionURL, "npx @insforge/cli functions deploy kindling-token --file ./companion.js"}
	case r.status == http.StatusServiceUnavailable:
		return check{name, checkFail, "the companion is not ready: " + message(r), "see that it has KINDE_ISSUER_URL, KINDE_CLIENT_ID and its secret"}
	}
	return check{name, checkFail, fmt.Sprintf("it answered %d: %s", r.status, message(r)), "see its own log"}
}

// checkAccount looks at the whole way of a token, and at the table it opens. Where
// nobody is signed in, a stand-in looks at the table, if there is one.
func (a *app) checkAccount(ctx context.Context, c config.Config) []check {
	acc, w, signedIn := a.checkSignIn(ctx, c)
	ok := w.token != ""
	if !ok {
		w, ok = a.standIn(c)
	}
	if !ok {
		return append([]check{signedIn}, skipped("it takes a sign-in, or the project's anon key", "kindling login, then kindling doctor", "table", "identity", "policy")...)
	}
	checks := append([]check{signedIn}, a.checkTodos(ctx, c, w)...)
	if stat, err := os.Stat(filepath.Join(cacheDir(c, acc), "cache.db")); err == nil {
		checks = append(checks, check{"cache", checkOK, fmt.Sprintf("%d kB, encrypted", stat.Size()/1024), ""})
	}
	return checks
}

// checkSignIn looks for a token of the current account: without one, the witness is empty.
func (a *app) checkSignIn(ctx context.Context, c config.Config) (auth.Account, witness, check) {
	const name = "account"
	acc, err := a.account()
	switch {
	case err != nil && exitCode(err) == exitSignIn:
		return acc, witness{}, check{name, checkWarn, "nobody is signed in", "kindling login"}
	case err != nil:
		return acc, witness{}, check{name, checkWarn, err.Error(), "kindling accounts"}
	case acc.Issuer != c.Issuer:
		return acc, witness{}, check{name, checkWarn, who(acc) + " was signed in at " + acc.Issuer, "kindling login"}
	}
	w, err := a.witness(ctx, acc)
	if err != nil {
		next := "see the checks above"
		if needsSignIn(err) && !errors.Is(err, auth.ErrLocked) && !errors.Is(err, auth.ErrNoKeyring) {
			next = "kindling login"
		}
		return acc, witness{}, check{name, checkFail, err.Error(), next}
	}
	signedIn := check{name, checkOK, who(acc) + " is signed in", ""}
	if w := cmp.Or(a.warningOf(acc), a.endOf(ctx, acc)); w != "" {
		signedIn.Result, signedIn.Detail = checkWarn, signedIn.Detail+"; "+w
	}
	return acc, w, signedIn
}
