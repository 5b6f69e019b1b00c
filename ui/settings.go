package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

// settings is the screen of what a person likes; each change is in use at once and kept.
type settings struct {
	shared *shared
	menu
}

// setting is one row: the values it takes in order, and where it is kept.
type setting struct {
	name, why string
	values    func(*shared) []string
	get       func(*Settings) string
	set       func(*Settings, string)
}

func newSettings(sh *shared) screen { return &settings{shared: sh} }

func (s *settings) scope() scope    { return inSettings }
func (s *settings) capturing() bool { return false }

// allSettings are the rows, from the top.
func allSettings() []setting {
	return []setting{
		{"Theme", "", themeKeys, func(s *Settings) string { return s.Theme }, func(s *Settings, v string) { s.Theme = v }},
		{"Group by", "", fixed(groupings...), func(s *Settings) string { return s.Group }, func(s *Settings, v string) { s.Group = v }},
		{"Sort by", "", fixed(sortings...), func(s *Settings) string { return s.Sort }, func(s *Settings, v string) { s.Sort = v }},
		{"Show", "", fixed(showings...), func(s *Settings) string { return s.Show }, func(s *Settings, v string) { s.Show = v }},
		onOff("Mouse", "click, tick and scroll; shift+drag selects text", func(s *Settings) *bool { return &s.Mouse }),
		onOff("Links", "addresses open with a click, where the terminal can", func(s *Settings) *bool { return &s.Links }),
		onOff("Accessible", "plain lines for screen readers, from the next start", func(s *Settings) *bool { return &s.Accessible }),
	}
}

func fixed(values ...string) func(*shared) []string {
	return func(*shared) []string { return values }
}

func themeKeys(sh *shared) []string {
	keys := make([]string, len(sh.themes))
	for i, t := range sh.themes {
		keys[i] = t.Key
	}
	return keys
}

// onOff is a setting that is either.
func onOff(name, why string, of func(*Settings) *bool) setting {
	return setting{name, why, fixed("off", "on"),
		func(s *Settings) string {
			if *of(s) {
				return "on"
			}
			return "off"
		},
		func(s *Settings, v string) { *of(s) = v == "on" }}
}

func (s *settings) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case verb:
		return s.do(msg), nil
	case tea.MouseClickMsg:
		if n, ok := s.clicked(msg); ok {
			s.at = n
			return s.turn(1), nil
		}
	case tea.MouseWheelMsg:
		s.move(msg, len(allSettings()))
	}
	return nil, nil
}

func (s *settings) do(v verb) action {
	switch v {
	case verbBack:
		return closeScreen{}
	case verbAccept, verbNextValue:
		return s.turn(1)
	case verbPreviousValue:
		return s.turn(-1)
	}
	s.move(v, len(allSettings()))
	return nil
}

// turn takes the next or previous value of the row under the cursor.
func (s *settings) turn(by int) action {
	row, now := allSettings()[s.at], s.shared.settings
	values := row.values(s.shared)
	i := slices.Index(values, row.get(&now))
	row.set(&now, values[(max(i, 0)+by+len(values))%len(values)])
	return changeSettings{now}
}

func (s *settings) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	p.title("Settings", "")
	p.gap()
	for i, row := range allSettings() {
		pen := p.pens(i == s.at)
		line := pen.Text.Render(pad(row.name, 12)) + pen.Faint.Render("‹ ") + pen.Strong.Render(s.shown(row)) + pen.Faint.Render(" ›")
		if why := "  " + row.why; row.why != "" && 2+24+width(why) <= w {
			line = pad(line, 24) + pen.Faint.Render(why)
		}
		p.row(i, s.at, line)
	}
	p.gap()
	s.drawSample(p)
	return p.menuPicture(&s.menu, h)
}

// shown is a row's value as a person reads it.
func (s *settings) shown(row setting) string {
	if row.name == "Theme" {
		return s.shared.themeName()
	}
	return clean(row.get(&s.shared.settings))
}

// drawSample shows a few todos in the theme.
func (s *settings) drawSample(p *sheet) {
	samples := []struct {
		title string
		done  bool
		state store.State
	}{
		{"(A) Call the dentist @phone", false, store.Synced},
		{"(B) Plan the trip +holiday https://example.com", false, store.Waiting},
		{"Buy milk +home", true, store.Synced},
	}
	for _, one := range samples {
		it := store.Item{Todo: store.Todo{Title: one.title, Done: store.BoolOf(one.done)}}
		b := brush{left: p.w, pens: &p.st.pens}
		box := "  [ ] "
		if one.done {
			box = "  [x] "
		}
		b.put(box, p.st.Faint)
		b.title(&it, b.left, nil)
		b.put("  "+stateWord(one.state), p.st.state(one.state))
		p.add(b.b.String())
	}
}
