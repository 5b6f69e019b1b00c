package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

// todoJSON is a todo as every command prints it. What is missing is null, and
// a list is never null.
type todoJSON struct {
	ID         uuid.UUID `json:"id"`
	Title      string    `json:"title"`
	IsComplete bool      `json:"is_complete"`
	CreatedAt  *string   `json:"created_at"`
	State      string    `json:"state"`
	Priority   *string   `json:"priority"`
	Projects   []string  `json:"projects"`
	Contexts   []string  `json:"contexts"`
	Due        *string   `json:"due"`
}

func jsonOf(it store.Item) todoJSON {
	t := todotxt.Parse(it.Title)
	out := todoJSON{
		ID: it.ID, Title: it.Title, IsComplete: it.Done.Bool(), State: it.State.String(),
		Projects: orEmpty(t.Projects()), Contexts: orEmpty(t.Contexts()),
	}
	if it.Created != store.NoInstant {
		out.CreatedAt = new(it.Created.String())
	}
	if p, ok := t.Priority(); ok {
		out.Priority = new(string(p))
	}
	if due, ok := t.Due(time.Local); ok {
		out.Due = new(due.Format(time.DateOnly))
	}
	return out
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// printJSON prints one value on a line of its own.
func (a *app) printJSON(v any) error { return writeJSON(a.Stdout, v) }

func writeJSON(w io.Writer, v any) error {
	line, err := jsonText(v)
	if err == nil {
		_, err = w.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// jsonText is a value as JSON that no terminal obeys.
func jsonText(v any) ([]byte, error) {
	line, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	return escaped(line), err
}

// escaped writes what a terminal would obey, and JSON allows, by its number.
func escaped(line []byte) []byte {
	if !slices.ContainsFunc(line, func(b byte) bool { return b >= 0x7f }) {
		return line
	}
	out := make([]byte, 0, len(line)+16)
	for _, r := range string(line) {
		if unprintable(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// printItems answers a command that worked on todos: as JSON one object, or an
// array where several were named; for people one line each.
func (a *app) printItems(p *listPrinter, items []store.Item, several bool) error {
	if a.forPeople() {
		for _, it := range items {
			if err := p.line(it); err != nil {
				return err
			}
		}
		return p.flush()
	}
	if a.flags.plain {
		out := bufio.NewWriter(a.Stdout)
		for _, it := range items {
			if err := plainLine(out, it); err != nil {
				return err
			}
		}
		return out.Flush()
	}
	all := make([]todoJSON, 0, len(items))
	for _, it := range items {
		all = append(all, jsonOf(it))
	}
	if !several && len(all) == 1 {
		return a.printValue(all[0])
	}
	return a.printValue(all)
}

// listPrinter prints todos for people: short id, mark, title, state.
type listPrinter struct {
	w     *bufio.Writer
	short func(uuid.UUID) string
	width int // of the short ids
	color palette
	most  int // characters of a title; 0 is no limit
}

// mostOnTerminal keeps a title of a megabyte from scrolling all else away;
// kindling show prints it whole.
const mostOnTerminal = 1000

func (a *app) printer(short func(uuid.UUID) string, width int) *listPrinter {
	p := &listPrinter{bufio.NewWriterSize(a.Stdout, 64<<10), short, width, a.palette(), 0}
	if isTerminal(a.Stdout) {
		p.most = mostOnTerminal
	}
	return p
}

func (p *listPrinter) line(it store.Item) error {
	text := it.Title
	if p.most > 0 && len(text) > p.most {
		if letters := []rune(text); len(letters) > p.most {
			text = string(letters[:p.most]) + "…"
		}
	}
	mark, title := "-", p.color.title(text)
	if it.Done.Bool() {
		mark, title = "x", p.color.faint(printable(text))
	}
	_, err := fmt.Fprintf(p.w, "%s %s %s%s\n", p.color.id(fmt.Sprintf("%-*s", p.width, p.short(it.ID))), mark, title, p.state(it))
	return err
}

func (p *listPrinter) state(it store.Item) string {
	if it.State == store.Synced {
		return ""
	}
	return "  " + p.color.state(it.State, "["+it.State.String()+"]")
}

func (p *listPrinter) flush() error { return p.w.Flush() }
