package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"
)

// root routes: it holds what is shared, the list, and the screens on top of it.
type root struct {
	shared         *shared
	list           *list
	stack          []screen // above the list; the last one is shown
	toast          toast
	tips           tipLine
	busy           busy
	sync           syncer
	queue          queue
	parent         context.Context // of the program
	cancel         context.CancelFunc
	w, h           int
	dark           bool
	asked          bool // the terminal told its background
	focused        bool
	plain          bool // NO_COLOR
	welcome        bool
	startWith      string  // the account to open at the start
	firstOpen      tea.Cmd // opens it
	quitting       bool
	ticks          int
	started        time.Time
	warnings       []string // of the start, still to be shown
	opening        bool
	openings       int            // the last one asked for counts
	next           *accountOpened // waits until the present account's changes are saved
	savingSettings bool
	saveAgain      bool // the settings changed meanwhile
}

func newRoot(ctx context.Context, o Options) (*root, error) {
	wholeCharacters.Store(false) // until the terminal says so
	keys, err := newKeyMap(o.Settings.Keys)
	if err != nil {
		return nil, err
	}
	themes, bad := readThemes(o.Themes)
	if len(themes) == 0 {
		return nil, errors.Join(errors.New("no theme can be read"), bad)
	}
	if bad != nil {
		o.Facts.Warnings = append(slices.Clone(o.Facts.Warnings), oneLine(bad.Error()))
	}
	r := &root{parent: ctx, dark: true, focused: true, busy: newBusy(), plain: getenv(o.Env, "NO_COLOR") != "", welcome: o.Welcome, startWith: o.Account}
	r.shared = &shared{
		ctx: ctx, backend: o.Backend, facts: o.Facts, settings: o.Settings, keys: keys, themes: themes,
		now: o.Now, loc: o.Location, env: o.Env, scratch: o.Scratch, send: func(tea.Msg) {},
		rows: newRows(), history: map[uuid.UUID][]event{}, drafts: map[uuid.UUID]string{},
	}
	r.cancel = func() {}
	r.restyle()
	r.list = newList(r.shared)
	r.started, r.warnings = o.Now(), o.Facts.Warnings
	return r, nil
}

// Init opens the account, or the welcome where nothing is configured.
func (r *root) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, r.warn(), r.tick()}
	if r.welcome {
		cmds = append(cmds, r.push(welcomeScreen(r.shared)))
	} else {
		cmds = append(cmds, r.begin())
	}
	return tea.Batch(cmds...)
}

// begin opens the account that the program starts with, once.
func (r *root) begin() tea.Cmd {
	if r.firstOpen == nil {
		r.firstOpen = r.open(r.startWith)
	}
	return r.firstOpen
}

// Update takes one message to who owns it.
func (r *root) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case answer:
		return r, r.deliver(msg)
	case tea.KeyPressMsg:
		return r, r.press(msg)
	case tea.PasteMsg:
		return r, r.give(r.top(), msg)
	case tea.MouseMsg:
		return r, r.give(r.top(), r.pointed(msg))
	}
	return r, r.take(msg)
}

// take handles what the terminal says, and what belongs to no one account: its
// opening, timers, the settings.
func (r *root) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		r.w, r.h = msg.Width, msg.Height
		r.list.resize(r.w, r.bodyHeight())
	case tea.BackgroundColorMsg:
		r.dark, r.asked = msg.IsDark(), true
		r.restyle()
	case tea.ModeReportMsg:
		countAgain(msg)
	case accountOpened:
		return r.opened(msg)
	case ticked:
		return r.handleTick(msg)
	case spinner.TickMsg:
		return r.spun(msg)
	case toastEnded:
		return r.toastGone(msg)
	case settingsSaved:
		return r.settingsKept(msg)
	case tea.FocusMsg:
		r.focused = true
		return r.focusGained()
	case tea.BlurMsg:
		r.focused = false
	case tea.ResumeMsg:
		return r.focusGained()
	}
	return nil
}

// deliver brings an answer to its screen, unless that is gone.
func (r *root) deliver(a answer) tea.Cmd {
	switch {
	case a.msg == nil || a.epoch != r.shared.epoch:
		return nil
	case a.to == nil:
		return r.handle(a.msg)
	case a.to != screen(r.list) && !slices.Contains(r.stack, a.to):
		return nil
	}
	return r.give(a.to, a.msg)
}

// top is the screen that is shown.
func (r *root) top() screen {
	if n := len(r.stack); n > 0 {
		return r.stack[n-1]
	}
	return r.list
}

// press turns a key into a verb, or hands it on as text.
func (r *root) press(msg tea.KeyPressMsg) tea.Cmd {
	r.toast.seen(r.shared.now())
	s := r.top()
	if v, ok := r.shared.keys.find(s.scope(), msg, s.capturing()); ok {
		return r.do(s, v)
	}
	return r.give(s, msg)
}

