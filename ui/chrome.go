package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// toast is one line over the footer's keys, for a while.
type toast struct {
	say
	n  int // which one it is: a timer takes only its own away
	at time.Time
}

const (
	toastFor  = 5 * time.Second
	toastRead = 2 * time.Second // after this, the next key takes it away
)

// toastEnded says that the nth toast was long enough on screen.
type toastEnded struct{ n int }

func (r *root) say(s say) tea.Cmd {
	s.text = oneLine(s.text)
	r.toast = toast{s, r.toast.n + 1, r.host.now()}
	d := toastFor
	if s.tone == toneBad {
		d *= 2
	}
	return r.later(d, toastEnded{r.toast.n})
}

// seen takes a toast away that was long enough to be read: keys are shown again.
func (t *toast) seen(now time.Time) {
	if now.Sub(t.at) >= toastRead {
		t.text = ""
	}
}

func (r *root) toastGone(m toastEnded) tea.Cmd {
	if m.n != r.toast.n {
		return nil
	}
	r.toast.text = ""
	return r.warn()
}

// warn shows the next of what the start had to say.
func (r *root) warn() tea.Cmd {
	if len(r.warnings) == 0 {
		return nil
	}
	w := r.warnings[0]
	r.warnings = r.warnings[1:]
	return r.say(say{toneWarn, w})
}

// bodyTop is how many lines stand above the screen.
func (r *root) bodyTop() int {
	if r.h < 3 {
		return 0
	}
	return 1
}

// bodyHeight is what header and footer leave to the screen.
func (r *root) bodyHeight() int {
	switch {
	case r.h < 3:
		return max(r.h, 0)
	case r.h < 6:
		return r.h - 1
	}
	return r.h - 2
}

// View draws header, screen and footer.
func (r *root) View() tea.View {
	v := tea.View{AltScreen: true, ReportFocus: true, WindowTitle: r.windowTitle(), ProgressBar: r.progressBar()}
	v.KeyboardEnhancements.ReportAlternateKeys = true
	if r.host.settings.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if r.asked {
		v.BackgroundColor, v.ForegroundColor = r.host.styles.Background, r.host.styles.Foreground
	}
	if r.w <= 0 || r.h <= 0 {
		return v
	}
	v.Content, v.Cursor = r.draw()
	return v
}

func (r *root) draw() (string, *tea.Cursor) {
	top, height := r.bodyTop(), r.bodyHeight()
	p := r.top().view(r.w, height)
	lines := make([]string, 0, r.h)
	if top > 0 {
		lines = append(lines, r.header(r.w))
	}
	lines = append(lines, p.lines[:min(len(p.lines), height)]...)
	if r.h >= 6 {
		for len(lines) < r.h-1 {
			lines = append(lines, "")
		}
		lines = append(lines, r.footer(r.w))
	}
	if r.h < 6 && r.toast.text != "" && len(lines) > 0 {
		lines[0] = r.footer(r.w)
	}
	c := p.cursor
	if c != nil {
		moved := *c
		moved.X, moved.Y = min(moved.X, r.w-1), min(moved.Y+top, r.h-1)
		c = &moved
	}
	return strings.Join(lines, "\n"), c
}

// footer shows the toast, or the keys that help most here.
func (r *root) footer(w int) string {
	st := r.host.styles
	if r.toast.text != "" {
		return r.toneInk(r.toast.tone).Render(clip(r.toast.text, w))
	}
	var b strings.Builder
	used := 0
	for _, t := range r.host.keys.tips(r.top()) {
		piece := width(t.key) + 1 + width(t.help)
		if used > 0 {
			piece += 3
		}
		if used+piece > w {
			break
		}
		if used > 0 {
			st.Faint.write(&b, " · ")
		}
		st.Key.write(&b, t.key)
		st.Faint.write(&b, " "+t.help)
		used += piece
	}
	if at := r.place(); at != "" && used+2+len(at) <= w {
		st.Faint.write(&b, spaces(w-used-len(at))+at)
	}
	return b.String()
}

// place is where the cursor stands in the list, when that is longer than the screen.
func (r *root) place() string {
	l := r.list
	if r.top() != screen(l) || l.arr.shown.height() <= l.rowsHeight(l.h) {
		return ""
	}
	return fmt.Sprintf("%d/%d", l.index+1, len(l.arr.shown.slots))
}

func (r *root) toneInk(t tone) ink {
	st := r.host.styles
	return [...]ink{st.Text, st.Good, st.Warn, st.Error}[t]
}

// tip is a key and what it does, as the footer shows them.
type tip struct{ key, help string }

// tips are the footer's keys: help first, so that it survives a narrow screen.
// Where text is typed, keys that would be text are left out.
func (k *KeyMap) tips(s screen) []tip {
	var all []tip
	for _, b := range k.of(s.scope()) {
		i := slices.IndexFunc(b.keys, func(key string) bool { return !s.capturing() || !typesText(key) })
		if !b.tip || i < 0 || b.verb == verbBack && s.scope() == inList || s.capturing() && (b.verb == verbUndo || b.verb == verbPalette) {
			continue
		}
		t := tip{keyName(b.keys[i]), b.help}
		if b.verb == verbHelp {
			all = slices.Insert(all, 0, t)
			continue
		}
		all = append(all, t)
	}
	return all
}
