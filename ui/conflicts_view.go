package ui

import (
	"fmt"
	"strings"

	"kindling/store"
)

// besideFrom is the width from which both sides stand beside each other.
const besideFrom = 60

func (s *conflicts) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	if len(s.all) == 0 {
		return s.drawNone(p, h)
	}
	c := s.all[s.at]
	p.title("Conflicts", fmt.Sprintf("%d of %d", s.at+1, len(s.all)))
	roomy := h >= 8
	if roomy {
		p.gap()
		p.para(p.st.Text, c.story())
		p.gap()
	}
	if w >= besideFrom {
		s.drawBeside(p, c, h)
	} else {
		s.drawStacked(p, c, h)
	}
	p.gap()
	if roomy {
		drawBase(p, c)
		p.gap()
	}
	p.hints(s.shared.keys, c.hints(roomy && w < besideFrom)...)
	return p.picture(h)
}

func (s *conflicts) drawNone(p *sheet, h int) picture {
	p.title("Conflicts", "")
	p.gap()
	switch {
	case s.shared.todos == nil:
		p.nobody(s.shared)
	case s.loaded:
		p.para(p.st.Good, "✓ Nothing to decide: both sides agree.")
		p.para(p.st.Faint, "When a todo is changed here and elsewhere at once, both texts stand here, and you choose.")
	}
	return p.picture(h)
}

// story says what happened, in a sentence.
func (c contested) story() string {
	switch c.deletedBy() {
	case store.Mine:
		return "You deleted this todo, and meanwhile it was changed elsewhere."
	case store.Theirs:
		return "You changed this todo, and meanwhile it was deleted elsewhere."
	}
	return "You changed this todo, and meanwhile it was changed elsewhere too."
}

// choices are what can be decided, in the words that fit the conflict.
func (c contested) choices() map[verb]string {
	switch c.deletedBy() {
	case store.Mine:
		return map[verb]string{verbMine: "delete it", verbTheirs: "keep it"}
	case store.Theirs:
		return map[verb]string{verbMine: "restore it", verbTheirs: "let it go"}
	}
	return map[verb]string{verbMine: "keep mine", verbTheirs: "take theirs", verbBoth: "keep both, as two todos"}
}

// hints are the keys that decide: all of them, or those that stand over no side.
func (c contested) hints(all bool) []hint {
	var hints []hint
	for _, v := range []verb{verbMine, verbTheirs, verbBoth} {
		if words, ok := c.choices()[v]; ok && (all || v == verbBoth) {
			hints = append(hints, hint{v, words})
		}
	}
	return hints
}

// columnName is what a column is to a person.
func columnName(column string) string {
	return map[string]string{"title": "", "deleted": "", "is_complete": "", "created_at": "created "}[column]
}

// side draws one column of one side in lines of w cells.
func (t twoSides) side(st *Styles, all []piece, w, h int) []string {
	if t.column == "deleted" && len(all) == 0 {
		return []string{st.Bad.Render(clip("✗ deleted", w))}
	}
	if name := columnName(t.column); name != "" {
		all = append([]piece{{text: name}}, all...)
	}
	return markedLines(all, st.Text, st.Match, w, max(1, h))
}

// drawBeside draws mine at the left and theirs at the right, each under the key
// that decides for it.
func (s *conflicts) drawBeside(p *sheet, c contested, h int) {
	half := (p.w - 3) / 2
	bar := p.st.Faint.Render(" │ ")
	head := func(side string, v verb) string {
		return p.st.Title.Render(side) + "  " + p.st.Key.Render(s.shared.keys.key(v)) + p.st.Faint.Render(" "+c.choices()[v])
	}
	p.add(pad(head("Mine", verbMine), half) + bar + head("Theirs", verbTheirs))
	room := max(1, (h-8)/len(c.columns))
	for _, t := range c.columns {
		left, right := t.side(p.st, t.mine, half, room), t.side(p.st, t.theirs, half, room)
		for i := range max(len(left), len(right)) {
			p.add(pad(lineOf(left, i), half) + bar + lineOf(right, i))
		}
	}
}

func lineOf(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// drawBase says what both sides began with.
func drawBase(p *sheet, c contested) {
	var parts []string
	for _, t := range c.columns {
		if t.base != "" {
			parts = append(parts, columnName(t.column)+oneLine(t.base))
		}
	}
	if len(parts) > 0 {
		p.add(p.st.Faint.Render(clip("before: "+strings.Join(parts, " · "), p.w)))
	}
}

// drawStacked draws mine over theirs, each behind the key that decides for it, where
// the screen is narrow.
func (s *conflicts) drawStacked(p *sheet, c contested, h int) {
	room := max(1, (h-5)/2/len(c.columns))
	for _, side := range []struct {
		name string
		verb verb
		of   func(twoSides) []piece
	}{
		{"mine", verbMine, func(t twoSides) []piece { return t.mine }},
		{"theirs", verbTheirs, func(t twoSides) []piece { return t.theirs }},
	} {
		key := s.shared.keys.key(side.verb)
		n := width(key) + len(" theirs ")
		head := pad(p.st.Key.Render(key)+" "+p.st.Title.Render(side.name), n)
		for _, t := range c.columns {
			for _, line := range t.side(p.st, side.of(t), p.w-n, room) {
				p.add(head + line)
				head = spaces(n)
			}
		}
	}
}
