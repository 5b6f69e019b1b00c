package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charmbracelet/x/term"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/store"
	"kindling/ui/cli/config"
)

// app is one run of the program. Everything in it is made when it is first
// needed: a command that stays local reads the configuration, the list of
// accounts and the cache's key, and no token.
type app struct {
	Process
	ctx   context.Context // of the whole run
	in    *bufio.Reader   // Stdin, read until the run ends
	flags struct {
		account, envFile string
		sync             syncMode
		insecure         bool
		accessible       bool

		json, ndjson, plain bool // what programs read
	}
	typedAs     string // the command, for its help
	started     bool   // a command's work began
	failed      error  // how that ended
	noQuestions bool   // where a person waits for a completion, nothing is asked
	log         *slog.Logger
	logFile     *os.File
	temporary   *temporary  // nil unless the vault is memory
	sessions    sync.Map    // *auth.Session by account name: those that gave tokens
	warned      []string    // what the person was warned of already
	progressing atomic.Bool // the terminal shows a line of progress
	demo        *demo       // set while the demo runs: its settings and directories replace all others

	opened atomic.Pointer[auth.Accounts] // by accounts, nil before

	config   func() (config.Config, error)
	vault    func() (auth.Vault, error)
	accounts func() (*auth.Accounts, error)
}

func newApp(ctx context.Context, p Process) *app {
	if p.Now == nil {
		p.Now = time.Now
	}
	a := &app{Process: p, ctx: ctx, in: newInput(ctx, p.Stdin), log: slog.New(slog.DiscardHandler)}
	a.config = sync.OnceValues(a.loadConfig)
	a.vault = sync.OnceValues(a.openVault)
	a.accounts = sync.OnceValues(a.openAccounts)
	return a
}

// settle waits until every renewed sign-in is kept. What came of it is told after.
func (a *app) settle() {
	if accounts := a.opened.Load(); accounts != nil {
		late := time.AfterFunc(time.Second, func() { a.note("keeping the renewed sign-in, a moment…") })
		defer late.Stop()
		accounts.Close()
	}
}

func (a *app) close() {
	if a.logFile != nil {
		_ = a.logFile.Close()
	}
	if a.temporary != nil {
		_ = a.temporary.remove()
	}
}

func (a *app) loadConfig() (config.Config, error) {
	c, err := a.readConfig()
	if err != nil {
		return c, err
	}
	if a.demo != nil {
		c = a.demo.configure(c, a.flags.account)
	} else if c.Keyring == "memory" {
		if a.temporary, err = newTemporary(os.TempDir(), memoryRuns); err != nil {
			return c, err
		}
		c.DataDir = a.temporary.dir
	}
	_ = sweepTemporary(editing(c.StateDir), "*") // the next start tries again
	return c, a.openLog(c)
}

func (a *app) readConfig() (config.Config, error) {
	flags := map[string]string{"KINDLING_ACCOUNT": a.flags.account}
	if a.flags.accessible {
		flags["KINDLING_ACCESSIBLE"] = "1"
	}
	return config.Load(config.Input{
		Getenv:       a.Getenv,
		EnvFile:      a.flags.envFile,
		Flags:        flags,
		InsecureHTTP: a.flags.insecure,
	})
}

// project returns the configuration when it says where the todos are.
func (a *app) project() (config.Config, error) {
	c, err := a.config()
	if err == nil && c.InsForgeURL == "" {
		err = errors.New("no project is configured: run kindling setup, or kindling demo to try it")
	}
	return c, err
}

func (a *app) openAccounts() (*auth.Accounts, error) {
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	accounts := auth.OpenAccounts(accountsDir(c), lateVault{a})
	a.opened.Store(accounts)
	return accounts, nil
}

// lateVault opens the vault when a secret is asked for: the list of accounts
// is a plain file, and reading it needs no keyring and no passphrase.
type lateVault struct{ a *app }

func (l lateVault) Get(ctx context.Context, name string) ([]byte, error) {
	v, err := l.a.vault()
	if err != nil {
		return nil, err
	}
	return v.Get(ctx, name)
}

