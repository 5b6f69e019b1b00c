package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// handle takes the answers that are the root's own.
func (r *root) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case watching:
		return r.listen(msg.changes)
	case restDue:
		return tea.Batch(r.refresh(), r.watch(), r.askWarning())
	case cacheChanged:
		return r.handleCacheChanged(msg)
	case queueRan:
		return r.handleQueueRan(msg)
	case refreshed:
		return r.handleRefreshed(msg)
	case syncDue:
		return r.syncIsDue(msg)
	case synced:
		return r.syncEnded(msg)
	case warned:
		return r.heed(msg.text)
	case syncProgressed:
		r.sync.progress = msg.progress
	case stillBusy:
		return r.spin()
	}
	return nil
}

// handleTick repaints, and rearranges the list when the day has turned.
func (r *root) handleTick(m ticked) tea.Cmd {
	if m.turn != r.ticks {
		return nil
	}
	return tea.Batch(r.tick(), r.list.turnDay())
}

// settingsSaved says whether the configuration was written.
type settingsSaved struct{ err error }

// change takes new settings into use at once, and writes them behind.
func (r *root) change(s Settings) tea.Cmd {
	old := r.shared.settings
	r.shared.settings = s
	var cmds []tea.Cmd
	if old.Theme != s.Theme {
		r.restyle()
		cmds = append(cmds, r.say(say{toneInfo, "theme: " + r.shared.themeName()}))
	}
	if old.Mouse != s.Mouse {
		cmds = append(cmds, r.say(say{toneInfo, mouseText(s.Mouse)}))
	}
	return tea.Batch(append(cmds, r.list.arrange(), r.keepSettings())...)
}

// keepSettings writes the settings, one write after the other.
func (r *root) keepSettings() tea.Cmd {
	if r.savingSettings {
		r.saveAgain = true
		return nil
	}
	r.savingSettings, r.saveAgain = true, false
	backend, s, ctx := r.shared.backend, r.shared.settings, r.parent
	return func() tea.Msg { return settingsSaved{backend.SaveSettings(ctx, s)} }
}

func (r *root) settingsKept(m settingsSaved) tea.Cmd {
	r.savingSettings = false
	if r.saveAgain {
		return r.keepSettings()
	}
	if m.err != nil {
		return r.say(say{toneWarn, "settings are not kept: " + oneLine(m.err.Error())})
	}
	return nil
}

func mouseText(on bool) string {
	if on {
		return "mouse on · shift while dragging selects text"
	}
	return "mouse off"
}

// switched are the settings after a key that turns one of them on.
func (r *root) switched(v verb) Settings {
	s := r.shared.settings
	if v == verbMouse {
		s.Mouse = !s.Mouse
		return s
	}
	i := slices.IndexFunc(r.shared.themes, func(t theme) bool { return t.Key == s.Theme })
	s.Theme = r.shared.themes[(i+1)%len(r.shared.themes)].Key
	return s
}

func (sh *shared) themeName() string {
	i := slices.IndexFunc(sh.themes, func(t theme) bool { return t.Key == sh.settings.Theme })
	if i < 0 {
		return "default"
	}
	return clean(sh.themes[i].Name)
}

// undoHint is the end of a toast after something that can be taken back.
func (sh *shared) undoHint() string { return " · " + sh.keys.key(verbUndo) + " undo" }

// backHint is the end of a toast after an undo, or a redo: the key that is its opposite.
func (sh *shared) backHint(redo bool) string {
	if redo {
		return sh.undoHint()
	}
	return " · " + sh.keys.key(verbRedo) + " redo"
}

// moved shifts a mouse message into a screen's own coordinates.
func moved(msg tea.MouseMsg, dx, dy int) tea.Msg {
	switch m := msg.(type) {
	case tea.MouseClickMsg:
		m.X, m.Y = m.X+dx, m.Y+dy
		return m
	case tea.MouseWheelMsg:
		m.X, m.Y = m.X+dx, m.Y+dy
		return m
	case tea.MouseReleaseMsg:
		m.X, m.Y = m.X+dx, m.Y+dy
		return m
	case tea.MouseMotionMsg:
		m.X, m.Y = m.X+dx, m.Y+dy
		return m
	}
	return msg
}
