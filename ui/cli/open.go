package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

// How the data directory is laid out: accounts/ has the list and auth's locks;
// todos/ has a directory for each person and project, with the cache and a file
// that names the project.
func accountsDir(c config.Config) string { return filepath.Join(c.DataDir, "accounts") }

const projectFile = "project"

func todosDir(c config.Config) string { return filepath.Join(c.DataDir, "todos") }

func cacheDir(c config.Config, acc auth.Account) string {
	return filepath.Join(todosDir(c), auth.DataID(acc, c.InsForgeURL))
}

// account returns the one this command acts as: --account, KINDLING_ACCOUNT, or
// the current one.
func (a *app) account() (auth.Account, error) {
	c, err := a.config()
	if err != nil {
		return auth.Account{}, err
	}
	return a.accountNamed(c.Account)
}

// accountNamed returns the account kept under name; "" is the current one.
func (a *app) accountNamed(name string) (auth.Account, error) {
	accounts, err := a.accounts()
	if err != nil {
		return auth.Account{}, err
	}
	all, current, err := accounts.List()
	if err != nil {
		return auth.Account{}, err
	}
	if name == "" {
		name = current
	}
	at := slices.IndexFunc(all, func(acc auth.Account) bool { return acc.Name == name })
	switch {
	case at >= 0:
		return all[at], nil
	case len(all) == 0 || name == "":
		return auth.Account{}, a.nobody()
	}
	return auth.Account{}, notFoundf("no account is kept under %q: kindling accounts lists them", name)
}

// openTodos opens the todos that this command works on.
func (a *app) openTodos(ctx context.Context) (*store.Store, error) {
	acc, err := a.account()
	if err != nil {
		return nil, err
	}
	return a.openFor(ctx, acc)
}

// openToRead is openTodos for a command that reads: it brings them up to date when
// --sync=wait asks for it, and says how old the answer is when it is over a minute.
func (a *app) openToRead(ctx context.Context) (*store.Store, error) {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.refresh(ctx, todos); err != nil {
		return nil, errors.Join(err, todos.Close())
	}
	return todos, nil
}

// openFor opens an account for a command, which says when its cache began anew.
func (a *app) openFor(ctx context.Context, acc auth.Account) (*store.Store, error) {
	todos, err := a.openAccount(ctx, acc, a.flags.sync == "no", a.progress())
	if err == nil {
		a.noteAside(todos.SetAside())
	}
	return todos, err
}

// noteAside says where a cache was set aside, "" for none.
func (a *app) noteAside(path string) {
	if path == "" {
		return
	}
	a.warn("the cache could not be read: it was set aside as " + path + ", and a new one begins with what of the unsent changes could be saved")
}

// openAccount opens the cache of one account. A local one has no tokens at all. tell
// is told how far a long change is.
func (a *app) openAccount(ctx context.Context, acc auth.Account, local bool, tell func(store.Progress)) (*store.Store, error) {
	c, err := a.project()
	if err != nil {
		return nil, err
	}
	accounts, err := a.accounts()
	if err != nil {
		return nil, err
	}
	dir := cacheDir(c, acc)
	key, err := accounts.CacheKey(ctx, acc, c.InsForgeURL, true)
	if err != nil {
		return nil, err
	}
	if err := nameProject(dir, c.InsForgeURL); err != nil {
		return nil, err
	}
	o := store.Options{Dir: dir, Key: key, Sub: acc.Sub, BaseURL: c.InsForgeURL, Now: a.Now, Progress: tell}
	if !local {
		o.Tokens = a.tokens(acc)
	}
	todos, err := store.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := a.stillKept(acc); err != nil {
		return nil, errors.Join(err, todos.Close())
	}
	return todos, nil
}

// stillKept refuses an account that another process signed out before its cache
// was open here: what is written there now would have no key tomorrow.
func (a *app) stillKept(acc auth.Account) error {
	accounts, err := a.accounts()
	if err != nil {
		return err
	}
	all, _, err := accounts.List()
	same := func(kept auth.Account) bool { return kept.Issuer == acc.Issuer && kept.Sub == acc.Sub }
	if err == nil && !slices.ContainsFunc(all, same) {
		err = signInf("%s was signed out meanwhile: run kindling login", acc.Name)
	}
	return err
}

