package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
)

// conflicts is the screen where a person decides between two sides, one todo at a time.
type conflicts struct {
	shared *shared
	all    []contested
	loaded bool
	at     int
}

// contested is a todo that both sides changed.
type contested struct {
	id      uuid.UUID
	title   string
	columns []twoSides
}

// twoSides is one column of it. A side that is not there deleted the todo.
type twoSides struct {
	column       string
	base         string
	mine, theirs []piece
}

// deletedBy says which side deleted the todo: Mine, Theirs, or 0 for neither.
func (c contested) deletedBy() store.Choice {
	for _, col := range c.columns {
		switch {
		case col.column != "deleted":
		case len(col.mine) == 0:
			return store.Mine
		default:
			return store.Theirs
		}
	}
	return 0
}

func newConflicts(sh *shared) screen { return &conflicts{shared: sh} }

func (s *conflicts) scope() scope    { return inConflicts }
func (s *conflicts) capturing() bool { return false }

func (s *conflicts) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started, rowsChanged:
		return nil, s.load()
	case conflictsRead:
		return s.read(msg)
	case conflictResolved:
		return s.resolved(msg)
	case verb:
		return s.do(msg)
	case tea.MouseWheelMsg:
		m := menu{at: s.at}
		m.move(msg, len(s.all))
		s.at = m.at
	}
	return nil, nil
}

func (s *conflicts) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbBack:
		return closeScreen{}, nil
	case verbMine:
		return nil, s.resolve(store.Mine)
	case verbTheirs:
		return nil, s.resolve(store.Theirs)
	case verbBoth:
		return nil, s.resolve(store.Both)
	case verbNextOne, verbAccept:
		s.turn(1)
	case verbPreviousOne:
		s.turn(-1)
	}
	m := menu{at: s.at}
	m.move(v, len(s.all))
	s.at = m.at
	return nil, nil
}

// turn goes to the next or previous one, and round at the ends.
func (s *conflicts) turn(by int) {
	if n := len(s.all); n > 0 {
		s.at = (s.at + by + n) % n
	}
}

// conflictsRead brings what is to be decided, told for the screen.
type conflictsRead struct {
	all []contested
	err error
}

func (s *conflicts) load() tea.Cmd {
	todos := s.shared.todos
	if todos == nil {
		s.loaded = true
		return nil
	}
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		all, err := todos.Conflicts(ctx)
		return conflictsRead{contest(all), err}
	})
}

// contest puts the columns of each todo together, and compares their sides.
func contest(all []store.Conflict) []contested {
	var out []contested
	for _, c := range all {
		i := slices.IndexFunc(out, func(o contested) bool { return o.id == c.ID })
		if i < 0 {
			i = len(out)
			out = append(out, contested{id: c.ID, title: c.Item.Title})
		}
		t := twoSides{column: c.Column, base: c.Base}
		t.mine, t.theirs = differences(c.Mine, c.Theirs)
		if c.Mine == "" || c.Theirs == "" {
			t.mine, t.theirs = whole(c.Mine), whole(c.Theirs) // there is nothing to compare with
		}
		out[i].columns = append(out[i].columns, t)
	}
	return out
}

func whole(text string) []piece {
	if text == "" {
		return nil
	}
	return []piece{{text: text}}
}

// read shows the conflicts; the one that was on screen stays.
func (s *conflicts) read(m conflictsRead) (action, tea.Cmd) {
	s.loaded = true
	if m.err != nil {
		return sayError(m.err), nil
	}
	var shown uuid.UUID
	if s.at < len(s.all) {
		shown = s.all[s.at].id
	}
	s.all = m.all
	if i := slices.IndexFunc(s.all, func(c contested) bool { return c.id == shown }); i >= 0 {
		s.at = i
	}
	s.at = max(0, min(s.at, len(s.all)-1))
	return nil, nil
}

// conflictResolved says that a choice was taken.
type conflictResolved struct {
	what string
	err  error
}

func (s *conflicts) resolve(c store.Choice) tea.Cmd {
	if s.at >= len(s.all) {
		return nil
	}
	one, todos := s.all[s.at], s.shared.todos
	if one.deletedBy() != 0 && c == store.Both {
		return nil // a todo cannot be there and not be there
	}
	what := one.told(c)
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		return conflictResolved{what, todos.Resolve(ctx, one.id, c)}
	})
}

func (s *conflicts) resolved(m conflictResolved) (action, tea.Cmd) {
	if m.err != nil {
		return sayError(m.err), s.load()
	}
	acts := all{refreshRows{}, say{toneGood, m.what + s.shared.undoHint()}}
	if len(s.all) == 1 {
		return append(acts, closeScreen{}), nil // that was the last one
	}
	return acts, s.load()
}

// told says what a choice did, for a toast.
func (c contested) told(choice store.Choice) string {
	words := map[store.Choice]string{store.Mine: "Kept mine", store.Theirs: "Took theirs", store.Both: "Kept both, as two todos"}
	switch c.deletedBy() {
	case store.Mine:
		words = map[store.Choice]string{store.Mine: "Deleted", store.Theirs: "Kept"}
	case store.Theirs:
		words = map[store.Choice]string{store.Mine: "Restored", store.Theirs: "Let go"}
	}
	return words[choice] + ": " + inQuotes(c.title)
}