// do brings a verb to the screen that knows it, else does it itself.
func (r *root) do(s screen, v verb) tea.Cmd {
	b := r.shared.keys.get(v)
	switch {
	case b.in&s.scope() != 0:
		return r.give(s, v)
	case b.in&global != 0 && !(s.capturing() && (v == verbUndo || v == verbRedo)):
		return r.global(s, v) // a text being typed is not what they take back
	case b.in&r.list.scope() != 0:
		return r.give(r.list, v)
	}
	return nil
}

// give updates a screen and does what it asks.
func (r *root) give(s screen, msg tea.Msg) tea.Cmd {
	act, cmd := s.update(msg)
	return tea.Batch(cmd, r.act(s, act))
}

// act does what a screen asked for.
func (r *root) act(from screen, a action) tea.Cmd {
	switch a := a.(type) {
	case nil:
		return nil
	case all:
		var cmds []tea.Cmd
		for _, one := range a {
			cmds = append(cmds, r.act(from, one))
		}
		return tea.Batch(cmds...)
	case openScreen:
		return r.push(a.screen)
	case swapScreen:
		r.drop(from)
		return r.push(a.screen)
	case closeScreen:
		r.drop(from)
	case say:
		return r.say(a)
	case onTop:
		return r.act(r.top(), a.do)
	case doVerb:
		return r.do(r.top(), a.verb)
	default:
		return r.carryOut(from, a)
	}
	return nil
}

// carryOut does what concerns todos, accounts or the program, and no screen's coming or going.
func (r *root) carryOut(from screen, a action) tea.Cmd {
	switch a := a.(type) {
	case applyStep:
		return r.apply(a.step)
	case keepDraft:
		r.shared.noteDraft(a)
		return r.enqueue(job{kind: draftText, draft: a})
	case dropDraft:
		if a.of.kept {
			return r.act(from, a.of.keep(""))
		}
	case copyText:
		return tea.Batch(tea.SetClipboard(pasteable(a.text)), r.say(say{toneGood, upper(a.what)}))
	case setFilter:
		return r.list.filter(a.text)
	case showTodo:
		return r.show(a.id)
	case changeSettings:
		return r.change(a.settings)
	case openAccount:
		return r.open(a.name)
	case refreshRows:
		return tea.Batch(r.refresh(), r.syncSoon(changeDelay, true))
	case syncNow:
		return r.syncAsked()
	case detach:
		return r.detach(from)
	case tell:
		return r.give(a.to, a.msg)
	case quit:
		return r.leaveNow()
	}
	return nil
}

// push puts a screen on top; one that has something to start gets a started message.
func (r *root) push(s screen) tea.Cmd {
	if s == nil {
		return nil
	}
	r.stack = append(r.stack, s)
	return r.give(s, started{})
}

// drop takes a screen, and what stands above it, off the stack.
func (r *root) drop(s screen) {
	i := slices.Index(r.stack, s)
	if i < 0 {
		return
	}
	r.closeAbove(i)
}

func (r *root) closeAbove(n int) {
	for _, gone := range slices.Backward(r.stack[n:]) {
		if c, ok := gone.(closer); ok {
			c.close()
		}
	}
	r.stack = slices.Delete(r.stack, n, len(r.stack))
}

// global does the verbs that work everywhere.
func (r *root) global(from screen, v verb) tea.Cmd {
	switch v {
	case verbQuit:
		return r.quit()
	case verbSuspend:
		return tea.Suspend
	case verbHelp, verbPalette:
		return r.overlay(from, v)
	case verbUndo:
		return r.takeBack(false)
	case verbRedo:
		return r.takeBack(true)
	case verbSync:
		return r.syncAsked()
	case verbTheme, verbMouse:
		return r.change(r.switched(v))
	}
	if s := screenFor(r.shared, v); s != nil {
		return r.turnTo(s)
	}
	return nil
}

// turnTo opens a screen; one of its kind that is open under others is shown again,
// and the one on top is closed by the key that opened it.
func (r *root) turnTo(s screen) tea.Cmd {
	i := slices.IndexFunc(r.stack, func(open screen) bool { return open.scope() == s.scope() })
	switch {
	case i < 0:
		return r.push(s)
	case i == len(r.stack)-1:
		r.closeAbove(i)
	default:
		r.closeAbove(i + 1)
	}
	return nil
}

// overlay opens help or palette for the screen below; the same key closes it again.
func (r *root) overlay(from screen, v verb) tea.Cmd {
	in, open := inHelp, func() screen { return newHelp(r.shared, from) }
	if v == verbPalette {
		in, open = inPalette, func() screen { return newPalette(r.shared, from) }
	}
	if from.scope() == in {
		r.drop(from)
		return nil
	}
	return r.push(open())
}

// shows reports whether a screen of that scope is open already.
func (r *root) shows(s scope) bool {
	return slices.ContainsFunc(r.stack, func(open screen) bool { return open.scope() == s })
}

// restyle makes the looks anew after theme or background changed.
func (r *root) restyle() {
	sh := r.shared
	i := max(0, slices.IndexFunc(sh.themes, func(t theme) bool { return t.Key == sh.settings.Theme }))
	sh.styles = newStyles(sh.themes[i], r.dark, r.plain)
}
