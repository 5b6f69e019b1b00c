package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"kindling/auth"
	"kindling/store"
)

func (s *isolation) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	p.title("Isolation", s.note())
	switch {
	case s.state == pairAlone:
		s.drawAlone(p)
	case s.state != pairReady:
		p.gap()
		p.para(p.st.Text, "Opening the second account…")
	case s.suite != nil:
		return s.drawSuite(p, h)
	default:
		s.drawSides(p, s.listHeight(w, h))
		s.drawTrial(p, h)
	}
	return p.menuPicture(&s.menu, h)
}

func (s *isolation) note() string {
	if s.state != pairReady {
		return "two accounts, one table"
	}
	return person(s.attacker().account) + " tries " + person(s.victim().account) + "'s todos"
}

// person is a short name, as one would say it aloud.
func person(a auth.Account) string {
	name, _, _ := strings.Cut(who(a), "@")
	return upper(name)
}

func (s *isolation) drawAlone(p *sheet) {
	p.gap()
	p.para(p.st.Text, "Two people keep their todos in one table. Row-level security keeps them apart. Here you can watch it.")
	p.gap()
	enter := s.shared.keys.key(verbAccept)
	if name := s.stranger(); name != "" {
		p.para(p.st.Strong, "Press "+enter+": "+oneLine(name)+" signs in too, and tries to reach your todos.")
		return
	}
	p.para(p.st.Strong, "It takes a second account. Press "+enter+" to sign one in.")
}

// listHeight is how many todos each side shows: all that fit, fewer while
// something is tried, none where that would leave no room for it.
func (s *isolation) listHeight(w, h int) int {
	if s.trial == nil {
		return max(1, h-3)
	}
	rest := h - 4 - s.trialHeight(w, h)
	if rest < 2 {
		return 0
	}
	return rest
}

// roomy is the height from which the wall of a trial's lane stands three lines high.
const roomy = 26

// trialHeight is how many lines a whole trial takes.
func (s *isolation) trialHeight(w, h int) int {
	n := 6 + 2*max(4, len(s.trial.answers))
	if w >= besideFrom {
		n++
	}
	if w >= besideFrom && h >= roomy {
		n += 2
	}
	return n
}

// drawSides lists both accounts beside each other, the owner's first.
func (s *isolation) drawSides(p *sheet, rows int) {
	if rows == 0 {
		return
	}
	p.gap()
	mine, theirs := s.victim(), s.attacker()
	half := (p.w - 3) / 2
	beside := func(left, right string) {
		if p.w < besideFrom {
			p.add(left)
			return
		}
		p.add(pad(left, half) + p.st.Faint.Render(" │ ") + right)
	}
	if p.w < besideFrom {
		half = p.w
	}
	beside(p.st.Title.Render("  "+person(mine.account)+"'s list"), p.st.Title.Render(person(theirs.account)+"'s list"))
	top := max(0, min(s.at-rows/2, len(mine.items)-rows))
	for row := top; row < top+rows && row < max(len(mine.items), len(theirs.items)); row++ {
		left, right := "", ""
		if i := row - top; i < len(theirs.items) {
			right = p.st.Text.Render(clip(itemText(theirs.items[i]), half))
		}
		if row < len(mine.items) {
			left = sideRow(p, mine.items[row], row == s.at, half)
		}
		beside(left, right)
		if row < len(mine.items) {
			p.lines[len(p.lines)-1].row = row + 1
			p.lines[len(p.lines)-1].keep = row == s.at && s.trial == nil
		}
	}
	if len(mine.items) == 0 {
		p.para(p.st.Faint, person(mine.account)+" has no todos · "+s.shared.keys.key(verbSwap)+" swaps the sides")
	}
}

func sideRow(p *sheet, it store.Item, here bool, w int) string {
	b := brush{left: w, pens: p.pens(here)}
	bar := "  "
	if here {
		bar = "▌ "
	}
	b.put(bar, b.pens.Accent)
	b.put(itemText(it), b.pens.Text)
	if here {
		b.fill(0)
	}
	return b.b.String()
}

// itemText is a todo as one line.
func itemText(it store.Item) string {
	box := "[ ] "
	if it.Done.Bool() {
		box = "[x] "
	}
	return box + oneLine(it.Title)
}

// drawTrial tells what was tried, step by step.
func (s *isolation) drawTrial(p *sheet, h int) {
	t := s.trial
	if t == nil {
		return
	}
	p.gap()
	p.title(person(s.attacker().account)+" wants "+inQuotes(t.todo.Title), "")
	s.drawLane(p, h)
	for i, a := range t.answers {
		if shown := t.steps - stepsEach*i; shown > 0 {
			s.drawAttack(p, a, shown)
		}
	}
	switch {
	case t.failure != nil:
		p.hang(p.st.Error, "✗ ", sentence(t.failure.Error()))
		p.keepLast()
	case t.over():
		s.drawVerdict(p)
	}
}

// drawLane shows the attack in pictures, where both sides stand beside each other.
func (s *isolation) drawLane(p *sheet, h int) {
	if p.w < besideFrom {
		return
	}
	l := s.lane()
	edge := sheetLine{text: spaces((p.w-3)/2) + l.edge(p.st), gap: true}
	if h < roomy {
		p.add(l.draw(p.st, p.w))
		return
	}
	p.lines = append(p.lines, edge)
	p.add(l.draw(p.st, p.w))
	p.lines = append(p.lines, edge)
}

