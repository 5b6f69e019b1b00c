package cli

import (
	"strings"

	"kindling/store"
	"kindling/store/todotxt"
)

// palette colours a line for people with the terminal's own sixteen colours,
// so that it fits every theme; off, it leaves text as it is.
type palette struct{ on bool }

// palette is on where people look: on a terminal, and without NO_COLOR.
func (a *app) palette() palette {
	return palette{isTerminal(a.Stdout) && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb"}
}

func (p palette) paint(code, text string) string {
	if !p.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p palette) id(text string) string    { return p.paint("33", text) }
func (p palette) faint(text string) string { return p.paint("2", text) }
func (p palette) bold(text string) string  { return p.paint("1", text) }

func (p palette) state(s store.State, text string) string {
	if s == store.Waiting {
		return p.faint(text)
	}
	return p.paint("31", text)
}

var classColors = map[todotxt.Class]string{
	todotxt.Priority: "1;33", todotxt.Project: "36", todotxt.Context: "35", todotxt.Tag: "34", todotxt.URL: "4",
}

// title paints the parts of a title.
func (p palette) title(text string) string {
	if !p.on {
		return printable(text)
	}
	var b strings.Builder
	for _, s := range todotxt.Parse(text).Spans {
		part := printable(text[s.Start:s.End])
		if code := classColors[s.Class]; code != "" {
			part = p.paint(code, part)
		}
		b.WriteString(part)
	}
	return b.String()
}
