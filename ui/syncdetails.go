package ui

import (
	"bytes"
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
)

// mostDetails is how many rows of a kind are listed.
const mostDetails = 200

// details is the screen of what waits and why, and of what a pull no longer found.
type details struct {
	shared   *shared
	pending  []store.Pending
	vanished []store.Vanished
	drafts   []keepDraft // texts that are not saved
	more     int         // pending ones that are not listed
	loaded   bool
	menu
}

func newDetails(sh *shared) screen { return &details{shared: sh} }

func (s *details) scope() scope    { return inDetails }
func (s *details) capturing() bool { return false }

func (s *details) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started, rowsChanged:
		return nil, s.load()
	case detailsRead:
		return s.read(msg)
	case detailDone:
		return s.did(msg)
	case givenUp:
		return nil, s.run("Gave the change up", false, func(ctx context.Context, t Todos) error { return t.Discard(ctx, msg.pending.Op.ID) })
	case verb:
		return s.do(msg)
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			s.at = n
		}
	case tea.MouseWheelMsg:
		s.move(msg, s.rows())
	}
	return nil, nil
}

func (s *details) rows() int { return len(s.pending) + len(s.vanished) + len(s.drafts) }

func (s *details) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbBack:
		return closeScreen{}, nil
	case verbAccept:
		return s.next()
	case verbRetry:
		return s.retry()
	case verbDiscard:
		return s.discard()
	case verbRestore:
		return nil, s.restore()
	}
	s.move(v, s.rows())
	return nil, nil
}

// here is the change under the cursor, or the vanished todo, or neither.
func (s *details) here() (*store.Pending, *store.Vanished) {
	switch {
	case s.at < len(s.pending):
		return &s.pending[s.at], nil
	case s.at < len(s.pending)+len(s.vanished):
		return nil, &s.vanished[s.at-len(s.pending)]
	}
	return nil, nil
}

// draft is the unsaved text under the cursor, or nil.
func (s *details) draft() *keepDraft {
	if i := s.at - len(s.pending) - len(s.vanished); i >= 0 && i < len(s.drafts) {
		return &s.drafts[i]
	}
	return nil
}

// goOn opens an unsaved text where it was typed.
func (s *details) goOn(d keepDraft) action {
	it, ok := s.shared.rows.get(d.id)
	switch {
	case d.id == uuid.Nil:
		return all{closeScreen{}, doVerb{verbAdd}}
	case !ok:
		return copyText{d.text, "that todo is gone: the text is copied"}
	}
	return openScreen{newEdit(s.shared, it, false)}
}

// next does what helps most with the row under the cursor.
func (s *details) next() (action, tea.Cmd) {
	p, gone := s.here()
	d := s.draft()
	switch {
	case d != nil:
		return s.goOn(*d), nil
	case gone != nil:
		return nil, s.restore()
	case p != nil && p.State == "conflict":
		return openScreen{newConflicts(s.shared)}, nil
	}
	return s.retry()
}

// detailsRead brings what waits and what vanished.
type detailsRead struct {
	pending  []store.Pending
	vanished []store.Vanished
	err      error
}

func (s *details) load() tea.Cmd {
	todos := s.shared.todos
	if todos == nil {
		s.loaded = true
		return nil
	}
	return s.shared.ask(s, func(ctx context.Context) tea.Msg {
		var m detailsRead
		if m.pending, m.err = todos.Outbox(ctx); m.err == nil {
			m.vanished, m.err = todos.Vanished(ctx)
		}
		return m
	})
}

func (s *details) read(m detailsRead) (action, tea.Cmd) {
	s.loaded = true
	if m.err != nil {
		return sayError(m.err), nil
	}
	s.drafts = nil
	for id, text := range s.shared.drafts {
		s.drafts = append(s.drafts, keepDraft{id, text})
	}
	slices.SortFunc(s.drafts, func(a, b keepDraft) int { return bytes.Compare(a.id[:], b.id[:]) })
	listed := min(len(m.pending), mostDetails)
	s.pending, s.more, s.vanished = m.pending[:listed], len(m.pending)-listed, m.vanished
	s.at = max(0, min(s.at, s.rows()-1))
	return nil, nil
}

// retry sends what was refused again; without that, it tries everything now.
func (s *details) retry() (action, tea.Cmd) {
	p, _ := s.here()
	if p == nil || p.State != "parked" {
		return syncNow{}, nil
	}
	id := p.Op.ID
	return nil, s.run("", true, func(ctx context.Context, t Todos) error { return t.Retry(ctx, id) })
}

// givenUp says that a refused change may be dropped.
type givenUp struct{ pending store.Pending }

// discard asks first: a dropped change cannot be taken back.
func (s *details) discard() (action, tea.Cmd) {
	p, _ := s.here()
	if p == nil || p.State != "parked" {
		return say{toneInfo, "only a refused change can be given up · " + s.shared.keys.key(verbUndo) + " takes others back"}, nil
	}
	question := "Give up: " + opWords(p.Op) + " " + inQuotes(opTitle(p.Op)) + "? What the project holds is shown again."
	return openScreen{newChoice(s.shared, question,
		option{"k", "keep the change", nil},
		option{"y", "give it up for good", tell{s, givenUp{*p}}})}, nil
}

func (s *details) restore() tea.Cmd {
	_, gone := s.here()
	if gone == nil {
		return nil
	}
	id := gone.Todo.ID
	return s.run("Brought back: "+inQuotes(gone.Todo.Title)+s.shared.undoHint(), false,
		func(ctx context.Context, t Todos) error { return t.Restore(ctx, id) })
}

// detailDone says how something that a row asked for ended.
type detailDone struct {
	text string
	sync bool
	err  error
}

func (s *details) run(text string, sync bool, f func(context.Context, Todos) error) tea.Cmd {
	todos := s.shared.todos
	if todos == nil {
		return nil
	}
	return s.shared.ask(s, func(ctx context.Context) tea.Msg { return detailDone{text, sync, f(ctx, todos)} })
}

func (s *details) did(m detailDone) (action, tea.Cmd) {
	if m.err != nil {
		return sayError(m.err), s.load()
	}
	acts := all{refreshRows{}}
	if m.text != "" {
		acts = append(acts, say{toneGood, m.text})
	}
	if m.sync {
		acts = append(acts, syncNow{})
	}
	return acts, s.load()
}
