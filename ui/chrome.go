package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// toast is one line for a while: in the rule under the header, or, where there is
// none, over the footer's keys.
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

const (
	roomyH = 14 // lines from which a rule parts the header from the screen
	roomyW = 30 // and columns
)

// bodyTop is how many lines stand above the screen.
func (r *root) bodyTop() int {
	switch {
	case r.h < 3:
		return 0
	case r.h < roomyH || r.w < roomyW:
		return 1
	}
	return 2
}

// bodyHeight is what header and footer leave to the screen.
func (r *root) bodyHeight() int {
	switch {
	case r.h < 3:
		return max(r.h, 0)
	case r.h < 6:
		return r.h - 1
	}
	return r.h - r.bodyTop() - 1
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
	if top > 1 {
		lines = append(lines, r.rule(r.w))
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

// footer shows the keys that help most here; on a small screen, the toast.
func (r *root) footer(w int) string {
	if r.toast.text != "" && r.bodyTop() < 2 {
		return toneInk(r.host.styles, r.toast.tone).Render(clip(r.toast.text, w))
	}
	at := r.place()
	if w < 2*len(at)+20 {
		at = ""
	}
	if at = r.bar(w) + r.host.styles.Faint.Render(at); at == "" {
		r.tips.draw(r.host, r.top(), w)
		return r.tips.text
	}
	room := w - width(at)
	r.tips.draw(r.host, r.top(), room)
	return r.tips.text + spaces(room-r.tips.cells) + at
}

// tipLine is the footer's keys as they were drawn last: most frames show the same.
type tipLine struct {
	tips   []key.Help
	w      int
	styles *Styles
	text   string
	cells  int
}

func (l *tipLine) draw(h *host, s screen, w int) {
	all := h.tips(s)
	same := func(was key.Help, now key.Binding) bool { return was == now.Help() }
	if l.w == w && l.styles == h.styles && slices.EqualFunc(l.tips, all, same) {
		return
	}
	tips := make([]key.Help, len(all))
	for i, b := range all {
		tips[i] = b.Help()
	}
	text := h.styles.shortHelp(all, w)
	*l = tipLine{tips, w, h.styles, text, width(text)}
}

// place is where the cursor stands in the list, when that is longer
// than the screen; as wide for every place, so that the keys beside it stand still.
func (r *root) place() string {
	l := r.list
	if r.top() != screen(l) || l.arr.shown.height() <= l.rowsHeight(l.h) {
		return ""
	}
	all := strconv.Itoa(len(l.arr.shown.slots))
	return fmt.Sprintf("  %*d/%s", len(all), l.index+1, all)
}

// tips are the footer's keys that do something now: help first, so that it survives
// a narrow screen. Where text is typed, keys that would be text are left out.
func (h *host) tips(s screen) []key.Binding {
	all := make([]key.Binding, 0, 16)
	for _, b := range h.keys.of(s.scope()) {
		if !b.tip || s.capturing() && (b.verb == verbUndo || b.verb == verbPalette) {
			continue
		}
		i := slices.IndexFunc(b.Keys(), func(name string) bool { return !s.capturing() || !typesText(name) })
		if b = h.shown(b, s); i < 0 || !b.Enabled() {
			continue
		}
		b.rebind(b.Keys()[i : i+1])
		if b.verb == verbHelp {
			all = slices.Insert(all, 0, b.Binding)
			continue
		}
		all = append(all, b.Binding)
	}
	return all
}
