package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

func newStatusCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Account, project, last sync, what waits, where secrets live",
		Long: fmt.Sprintf("Account, project, last sync, what waits, where secrets live. All changes that are not at the\n"+
			"server are counted, and the first %d listed (with --json the first %d, and pending_more says how\n"+
			"many there are beside them): refused ones and conflicts, then what waits, oldest first.", pendingShown, pendingListed),
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.status(cmd.Context()) },
	}
}

// statusJSON is what status tells.
type statusJSON struct {
	Account   string        `json:"account"`
	Email     string        `json:"email"`
	Issuer    string        `json:"issuer"`
	Project   string        `json:"project"`
	DevMode   bool          `json:"dev_mode"`
	Secrets   string        `json:"secrets"`  // os, file or memory
	Settings  string        `json:"settings"` // the path of config.toml
	Warning   *string       `json:"warning"`  // of a sign-in that will end
	Open      int           `json:"open"`
	Completed int           `json:"completed"`
	LastSync  *string       `json:"last_sync"`
	Waiting   int           `json:"waiting"`
	Unknown   int           `json:"unknown"`
	Parked    int           `json:"parked"`
	Conflicts int           `json:"conflicts"`
	Drafts    int           `json:"drafts"`
	LastError *string       `json:"last_error"`
	Pending   []pendingJSON `json:"pending"`
	More      int           `json:"pending_more"` // that pending does not list
	Elsewhere []unsentJSON  `json:"elsewhere"`    // unsent changes to other projects
}

// pendingJSON is one change that is not at the server.
type pendingJSON struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Attempts int    `json:"attempts"`
}

type unsentJSON struct {
	Project string `json:"project"`
	Unsent  int    `json:"unsent"`
}

func (a *app) status(ctx context.Context) error {
	acc, err := a.account()
	if err != nil {
		return err
	}
	todos, err := a.openFor(ctx, acc)
	if err != nil {
		return err
	}
	defer todos.Close()
	if err := a.refresh(ctx, todos); err != nil {
		return err
	}
	out, err := a.statusOf(ctx, acc, todos)
	if err != nil {
		return err
	}
	if !a.forPeople() {
		return a.printValue(out)
	}
	return a.printStatus(out)
}

func (a *app) statusOf(ctx context.Context, acc auth.Account, todos *store.Store) (statusJSON, error) {
	c, err := a.project()
	if err != nil {
		return statusJSON{}, err
	}
	s, err := todos.Status(ctx)
	if err != nil {
		return statusJSON{}, err
	}
	out := statusJSON{
		Account: acc.Name, Email: acc.Email, Issuer: acc.Issuer, Project: c.InsForgeURL,
		DevMode: !c.JWTSecret.IsZero(), Secrets: c.Keyring, Settings: c.Path(),
		Open: s.Open, Completed: s.Completed, Waiting: s.Waiting, Unknown: s.Unknown, Parked: s.Parked,
		Conflicts: s.Conflicts, Drafts: s.Drafts, Pending: []pendingJSON{}, Elsewhere: []unsentJSON{},
	}
	if !s.LastSync.IsZero() {
		out.LastSync = new(s.LastSync.UTC().Format(time.RFC3339))
	}
	if s.LastError != "" {
		out.LastError = &s.LastError
	}
	if w := a.endOf(ctx, acc); w != "" {
		out.Warning = &w
	}
	if err := a.addPending(ctx, &out, todos); err != nil {
		return out, err
	}
	return out, a.addElsewhere(ctx, &out, c, acc)
}

// pendingShown is how many changes that are not at the server people see at
// once, and pendingListed how many a script does.
const (
	pendingShown  = 20
	pendingListed = 100
)

func (a *app) addPending(ctx context.Context, out *statusJSON, todos *store.Store) error {
	n := pendingShown
	if !a.forPeople() {
		n = pendingListed
	}
	pending, more, err := todos.OutboxHead(ctx, n)
	for _, p := range pending {
		out.Pending = append(out.Pending, pendingJSON{p.Op.ID.String(), titleOf(p.Op), p.State, p.Reason, p.Attempts})
	}
	out.More = more
	return err
}

