package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
	"kindling/ui"
)

type loginFlags struct{ create, device, noBrowser, asOther bool }

func newLoginCmd(a *app) *cobra.Command {
	var f loginFlags
	c := &cobra.Command{
		Use:   "login",
		Short: "Sign in with Kinde, and fetch the todos",
		Long: "Sign in with Kinde in a browser. --account NAME is the name the account is kept under.\n" +
			"On a machine without a browser, open the printed address elsewhere and paste the\n" +
			"address it ends at, or use --device.",
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.login(cmd.Context(), f) },
	}
	c.Flags().BoolVar(&f.create, "create", false, "open Kinde's sign-up")
	c.Flags().BoolVar(&f.device, "device", false, "sign in with a code, on any other device")
	c.Flags().BoolVar(&f.noBrowser, "no-browser", false, "print the address, open nothing")
	c.Flags().BoolVar(&f.asOther, "as-other", false, "ask for credentials again, to sign in as somebody else")
	return c
}

// accountJSON is an account as commands print it.
type accountJSON struct {
	Name    string `json:"name"`
	Email   string `json:"email"`
	Sub     string `json:"sub"`
	Issuer  string `json:"issuer"`
	Current bool   `json:"current"`
}

func (a *app) login(ctx context.Context, f loginFlags) error {
	if c, err := a.config(); err == nil && c.Keyring == "memory" {
		return signInf("KINDLING_KEYRING=memory forgets a sign-in when the command ends: sign in inside the program, kindling")
	}
	client, err := a.signInClient(ctx)
	if err != nil {
		return err
	}
	grant, err := a.grant(ctx, client, f)
	if err != nil {
		return err
	}
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	acc, err := accounts.Keep(ctx, a.flags.account, grant)
	if err != nil {
		return err
	}
	a.note("signed in as %s", who(acc))
	a.warn(accounts.Warning(ctx, acc))
	a.warn(client.ClockWarning())
	a.firstPull(ctx, acc)
	if !a.forPeople() {
		return a.printValue(accountJSON{acc.Name, acc.Email, acc.Sub, acc.Issuer, true})
	}
	return nil
}

// signInClient is what signs somebody in, once it is sure that the sign-in can be kept.
func (a *app) signInClient(ctx context.Context) (*auth.Client, error) {
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	v, err := a.vault()
	if err == nil {
		err = auth.Probe(ctx, v)
	}
	return client, err
}

// firstPull makes the account viewable offline from its first minute.
func (a *app) firstPull(ctx context.Context, acc auth.Account) {
	todos, err := a.openFor(ctx, acc)
	if err == nil {
		defer todos.Close()
		if a.flags.sync == "no" {
			return
		}
		_, err = a.syncNow(ctx, todos, store.SyncOptions{Wait: true})
	}
	if err != nil {
		a.note("warning: the todos could not be fetched yet: %v%s", err, nextStep(err))
	}
}

func who(acc auth.Account) string {
	if acc.Email == "" || acc.Email == acc.Name {
		return acc.Name
	}
	return fmt.Sprintf("%s (kept as %s)", acc.Email, acc.Name)
}

// grant signs in as the flags say. Where no browser can be shown it offers the
// code by itself, if the project has an application for that.
func (a *app) grant(ctx context.Context, client *auth.Client, f loginFlags) (auth.Grant, error) {
	c, err := a.config()
	if err != nil {
		return auth.Grant{}, err
	}
	why := auth.Headless(a.browserEnv(c))
	byCode := why != "" && c.DeviceClientID != "" && f == loginFlags{}
	if !f.device && !byCode {
		return a.browserGrant(ctx, client, f)
	}
	device, err := client.BeginDevice(ctx)
	switch {
	case err == nil && byCode:
		a.note("no browser can be shown here (%s): sign in by code; --no-browser gives an address to paste back", why)
	case err != nil && byCode:
		a.note("no sign-in by code: %v", err)
		return a.browserGrant(ctx, client, f)
	case err != nil:
		return auth.Grant{}, err
	}
	a.showCode(device)
	return device.Wait(ctx)
}

// browserGrant signs in in a browser, here or on another machine.
func (a *app) browserGrant(ctx context.Context, client *auth.Client, f loginFlags) (auth.Grant, error) {
	c, err := a.config()
	if err != nil {
		return auth.Grant{}, err
	}
	if c.RedirectGuessed() {
		a.note("these are a web application's settings: register %s as an allowed callback URL in Kinde first", c.RedirectURL)
	}
	login, err := client.BeginLogin(ctx, auth.LoginOptions{Create: f.create, AsOther: f.asOther})
	if err != nil {
		return auth.Grant{}, err
	}
	defer login.Close()
	opened := errors.New("not asked to")
	if !f.noBrowser {
		opened = auth.OpenBrowser(login.URL(), c.Browser, a.childEnv())
	}
	why := auth.Headless(a.browserEnv(c))
	switch {
	case opened == nil:
		a.note("sign in in the browser; if none opened, go to")
	case why != "":
		a.note("no browser can be shown here (%s): to sign in, open on any machine", why)
	default:
		if !f.noBrowser {
			a.note("%v", opened)
		}
		a.note("to sign in, open")
	}
	_, _ = fmt.Fprintf(a.Stderr, "\n  %s\n\n", login.URL())
	a.note("waiting until %s; ctrl+c cancels", login.Deadline().Format("15:04"))
	if opened != nil && isTerminal(a.Stdin) {
		a.note("on another machine the last page does not load: paste its address here, and press enter")
		go a.pasteInto(login)
	}
	return a.waitFor(ctx, login)
}

// waitFor waits for the browser to come back, and says after a while what to check
// where it shows an error instead.
func (a *app) waitFor(ctx context.Context, login ui.Login) (auth.Grant, error) {
	advice := time.AfterFunc(ui.AdviceAfter, func() {
		a.note("if the browser shows an error: press ctrl+c, %s", login.Advice())
	})
	defer advice.Stop()
	return login.Wait(ctx)
}

// pasteInto hands pasted addresses to the sign-in until one fits. It ends with
// the process: a read from a terminal cannot be taken back.
func (a *app) pasteInto(login ui.Login) {
	for {
		line, err := a.nextLine()
		if err != nil {
			return
		}
		if err = login.Paste(line); err == nil {
			return
		}
		a.note("%v; paste the whole address", err)
	}
}

// showCode says where to go and what to type there. A terminal that is wide
// enough also gets the address as a QR code.
func (a *app) showCode(device *auth.Device) {
	a.note("to sign in, open this address on any device:")
	_, _ = fmt.Fprintf(a.Stderr, "\n  %s\n\n", device.VerificationURL())
	if out, ok := a.Stderr.(interface{ Fd() uintptr }); ok && isTerminal(out) {
		w, _, _ := term.GetSize(out.Fd()) // 0 where it is not known: no drawing
		for _, line := range ui.QRCode(device.VerificationURL(), w-2) {
			_, _ = fmt.Fprintf(a.Stderr, "  %s\n", line)
		}
		_, _ = fmt.Fprintf(a.Stderr, "\nand enter the code\n\n  \x1b[1m%s\x1b[m\n\n", ui.Spaced(device.Code()))
	} else {
		a.note("and enter the code %s", device.Code())
	}
	a.note("the code is good for %s, until %s; ctrl+c cancels",
		roughly(time.Until(device.Deadline()).Round(time.Second)), device.Deadline().Format("15:04"))
}
