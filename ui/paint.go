package ui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"kindling/store"
	"kindling/store/todotxt"
)

// brush writes rows of cells, one after the other: text in inks, cut at their width.
type brush struct {
	b     strings.Builder
	left  int // cells that are still free in this row
	pens  *pens
	links bool
	parts []todotxt.Span // room for those of a title
	found []int          // room for what a filter found
}

// put writes clean text in an ink, cut with an ellipsis where it does not fit.
func (p *brush) put(text string, k ink) { p.part(text, k, false) }

// part is put for a text that more may follow: then a cell is left to tell that it was cut.
func (p *brush) part(text string, k ink, more bool) {
	n, room := width(text), p.left
	if more {
		room--
	}
	switch {
	case n == 0 || p.left <= 0:
	case n <= room:
		k.write(&p.b, text)
		p.left -= n
	default:
		k.begin(&p.b)
		p.b.WriteString(head(text, p.left-1))
		p.b.WriteString("…")
		k.end(&p.b)
		p.left = 0
	}
}

// fill writes spaces until only left cells are free.
func (p *brush) fill(left int) {
	if n := p.left - left; n > 0 {
		p.pens.Text.write(&p.b, spaces(n))
		p.left = left
	}
}

// title writes a title with its parts set off, in at most w cells; its due date
// and its priority may be told elsewhere, so those spans can be left out.
// found are the byte offsets that a filter matched.
func (p *brush) title(it *store.Item, w int, found []int) {
	short := store.Item{Todo: store.Todo{Title: start(it.Title), Done: it.Done}}
	p.parts = titleSpans(short.Title, p.parts)
	p.spans(&short, p.parts, w, found)
}

// spans writes these parts of a title.
func (p *brush) spans(it *store.Item, parts []todotxt.Span, w int, found []int) {
	kept := p.left - min(w, p.left)
	p.left -= kept
	base := p.pens.Text
	if it.Done.Bool() {
		base = p.pens.Done
	}
	if !strings.ContainsFunc(it.Title, isSeen) {
		p.put("(no text)", p.pens.Faint)
	}
	turn := turnBack(it.Title)
	p.b.WriteString(turn) // the row itself runs from left to right
	for i, s := range parts {
		if p.left == 0 {
			break
		}
		p.span(it, s, base, found, i+1 < len(parts))
	}
	p.b.WriteString(turn)
	p.left += kept
}

// titleSpans are the parts of a title that a row shows; its due date stands in words
// at the row's end. They lie in room, as far as that reaches.
func titleSpans(title string, room []todotxt.Span) []todotxt.Span {
	spans := todotxt.ParseInto(title, room).Spans
	i := slices.IndexFunc(spans, func(s todotxt.Span) bool { return s.Class == todotxt.Tag && s.Key == "due" })
	if i < 0 {
		return spans
	}
	n := 1
	if i > 0 && spans[i-1].Class == todotxt.Space {
		i, n = i-1, 2
	} else if i+1 < len(spans) && spans[i+1].Class == todotxt.Space {
		n = 2
	}
	return slices.Delete(spans, i, i+n)
}

func (p *brush) span(it *store.Item, s todotxt.Span, base ink, found []int, more bool) {
	text := it.Title[s.Start:s.End]
	k := p.spanInk(it, s, text, base)
	if s.Class == todotxt.URL && p.links {
		p.b.WriteString(ansi.SetHyperlink(linkTarget(text)))
		defer p.b.WriteString(ansi.ResetHyperlink())
	}
	if !slices.ContainsFunc(found, func(at int) bool { return at >= s.Start && at < s.End }) {
		p.part(clean(text), k, more)
		return
	}
	p.lit(text, s.Start, k, found, more)
}

// lit writes a span with the characters that a filter matched set off.
func (p *brush) lit(text string, at int, k ink, found []int, more bool) {
	for len(text) > 0 {
		n := len(character(text))
		hit := slices.ContainsFunc(found, func(f int) bool { return f >= at && f < at+n })
		this := k
		if hit {
			this = p.pens.Match
		}
		p.part(clean(text[:n]), this, more || n < len(text))
		text, at = text[n:], at+n
	}
}

func (p *brush) spanInk(it *store.Item, s todotxt.Span, text string, base ink) ink {
	if it.Done.Bool() {
		return base
	}
	switch s.Class {
	case todotxt.Priority:
		return p.pens.priority(text[1])
	case todotxt.Project:
		return p.pens.Project
	case todotxt.Context:
		return p.pens.Context
	case todotxt.Tag, todotxt.Date:
		return p.pens.Tag
	case todotxt.URL:
		return p.pens.Link
	}
	return base
}

func (p *pens) priority(letter byte) ink {
	switch letter {
	case 'A':
		return p.High
	case 'B':
		return p.Middle
	}
	return p.Low
}

// linkTarget is an address that is safe inside an escape sequence.
func linkTarget(url string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(url, ""))
}

// stateSymbol and stateWord mark what is not simply at the server.
func stateSymbol(s store.State) string { return [...]string{"", "↑", "!", "×"}[s] }

func stateWord(s store.State) string {
	return [...]string{"", "↑ waiting", "! conflict", "× refused"}[s]
}

func (p *pens) state(s store.State) ink {
	return [...]ink{p.Faint, p.Warn, p.Bad, p.Bad}[s]
}

// dueDate is a due date as it is told.
type dueDate struct {
	day, today todotxt.Day
	done       bool
}

func (d dueDate) words() string {
	if d.done && d.day < d.today {
		return d.day.Date(d.today) // nothing is late any more
	}
	return d.day.Words(d.today)
}

// ink says how near the date is.
func (d dueDate) ink(p *pens) ink {
	switch {
	case d.done:
		return p.Faint
	case d.day < d.today:
		return p.Bad
	case d.day == d.today:
		return p.Warn
	case d.day <= d.today+1:
		return p.Accent
	}
	return p.Faint
}
