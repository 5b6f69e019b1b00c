package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"
)

// draftDelay is how long typing rests before it is kept.
const draftDelay = 500 * time.Millisecond

// draftKeeper keeps text that is not saved through a crash. The id is of the todo it is
// for, Nil for a new one.
type draftKeeper struct {
	id   uuid.UUID
	turn int
	kept bool // the cache holds a draft
}

// keepDraft writes a draft in its turn among the steps; "" drops it.
type keepDraft struct {
	id   uuid.UUID
	text string
}

func (keepDraft) action() {}

// dropDraft forgets what a keeper has kept by the time that it is done: typing may come to
// rest while a question about it stands open.
type dropDraft struct{ of *draftKeeper }

func (dropDraft) action() {}

// draftRead is what an earlier run left.
type draftRead struct{ text string }

// unsavedText says which texts an earlier run left unsaved, and how to go on.
func (sh *shared) unsavedText() string {
	_, adding := sh.drafts[uuid.Nil]
	edits := len(sh.drafts)
	if adding {
		edits--
	}
	if adding && edits == 0 {
		return "an unsaved todo is kept · " + sh.keys.key(verbAdd) + " goes on with it"
	}
	text := count(edits, "unsaved edit is", "unsaved edits are") + " kept · " + sh.keys.key(verbDetails) + " shows where"
	if adding {
		text = "an unsaved todo and " + text
	}
	return text
}

// noteDraft knows a draft at once, or that it is gone.
func (sh *shared) noteDraft(d keepDraft) {
	if d.text == "" {
		delete(sh.drafts, d.id)
		return
	}
	sh.drafts[d.id] = d.text
}

// draftDue says that typing has rested.
type draftDue struct{ turn int }

// read asks for what an earlier run left.
func (d *draftKeeper) read(sh *shared, s screen) tea.Cmd {
	todos, id := sh.todos, d.id
	if todos == nil {
		return nil
	}
	return sh.ask(s, func(ctx context.Context) tea.Msg {
		all, err := todos.Drafts(ctx)
		if err != nil {
			return nil // there is nothing to go on with: the todo itself is shown
		}
		return draftRead{all[id]}
	})
}

// typed starts the rest after a key anew.
func (d *draftKeeper) typed(sh *shared, s screen) tea.Cmd {
	d.turn++
	return sh.afterFor(s, draftDelay, draftDue{d.turn})
}

// due keeps the text when typing has rested.
func (d *draftKeeper) due(m draftDue, text string) action {
	if m.turn != d.turn {
		return nil
	}
	d.kept = text != ""
	return d.keep(text)
}

func (d *draftKeeper) keep(text string) action { return keepDraft{d.id, text} }

// drop forgets the draft, where one was kept.
func (d *draftKeeper) drop() action { return dropDraft{d} }
