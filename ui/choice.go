package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// choice asks one question before something that cannot be undone. Its options
// have keys of their own; esc takes none of them.
type choice struct {
	shared   *shared
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
func newChoice(sh *shared, question string, options ...option) *choice {
	return &choice{shared: sh, question: question, options: options}
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

// size is as wide as the question or the longest option.
func (c *choice) size(w, _ int) (fw, fh int) {
	fw = width(clean(c.question))
	for _, o := range c.options {
		fw = max(fw, 4+width(clean(o.label)))
	}
	fw = min(w, max(fw, 24))
	return fw, len(wrap(clean(c.question), fw)) + 1 + len(c.options)
}

func (c *choice) view(w, h int) picture {
	st := c.shared.styles
	var lines []string
	for _, line := range wrap(clean(c.question), w) {
		lines = append(lines, st.Title.Render(line))
	}
	if len(lines)+1+len(c.options) <= h {
		lines = append(lines, "")
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
		if i == c.index {
			b.fill(0)
		}
		lines = append(lines, b.b.String())
	}
	return picture{lines: lines[:min(len(lines), h)]}
}
