package ui

import (
	"image/color"
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/progress"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// ink is how a piece of text looks: what to write before it. Text is put between
// start and a reset; inks do not nest.
type ink struct{ start string }

const reset = "\x1b[m"

// Render returns text in this ink. The text must be clean.
func (k ink) Render(text string) string {
	if text == "" || k.start == "" {
		return text
	}
	return k.start + text + reset
}

// write appends text in this ink to b.
func (k ink) write(b *strings.Builder, text string) {
	k.begin(b)
	b.WriteString(text)
	k.end(b)
}

func (k ink) begin(b *strings.Builder) { b.WriteString(k.start) }

func (k ink) end(b *strings.Builder) {
	if k.start != "" {
		b.WriteString(reset)
	}
}

// pens are the inks of one background.
type pens struct {
	Text, Strong, Faint, Done   ink
	Accent, Good, Warn, Bad     ink
	Project, Context, Link, Tag ink
	Match                       ink // the letters that a filter found
	High, Middle, Low           ink // priorities A, B, and the rest
}

// Styles is every look of the program, made once for a theme and a background.
type Styles struct {
	pens           // on the plain background
	Cursor    pens // on the row under the cursor
	Selection pens // on selected rows
	Title     ink  // a screen's heading
	Key       ink  // a key in footer and help
	Error     ink
	Help      help.Model     // keys with what they do, of no width yet
	Bar       progress.Model // how far something is
	// Background and Foreground are what the terminal is asked to use, nil for its own.
	Background, Foreground color.Color
}

// newStyles makes the looks of a theme. With plain set there is no colour at
// all: weight, faintness, underline and symbols carry everything.
func newStyles(t theme, dark, plain bool) *Styles {
	r := t.on(dark)
	if plain {
		r = ramp{}
	}
	s := &Styles{pens: newPens(r, "", false)}
	s.Cursor = newPens(r, r.Cursor, true)
	s.Selection = newPens(r, r.Selection, false)
	if plain {
		s.Selection.Text = ink{ansi.Style{}.Underline(true).String()}
	}
	s.Title = paint(r.Accent, "").Bold().ink()
	s.Key = keyStyle(r).ink()
	s.Error = paint(r.Bad, "").Bold().ink()
	s.Help, s.Bar = newHelpStyle(r), newBar(r)
	s.Background, s.Foreground = trueColor(r.Background), trueColor(r.Text)
	return s
}

// keyStyle sets keys off by the accent, or by weight where there is none.
func keyStyle(r ramp) style {
	if r.Accent == "" {
		return paint("", "").Bold()
	}
	return paint(r.Accent, "")
}

// newHelpStyle makes bubbles' help draw in the theme's colours.
func newHelpStyle(r ramp) help.Model {
	name, does := gloss(r.Accent).Bold(r.Accent == ""), gloss(r.Faint).Faint(r.Faint == "")
	return help.Model{ShortSeparator: " · ", Ellipsis: "…", Styles: help.Styles{
		ShortKey: name, ShortDesc: does, ShortSeparator: does, Ellipsis: does, FullKey: name, FullDesc: gloss(r.Text)}}
}

// newBar makes bubbles' progress a slim bar in the theme's colours.
func newBar(r ramp) progress.Model {
	m := progress.New(progress.WithWidth(20), progress.WithoutPercentage(), progress.WithFillCharacters('━', '─'))
	m.FullColor, m.EmptyColor = gloss(r.Accent).GetForeground(), gloss(r.Faint).GetForeground()
	return m
}

// shortHelp is keys with what they do on one line, as many as fit w cells.
func (s *Styles) shortHelp(all []key.Binding, w int) string {
	m := s.Help
	if len(all) > 1 {
		m.SetWidth(w) // what does not fit is left out; one alone is cut
	}
	line := m.ShortHelpView(all)
	for len(all) > 1 && width(line) > w { // it goes too far where its ellipsis has no room
		all = all[:len(all)-1]
		line = m.ShortHelpView(all)
	}
	return clip(line, w)
}

// gloss is a colour of a theme as bubbles take it.
func gloss(fore string) lipgloss.Style {
	c := terminalColor(fore)
	if c == nil {
		return lipgloss.NewStyle()
	}
	return lipgloss.NewStyle().Foreground(c)
}

func newPens(r ramp, back string, strong bool) pens {
	p := func(fore string) style {
		if strong {
			return paint(fore, back).Bold()
		}
		return paint(fore, back)
	}
	faint := paint(r.Faint, back)
	if r.Faint == "" {
		faint = faint.Faint()
	}
	return pens{
		Text: p(r.Text).ink(), Strong: p(r.Text).Bold().ink(), Faint: faint.ink(), Done: faint.Strike().ink(),
		Accent: p(r.Accent).ink(), Good: p(r.Good).ink(), Warn: p(r.Warn).ink(), Bad: p(r.Bad).ink(),
		Project: p(r.Project).ink(), Context: p(r.Context).ink(), Link: p(r.Link).Underline().ink(), Tag: faint.ink(),
		Match: p(r.Accent).Bold().Underline().ink(),
		High:  p(r.Bad).Bold().ink(), Middle: p(r.Warn).Bold().ink(), Low: p(r.Accent).ink(),
	}
}

// style is an ansi.Style under construction.
type style struct{ ansi.Style }

func paint(fore, back string) style {
	s := ansi.Style{}
	if c := terminalColor(fore); c != nil {
		s = s.ForegroundColor(c)
	}
	if c := terminalColor(back); c != nil {
		s = s.BackgroundColor(c)
	}
	return style{s}
}

func (s style) Bold() style      { return style{s.Style.Bold()} }
func (s style) Faint() style     { return style{s.Style.Faint()} }
func (s style) Underline() style { return style{s.Style.Underline(true)} }
func (s style) Strike() style    { return style{s.Style.Strikethrough(true)} }

func (s style) ink() ink {
	if len(s.Style) == 0 {
		return ink{}
	}
	return ink{s.String()}
}

func terminalColor(text string) ansi.Color {
	c, _ := readColor(text)
	switch c := c.(type) {
	case indexed:
		return ansi.BasicColor(c)
	case color.RGBA:
		return c
	}
	return nil
}

func trueColor(text string) color.Color {
	if c, _ := readColor(text); c != nil {
		if c, ok := c.(color.RGBA); ok {
			return c
		}
	}
	return nil
}
