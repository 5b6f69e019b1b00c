package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
)

// screen is one full view between the header and the footer.
type screen interface {
	// update takes a verb (what a key, the palette or a click means), a key or a
	// paste that is text, a mouse message in the screen's own coordinates, or an
	// answer that the screen asked for.
	update(msg tea.Msg) (action, tea.Cmd)
	// view draws what fits w × h cells; it changes nothing.
	view(w, h int) picture
	// scope says which bindings of the KeyMap reach the screen.
	scope() scope
	// offer says whether a verb of that scope has something to do now, and what in
	// the screen's own words, "" for those of the KeyMap. It is asked for each frame.
	offer(v verb) (does string, ok bool)
	// capturing reports that keys which type text are text now, not verbs.
	capturing() bool
}

// closer is a screen that holds something which ends with it, such as a login.
// close is called once, when the screen leaves the stack.
type closer interface{ close() }

// picture is a drawn screen: at most h lines of at most w cells.
type picture struct {
	lines  []string
	cursor *tea.Cursor // where text goes in, or nil
}

// action is what a screen asks of the root in the turn it returns it; nil asks nothing.
type action interface{ action() }

type (
	// openScreen puts a screen on top.
	openScreen struct{ screen screen }
	// swapScreen puts a screen in the place of the one that asks.
	swapScreen struct{ screen screen }
	// closeScreen takes the asking screen away.
	closeScreen struct{}
	// applyStep changes todos: on screen at once, saved and synced in commands.
	applyStep struct{ step store.Step }
	// say shows a toast.
	say struct {
		tone tone
		text string
	}
	// copyText puts text on the clipboard, and says what it was.
	copyText struct{ text, what string }
	// setFilter filters the list, "" for not at all.
	setFilter struct{ text string }
	// showTodo puts the list's cursor on a todo.
	showTodo struct{ id uuid.UUID }
	// onTop does an action as if the screen on top had asked for it.
	onTop struct{ do action }
	// doVerb does what a key would have done, on the screen below the asking one
	// when that closes in the same turn.
	doVerb struct{ verb verb }
	// changeSettings takes new settings into use and keeps them.
	changeSettings struct{ settings Settings }
	// openAccount opens the account kept under name; every screen above the list closes.
	openAccount struct{ name string }
	// refreshRows reads what changed in the cache, after a screen changed it by itself.
	refreshRows struct{}
	// syncNow starts a sync that a person asked for.
	syncNow struct{}
	// quit leaves the program.
	quit struct{}
	// all asks several things, in order.
	all []action
)

func (openScreen) action()     {}
func (swapScreen) action()     {}
func (closeScreen) action()    {}
func (applyStep) action()      {}
func (say) action()            {}
func (copyText) action()       {}
func (setFilter) action()      {}
func (showTodo) action()       {}
func (onTop) action()          {}
func (doVerb) action()         {}
func (changeSettings) action() {}
func (openAccount) action()    {}
func (refreshRows) action()    {}
func (syncNow) action()        {}
func (quit) action()           {}
func (all) action()            {}

// started is the first message of every screen: the place to ask for what it shows.
type started struct{}

// rowsChanged tells every open screen that todos or status changed; it reads what is shared again.
type rowsChanged struct{}

// tone is how a toast is meant.
type tone uint8

const (
	toneInfo tone = iota
	toneGood
	toneWarn
	toneBad
)

// sayError is a toast for a failure.
func sayError(err error) say { return say{toneBad, oneLine(err.Error())} }

// answer brings the result of a command back to who asked for it.
type answer struct {
	epoch int
	to    screen // nil: the root
	msg   tea.Msg
}

// ask runs f in a command; what it returns reaches s.update (s nil: the root),
// unless s was closed or another account was opened meanwhile.
func (sh *shared) ask(s screen, f func(ctx context.Context) tea.Msg) tea.Cmd {
	ctx, epoch := sh.ctx, sh.epoch
	return func() tea.Msg { return answer{epoch, s, f(ctx)} }
}
