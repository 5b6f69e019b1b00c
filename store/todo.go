package store

import (
	"math"
	"time"

	"github.com/google/uuid"
)

// Todo is one row of the table, as the server holds it. Its user_id is not
// kept: a cache belongs to one person, and every row of a pull is checked.
type Todo struct {
	ID      uuid.UUID
	Title   string
	Done    Bool
	Created Instant
}

// Bool is a boolean column that may be NULL. NULL reads as false, and is
// guarded by is.null: eq.false does not match it.
type Bool int8

// The three values of a Bool.
const (
	Null Bool = iota
	False
	True
)

// BoolOf returns True or False.
func BoolOf(b bool) Bool {
	if b {
		return True
	}
	return False
}

// Bool reports whether b is True; NULL is false.
func (b Bool) Bool() bool { return b == True }

// Instant is a timestamptz: microseconds since the Unix epoch, or one of the
// three values that are no moment.
type Instant int64

// What a timestamptz may hold beside a moment.
const (
	NoInstant   Instant = math.MinInt64
	NegInfinity Instant = math.MinInt64 + 1
	PosInfinity Instant = math.MaxInt64
)

// InstantOf cuts t to microseconds, as PostgreSQL stores it.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time returns the moment in UTC; false when i is NULL or infinite.
func (i Instant) Time() (time.Time, bool) {
	if i == NoInstant || i == NegInfinity || i == PosInfinity {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(i)).UTC(), true
}

// State says how a shown todo stands to the server.
type State uint8

// The states of an Item, in the words that JSON and the screen use.
const (
	Synced     State = iota // the server holds what is shown
	Waiting                 // a change is on its way: unsent, in flight or of unknown outcome
	Conflicted              // both sides changed; the person chooses
	Parked                  // the server refused a change for good; its reason is kept
)

func (s State) String() string {
	return [...]string{"synced", "waiting", "conflict", "parked"}[s]
}

// Item is one shown todo: the replay of its confirmed row and its pending ops.
type Item struct {
	Todo
	State State
	Note  string // one line for the person, such as "sent again after an unknown outcome"; often empty
}
