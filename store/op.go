package store

import (
	"time"

	"github.com/google/uuid"
)

// Kind is what an Op does.
type Kind uint8

// The kinds of Op.
const (
	Add      Kind = iota + 1 // insert the row Want
	SetTitle                 // change the title from Base.Title to Want.Title
	SetDone                  // change is_complete from Base.Done to Want.Done
	Delete                   // delete the row Base
)

// Op is one change a person made to one todo. Base is what was shown when it
// was made and guards it at the server; Want is what it leads to. Ops on one
// id are sent in order; ops on different ids are independent.
type Op struct {
	ID   uuid.UUID
	Kind Kind
	Base Todo
	Want Todo
}

// Step is what one keypress or command did: one undo takes all of it back.
type Step struct {
	Name string // as a toast says it: "complete 3 todos"
	Ops  []Op
}

// NewAdd makes the op that adds a todo under a new random id.
func NewAdd(title string, now time.Time) Op {
	return AddTodo(Todo{ID: uuid.New(), Title: title, Done: False, Created: InstantOf(now)})
}

// AddTodo makes the op that adds t as it is: for imports and for ids that are derived.
func AddTodo(t Todo) Op { return Op{ID: t.ID, Kind: Add, Want: t} }

// Retitle makes the op that changes the title of a shown todo.
func Retitle(t Todo, title string) Op {
	want := t
	want.Title = title
	return Op{ID: t.ID, Kind: SetTitle, Base: t, Want: want}
}

// Complete makes the op that marks a shown todo done, or open again.
func Complete(t Todo, done bool) Op {
	want := t
	want.Done = BoolOf(done)
	return Op{ID: t.ID, Kind: SetDone, Base: t, Want: want}
}

// Remove makes the op that deletes a shown todo.
func Remove(t Todo) Op { return Op{ID: t.ID, Kind: Delete, Base: t} }
