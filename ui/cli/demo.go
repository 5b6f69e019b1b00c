package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

func newDemoCmd(a *app) *cobra.Command {
	var fresh, serve bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try the whole system on this machine, with nothing set up",
		Long: "Run a pretend Kinde, the companion and a pretend InsForge on this machine, and open the\n" +
			"program on them, as Alice or Bob. What you do there is kept for the next time. A second\n" +
			"demo joins the one that runs.",
		Example:     "kindling demo\nkindling demo --serve   # servers only; prints the settings for another kindling",
		Annotations: map[string]string{ownOutput: "it opens the program; give it to a command that runs beside it"},
		Args:        noWords,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runDemo(cmd, fresh, serve)
		},
	}
	c.Flags().BoolVar(&fresh, "fresh", false, "forget what earlier demos kept")
	c.Flags().BoolVar(&serve, "serve", false, "serve without the program, and print the settings")
	return c
}

// demo is the pretend world: its directory, where its servers answer, and the
// locks by which the processes in it know of each other.
type demo struct {
	dir     string
	place   place
	servers *servers // nil while another process serves
	use     *flock.Flock
}

func (a *app) runDemo(cmd *cobra.Command, fresh, serve bool) error {
	c, err := a.readConfig()
	if err != nil {
		return err
	}
	if fresh {
		if err := forgetDemo(c.DataDir); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	a.demo, err = openDemo(ctx, demoDir(c.DataDir), a.Now)
	if err != nil {
		return err
	}
	served := make(chan struct{})
	go func() { defer close(served); a.demo.takeOver(ctx) }()
	defer func() { cancel(); <-served; a.demo.close() }()
	if serve {
		return a.serveDemo(ctx)
	}
	return a.runTUI(cmd, nil)
}

// serveDemo prints where the servers answer, all at once, and serves until it is told to stop.
func (a *app) serveDemo(ctx context.Context) error {
	if _, err := fmt.Fprint(a.Stdout, a.demo.exports(keyringAnswers(ctx))); err != nil {
		return err
	}
	a.note("serving the demo; ctrl+c ends it")
	<-ctx.Done()
	return nil
}

func demoDir(dataDir string) string { return filepath.Join(dataDir, "demo") }

// The lock files of a demo: use is shared by every process of it, serve is held
// by the one whose servers answer.
const (
	demoUse   = "use.lock"
	demoServe = "serve.lock"
)

// lockDemo takes the sole use of the demo's directory.
func lockDemo(dataDir string) (*flock.Flock, error) {
	dir := demoDir(dataDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("lock the demo: %w", err)
	}
	lock := flock.New(filepath.Join(dir, demoUse), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the demo: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("a demo is running%s; end it first", store.Holders(lock.Path()))
	}
	return lock, nil
}

// forgetDemo deletes what earlier demos kept; the lock files stay.
func forgetDemo(dataDir string) error {
	lock, err := lockDemo(dataDir)
	if err != nil {
		return err
	}
	defer lock.Close()
	entries, err := os.ReadDir(demoDir(dataDir))
	for _, e := range entries {
		if e.Name() != demoUse && e.Name() != demoServe {
			err = errors.Join(err, os.RemoveAll(filepath.Join(demoDir(dataDir), e.Name())))
		}
	}
	return err
}

// openDemo starts the servers, or joins the process whose servers run.
func openDemo(ctx context.Context, dir string, now func() time.Time) (*demo, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the demo: %w", err)
	}
	d := &demo{dir: dir, use: flock.New(filepath.Join(dir, demoUse), flock.SetPermissions(0o600))}
	shared, err := d.use.TryRLock()
	if err != nil || !shared {
		return nil, errors.Join(errors.New("open the demo: another process is clearing it"), err)
	}
	if err := d.startOrJoin(ctx, now); err != nil {
		_ = d.use.Close()
		return nil, err
	}
	return d, nil
}

// joinTime is how long a starting server may take to answer.
const joinTime = 10 * time.Second

func (d *demo) startOrJoin(ctx context.Context, now func() time.Time) error {
	lock := flock.New(filepath.Join(d.dir, demoServe), flock.SetPermissions(0o600))
	for end := time.Now().Add(joinTime); ; {
		held, err := lock.TryLock()
		if err != nil {
			return fmt.Errorf("open the demo: %w", err)
		}
		if held {
			d.servers, err = startServers(ctx, d.dir, lock, now)
			if err == nil {
				d.place = d.servers.place
			}
			return err
		}
		if d.place, err = readPlace(d.dir); err == nil && d.place.answers(ctx) {
			return nil
		}
		if time.Now().After(end) {
			return errors.New("join the demo: another process has it, but its servers do not answer; end that process")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// takeOver serves on, at the same addresses, when the process that served ends
// before this one.
func (d *demo) takeOver(ctx context.Context) {
	if d.servers != nil {
		return
	}
	lock := flock.New(filepath.Join(d.dir, demoServe), flock.SetPermissions(0o600))
	held, err := lock.TryLockContext(ctx, 500*time.Millisecond)
	if err != nil || !held {
		return
	}
	s, err := startServers(ctx, d.dir, lock, time.Now)
	if err != nil {
		_ = lock.Close()
		return
	}
	<-ctx.Done()
	s.close()
}

func (d *demo) close() {
	if d.servers != nil {
		d.servers.close()
	}
	_ = d.use.Close()
}

// configure points a configuration at the demo: its looks stay the person's.
func (d *demo) configure(c config.Config, account string) config.Config {
	return config.Config{
		Issuer: d.place.issuer(), ClientID: demoClient, DeviceClientID: demoDeviceClient,
		RedirectURL: d.place.callback(), InsForgeURL: d.place.project(),
		CompanionURL: d.place.companion(), AnonKey: demoAnonKey, Keyring: demoVault,
		Account: account, Browser: c.Browser, Log: c.Log, UI: c.UI,
		ConfigDir: c.ConfigDir, DataDir: d.dir, StateDir: c.StateDir,
	}
}

// exports is the environment that points another kindling here. Where no
// keyring answers, it also names a vault that needs none.
func (d *demo) exports(keyring bool) string {
	text := fmt.Sprintf("export KINDE_ISSUER_URL=%s\nexport KINDE_CLIENT_ID=%s\nexport KINDE_DEVICE_CLIENT_ID=%s\n"+
		"export KINDE_REDIRECT_URL=%s\nexport INSFORGE_URL=%s\nexport KINDLING_COMPANION_URL=%s\nexport NEXT_PUBLIC_INSFORGE_ANON_KEY=%s\n",
		d.place.issuer(), demoClient, demoDeviceClient, d.place.callback(), d.place.project(), d.place.companion(), demoAnonKey)
	if !keyring {
		text += "export KINDLING_KEYRING=file\nexport KINDLING_KEYRING_PASSPHRASE=pretend\n"
	}
	return text
}

func keyringAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return auth.Probe(ctx, auth.NewOSVault(vaultService)) == nil
}
