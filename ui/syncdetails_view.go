package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindling/store"
)

func (s *details) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	p.title("Sync details", "")
	p.gap()
	if s.shared.todos != nil {
		s.drawFacts(p)
	}
	s.drawPending(p)
	s.drawVanished(p)
	s.drawDrafts(p)
	if s.shared.todos == nil {
		p.nobody(s.shared)
	} else if s.loaded && s.rows() == 0 {
		p.gap()
		p.para(p.st.Good, "✓ Nothing waits: the project holds everything that is here.")
	}
	return p.menuPicture(&s.menu, h)
}

// drawFacts tells how the last sync went, and when the next one is.
func (s *details) drawFacts(p *sheet) {
	st, now := s.shared.status, s.shared.now()
	last := "never"
	if !st.LastSync.IsZero() {
		last = ago(now.Sub(st.LastSync))
	}
	p.fact("last sync", p.st.Text, last)
	if st.LastError != "" {
		p.fact("last error", p.st.Bad, oneLine(st.LastError)+", "+ago(now.Sub(st.LastErrorAt)))
	}
	if st.NextTry.After(now) {
		p.fact("next try", p.st.Text, "in "+span(st.NextTry.Sub(now)))
	}
	if st.Checking {
		p.fact("checking", p.st.Warn, "the project sent an empty list; it is asked again, 20 s apart, before that is believed")
	}
	if st.Unknown > 0 {
		p.fact("unknown", p.st.Warn, count(st.Unknown, "change was", "changes were")+" sent without an answer; each is checked before it is sent again")
	}
}

// fact appends a name and what it is.
func (s *sheet) fact(name string, k ink, text string) {
	column := 12
	if s.w < 40 {
		column, text = 0, name+": "+text
	}
	for _, line := range wrap(oneLine(text), s.w-max(column, 2)) {
		s.add(s.st.Faint.Render(pad(name, column)) + k.Render(line))
		name = ""
	}
}

// span says a length of time in words.
func span(d time.Duration) string { return strings.TrimSuffix(ago(max(d, time.Second)), " ago") }

func (s *details) drawPending(p *sheet) {
	if len(s.pending) == 0 {
		return
	}
	p.gap()
	p.add(p.st.Title.Render("On the way") + p.st.Faint.Render(fmt.Sprintf(" %d", len(s.pending)+s.more)))
	for i, op := range s.pending {
		pen := p.pens(i == s.at)
		line := pendingInk(pen, op.State).Render(pendingSymbol(op.State)+" ") + pen.Text.Render(pad(opWords(op.Op), 9))
		state := "  " + pendingWords(op.State)
		room := max(10, p.w-13-width(state))
		p.row(i, s.at, line+pen.Text.Render(clip(oneLine(opTitle(op.Op)), room))+pen.Faint.Render(state))
		if i == s.at {
			s.drawReason(p, op)
		}
	}
	if s.more > 0 {
		p.para(p.st.Faint, fmt.Sprintf("    and %d more", s.more))
	}
}

// drawReason tells under the cursor all there is to know of a change.
func (s *details) drawReason(p *sheet, op store.Pending) {
	now := s.shared.now()
	var parts []string
	if op.Reason != "" {
		parts = append(parts, oneLine(op.Reason))
	}
	if !op.Since.IsZero() {
		parts = append(parts, "made "+ago(now.Sub(op.Since)))
	}
	if op.Attempts > 0 {
		parts = append(parts, "tried "+count(op.Attempts, "time", "times"))
	}
	if op.NextTry.After(now) {
		parts = append(parts, "next try in "+span(op.NextTry.Sub(now)))
	}
	if len(parts) > 0 {
		p.hang(p.st.Faint, "    ", strings.Join(parts, " · "))
		p.keep()
	}
}

func (s *details) drawVanished(p *sheet) {
	if len(s.vanished) == 0 {
		return
	}
	p.gap()
	p.add(p.st.Title.Render("Gone at the project") + p.st.Faint.Render(fmt.Sprintf(" %d", len(s.vanished))))
	for i, v := range s.vanished {
		row := len(s.pending) + i
		pen := p.pens(row == s.at)
		when := "  " + ago(s.shared.now().Sub(v.At))
		p.row(row, s.at, pen.Text.Render(clip(oneLine(cmp.Or(v.Todo.Title, "(no text)")), max(10, p.w-2-width(when))))+pen.Faint.Render(when))
	}
}

func (s *details) drawDrafts(p *sheet) {
	if len(s.drafts) == 0 {
		return
	}
	p.gap()
	p.add(p.st.Title.Render("Not saved yet") + p.st.Faint.Render(fmt.Sprintf(" %d", len(s.drafts))))
	for i, d := range s.drafts {
		row := len(s.pending) + len(s.vanished) + i
		pen, what := p.pens(row == s.at), "edit"
		if d.id == uuid.Nil {
			what = "add"
		}
		p.row(row, s.at, pen.Text.Render("  "+pad(what, 9)+clip(oneLine(d.text), max(10, p.w-13))))
	}
}

// opWords says what a change does.
func opWords(op store.Op) string {
	switch op.Kind {
	case store.Add:
		return "add"
	case store.Delete:
		return "delete"
	case store.SetDone:
		if op.Want.Done.Bool() {
			return "complete"
		}
		return "reopen"
	}
	return "edit"
}

// opTitle is the text that a change is known by.
func opTitle(op store.Op) string {
	if op.Kind == store.Delete {
		return op.Base.Title
	}
	return cmp.Or(op.Want.Title, op.Base.Title)
}

func pendingWords(state string) string {
	words := map[string]string{"unsent": "not sent yet", "in-flight": "being sent", "unknown": "sent, no answer yet",
		"parked": "refused", "conflict": "conflict"}
	return cmp.Or(words[state], oneLine(state))
}

func pendingSymbol(state string) string {
	symbols := map[string]string{"unsent": "↑", "in-flight": "↑", "unknown": "?", "parked": "×", "conflict": "!"}
	return cmp.Or(symbols[state], " ")
}

func pendingInk(p *pens, state string) ink {
	if state == "parked" || state == "conflict" {
		return p.Bad
	}
	return p.Warn
}
