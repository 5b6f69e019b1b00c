// Package store keeps one person's todos of one project: an encrypted cache
// that opens without a network, an outbox of changes not yet at the server, and
// the sync between the two. What is shown is Replay(confirmed rows, pending
// ops); see ARCHITECTURE.md.
package store

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// TokenSource gives the JWT for the records API. rejected is the token the
// server just refused with 401, or "". An error that a new sign-in would cure
// has a method SignInRequired() bool.
type TokenSource interface {
	Token(ctx context.Context, rejected string) (string, error)
}

// Options says whose todos to open, where they lie and how they are reached.
type Options struct {
	Dir     string       // this account's own directory, made 0700 when absent
	Key     []byte       // 32 bytes; a cache it does not open is set aside, never overwritten
	Sub     string       // the subject every row must belong to
	BaseURL string       // INSFORGE_URL, normalised
	Tokens  TokenSource  // nil: this process never touches the network
	HTTP    *http.Client // nil: a client with deadlines
	Now     func() time.Time
}

// Store is the open cache of one account. All methods are safe for concurrent
// use, and for use while other processes have the same account open.
type Store struct{}

// Open opens or makes the account's cache and takes the shared account lock.
func Open(ctx context.Context, o Options) (*Store, error) { panic("todo") }

// Close releases the cache and its locks.
func (s *Store) Close() error { panic("todo") }

// Window returns the first n shown todos in the default order (open before
// done, newest first) through an index: its cost does not grow with the list.
func (s *Store) Window(ctx context.Context, n int) ([]Item, error) { panic("todo") }

// All yields every shown todo in the default order.
func (s *Store) All(ctx context.Context) iter.Seq2[Item, error] { panic("todo") }

// Find returns the shown todos whose id begins with prefix (hex digits, dashes
// optional); an old id that an undo replaced finds its successor.
func (s *Store) Find(ctx context.Context, prefix string) ([]Item, error) { panic("todo") }

// Short returns the shortest unique prefix of id, at least three digits.
func (s *Store) Short(ctx context.Context, id uuid.UUID) (string, error) { panic("todo") }

// Rev is a point in this cache's own history of changes; it grows with each write.
type Rev int64

// Delta is what changed on screen since a Rev.
type Delta struct {
	Rev    Rev
	Items  []Item      // new or changed
	Gone   []uuid.UUID // no longer shown
	Status Status
}

// Changes returns what changed since rev; rev 0 returns everything.
func (s *Store) Changes(ctx context.Context, since Rev) (Delta, error) { panic("todo") }

// Watch sends when another process, or a sync of this one, changed the cache.
// It never polls the network, and ends with ctx.
func (s *Store) Watch(ctx context.Context) <-chan struct{} { panic("todo") }

// Save makes a step durable: its ops enter the outbox and the shown rows change,
// in one transaction. It clears what could be redone.
func (s *Store) Save(ctx context.Context, step Step) error { panic("todo") }

// Undo takes the last step back, by ops through the same outbox, and returns
// the step that did it; ErrNothing when there is none.
func (s *Store) Undo(ctx context.Context) (Step, error) { panic("todo") }

// Redo does the last undone step again.
func (s *Store) Redo(ctx context.Context) (Step, error) { panic("todo") }

// Progress is how far a sync is.
type Progress struct {
	Phase string // "sending" or "fetching"
	Done  int    // ops sent, or rows fetched
	Total int    // 0 when unknown
}

// Report is what a sync did.
type Report struct {
	Sent, Pulled, Gone int
	Waiting            int // still in the outbox
	Conflicts, Parked  int
}

// SyncOptions bends one sync.
type SyncOptions struct {
	Wait     bool // wait for another process's sync, then run; else return ErrBusy
	PushOnly bool // send, do not pull
	Progress func(Progress)
}

// Sync sends what waits and pulls what changed. It returns ErrBusy where
// another process syncs, ErrOffline, ErrSignIn, or ErrRefused (each wrapped with its cause).
func (s *Store) Sync(ctx context.Context, o SyncOptions) (Report, error) { panic("todo") }

// Status is what the header and `kindling status` tell.
type Status struct {
	Open, Completed int       // shown todos
	LastSync        time.Time // end of the last complete pull; zero: never
	Waiting         int       // changes not yet at the server
	Unknown         int       // of those, sent with unknown outcome
	Parked          int
	Conflicts       int
	Drafts          int
	Checking        bool   // an empty answer is being confirmed before it is believed
	LastError       string // one line, "" after a success
	LastErrorAt     time.Time
	NextTry         time.Time // zero: nothing is scheduled
	CanUndo         string    // name of the step Undo would take back, or ""
	CanRedo         string
}

// Unsent is the number of changes that signing out would lose.
func (s Status) Unsent() int { return s.Waiting + s.Parked + s.Conflicts + s.Drafts }

// Status reads the account's state from the cache.
func (s *Store) Status(ctx context.Context) (Status, error) { panic("todo") }

// Conflict is one column that both sides changed. Column is title, is_complete,
// created_at or deleted; values are text as people read them.
type Conflict struct {
	ID                 uuid.UUID
	Column             string
	Base, Mine, Theirs string
	Item               Item
}

// Conflicts lists what a person has to decide.
func (s *Store) Conflicts(ctx context.Context) ([]Conflict, error) { panic("todo") }

// Choice resolves a conflict.
type Choice uint8

// The choices. Both keeps theirs and adds mine as a todo of its own; for column
// deleted, Mine and Theirs name the sides: restore or let go, delete or keep.
const (
	Mine Choice = iota + 1
	Theirs
	Both
)

// Resolve decides all conflicts of one todo; it is a step that can be undone.
func (s *Store) Resolve(ctx context.Context, id uuid.UUID, c Choice) error { panic("todo") }

// Pending is one op of the outbox, for sync details.
type Pending struct {
	Op       Op
	State    string // unsent, in-flight, unknown, parked, conflict
	Reason   string // why it waits, or why it was parked
	Attempts int
	Since    time.Time
	NextTry  time.Time
}

// Outbox lists what is not yet at the server, in order.
func (s *Store) Outbox(ctx context.Context) ([]Pending, error) { panic("todo") }

// Retry sends the parked ops of a todo again with the next sync.
func (s *Store) Retry(ctx context.Context, id uuid.UUID) error { panic("todo") }

// Discard drops the parked ops of a todo: what the server holds is shown again.
func (s *Store) Discard(ctx context.Context, id uuid.UUID) error { panic("todo") }

// Vanished is a todo that a pull no longer found.
type Vanished struct {
	Todo Todo
	At   time.Time
}

// Vanished lists the last 100, newest first.
func (s *Store) Vanished(ctx context.Context) ([]Vanished, error) { panic("todo") }

// Restore adds a vanished todo again.
func (s *Store) Restore(ctx context.Context, id uuid.UUID) error { panic("todo") }

// Draft returns text typed for a todo (uuid.Nil: for a new one) but not saved.
func (s *Store) Draft(ctx context.Context, id uuid.UUID) (string, bool, error) { panic("todo") }

// SaveDraft keeps unsaved text through a crash; "" drops it.
func (s *Store) SaveDraft(ctx context.Context, id uuid.UUID, text string) error { panic("todo") }
