package todotxt

import "strings"

// Pasted is one todo of a pasted text.
type Pasted struct {
	Title string
	Done  bool
}

// Lines reads a text as many todos, one a line, for pasting. Blank lines are
// left out, and from the others the indent and one bullet go: -, *, + or • with a
// space behind it, 1. or 1), and a check box, [ ] or [x], behind a bullet or
// alone. What is checked, or begins with "x " as in a todo.txt file, is done.
func Lines(text string) []Pasted {
	var all []Pasted
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' }) {
		if p := pastedLine(line); p.Title != "" {
			all = append(all, p)
		}
	}
	return all
}

func pastedLine(line string) Pasted {
	s := strings.TrimSpace(line)
	if rest, ok := strings.CutPrefix(s, "x "); ok {
		return Pasted{strings.TrimSpace(rest), true}
	}
	s = cutBullet(s)
	rest, done, ok := cutBox(s)
	if !ok {
		return Pasted{s, false}
	}
	return Pasted{rest, done}
}

// cutBullet takes the sign of a list item off. A sign alone is an empty item.
func cutBullet(s string) string {
	for _, sign := range []string{"-", "*", "+", "•", "‣", "◦", "–"} {
		if rest, ok := strings.CutPrefix(s, sign); ok && (rest == "" || spaces(rest) > 0) {
			return strings.TrimSpace(rest)
		}
	}
	n := 0
	for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n > 0 && n < len(s) && (s[n] == '.' || s[n] == ')') && spaces(s[n+1:]) > 0 {
		return strings.TrimSpace(s[n+1:])
	}
	return s
}

// cutBox takes a check box off.
func cutBox(s string) (rest string, done, ok bool) {
	for _, box := range []string{"[ ]", "[x]", "[X]", "☐", "☑", "☒", "✅"} {
		if rest, ok := strings.CutPrefix(s, box); ok && (rest == "" || spaces(rest) > 0) {
			return strings.TrimSpace(rest), box != "[ ]" && box != "☐", true
		}
	}
	if rest, ok := strings.CutPrefix(s, "[]"); ok && spaces(rest) > 0 {
		return strings.TrimSpace(rest), false, true
	}
	return s, false, false
}
