package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// choice asks one question, before something that cannot be undone or where there are
// several ways. Its options have keys of their own; esc takes none of them.
type choice struct {
	shared   *shared
	question string
	options  []option
	does     string // what enter does, "" for the words of the option
	menu
}

// option is one answer. Its key is one letter or digit, and never the one that led here.
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
	case tea.MouseClickMsg:
		if i, ok := c.clicked(msg); ok {
			return c.take(i), nil
		}
	case tea.MouseWheelMsg:
		c.move(msg, len(c.options))
	case verb:
		switch msg {
		case verbBack:
			return closeScreen{}, nil
		case verbAccept:
			return c.take(c.at), nil
		}
	}
	return nil, nil
}

func (c *choice) key(msg tea.KeyPressMsg) action {
	switch keystroke(msg) {
	case "down", "tab":
		c.at = (c.at + 1) % len(c.options)
	case "up", "shift+tab":
		c.at = (c.at + len(c.options) - 1) % len(c.options)
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
	p := newSheet(c.shared.styles, w)
	p.para(p.st.Title, c.question)
	p.gap()
	for i, o := range c.options {
		p.row(i, c.at, p.st.Key.Render(o.key+" ")+p.pens(i == c.at).Text.Render(clean(o.label)))
	}
	return p.menuPicture(&c.menu, h)
}
