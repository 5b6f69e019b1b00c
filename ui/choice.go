package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// choice asks one question before something that cannot be undone. Its options
// have keys of their own; esc takes none of them.
type choice struct {
	host     *host
	question string
	options  []option
	index    int
}

// option is one answer. Its key is one letter, and never the one that led here.
type option struct {
	key, label string
	do         action // on the screen below; nil does nothing
}

// newChoice asks; the first option is the safe one, and enter takes it.
func newChoice(h *host, question string, options ...option) *choice {
	return &choice{host: h, question: question, options: options}
}

func (c *choice) scope() scope    { return inConfirm }
func (c *choice) capturing() bool { return true }

func (c *choice) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return c.key(msg), nil
	case verb:
		switch msg {
		case verbBack:
			return closeScreen{}, nil
		case verbAccept:
			return c.take(c.index), nil
		}
	}
	return nil, nil
}

func (c *choice) key(msg tea.KeyPressMsg) action {
	switch keystroke(msg) {
	case "down", "tab":
		c.index = (c.index + 1) % len(c.options)
	case "up", "shift+tab":
		c.index = (c.index + len(c.options) - 1) % len(c.options)
	}
	for i, o := range c.options {
		if strings.EqualFold(msg.Text, o.key) {
			return c.take(i)
		}
	}
	return nil
}

func (c *choice) take(i int) action { return all{closeScreen{}, onTop{c.options[i].do}} }

func (c *choice) view(w, h int) picture {
	st := c.host.styles
	var lines []string
	for _, line := range wrap(clean(c.question), w) {
		lines = append(lines, st.Title.Render(line))
	}
	for i, o := range c.options {
		p, bar := &st.pens, "  "
		if i == c.index {
			p, bar = &st.Cursor, "▌ "
		}
		b := brush{left: w, pens: p}
		b.put(bar, p.Accent)
		b.put(o.key+" ", st.Key)
		b.put(clean(o.label), p.Text)
		lines = append(lines, b.b.String())
	}
	return picture{lines: lines[:min(len(lines), h)]}
}
