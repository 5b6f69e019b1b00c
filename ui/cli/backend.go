package cli

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
	"kindling/store"
	"kindling/ui"
	"kindling/ui/cli/config"
)

// backend is the app as the program's screens reach it.
type backend struct {
	app      *app
	mu       sync.Mutex // guards what follows
	settings config.Config
	aside    []string // caches that were set aside, and ""
}

var _ ui.Backend = (*backend)(nil)

// Accounts implements ui.Backend.
func (b *backend) Accounts(context.Context) ([]auth.Account, string, error) {
	accounts, err := b.app.accounts()
	if err != nil {
		return nil, "", err
	}
	return accounts.List()
}

// Open implements ui.Backend.
func (b *backend) Open(ctx context.Context, name string) (ui.Todos, error) {
	acc, err := b.app.accountNamed(name)
	if err != nil {
		return nil, err
	}
	todos, err := b.app.openAccount(ctx, acc, b.app.flags.sync == "no", nil)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.aside = append(b.aside, todos.SetAside())
	b.mu.Unlock()
	return &openTodos{todos, func() string { return cmp.Or(b.app.warningOf(acc), b.app.endOf(ctx, acc)) }}, nil
}

// openTodos are an account's todos, and what its session has to say. It is used by
// pointer: screens compare which todos an answer is about.
type openTodos struct {
	*store.Store
	warning func() string
}

// Warning is one line about something that works but will not last, or "".
func (o *openTodos) Warning() string { return o.warning() }

// Switch implements ui.Backend.
func (b *backend) Switch(_ context.Context, name string) error {
	accounts, err := b.app.accounts()
	if err != nil {
		return err
	}
	return accounts.Switch(name)
}

// BeginLogin implements ui.Backend.
func (b *backend) BeginLogin(ctx context.Context, o auth.LoginOptions) (ui.Login, error) {
	client, err := b.app.signInClient(ctx)
	if err != nil {
		return nil, err
	}
	login, err := client.BeginLogin(ctx, o)
	if err != nil {
		return nil, err
	}
	return login, nil
}

// BeginDevice implements ui.Backend.
func (b *backend) BeginDevice(ctx context.Context) (ui.Device, error) {
	client, err := b.app.signInClient(ctx)
	if err != nil {
		return nil, err
	}
	device, err := client.BeginDevice(ctx)
	if err != nil {
		return nil, err
	}
	return device, nil
}

// OpenBrowser implements ui.Backend.
func (b *backend) OpenBrowser(url string) error {
	c, err := b.app.config()
	if err != nil {
		return err
	}
	return auth.OpenBrowser(url, c.Browser, b.app.childEnv())
}

// Keep implements ui.Backend.
func (b *backend) Keep(ctx context.Context, name string, g auth.Grant) (auth.Account, error) {
	accounts, err := b.app.accounts()
	if err != nil {
		return auth.Account{}, err
	}
	return accounts.Keep(ctx, name, g)
}

// LogOut implements ui.Backend. Unsent changes count in every project, and are
// ui.Unsent until force gives them up.
func (b *backend) LogOut(ctx context.Context, name string, force bool) error {
	acc, err := b.app.accountNamed(name)
	if err != nil {
		return err
	}
	mayLose := func(unsent map[string]store.Status) error {
		total := 0
		for _, s := range unsent {
			total += s.Unsent()
		}
		return ui.Unsent(total)
	}
	if force {
		mayLose = nil
	}
	return b.app.signOut(ctx, acc, mayLose)
}

// LogoutURL is where the browser's own session at Kinde ends.
func (b *backend) LogoutURL(ctx context.Context) string {
	client, err := b.app.client()
	if err != nil || b.app.demo != nil { // the pretend Kinde's sessions trouble nobody
		return ""
	}
	return client.LogoutURL(ctx)
}

// endTime is how long a program that was started from here may take to end in order.
const endTime = 10 * time.Second

// Command is this program, with other arguments: the welcome starts the demo or
// the setup with it. A terminal that closes tells the first program on it alone,
// which passes that on.
func (b *backend) Command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		self = "kindling"
	}
	cmd := exec.CommandContext(b.app.ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it ends in order, too
	cmd.WaitDelay = endTime                                               // Windows has no such signal
	cmd.Env = b.app.Environ
	return cmd
}

// SaveSettings implements ui.Backend.
func (b *backend) SaveSettings(_ context.Context, s ui.Settings) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.settings.SaveUI(s)
}

// Isolation implements ui.Backend.
func (b *backend) Isolation(ctx context.Context, as, other string, plant bool) iter.Seq2[store.Attack, error] {
	probe, err := b.app.probe(ctx, as, other)
	if err != nil {
		return func(yield func(store.Attack, error) bool) { yield(store.Attack{}, err) }
	}
	probe.Plant = plant
	if d := b.app.demo; d != nil { // the pretend project's secret is at hand
		probe.Mint = mintWith([]byte(d.place.Secret), b.app.Now)
	}
	return probe.Run(ctx)
}

// TryOne implements ui.Backend.
func (b *backend) TryOne(ctx context.Context, as, other string, t store.Todo) iter.Seq2[store.Attack, error] {
	probe, err := b.app.probe(ctx, as, other)
	if err != nil {
		return func(yield func(store.Attack, error) bool) { yield(store.Attack{}, err) }
	}
	return probe.TryOne(ctx, t)
}

// PretendUsers implements ui.Backend.
func (b *backend) PretendUsers() []string {
	if b.app.demo == nil {
		return nil
	}
	return []string{"Alice", "Bob"}
}

// Pretend implements ui.Backend.
func (b *backend) Pretend(ctx context.Context, loginURL, user string) error {
	callback, err := demoidp.Choose(ctx, http.DefaultClient, loginURL, user)
	if err != nil {
		return err
	}
	_, err = fetch(ctx, http.MethodGet, callback, "", "")
	return err
}

// probe is the isolation probe between two signed-in accounts.
func (a *app) probe(ctx context.Context, as, other string) (store.Probe, error) {
	c, err := a.project()
	if err != nil {
		return store.Probe{}, err
	}
	first, err := a.accountNamed(cmp.Or(as, c.Account))
	if err != nil {
		return store.Probe{}, err
	}
	second, err := a.accountNamed(other)
	if err != nil {
		return store.Probe{}, err
	}
	if first.Sub == second.Sub {
		return store.Probe{}, usagef("the probe needs two different people: name them with --as and --other")
	}
	return store.Probe{
		BaseURL: c.InsForgeURL, As: a.tokens(first), Other: a.tokens(second),
		AsSub: first.Sub, OtherSub: second.Sub, AnonKey: c.AnonKey, KindeToken: a.kindeToken(ctx, first),
	}, nil
}

// kindeToken is the account's own Kinde token, which the project must refuse; ""
// where there is none: that attack then stays untested.
func (a *app) kindeToken(ctx context.Context, acc auth.Account) string {
	s, err := a.session(acc)
	if err != nil {
		return ""
	}
	token, err := s.KindeToken(ctx)
	if err != nil {
		return ""
	}
	return token.Reveal()
}
