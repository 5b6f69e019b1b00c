package ui

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	slowAfter   = 200 * time.Millisecond // what takes longer is shown as under way
	tickFocused = 10 * time.Second
	tickBlurred = time.Minute
)

// stillBusy says that slowAfter has passed since something began.
type stillBusy struct{}

func (r *root) soon() tea.Cmd { return r.host.after(slowAfter, stillBusy{}) }

// ticked repaints the header's ages, and turns the day.
type ticked struct{ turn int }

func (r *root) tick() tea.Cmd {
	d := tickBlurred
	if r.focused {
		d = tickFocused
	}
	r.ticks++
	turn := r.ticks
	return func() tea.Msg {
		return waiting(d, ticked{turn})(r.parent)
	}
}

// part is a piece of the header; where space is short, the lowest rank goes first.
type part struct {
	text string
	ink  ink
	rank int
}

// header says who, where, how fresh and what waits.
func (r *root) header(w int) string {
	parts := r.headerParts()
	for headerWidth(parts) > w && len(parts) > 1 {
		parts = dropLowest(parts)
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			r.host.styles.Faint.write(&b, " · ")
		}
		p.ink.write(&b, p.text)
	}
	return clip(b.String(), w)
}

func headerWidth(parts []part) int {
	n := 3 * (len(parts) - 1)
	for _, p := range parts {
		n += width(p.text)
	}
	return n
}

func dropLowest(parts []part) []part {
	low := 0
	for i, p := range parts {
		if p.rank < parts[low].rank {
			low = i
		}
	}
	return append(parts[:low:low], parts[low+1:]...)
}

func (r *root) headerParts() []part {
	st, h := r.host.styles, r.host
	parts := r.dangers()
	parts = append(parts, part{clean(r.who()), st.Strong, 9})
	if h.facts.Project != "" {
		parts = append(parts, part{clean(h.facts.Project), st.Text, 4})
	}
	if h.todos == nil {
		return append(parts, r.openingPart()...)
	}
	parts = append(parts, r.freshness())
	return append(parts, r.waitingParts()...)
}

// dangers are what must never be overlooked about where this runs.
func (r *root) dangers() []part {
	st, f := r.host.styles, r.host.facts
	var parts []part
	if f.Demo {
		parts = append(parts, part{"demo", st.Warn, 6})
	}
	if f.DevMode {
		parts = append(parts, part{"DEV MODE: the database's own key", st.Error, 7})
	}
	if f.Insecure {
		parts = append(parts, part{"INSECURE HTTP", st.Error, 8})
	}
	return parts
}

func (r *root) who() string {
	a := r.host.account
	return cmp.Or(a.Email, a.Name, "nobody signed in")
}

func (r *root) openingPart() []part {
	st := r.host.styles
	switch {
	case r.problem != nil:
		return []part{{oneLine(r.problem.Error()), st.Bad, 5}}
	case r.opening && r.slow(r.started):
		return []part{{"opening…", st.Faint, 5}}
	}
	return nil
}

// slow reports that something that began then takes long enough to be shown.
func (r *root) slow(began time.Time) bool { return r.host.now().Sub(began) >= slowAfter }

// freshness says how old the list is, and what is being done about it.
func (r *root) freshness() part {
	st, s := r.host.styles, r.host.status
	switch {
	case s.Checking:
		return part{"checking an empty answer", st.Warn, 5}
	case r.sync.running && r.slow(r.sync.at):
		return part{r.syncingText(), st.Faint, 5}
	case r.sync.failed != nil && !r.sync.running:
		return part{r.failureText(), st.Warn, 5}
	}
	return part{r.age(), st.Faint, 5}
}

func (r *root) age() string {
	if last := r.host.status.LastSync; !last.IsZero() {
		return "synced " + ago(r.host.now().Sub(last))
	}
	return "never synced"
}

func (r *root) syncingText() string {
	p := r.sync.progress
	switch {
	case p.Phase == "":
		return "syncing…"
	case p.Total > 0:
		return fmt.Sprintf("%s %d of %d", p.Phase, p.Done, p.Total)
	}
	return fmt.Sprintf("%s %d", p.Phase, p.Done)
}

// failureText is why the last sync failed, and how old the list is.
func (r *root) failureText() string { return shortFailure(r.sync.failed) + ", " + r.age() }

func (r *root) waitingParts() []part {
	st, s := r.host.styles, r.host.status
	var parts []part
	add := func(n int, text string, k ink, rank int) {
		if n > 0 {
			parts = append(parts, part{text, k, rank})
		}
	}
	add(s.Waiting, fmt.Sprintf("%d waiting", s.Waiting), st.Warn, 6)
	add(s.Conflicts, count(s.Conflicts, "conflict", "conflicts"), st.Bad, 7)
	add(s.Parked, fmt.Sprintf("%d refused", s.Parked), st.Bad, 7)
	unsaved := 0
	for _, j := range r.lane.jobs {
		unsaved += len(j.step.Ops)
	}
	add(unsaved*b2n(r.lane.failed), fmt.Sprintf("%d not saved", unsaved), st.Error, 8)
	return parts
}

func b2n(b bool) int {
	if b {
		return 1
	}
	return 0
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
	if r.host.todos != nil {
		title += " · " + clean(r.who())
	}
	if n := r.host.status.Waiting; n > 0 {
		title += fmt.Sprintf(" · %d waiting", n)
	}
	return title
}

// progressBar shows a long sync in the terminal's own bar.
func (r *root) progressBar() *tea.ProgressBar {
	p := r.sync.progress
	if !r.sync.running || !r.slow(r.sync.at) || p.Phase == "" {
		return nil
	}
	if p.Total <= 0 {
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return tea.NewProgressBar(tea.ProgressBarDefault, min(100, 100*p.Done/p.Total))
}
