package ui

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// piece is a part of a text, and whether the other text lacks it.
type piece struct {
	text    string
	differs bool
}

// mostTokens bounds a comparison: it costs the product of both lengths. What is
// longer differs as one piece between what both begin and end with.
const mostTokens = 1000

// differences tells, for each of two texts, what the other one lacks: by words,
// and by characters where a script has no spaces.
func differences(a, b string) (ofA, ofB []piece) {
	x, y := tokens(a), tokens(b)
	head := commonHead(x, y)
	tail := commonTail(x[head:], y[head:])
	keepA, keepB := common(x[head:len(x)-tail], y[head:len(y)-tail])
	return pieces(x, keepA, head, tail), pieces(y, keepB, head, tail)
}

// tokens cuts a text into words, and all that is no word into single characters.
func tokens(text string) []string {
	var all []string
	word := 0 // where the open word begins
	for at := 0; at < len(text); {
		n, _ := cluster(text[at:])
		r, _ := utf8.DecodeRuneInString(text[at:])
		if !inWord(r) {
			if word < at {
				all = append(all, text[word:at])
			}
			all = append(all, text[at:at+n])
			word = at + n
		}
		at += n
	}
	if word < len(text) {
		all = append(all, text[word:])
	}
	return all
}

// inWord reports a letter or digit of a script that sets its words apart.
func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) &&
		!unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func commonHead(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func commonTail(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// common marks which tokens of each belong to a longest common subsequence.
func common(a, b []string) (keepA, keepB []bool) {
	keepA, keepB = make([]bool, len(a)), make([]bool, len(b))
	if len(a) > mostTokens || len(b) > mostTokens {
		return keepA, keepB
	}
	length := lengths(a, b)
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			keepA[i], keepB[j] = true, true
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return keepA, keepB
}

// lengths[i][j] is how long the longest common subsequence of a[i:] and b[j:] is.
func lengths(a, b []string) [][]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	return length
}

// pieces joins tokens that are alike in differing. A lone space between two
// that differ goes with them.
func pieces(all []string, keep []bool, head, tail int) []piece {
	differs := make([]bool, len(all))
	for i := range keep {
		differs[head+i] = !keep[i]
	}
	for i := 1; i+1 < len(all)-tail; i++ {
		if all[i] == " " && differs[i-1] && differs[i+1] {
			differs[i] = true
		}
	}
	var out []piece
	for i, token := range all {
		if n := len(out); n > 0 && out[n-1].differs == differs[i] {
			out[n-1].text += token
			continue
		}
		out = append(out, piece{token, differs[i]})
	}
	return out
}

// What differs stands between marks, so that it shows without colours too. While
// lines are broken the marks are characters that no clean text has.
const (
	openMark, closeMark   = "‹", "›"
	openPlace, closePlace = "\ue000", "\ue001"
)

var hidePlaces = strings.NewReplacer(openPlace, "\ufffd", closePlace, "\ufffd")

// markedLines draws a text in lines of w cells, at most h, with what differs in
// an ink of its own and between marks. Where the text is longer than that, it
// begins shortly before the first difference.
func markedLines(all []piece, same, differs ink, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	var b strings.Builder
	for i, p := range nearDifference(all, w*h) {
		text := hidePlaces.Replace(clean(p.text))
		if p.differs {
			text = openPlace + text + closePlace
		}
		if i == 0 || text != "" {
			b.WriteString(text)
		}
		if b.Len() > 8*w*h {
			break
		}
	}
	lines := wrap(clip(b.String(), 2*w*h), w)
	if len(lines) > h {
		lines = lines[:h]
		lines[h-1] = clip(chop(lines[h-1], w-1)+"…", w)
	}
	lines = inkMarked(lines, same, differs)
	for i := range lines {
		lines[i] = clip(lines[i], w) // rare clusters are wider than breaking lines thought
	}
	return lines
}

// nearDifference leaves out a long beginning that both texts share.
func nearDifference(all []piece, cells int) []piece {
	if len(all) < 2 || all[0].differs {
		return all
	}
	same, need := len(all[0].text), min(width(clean(all[1].text))+2, cells*3/4) // 2: the marks
	if same < cells*2/3 && same+need <= cells {
		return all
	}
	tail := all[0].text[same-min(same, cells/3, max(0, cells-need-1)):] // 1: the …
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	short := slices.Clone(all)
	short[0].text = "…" + tail
	return short
}

// inkMarked puts inks on broken lines; a difference may go over several.
func inkMarked(lines []string, same, differs ink) []string {
	in := false
	out := make([]string, len(lines))
	for i, line := range lines {
		var b strings.Builder
		for line != "" {
			at := strings.IndexAny(line, openPlace+closePlace)
			part := line
			if at >= 0 {
				part = line[:at]
			}
			pen := same
			if in {
				pen = differs
			}
			if at < 0 {
				pen.write(&b, part)
				break
			}
			mark := openMark
			if strings.HasPrefix(line[at:], closePlace) {
				mark = closeMark
			}
			if part != "" {
				pen.write(&b, part)
			}
			differs.write(&b, mark)
			in = mark == openMark
			line = line[at+len(openPlace):]
		}
		out[i] = b.String()
	}
	return out
}
