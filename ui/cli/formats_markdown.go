package cli

import (
	"bufio"
	"io"
	"iter"
	"strings"
	"time"

	"kindling/store"
)

// readMarkdown reads task list items, - [ ] and - [x] with any bullet or number,
// at any depth. Indented lines right below one are further lines of its title.
// Whatever else stands in the file is left alone; code between fences is code.
func readMarkdown(in io.Reader, _ *time.Location, r *remarks) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		var m markdown
		for line, err := range textLines(in) {
			if err != nil {
				yield(record{}, err)
				return
			}
			if rec, ok := m.line(line); ok && !yield(rec, nil) {
				return
			}
		}
		if m.open.title != "" && !yield(m.open, nil) {
			return
		}
		if m.other > 0 {
			r.say("left out, no tasks: " + count(m.other, "line"))
		}
	}
}

// markdown is where a reader of task lists stands.
type markdown struct {
	open  record // the item that the next line may go on
	blank int    // blank lines since
	fence string // what ends the block of code we are in
	other int    // lines that are no tasks, blank ones aside
}

// line reads one more line, and returns the item that ends with it.
func (m *markdown) line(line textLine) (ended record, ok bool) {
	text := strings.Trim(line.text, " \t")
	if m.fenced(text) {
		m.other++
		return m.end()
	}
	if title, done, task := taskItem(line.text); task {
		ended, ok = m.end()
		m.open = record{title: title, done: done, created: store.NoInstant, at: line.at()}
		return ended, ok
	}
	switch {
	case text == "":
		m.blank++
		return record{}, false
	case m.open.title != "" && strings.IndexByte(" \t", line.text[0]) >= 0:
		m.open.title += strings.Repeat("\n", m.blank+1) + text
		m.blank = 0
		return record{}, false
	}
	m.other++
	return m.end()
}

func (m *markdown) end() (record, bool) {
	ended := m.open
	m.open, m.blank = record{}, 0
	return ended, ended.title != ""
}

// fenced reports whether a line is part of a block of code.
func (m *markdown) fenced(text string) bool {
	if m.fence != "" {
		if strings.HasPrefix(text, m.fence) {
			m.fence = ""
		}
		return true
	}
	for _, fence := range []string{"```", "~~~"} {
		if strings.HasPrefix(text, fence) {
			m.fence = fence
			return true
		}
	}
	return false
}

func isTask(line string) bool {
	_, _, ok := taskItem(line)
	return ok
}

// taskItem reads a line that is a task list item.
func taskItem(line string) (title string, done, ok bool) {
	s := strings.TrimLeft(line, " \t")
	number := strings.TrimLeft(s, "0123456789")
	switch {
	case number != s && number != "" && strings.IndexByte(".)", number[0]) >= 0:
		s = number[1:]
	case s != "" && strings.IndexByte("-*+", s[0]) >= 0:
		s = s[1:]
	default:
		return "", false, false
	}
	box := strings.TrimLeft(s, " \t")
	if len(box) == len(s) || len(box) < 3 || box[0] != '[' || strings.IndexByte(" xX", box[1]) < 0 || box[2] != ']' {
		return "", false, false
	}
	title = strings.Trim(box[3:], " \t\r")
	return title, box[1] != ' ', title == "" || strings.IndexByte(" \t", box[3]) >= 0
}

// writeMarkdown writes a task list; the further lines of a title stand indented below it.
func writeMarkdown(out *bufio.Writer, items iter.Seq2[store.Item, error], _ writeOptions, _ *remarks) error {
	lines := strings.NewReplacer("\r\n", "\n      ", "\r", "\n      ", "\n", "\n      ")
	for it, err := range items {
		if err != nil {
			return err
		}
		box := "- [ ] "
		if it.Done.Bool() {
			box = "- [x] "
		}
		if _, err := out.WriteString(box + lines.Replace(it.Title) + "\n"); err != nil {
			return err
		}
	}
	return nil
}
