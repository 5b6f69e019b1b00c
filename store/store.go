// Package store keeps one person's todos of one project: an encrypted cache
// that opens without a network, an outbox of changes not yet at the server, and
// the sync between the two. What is shown is Replay(confirmed rows, pending
// ops); see ARCHITECTURE.md.
package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"
)

// TokenSource gives the JWT for the records API. rejected is the token the
// server just refused with 401, or "". An error that a new sign-in would cure
// has a method SignInRequired() bool, one that may pass a Temporary() bool.
type TokenSource interface {
	Token(ctx context.Context, rejected string) (string, error)
}

// Options says whose todos to open, where they lie and how they are reached.
type Options struct {
	Dir     string           // this account's own directory, made 0700 when absent
	Key     []byte           // 32 bytes; a cache it does not open is set aside, never overwritten
	Sub     string           // the subject every row must belong to
	BaseURL string           // INSFORGE_URL, normalised
	Tokens  TokenSource      // nil: this process never touches the network
	HTTP    *http.Client     // nil: a client with deadlines
	Now     func() time.Time // nil: time.Now

	Progress func(Progress) // told now and then how far a change of many todos is; nil: nobody is
}

// Store is the open cache of one account. All methods are safe for concurrent
// use, and for use while other processes have the same account open.
type Store struct {
	o     Options
	db    *db
	use   *flock.Flock
	aside string
	api   *records // nil: this process never touches the network

	workers  int // requests at a time in a push
	pageRows int // rows in a page of a pull

	mu    sync.Mutex
	watch map[chan struct{}]struct{}
}

// Open opens or makes the account's cache and takes the shared account lock. It
// reads no more than the file's first pages, whatever the number of todos. A cache
// that is damaged, or that the key does not open, is set aside: see SetAside. ErrNewer
// where a newer version wrote it; ErrInUse while LockDir's lock is held.
func Open(ctx context.Context, o Options) (*Store, error) {
	o, err := o.checked()
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	s := &Store{o: o, workers: pushWorkers, pageRows: pageRows, watch: map[chan struct{}]struct{}{}}
	if s.use, err = share(o.Dir); err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	if err := s.open(ctx); err != nil {
		s.use.Close()
		return nil, fmt.Errorf("open cache: %w", err)
	}
	if o.Tokens != nil {
		s.api = newRecords(o.BaseURL, o.Sub, o.HTTP, o.Tokens)
	}
	return s, nil
}

// checked completes the options and makes the directory.
func (o Options) checked() (Options, error) {
	if len(o.Key) != 32 {
		return o, fmt.Errorf("the key has %d bytes, not 32", len(o.Key))
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, err
	}
	o.Dir = dir
	return o, os.MkdirAll(dir, 0o700)
}

// Close releases the cache and its locks.
func (s *Store) Close() error {
	err := errors.Join(s.db.close(), s.use.Close())
	if err != nil {
		return fmt.Errorf("close cache: %w", err)
	}
	return nil
}

// SetAside returns where Open moved a cache that was damaged, or that its key did not
// open, or "".
func (s *Store) SetAside() string { return s.aside }

// Rev is a point in this cache's own history of changes; it grows with each write.
type Rev int64

// Delta is what changed on screen since a Rev.
type Delta struct {
	Rev    Rev
	All    bool        // Items is everything: what is not in it is gone
	Items  []Item      // new or changed
	Gone   []uuid.UUID // no longer shown
	Status Status
}

// Progress is how far a sync is, or a change of many todos.
type Progress struct {
	Phase string // "sending", "fetching" or "saving"
	Done  int    // ops sent, rows fetched, or todos saved
	Total int    // 0 when unknown
}

// Report is what a sync did.
type Report struct {
	Sent, Pulled, Gone int
	Waiting            int // still in the outbox
	Conflicts, Parked  int
	NextTry            time.Time // zero: nothing is scheduled
}

// SyncOptions say what one sync does; zero is a whole sync, at once or ErrBusy.
type SyncOptions struct {
	Wait     bool           // wait for another process's sync, then run; else return ErrBusy
	PushOnly bool           // send, do not pull
	Progress func(Progress) // told how far it is; may be nil
}

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

// Conflict is one column that both sides changed. Column is title, is_complete,
// created_at or deleted; values are text as people read them.
type Conflict struct {
	ID                 uuid.UUID
	Column             string
	Base, Mine, Theirs string
	Item               Item
}

// Choice resolves a conflict.
type Choice uint8

// The choices. Both keeps theirs and adds mine as a todo of its own; for column
// deleted, Mine and Theirs name the sides: restore or let go, delete or keep.
const (
	Mine Choice = iota + 1
	Theirs
	Both
)

// Pending is one op of the outbox, for sync details.
type Pending struct {
	Op       Op
	State    string // unsent, in-flight, unknown, parked, conflict
	Reason   string // why it waits, or why it was parked
	Attempts int
	Since    time.Time
	NextTry  time.Time
}

// Vanished is a todo that a pull no longer found.
type Vanished struct {
	Todo Todo
	At   time.Time
}
