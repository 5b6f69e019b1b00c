package ui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// palette lists every command that works where it was opened, to search and run.
type palette struct {
	shared *shared
	all    []binding
	found  []binding
	input  line
	index  int
	rows   int // that the last size has
}

func newPalette(sh *shared, from screen) *palette {
	p := &palette{shared: sh, input: newLine("")}
	for _, b := range sh.keys.of(from.scope()) {
		if shown := sh.shown(b, from); b.verb != verbPalette && shown.Enabled() {
			p.all = append(p.all, shown)
		}
	}
	slices.SortStableFunc(p.all, func(a, b binding) int { return boolOrder(!moves(a.verb), !moves(b.verb)) }) // nobody looks for down
	p.search()
	return p
}

func (p *palette) scope() scope    { return inPalette }
func (p *palette) capturing() bool { return true }

func (p *palette) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		p.input.paste(msg)
		p.search()
	case tea.KeyPressMsg:
		if p.input.press(msg) {
			p.search()
		}
	case tea.MouseClickMsg:
		return p.click(msg), nil
	case tea.MouseWheelMsg:
		p.move(map[tea.MouseButton]int{tea.MouseWheelDown: 1, tea.MouseWheelUp: -1}[msg.Button])
	case verb:
		return p.do(msg), nil
	}
	return nil, nil
}

func (p *palette) do(v verb) action {
	switch v {
	case verbBack:
		return closeScreen{}
	case verbDown:
		p.move(1)
	case verbUp:
		p.move(-1)
	case verbFoundDown:
		p.move(10)
	case verbFoundUp:
		p.move(-10)
	case verbAccept:
		return p.run()
	}
	return nil
}

func (p *palette) move(by int) { p.index = max(0, min(p.index+by, len(p.found)-1)) }

func (p *palette) run() action {
	if p.index >= len(p.found) {
		return nil
	}
	return all{closeScreen{}, doVerb{p.found[p.index].verb}}
}

func (p *palette) click(m tea.MouseClickMsg) action {
	i := m.Y - 2 + p.top(p.rows)
	if m.Y < 2 || i >= len(p.found) || m.Button != tea.MouseLeft {
		return nil
	}
	p.index = i
	return p.run()
}

// search finds the commands that what was typed may mean, the likeliest first.
func (p *palette) search() {
	p.index = 0
	p.found = slices.Clone(p.all)
	if p.input.text() == "" {
		return
	}
	words := strings.ToLower(p.input.text())
	score := func(b binding) int { return likeness(words, b) }
	p.found = slices.DeleteFunc(p.found, func(b binding) bool { return score(b) == 0 })
	slices.SortStableFunc(p.found, func(a, b binding) int { return cmp.Compare(score(b), score(a)) })
}

// likeness says how well typed words fit a command: 0 not at all.
func likeness(typed string, b binding) int {
	text := strings.ToLower(b.Help().Desc + " " + string(b.verb))
	switch {
	case strings.HasPrefix(text, typed), strings.HasPrefix(string(b.verb), typed):
		return 5
	case strings.Contains(text, " "+typed):
		return 4
	case strings.Contains(text, typed):
		return 3
	case everyWord(text, strings.Fields(typed)):
		return 2
	case inOrder(text, typed):
		return 1
	}
	return 0
}

func everyWord(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// inOrder reports that the letters of typed stand in text in their order.
func inOrder(text, typed string) bool {
	for _, r := range strings.ReplaceAll(typed, " ", "") {
		i := strings.IndexRune(text, r)
		if i < 0 {
			return false
		}
		text = text[i+1:]
	}
	return true
}

// top is the first command that n rows show.
func (p *palette) top(n int) int { return max(0, min(p.index-n/2, len(p.found)-n)) }

// size is the same whatever was found, so that the frame stands still.
func (p *palette) size(w, h int) (fw, fh int) { return w, min(max(h*2/3, 8), 2+len(p.all)) }

func (p *palette) view(w, h int) picture {
	p.rows = max(0, h-2)
	st := p.shared.styles
	typed, c := p.input.view(st.Key.Render(": "), st.Text, w)
	lines := []string{typed}
	lines = append(lines, p.tally(w))
	top := p.top(p.rows)
	for i := top; i < min(len(p.found), top+p.rows); i++ {
		lines = append(lines, p.row(i, w))
	}
	if len(p.found) == 0 && h > 2 {
		lines = append(lines, clip(st.Strong.Render("No command is like that · "+p.shared.keys.key(verbBack)+" leaves"), w))
	}
	return picture{lines[:min(len(lines), h)], c}
}

// tally counts what was found, and names the command under the cursor as config.toml does.
func (p *palette) tally(w int) string {
	st := p.shared.styles
	b := brush{left: w, pens: &st.pens}
	b.put(count(len(p.found), "command", "commands"), st.Faint)
	if p.index < len(p.found) {
		name := "config.toml: " + string(p.found[p.index].verb)
		if n := width(name); b.left > n+1 {
			b.fill(n)
			b.put(name, st.Faint)
		}
	}
	return b.b.String()
}

func (p *palette) row(i, w int) string {
	st := p.shared.styles
	b := brush{left: w, pens: &st.pens}
	bar := "  "
	if i == p.index {
		b.pens, bar = &st.Cursor, "▌ "
	}
	f := p.found[i]
	b.put(bar, b.pens.Accent)
	keys := f.Help().Key
	if width(keys)+width(f.Help().Desc)+6 > w {
		keys = keyName(f.Keys()[0])
	}
	b.put(f.Help().Desc, b.pens.Text)
	if n := width(keys); b.left > n+1 {
		b.fill(n)
		b.put(keys, b.pens.Faint)
	}
	if i == p.index {
		b.fill(0)
	}
	return b.b.String()
}
