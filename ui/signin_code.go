package ui

import (
	"strings"

	"rsc.io/qr"
)

// drawCode shows the code, where to type it, and the address as a QR code
// beside or below it where that fits.
func (s *signIn) drawCode(p *sheet, h int) picture {
	s.drawCodeNote(p)
	p.gap()
	p.add("  " + p.st.Strong.Render(Spaced(clean(s.attempt.code))))
	p.keep()
	p.gap()
	p.para(p.st.Text, "Open this address on any machine and check that it shows this code:")
	s.drawAddress(p)
	p.gap()
	code := qrLines(s.attempt.url)
	if n := qrWidth(code); len(code) > 0 && n+36 <= p.w && len(code)+2 <= h {
		return s.besideCode(p, code, h)
	} else if len(code) > 0 && n <= p.w && len(p.lines)+len(code)+2 <= h {
		for _, line := range code {
			p.add(line)
		}
		p.gap()
	}
	p.hints(s.shared.keys, codeHints...)
	return p.picture(h)
}

func (s *signIn) drawCodeNote(p *sheet) {
	if s.note.text != "" {
		p.para(toneInk(p.st, s.note.tone), s.note.text)
		return
	}
	text := "Sign in with this code:"
	if why := s.shared.facts.Headless; why != "" {
		text = "No browser can be shown here (" + why + "). Sign in elsewhere with this code:"
	}
	p.para(p.st.Text, text)
}

// besideCode draws the screen again, narrower, with the QR code at its right.
func (s *signIn) besideCode(p *sheet, code []string, h int) picture {
	left := newSheet(p.st, p.w-qrWidth(code)-2)
	left.gap()
	s.drawCodeNote(left)
	left.gap()
	left.add("  " + left.st.Strong.Render(Spaced(clean(s.attempt.code))))
	left.gap()
	left.para(left.st.Text, "Scan this, or open the address on any machine, and check that it shows this code:")
	s.drawAddress(left)
	left.gap()
	left.hints(s.shared.keys, codeHints...)
	pic := left.picture(h - 1)
	out := picture{lines: []string{p.lines[0].text}}
	for y := range max(len(pic.lines), len(code)+1) {
		line := ""
		if y < len(pic.lines) {
			line = pic.lines[y]
		}
		if y > 0 && y <= len(code) {
			line = pad(line, left.w+2) + code[y-1]
		}
		out.lines = append(out.lines, line)
	}
	return out
}

// useBrowser is what verbPasteAddress does where a code is shown: there is no address to paste.
const useBrowser = "use a browser instead"

var codeHints = []hint{{verbCopyShown, "copy the address"}, {verbPasteAddress, useBrowser}, {verbBack, "cancel"}}

// A QR code is black on white whatever the theme is: cameras expect it. Its
// glyphs are the light parts, so that a dark terminal without colours shows
// it the right way round too.
const qrInk = "\x1b[38;2;255;255;255;48;2;0;0;0m"

// qrQuiet is the light margin in modules: fewer than the standard's four, which
// cameras do not need.
const qrQuiet = 2

// QRCode draws text as a QR code for a terminal of w columns, a line for each of
// its rows; nil where it does not fit.
func QRCode(text string, w int) []string {
	lines := qrLines(text)
	if qrWidth(lines) > w {
		return nil
	}
	return lines
}

// Spaced sets the letters of a code apart, for reading and typing.
func Spaced(code string) string { return strings.Join(strings.Split(code, ""), " ") }

// qrLines draws text as a QR code of half blocks, two modules to a cell; nil
// where it is too long for one.
func qrLines(text string) []string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil
	}
	light := func(x, y int) bool { return !code.Black(x, y) && y < code.Size+qrQuiet }
	var lines []string
	for y := -qrQuiet; y < code.Size+qrQuiet; y += 2 {
		var b strings.Builder
		b.WriteString(qrInk)
		for x := -qrQuiet; x < code.Size+qrQuiet; x++ {
			b.WriteString(qrCell(light(x, y), light(x, y+1)))
		}
		b.WriteString(reset)
		lines = append(lines, b.String())
	}
	return lines
}

func qrCell(top, bottom bool) string {
	switch {
	case top && bottom:
		return "█"
	case top:
		return "▀"
	case bottom:
		return "▄"
	}
	return " "
}

func qrWidth(lines []string) int {
	if len(lines) == 0 {
		return 0
	}
	return strings.Count(lines[0], "█") + strings.Count(lines[0], "▀") + strings.Count(lines[0], "▄") + strings.Count(lines[0], " ")
}
