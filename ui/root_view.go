package ui

import (
	"cmp"
	"fmt"
	"iter"
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
	s.text = sentence(s.text)
	r.toast = toast{s, r.toast.n + 1, r.shared.now()}
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
	if r.shared.settings.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if r.asked {
		v.BackgroundColor, v.ForegroundColor = r.shared.styles.Background, r.shared.styles.Foreground
	}
	if r.w <= 0 || r.h <= 0 {
		return v
	}
	v.Content, v.Cursor = r.draw()
	return v
}

func (r *root) draw() (string, *tea.Cursor) {
	top, height := r.bodyTop(), r.bodyHeight()
	p := r.body()
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
		return toneInk(r.shared.styles, r.toast.tone).Render(clip(r.toast.text, w))
	}
	at := r.place()
	if w < 2*len(at)+20 {
		at = ""
	}
	if at = r.bar(w) + r.shared.styles.Faint.Render(at); at == "" {
		r.tips.draw(r.shared, r.top(), w)
		return r.tips.text
	}
	room := w - width(at)
	r.tips.draw(r.shared, r.top(), room)
	return r.tips.text + spaces(room-r.tips.cells) + at
}

// tipLine is the footer's keys as they were drawn last: most frames show the same.
type tipLine struct {
	tips   []tip
	typing bool
	w      int
	styles *Styles
	text   string
	cells  int
}

// tip is a key in the footer, with what it does there, "" for the KeyMap's words.
type tip struct {
	b    *binding
	does string
}

func (l *tipLine) draw(sh *shared, s screen, w int) {
	if l.w == w && l.styles == sh.styles && l.typing == s.capturing() && !sh.otherTips(s, l.tips) {
		return
	}
	l.tips, l.typing, l.w, l.styles = slices.Collect(sh.tips(s)), s.capturing(), w, sh.styles
	l.text = sh.styles.shortHelp(tipKeys(l.tips, l.typing), w)
	l.cells = width(l.text)
}

// otherTips reports that a screen's tips are not these. It allocates nothing: it is
// asked for each frame.
func (sh *shared) otherTips(s screen, were []tip) bool {
	i := 0
	for t := range sh.tips(s) {
		if i >= len(were) || were[i] != t {
			return true
		}
		i++
	}
	return i < len(were)
}

// tips are the footer's keys that do something now. Where text is typed, keys that
// are text have none.
func (sh *shared) tips(s screen) iter.Seq[tip] {
	return func(yield func(tip) bool) {
		in, typing := s.scope(), s.capturing()
		for _, shared := range []bool{false, true} {
			for i := range sh.keys.bindings {
				b := &sh.keys.bindings[i]
				if !b.tip || b.in&(in|global) == 0 || shared != (b.in&global != 0) || typing && b.pressed(typing) == "" {
					continue
				}
				if does, ok := sh.offered(b, s); ok && !yield(tip{b, does}) {
					return
				}
			}
		}
	}
}

// pressed is a binding's first key that is no text where text is typed, "" for none.
// Undo and the commands are for screens where nothing is typed.
func (b *binding) pressed(typing bool) string {
	if typing && (b.verb == verbUndo || b.verb == verbPalette) {
		return ""
	}
	for _, name := range b.Keys() {
		if !typing || !typesText(name) {
			return name
		}
	}
	return ""
}

// tipKeys are tips as keys with what they do: help first, so that it survives a
// narrow screen.
func tipKeys(tips []tip, typing bool) []key.Binding {
	all := make([]key.Binding, 0, len(tips))
	for _, t := range tips {
		name := t.b.pressed(typing)
		b := key.NewBinding(key.WithKeys(name), key.WithHelp(keyName(name), cmp.Or(clean(t.does), t.b.Help().Desc)))
		if t.b.verb == verbHelp {
			all = slices.Insert(all, 0, b)
			continue
		}
		all = append(all, b)
	}
	return all
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
