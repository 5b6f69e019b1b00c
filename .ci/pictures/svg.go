package main

import (
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// A cell's size in the picture, and the frame around the screen, in pixels.
const (
	cellW, cellH = 8.4, 19.0
	pad, bar     = 14.0, 30.0
)

// svg draws the screen in a plain window.
func (t *terminal) svg(l look) string {
	w, h := t.screen.Width(), t.screen.Height()
	width, height := float64(w)*cellW+2*pad, float64(h)*cellH+2*pad+bar
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`, width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="9" fill="%s" stroke="#8886"/>`, hex(l.bg))
	for i, c := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%.0f" cy="16" r="5.5" fill="%s"/>`, 20+float64(i)*19, c)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14" fill="%s" xml:space="preserve">`, hex(l.fg))
	for y := range h {
		t.line(&b, l, y)
	}
	t.cursor(&b, l)
	b.WriteString("</g></svg>\n")
	return b.String()
}

// line draws one row: each run of cells with one style is one piece of text, of a given length, so
// that another font keeps the columns.
func (t *terminal) line(b *strings.Builder, l look, y int) {
	for x := 0; x < t.screen.Width(); {
		c := t.screen.CellAt(x, y)
		run, n := text(c), max(1, c.Width)
		for x+n < t.screen.Width() && c.Width == 1 && len(c.Content) <= 1 {
			next := t.screen.CellAt(x+n, y)
			if !next.Style.Equal(&c.Style) || next.Width != 1 || len(next.Content) > 1 {
				break
			}
			run += text(next)
			n++
		}
		draw(b, l, c.Style, run, x, y, n)
		x += n
	}
}

func text(c *uv.Cell) string {
	if c.Content == "" {
		return " "
	}
	return c.Content
}

func draw(b *strings.Builder, l look, s uv.Style, run string, x, y, n int) {
	fg, bg := paint(l, s.Fg, hex(l.fg)), paint(l, s.Bg, "")
	if s.Attrs&uv.AttrReverse != 0 {
		fg, bg = first(bg, hex(l.bg)), fg
	}
	left, top := pad+float64(x)*cellW, bar+pad+float64(y)*cellH
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, left, top, float64(n)*cellW+0.3, cellH+0.3, bg)
	}
	if strings.TrimSpace(run) == "" && s.Attrs&uv.AttrStrikethrough == 0 {
		return
	}
	if path, ok := boxes[run]; ok {
		fmt.Fprintf(b, `<path transform="translate(%.1f %.1f)" d="%s" fill="none" stroke="%s"%s/>`, left, top, path, fg, attrs(s))
		return
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`,
		left, top+14.2, float64(n)*cellW, fg, attrs(s), html.EscapeString(run))
}

// boxes are the characters that touch the next cell, as paths from edge to edge: a
// font's own leave gaps between lines that are set as far apart.
var boxes = map[string]string{
	"─": "M0 9.5h8.4", "│": "M4.2 0v19", "╭": "M8.4 9.5h-1.2q-3 0-3 3v6.5", "╮": "M0 9.5h1.2q3 0 3 3v6.5",
	"╰": "M4.2 0v6.5q0 3 3 3h1.2", "╯": "M4.2 0v6.5q0 3-3 3h-1.2",
}

func attrs(s uv.Style) (out string) {
	if s.Attrs&uv.AttrBold != 0 {
		out += ` font-weight="bold"`
	}
	if s.Attrs&uv.AttrFaint != 0 {
		out += ` opacity="0.6"`
	}
	if s.Attrs&uv.AttrItalic != 0 {
		out += ` font-style="italic"`
	}
	var lines []string
	if s.Underline != uv.UnderlineNone {
		lines = append(lines, "underline")
	}
	if s.Attrs&uv.AttrStrikethrough != 0 {
		lines = append(lines, "line-through")
	}
	if len(lines) > 0 {
		out += fmt.Sprintf(` text-decoration="%s"`, strings.Join(lines, " "))
	}
	return out
}

func (t *terminal) cursor(b *strings.Builder, l look) {
	if hidden, ok := any(t.screen).(interface{ CursorHidden() bool }); ok && hidden.CursorHidden() {
		return
	}
	at := t.screen.CursorPosition()
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="2" height="%.1f" fill="%s"/>`, pad+float64(at.X)*cellW, bar+pad+float64(at.Y)*cellH+1, cellH-2, hex(l.fg))
}

// paint is a colour as SVG: the terminal's own for the sixteen, "" or otherwise for none.
func paint(l look, c color.Color, otherwise string) string {
	switch c := c.(type) {
	case nil:
		return otherwise
	case ansi.BasicColor:
		return l.ansi[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return l.ansi[c]
		}
	}
	return hex(c)
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
