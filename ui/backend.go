package ui

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
)

// Todos is what the screens need of one open account. *store.Store is one.
// Everything here may block: it is called in commands, never in Update or View.
type Todos interface {
	Window(ctx context.Context, n int) ([]store.Item, error)
	All(ctx context.Context) iter.Seq2[store.Item, error]
	Rev(ctx context.Context) (store.Rev, error)
	Changes(ctx context.Context, since store.Rev) (store.Delta, error)
	Watch(ctx context.Context) <-chan struct{}
	Save(ctx context.Context, step store.Step) error
	Undo(ctx context.Context) (store.Step, error)
	Redo(ctx context.Context) (store.Step, error)
	Sync(ctx context.Context, o store.SyncOptions) (store.Report, error)
	Status(ctx context.Context) (store.Status, error)
	Short(ctx context.Context, id uuid.UUID) (string, error)
	Conflicts(ctx context.Context) ([]store.Conflict, error)
	Resolve(ctx context.Context, id uuid.UUID, c store.Choice) error
	Outbox(ctx context.Context) ([]store.Pending, error)
	Retry(ctx context.Context, id uuid.UUID) error
	Discard(ctx context.Context, id uuid.UUID) error
	Vanished(ctx context.Context) ([]store.Vanished, error)
	Restore(ctx context.Context, id uuid.UUID) error
	Drafts(ctx context.Context) (map[uuid.UUID]string, error)
	SaveDraft(ctx context.Context, id uuid.UUID, text string) error
	Close() error
}

// Login is a sign-in under way. *auth.Login is one.
type Login interface {
	URL() string
	RedirectURL() string
	Deadline() time.Time
	Advice() string // what to check where the browser shows an error
	Paste(redirectURL string) error
	Wait(ctx context.Context) (auth.Grant, error)
	Close()
}

// Device is a sign-in by code under way.
type Device interface {
	Code() string
	VerificationURL() string // with the code in it where the issuer offers that
	Deadline() time.Time
	Wait(ctx context.Context) (auth.Grant, error)
}

// Backend is everything else the program reaches: accounts, sign-in, settings.
// Everything here may block.
type Backend interface {
	Accounts(ctx context.Context) (all []auth.Account, current string, err error)
	Open(ctx context.Context, name string) (Todos, error)
	Switch(ctx context.Context, name string) error
	BeginLogin(ctx context.Context, o auth.LoginOptions) (Login, error)
	BeginDevice(ctx context.Context) (Device, error)
	OpenBrowser(url string) error
	Keep(ctx context.Context, name string, g auth.Grant) (auth.Account, error)
	LogOut(ctx context.Context, name string, force bool) error // store.ErrInUse while another process has it open
	SaveSettings(ctx context.Context, s Settings) error
	Isolation(ctx context.Context, as, other string, plant bool) iter.Seq2[store.Attack, error]
	// TryOne attacks one todo of other as as, step by step, and harms nothing.
	TryOne(ctx context.Context, as, other string, t store.Todo) iter.Seq2[store.Attack, error]
	// PretendUsers names the demo's people, nil outside the demo; Pretend finishes
	// a login as one of them by the requests a browser would make.
	PretendUsers() []string
	Pretend(ctx context.Context, loginURL, user string) error
}

// Facts are what every screen may have to say about where it runs.
type Facts struct {
	Project  string // the project's host, as the header shows it
	Demo     bool
	DevMode  bool   // INSFORGE_JWT_SECRET signs here: the keys to the whole database
	Insecure bool   // http to something that is not loopback
	Vault    string // os, file, memory or demo
	Headless string // why no browser can be shown here ("SSH"), or ""
	Version  string
	Warnings []string // one line each
}

// Settings are what the settings screen changes and the configuration keeps.
type Settings struct {
	Theme      string              `toml:"theme,omitempty"`
	Group      string              `toml:"group,omitempty"` // none, due, project, priority, context
	Sort       string              `toml:"sort,omitempty"`  // created, title, due, priority
	Show       string              `toml:"show,omitempty"`  // open, all, done
	Mouse      bool                `toml:"mouse"`
	Links      bool                `toml:"links"`
	Accessible bool                `toml:"accessible,omitempty"`
	Keys       map[string][]string `toml:"keys,omitempty"`    // action → keys
	Filters    []string            `toml:"filters,omitempty"` // saved filters on keys 1 to 9
}

// DefaultSettings are those of a new user.
func DefaultSettings() Settings {
	return Settings{Theme: "default", Group: "none", Sort: "created", Show: "all", Mouse: true, Links: true}
}

// Options starts the program.
type Options struct {
	Backend  Backend
	Facts    Facts
	Settings Settings
	Account  string // open this one; "": the current one
	Welcome  bool   // nothing is configured: show the welcome
	Themes   map[string][]byte
	Now      func() time.Time
	Location *time.Location
	Env      []string
	Scratch  Scratch // for the files of $EDITOR
}