// nameProject keeps the project's address beside its cache, for status.
func nameProject(dir, address string) error {
	path := filepath.Join(dir, projectFile)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the cache's directory: %w", err)
	}
	if err := os.WriteFile(path, []byte(address+"\n"), 0o600); err != nil {
		return fmt.Errorf("name the cache's project: %w", err)
	}
	return nil
}

// tryTime is how long a change waits for the server by default.
const tryTime = 3 * time.Second

// Why not everything was sent: the time was over, or somebody ended the wait.
var (
	errSlow = errors.New("3 seconds were not enough: kindling sync sends the rest")
	errLeft = errors.New("the wait was ended: kindling sync sends the rest")
)

// change saves a step and then syncs as --sync says. The change is done when it
// is saved: what becomes of it at the server is told on stderr.
func (a *app) change(ctx context.Context, todos *store.Store, step store.Step) error {
	if len(step.Ops) == 0 {
		return nil
	}
	err := todos.Save(ctx, step)
	a.wipeProgress()
	if err != nil {
		return err
	}
	a.log.Info("saved", "ops", len(step.Ops))
	a.send(ctx, todos)
	return nil
}

// send pushes what waits, within the time that --sync gives.
func (a *app) send(ctx context.Context, todos *store.Store) {
	o := store.SyncOptions{PushOnly: true}
	switch a.flags.sync {
	case "no":
		a.noteWaiting(ctx, todos, nil)
		return
	case "wait":
		o.Wait = true
	default:
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, tryTime)
		defer cancel()
	}
	_, err := a.syncNow(ctx, todos, o)
	switch ended := ctx.Err(); {
	case errors.Is(ended, context.DeadlineExceeded):
		err = errSlow
	case ended != nil:
		err = errLeft
	}
	a.noteWaiting(context.WithoutCancel(ctx), todos, err)
}

// nobody is the error where no account is signed in, with the step that comes first.
func (a *app) nobody() error {
	c, err := a.config()
	switch {
	case err == nil && !c.Configured():
		return signInf("nobody is signed in, and no project is connected: run kindling setup, or try kindling demo")
	case err == nil && c.Keyring == "memory":
		return signInf("KINDLING_KEYRING=memory keeps a sign-in only inside the running program, which no command sees: sign in and work in kindling itself, or set it to os or file")
	}
	return signInf("nobody is signed in: run kindling login")
}

// noteWaiting says in one line what is not yet at the server, and why.
func (a *app) noteWaiting(ctx context.Context, todos *store.Store, cause error) {
	s, err := todos.Status(ctx)
	if err != nil || s.Waiting == 0 {
		return
	}
	why := ""
	switch {
	case cause == nil:
	case errors.Is(cause, store.ErrBusy):
		why = "; another kindling is sending"
	case needsSignIn(cause):
		why = "; sign in to send " + them(s.Waiting) + ": kindling login"
	case errors.Is(cause, store.ErrOffline):
		why = "; offline"
	default:
		why = "; " + cause.Error() + nextStep(cause)
	}
	a.note("saved here, %s waiting to be sent%s", count(s.Waiting, "change"), why)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// refresh syncs where --sync=wait asks for it, and says how old the cache is.
func (a *app) refresh(ctx context.Context, todos *store.Store) error {
	if a.flags.sync == "wait" {
		if _, err := a.syncNow(ctx, todos, store.SyncOptions{Wait: true}); err != nil {
			return err
		}
	}
	s, err := todos.Status(ctx)
	if err != nil {
		return err
	}
	switch age := a.Now().Sub(s.LastSync); {
	case s.LastSync.IsZero():
		a.note("never synced yet: run kindling sync")
	case age > time.Minute:
		a.note("synced %s ago", roughly(age))
	}
	return nil
}

// projectsOf lists the caches of one person: directory and project.
func projectsOf(c config.Config, acc auth.Account) (map[string]string, error) {
	entries, err := os.ReadDir(todosDir(c))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list caches: %w", err)
	}
	dirs := map[string]string{}
	for _, e := range entries {
		dir := filepath.Join(todosDir(c), e.Name())
		address, err := os.ReadFile(filepath.Join(dir, projectFile))
		project := strings.TrimSpace(string(address))
		if err == nil && auth.DataID(acc, project) == e.Name() {
			dirs[dir] = project
		}
	}
	return dirs, nil
}