// drawAttack tells one attack: who asks for what, and, one step and two steps later,
// what came back and what that means.
func (s *isolation) drawAttack(p *sheet, a store.Attack, shown int) {
	actor := s.attacker()
	if a.Name == ownersAttack {
		actor = s.victim()
	}
	method, path, _ := strings.Cut(oneLine(a.Sent), " ")
	p.add(p.st.Strong.Render(pad(person(actor.account), 8)) + p.st.Accent.Render(method) + p.st.Faint.Render(" "+shortPath(path)))
	p.keepLast()
	if shown < 2 {
		return
	}
	line := spaces(8) + p.st.Text.Render("→ ")
	if shown < stepsEach {
		p.add(line + p.st.Text.Render(oneLine(a.Answer)))
	} else {
		symbol, k := verdictLook(p.st, a.Verdict)
		told := symbol + " " + oneLine(a.Why)
		p.add(line + p.st.Text.Render(clip(oneLine(a.Answer), max(6, p.w-12-width(told)))) + "  " + k.Render(told))
	}
	p.keepLast()
}

// shortPath leaves out of a path what is the same in each.
func shortPath(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, "/api/database/records"), "&select=title,id,user_id")
}

// verdictLook is the symbol and the ink of a verdict.
func verdictLook(st *Styles, verdict string) (string, ink) {
	switch verdict {
	case "safe":
		return "✓", st.Good
	case "leak":
		return "✗", st.Error
	case "known":
		return "!", st.Warn
	}
	return "?", st.Warn
}

// drawVerdict is the end of a trial, large enough for the back row.
func (s *isolation) drawVerdict(p *sheet) {
	attacker, owner := person(s.attacker().account), person(s.victim().account)
	all := s.trial.answers
	has := func(verdict string) bool {
		return slices.ContainsFunc(all, func(a store.Attack) bool { return a.Verdict == verdict })
	}
	p.gap()
	switch {
	case has("leak"):
		p.band(p.st.Error, "✗ LEAK: "+attacker+" can reach "+owner+"'s todo")
	case len(all) == 0 || all[0].Verdict == "untested":
		p.band(p.st.Warn, "? NOT PROVEN: the project does not hold this todo yet")
	default:
		p.band(p.st.Good, "✓ SAFE: for "+attacker+", "+owner+"'s todo does not exist")
	}
}

// band appends a whole line in the colours of k turned around, three lines high
// where there is room.
func (s *sheet) band(k ink, text string) {
	turned := ink{k.start + "\x1b[1;7m"}
	edge := sheetLine{text: turned.Render(spaces(s.w)), gap: true}
	s.lines = append(s.lines, edge)
	s.add(turned.Render(pad("  "+oneLine(text), s.w)))
	s.keepLast()
	s.lines = append(s.lines, edge)
}

// drawSuite counts the verdicts, and lists every attack below.
func (s *isolation) drawSuite(head *sheet, h int) picture {
	head.add(s.summary(head))
	if h < 6 {
		head.lines = head.lines[1:]
	}
	list := newSheet(head.st, head.w)
	s.drawAttacks(list)
	below := list.menuPicture(&s.suite.menu, h-len(head.lines))
	p := head.picture(h)
	p.lines = append(p.lines, below.lines...)
	s.suite.drawn = append(make([]int, len(head.lines)), s.suite.drawn...)
	return p
}

func (s *isolation) drawAttacks(p *sheet) {
	t := s.suite
	for i, a := range t.answers {
		pen := p.pens(i == t.at)
		symbol, k := verdictLook(p.st, a.Verdict)
		verdict := pad(symbol+" "+oneLine(a.Verdict), 10)
		p.row(i, t.at, k.Render(verdict)+" "+pen.Text.Render(pad(oneLine(a.Name), min(36, max(8, p.w/2-14))))+" "+pen.Faint.Render(oneLine(cmp.Or(a.Answer, a.Why))))
		if i == t.at {
			p.hang(p.st.Faint, spaces(13), attackStory(a))
			p.keep()
		}
	}
	if t.failure != nil {
		p.hang(p.st.Error, "✗ ", sentence(t.failure.Error()))
	}
}

func attackStory(a store.Attack) string {
	parts := []string{clip(oneLine(a.Sent), 400), oneLine(a.Why)}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

// summary counts the verdicts of a run.
func (s *isolation) summary(p *sheet) string {
	n := map[string]int{}
	for _, a := range s.suite.answers {
		n[a.Verdict]++
	}
	text := fmt.Sprintf("%d safe", n["safe"])
	k := p.st.Good
	if n["known"] > 0 {
		text += fmt.Sprintf(", %d known", n["known"])
	}
	if n["untested"] > 0 {
		text += fmt.Sprintf(", %d untested", n["untested"])
	}
	switch {
	case n["leak"] > 0:
		k, text = p.st.Error, count(n["leak"], "LEAK", "LEAKS")+", "+text
	case s.suite.failure != nil:
		k, text = p.st.Warn, "not finished, "+text
	case s.suite.complete():
		text = "no leak, " + text
	}
	if !s.suite.complete() {
		text += " · attacking…"
	}
	return k.Render(text)
}
