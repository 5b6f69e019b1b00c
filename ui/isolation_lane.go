package ui

import "strings"

// lane is the picture of one attack, for those who cannot read the request: the todo on
// its owner's side, the wall between the two lists, and an arrow that is on its way to it.
type lane struct {
	todo     string // what is wanted
	said     string // who asks, and how
	own      bool   // the owner asks, and there is no wall on the way
	verdict  string
	asked    float64 // how much of the way to the wall, or to the owner's own todo, is made
	answered bool    // what came of it is shown
	through  float64 // how much of the way from the wall to the todo is made
}

// laneWords tell an attack aloud.
var laneWords = map[string]string{"read-by-id": "asks by id", "read-by-title": "asks by title", "update-by-id": "tries to change it"}

// laneEnds tell what came of it.
var laneEnds = map[string]string{"safe": "stopped", "leak": "got through", "untested": "not known"}

// lane is what is seen now: the attack that is shown, in the end the one that got through.
func (s *isolation) lane() lane {
	t := s.trial
	n, shown := t.watched()
	l := lane{todo: oneLine(t.todo.Title)}
	if shown == 0 {
		return l
	}
	a, part := t.answers[n], float64(t.frame+1)/framesEach
	l.own, l.verdict, l.asked = a.Name == ownersAttack, a.Verdict, 1
	l.said = person(s.attacker().account) + " " + laneWords[a.Name]
	if l.own {
		l.said = person(s.victim().account) + " asks"
	}
	l.answered = shown > 1
	switch {
	case shown == 1:
		l.asked = part
	case a.Verdict == "leak" && shown == 2:
		l.through = part
	case a.Verdict == "leak":
		l.through = 1
	}
	return l
}

// watched is the attack that is shown, and in how many of its steps.
func (t *trial) watched() (n, shown int) {
	if t.over() {
		for i, a := range t.answers {
			if a.Verdict == "leak" {
				return i, stepsEach
			}
		}
	}
	n = max(0, (t.steps-1)/stepsEach)
	return n, t.steps - stepsEach*n
}

// draw draws a lane below the lists, its wall in line with theirs.
func (l lane) draw(st *Styles, w int) string {
	half := (w - 3) / 2
	todo := "  " + clip(l.todo, half/2)
	room, said := half-width(todo)-1, ""
	if l.own {
		said = " " + clip(l.said, room-2)
	}
	ink, track := st.Strong, arrow(room-width(said), l.through)
	switch {
	case l.own:
		track = arrow(room-width(said), l.asked)
		if l.answered {
			ink = l.ink(st)
		}
	case l.through == 1:
		ink = st.Error
	}
	left := ink.Render(todo) + " " + l.ink(st).Render(track) + st.Text.Render(said)
	return left + l.wall(st) + l.beyond(st, w-half-3)
}

// beyond is the attacker's side of the wall.
func (l lane) beyond(st *Styles, w int) string {
	if l.own || l.said == "" {
		return spaces(w)
	}
	said, stamp := " "+clip(l.said, w-2), ""
	if l.answered {
		symbol, _ := verdictLook(st, l.verdict)
		stamp = clip(symbol+" "+laneEnds[l.verdict], max(0, w-width(said)-2)) + " "
	}
	track := arrow(w-width(stamp)-width(said), l.asked)
	if l.through > 0 {
		track = strings.Replace(track, "←", "─", 1)
	}
	return l.ink(st).Render(stamp+track) + st.Text.Render(said)
}

// wall is where the attacker's arrow ends, or goes through.
func (l lane) wall(st *Styles) string {
	if l.through > 0 {
		return l.ink(st).Render("── ")
	}
	return l.edge(st)
}

// edge is the wall above and below the arrow.
func (l lane) edge(st *Styles) string {
	if l.own || !l.answered || l.verdict == "leak" {
		return st.Faint.Render(" │ ")
	}
	return l.ink(st).Render(" █ ")
}

// ink is that of the verdict, once it is known.
func (l lane) ink(st *Styles) ink {
	if !l.answered {
		return st.Accent
	}
	_, k := verdictLook(st, l.verdict)
	return k
}

// arrow is one that has come a part of its way, from right to left, in room cells.
func arrow(room int, part float64) string {
	n := min(room, int(part*float64(room)+0.5))
	if n <= 0 {
		return spaces(room)
	}
	return spaces(room-n) + "←" + strings.Repeat("─", n-1)
}

// ownersAttack is the attempt that the owner makes, to show that the todo is there.
const ownersAttack = "read-as-owner"