// titleOf is the text that a change is known by.
func titleOf(op store.Op) string {
	if op.Kind == store.Delete {
		return op.Base.Title
	}
	return op.Want.Title
}

// endOf is one line where an account's sign-in will end for good, or "".
func (a *app) endOf(ctx context.Context, acc auth.Account) string {
	accounts, err := a.accounts()
	if err != nil {
		return ""
	}
	return accounts.Warning(ctx, acc)
}

// addElsewhere names every other project whose outbox still holds something.
func (a *app) addElsewhere(ctx context.Context, out *statusJSON, c config.Config, acc auth.Account) error {
	dirs, err := projectsOf(c, acc)
	if err != nil {
		return err
	}
	for dir, project := range dirs {
		if project == c.InsForgeURL {
			continue
		}
		n, err := a.unsentIn(ctx, acc, dir, project)
		if err != nil {
			a.note("%s could not be looked at: %v", project, err)
			continue
		}
		if n > 0 {
			out.Elsewhere = append(out.Elsewhere, unsentJSON{project, n})
		}
	}
	return nil
}

// unsentIn counts what only this machine has, in one cache.
func (a *app) unsentIn(ctx context.Context, acc auth.Account, dir, project string) (int, error) {
	accounts, err := a.accounts()
	if err != nil {
		return 0, err
	}
	key, err := accounts.CacheKey(ctx, acc, project, false)
	if err != nil {
		return 0, err
	}
	todos, err := store.Open(ctx, store.Options{Dir: dir, Key: key, Sub: acc.Sub, BaseURL: project, Now: a.Now})
	if err != nil {
		return 0, err
	}
	defer todos.Close()
	a.noteAside(todos.SetAside())
	s, err := todos.Status(ctx)
	return s.Unsent(), err
}

func (a *app) printStatus(s statusJSON) error {
	p := a.palette()
	var err error
	line := func(name, format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(a.Stdout, "%s %s\n", p.faint(fmt.Sprintf("%-10s", name)), printable(fmt.Sprintf(format, args...)))
		}
	}
	line("account", "%s", who(auth.Account{Name: s.Account, Email: s.Email}))
	if s.Warning != nil {
		line("", "%s", *s.Warning)
	}
	line("project", "%s", s.Project)
	if s.DevMode {
		line("", "development: INSFORGE_JWT_SECRET signs here; it is the keys to the whole database")
	}
	line("secrets", "%s", secretsText(s.Secrets))
	line("settings", "%s", s.Settings)
	line("todos", "%d open, %d done", s.Open, s.Completed)
	line("synced", "%s", a.syncedText(s.LastSync))
	unknown := ""
	if s.Unknown > 0 {
		unknown = fmt.Sprintf(" (%d tried, with unknown outcome)", s.Unknown)
	}
	line("waiting", "%d%s", s.Waiting, unknown)
	line("conflicts", "%d%s", s.Conflicts, ifAny(s.Conflicts, ": kindling conflicts shows both sides"))
	line("refused", "%d%s", s.Parked, ifAny(s.Parked, ": kindling parked lists them, to retry or discard"))
	if s.Drafts > 0 {
		line("unsaved", "%s: kindling goes on with the text", count(s.Drafts, "draft"))
	}
	if s.LastError != nil {
		line("last error", "%s", *s.LastError)
	}
	for _, e := range s.Pending {
		line("  "+e.State, "%s", strings.TrimSpace(e.Title+"  "+e.Reason))
	}
	if s.More > 0 {
		line("", "and %d more", s.More)
	}
	for _, e := range s.Elsewhere {
		line("elsewhere", "%s not sent to %s", count(e.Unsent, "change"), e.Project)
	}
	return err
}

func ifAny(n int, text string) string {
	if n == 0 {
		return ""
	}
	return text
}

func secretsText(kind string) string {
	return map[string]string{
		"os": "the system's keyring", "file": "an encrypted file with a passphrase", "memory": "memory, until the program ends",
	}[kind]
}

func (a *app) syncedText(at *string) string {
	if at == nil {
		return "never"
	}
	t, err := time.Parse(time.RFC3339, *at)
	if err != nil {
		return *at
	}
	return roughly(a.Now().Sub(t)) + " ago"
}
