package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// floating is a screen that is drawn in a frame over the one below, where there is
// room: what it is about stays in sight.
type floating interface {
	screen
	// size is how many cells the screen would take inside a frame, of w × h at most.
	size(w, h int) (fw, fh int)
}

const (
	floatW    = 50 // columns from which a screen floats
	floatH    = 12 // and lines of the body
	frameW    = 4  // what the frame takes beside, with a blank at each side
	frameH    = 2
	floatWide = 64 // columns of a frame that is as wide as any
)

// place is a floating screen in its frame.
type place struct{ x, y, w, h int } // of what is inside

// placed says where the screen on top floats in the body; not where it fills it.
func (r *root) placed() (at place, floats bool) {
	f, ok := r.top().(floating)
	w, h := r.w, r.bodyHeight()
	if !ok || w < floatW || h < floatH {
		return place{}, false
	}
	fw, fh := f.size(min(w, floatWide)-frameW, h-frameH)
	return place{(w - fw) / 2, 1 + (h-fh-frameH)/4, fw, fh}, true
}

// body draws the screen on top, in its frame over the one below where it floats.
func (r *root) body() picture {
	at, floats := r.placed()
	if !floats {
		return r.top().view(r.w, r.bodyHeight())
	}
	p := r.top().view(at.w, at.h)
	below := r.below().view(r.w, r.bodyHeight()).lines
	for len(below) < at.y+at.h+1 {
		below = append(below, "")
	}
	for i, line := range r.framed(p.lines, at) {
		y := at.y - 1 + i
		below[y] = pad(chop(below[y], at.x-2), at.x-2) + line + behind(below[y], at.x+at.w+2)
	}
	if p.cursor != nil {
		p.cursor.X, p.cursor.Y = p.cursor.X+at.x, p.cursor.Y+at.y
	}
	return picture{below, p.cursor}
}

// below is the screen under the one on top that fills the body.
func (r *root) below() screen {
	for i := len(r.stack) - 2; i >= 0; i-- {
		if _, ok := r.stack[i].(floating); !ok {
			return r.stack[i]
		}
	}
	return r.list
}

// framed puts a frame around lines.
func (r *root) framed(lines []string, at place) []string {
	k := r.shared.styles.Accent
	edge := strings.Repeat("─", at.w+2)
	out := []string{k.Render("╭" + edge + "╮")}
	for y := range at.h {
		line := ""
		if y < len(lines) {
			line = lines[y]
		}
		out = append(out, k.Render("│")+" "+pad(line, at.w)+" "+k.Render("│"))
	}
	return append(out, k.Render("╰"+edge+"╯"))
}

// pointed is a mouse message in the coordinates of the screen on top.
func (r *root) pointed(msg tea.MouseMsg) tea.Msg {
	at, _ := r.placed()
	return moved(msg, -at.x, -r.bodyTop()-at.y)
}