func (l lateVault) Set(ctx context.Context, name string, value []byte) error {
	v, err := l.a.vault()
	if err != nil {
		return err
	}
	return v.Set(ctx, name, value)
}

func (l lateVault) Delete(ctx context.Context, name string) error {
	v, err := l.a.vault()
	if err != nil {
		return err
	}
	return v.Delete(ctx, name)
}

func (l lateVault) Kind() string {
	c, err := l.a.config()
	if err != nil {
		return ""
	}
	return c.Keyring
}

// client speaks to the configured issuer.
func (a *app) client() (*auth.Client, error) {
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	if missing := c.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("not configured: set %s, or run kindling setup", strings.Join(missing, ", "))
	}
	return auth.NewClient(authConfig(c)), nil
}

func authConfig(c config.Config) auth.Config {
	return auth.Config{
		Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, RedirectURL: c.RedirectURL,
		Audience: c.Audience, OrgCode: c.OrgCode, DeviceClientID: c.DeviceClientID, InsecureHTTP: c.InsecureHTTP,
	}
}

// session opens the tokens of an account. An account belongs to the issuer it
// was signed in at, whatever the configuration says since.
func (a *app) session(acc auth.Account) (*auth.Session, error) {
	c, err := a.project()
	if err != nil {
		return nil, err
	}
	accounts, err := a.accounts()
	if err != nil {
		return nil, err
	}
	minter, err := a.minter(c, acc)
	if err != nil {
		return nil, err
	}
	ac := authConfig(c)
	ac.Issuer, ac.ClientID = acc.Issuer, cmp.Or(c.ClientID, acc.ClientID)
	s := accounts.Session(acc, auth.NewClient(ac), c.InsForgeURL, minter)
	a.sessions.Store(acc.Name, s)
	return s, nil
}

// warningOf is what an account's session has to say, "" for nothing.
func (a *app) warningOf(acc auth.Account) string {
	if s, ok := a.sessions.Load(acc.Name); ok {
		return s.(*auth.Session).Warning()
	}
	return ""
}

// noteWarnings tells what the sessions of this run have to say.
func (a *app) noteWarnings() {
	for _, s := range a.sessions.Range {
		a.warn(s.(*auth.Session).Warning())
	}
}

// warn tells a warning once.
func (a *app) warn(text string) {
	if text != "" && !slices.Contains(a.warned, text) {
		a.warned = append(a.warned, text)
		a.note("warning: %s", text)
	}
}

// minter asks the companion, or signs here in dev mode.
func (a *app) minter(c config.Config, acc auth.Account) (auth.Minter, error) {
	if c.JWTSecret.IsZero() {
		return auth.NewCompanion(c.CompanionURL, nil), nil
	}
	cc := companionConfig(c)
	cc.Issuer, cc.Clients = acc.Issuer, append(cc.Clients, acc.ClientID)
	cc.Log, cc.Now = a.log, a.Now
	return companion.NewSigner(cc)
}

func companionConfig(c config.Config) companion.Config {
	var clients []string
	for _, id := range append([]string{c.ClientID, c.DeviceClientID}, c.AllowedClients...) {
		if id != "" {
			clients = append(clients, id)
		}
	}
	return companion.Config{
		Issuer: c.Issuer, Clients: clients, Audience: c.Audience, Secret: c.JWTSecret, InsecureHTTP: c.InsecureHTTP,
	}
}

// lateTokens makes the session at the first request to the project.
type lateTokens struct {
	source func() (store.TokenSource, error)
}

func (a *app) tokens(acc auth.Account) store.TokenSource {
	return lateTokens{sync.OnceValues(func() (store.TokenSource, error) {
		s, err := a.session(acc)
		if err != nil {
			return nil, err
		}
		return a.Connect(s), nil
	})}
}

// Token implements store.TokenSource.
func (l lateTokens) Token(ctx context.Context, rejected string) (string, error) {
	s, err := l.source()
	if err != nil {
		return "", err
	}
	return s.Token(ctx, rejected)
}

// isTerminal reports whether people read or write there.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}

// note tells the person something on stderr, in one line.
func (a *app) note(format string, args ...any) {
	_, _ = fmt.Fprintln(a.Stderr, printable(fmt.Sprintf(format, args...)))
}
