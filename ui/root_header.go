package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	tickFocused = 10 * time.Second
	tickBlurred = time.Minute
)

// ticked repaints the header's ages, and turns the day.
type ticked struct{ turn int }

func (r *root) tick() tea.Cmd {
	d := tickBlurred
	if r.focused {
		d = tickFocused
	}
	r.ticks++
	turn := r.ticks
	return r.later(d, ticked{turn})
}

// later delivers a message that is the program's, whichever account is open then.
func (r *root) later(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx, wait := r.parent, waiting(d, msg)
	return func() tea.Msg { return wait(ctx) }
}

// part is a piece of the header. Where space is short, the lowest ranks are
// shortened first, and then left out.
type part struct {
	text  string
	ink   ink
	rank  int
	short string // "": it cannot be shortened
}

// header says who, where, how fresh and what waits.
func (r *root) header(w int) string {
	parts := fitParts(r.headerParts(), w)
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			r.shared.styles.Faint.write(&b, " · ")
		}
		p.ink.write(&b, p.text)
	}
	return clip(b.String(), w)
}

// rule parts the header from the screen. At its left it shows the toast, so that no
// key and no todo is hidden by one; at its right, over the list, what that shows.
func (r *root) rule(w int) string {
	st, left, right := r.shared.styles, "", ""
	if text := clip(r.toast.text, w-4); text != "" {
		left, w = st.Faint.Render("─ ")+toneInk(st, r.toast.tone).Render(text)+" ", w-width(text)-3
	}
	if r.shared.todos != nil && r.top() == screen(r.list) {
		right = r.list.summary()
	}
	if n := len(right); n > 0 && n+8 <= w {
		return left + st.Faint.Render(strings.Repeat("─", w-n-4)+" "+right+" ──")
	}
	return left + st.Faint.Render(strings.Repeat("─", w))
}

func fitParts(parts []part, w int) []part {
	for headerWidth(parts) > w {
		i := lowest(parts, func(p part) bool { return p.short != "" })
		if i < 0 {
			break
		}
		parts[i].text, parts[i].short = parts[i].short, ""
	}
	for headerWidth(parts) > w && len(parts) > 1 {
		i := lowest(parts, func(part) bool { return true })
		parts = slices.Delete(parts, i, i+1)
	}
	return parts
}

func headerWidth(parts []part) int {
	n := 3 * (len(parts) - 1)
	for _, p := range parts {
		n += width(p.text)
	}
	return n
}

// lowest is the index of the lowest rank among the parts that qualify, -1 for none.
func lowest(parts []part, ok func(part) bool) int {
	low := -1
	for i, p := range parts {
		if ok(p) && (low < 0 || p.rank < parts[low].rank) {
			low = i
		}
	}
	return low
}

func (r *root) headerParts() []part {
	st, sh := r.shared.styles, r.shared
	parts := r.dangers()
	if who := clean(r.who()); who != "" {
		name, _, _ := strings.Cut(who, "@")
		parts = append(parts, part{text: who, ink: st.Strong, rank: 9, short: name})
	}
	if sh.facts.Project != "" {
		host := clean(sh.facts.Project)
		parts = append(parts, part{text: host, ink: st.Text, rank: 4, short: hostName(host)})
	}
	if sh.todos == nil {
		return append(parts, r.openingPart()...)
	}
	parts = append(parts, r.freshness())
	return append(parts, r.waitingParts()...)
}

// hostName is a host's first part, "" where that would say nothing: an address of digits.
func hostName(host string) string {
	first, _, cut := strings.Cut(host, ".")
	if _, err := strconv.Atoi(first); err == nil || !cut {
		return ""
	}
	return first
}

// dangers are what must never be overlooked about where this runs.
func (r *root) dangers() []part {
	st, f := r.shared.styles, r.shared.facts
	var parts []part
	if f.Demo {
		parts = append(parts, part{text: "demo", ink: st.Warn, rank: 10})
	}
	if f.DevMode {
		parts = append(parts, part{text: "DEV MODE: holds the database's key", ink: st.Error, rank: 11, short: "DEV MODE"})
	}
	if f.Insecure {
		parts = append(parts, part{text: "INSECURE HTTP", ink: st.Error, rank: 12, short: "INSECURE"})
	}
	return parts
}

// who is in use; "" while that is not known yet.
func (r *root) who() string {
	a := r.shared.account
	if r.opening && r.shared.todos == nil {
		return r.startWith
	}
	return cmp.Or(a.Email, a.Name, "nobody signed in")
}

func (r *root) openingPart() []part {
	st := r.shared.styles
	switch {
	case r.shared.problem != nil:
		return []part{{text: oneLine(r.shared.problem.Error()), ink: st.Bad, rank: 5}}
	case r.slowlyOpening():
		return []part{{text: r.busy.sign() + "opening…", ink: st.Faint, rank: 5}}
	}
	return nil
}

// freshness says how old the list is, and what is being done about it.
func (r *root) freshness() part {
	st, s := r.shared.styles, r.shared.status
	age := r.age()
	p := part{text: age, ink: st.Faint, rank: 5, short: strings.TrimPrefix(age, "synced ")}
	switch {
	case s.Checking:
		p = part{text: "checking an empty answer, " + age, ink: st.Warn, rank: 6, short: "checking"}
	case r.slowlySyncing():
		p = part{text: r.busy.sign() + r.syncingText(), ink: st.Faint, rank: 5, short: r.busy.sign() + "syncing…"}
	case r.sync.failed != nil:
		why := shortFailure(r.sync.failed)
		p = part{text: why + ", " + age, ink: st.Warn, rank: 6, short: why}
	}
	return p
}

func (r *root) age() string {
	if last := r.shared.status.LastSync; !last.IsZero() {
		return "synced " + ago(r.shared.now().Sub(last))
	}
	return "never synced"
}

func (r *root) waitingParts() []part {
	st, s := r.shared.styles, r.shared.status
	var parts []part
	add := func(n int, text string, k ink, rank int, sign string) {
		if n > 0 {
			parts = append(parts, part{text: text, ink: k, rank: rank, short: fmt.Sprintf("%s%d", sign, n)})
		}
	}
	add(s.Waiting, fmt.Sprintf("%d waiting", s.Waiting), st.Warn, 7, "↑")
	add(s.Conflicts, count(s.Conflicts, "conflict", "conflicts"), st.Bad, 8, "!")
	add(s.Parked, fmt.Sprintf("%d refused", s.Parked), st.Bad, 8, "×")
	if n := len(r.shared.drafts); n > 0 && r.top() == screen(r.list) {
		parts = append(parts, part{text: count(n, "draft", "drafts"), ink: st.Faint, rank: 3})
	}
	if n := r.queue.unsaved(); r.queue.failed {
		add(n, fmt.Sprintf("%d not saved", n), st.Error, 9, "unsaved ")
	}
	return parts
}

// ago says a span in words, the coarser the longer.
func ago(d time.Duration) string {
	switch {
	case d < time.Second:
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// windowTitle names the account and what waits, for the terminal's tab.
func (r *root) windowTitle() string {
	title := "Kindling"
	if r.shared.todos != nil {
		title += " · " + clean(r.who())
	}
	if n := r.shared.status.Waiting; n > 0 {
		title += fmt.Sprintf(" · %d waiting", n)
	}
	return title
}
