package cli

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kindling/auth"
)

// printable makes one line of any text: what a terminal would obey or what
// would reorder the line is shown as a sign of its own.
func printable(text string) string {
	if !strings.ContainsFunc(text, unprintable) && utf8.ValidString(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unprintable(r):
			return '\ufffd'
		}
		return r
	}, text)
}

func unprintable(r rune) bool {
	bidi := r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200e' || r == '\u200f' || r == '\u061c'
	return unicode.IsControl(r) || bidi || r == '\u2028' || r == '\u2029'
}

// harmless writes a file's text to a terminal: its lines stay, and control
// characters are shown as signs, so that the terminal does not obey them.
type harmless struct{ io.Writer }

func (h harmless) Write(p []byte) (int, error) {
	shown := strings.Map(func(r rune) rune {
		if unprintable(r) && r != '\n' && r != '\t' {
			return '\ufffd'
		}
		return r
	}, strings.ReplaceAll(string(p), "\r\n", "\n"))
	if _, err := io.WriteString(h.Writer, shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// count is "1 todo" or "3 todos".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// roughly is a duration as people say it.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// childEnv is the environment without our secrets, for programs we start.
func (a *app) childEnv() []string { return auth.CleanEnv(a.Environ) }
