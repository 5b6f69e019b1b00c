package ui

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"
)

// slowAfter is how long something may take before it is shown as under way.
const slowAfter = 200 * time.Millisecond

// stillBusy says that slowAfter has passed since something began.
type stillBusy struct{}

func (r *root) soon() tea.Cmd { return r.shared.after(slowAfter, stillBusy{}) }

// slow reports that something that began then takes long enough to be shown.
func (r *root) slow(began time.Time) bool { return r.shared.now().Sub(began) >= slowAfter }

func (r *root) slowlyOpening() bool {
	return r.opening && r.shared.todos == nil && r.shared.problem == nil && r.slow(r.started)
}

func (r *root) slowlySyncing() bool { return r.sync.running && r.slow(r.sync.at) }

// busy is the header's sign of something under way. It turns from slowAfter on, and
// stops with what it stands for: an idle program draws nothing. Without colours
// words say it alone.
type busy struct {
	spinner spinner.Model
	turning bool
}

func newBusy() busy { return busy{spinner: spinner.New(spinner.WithSpinner(spinner.MiniDot))} }

// sign is what stands before the words for what is under way.
func (b *busy) sign() string {
	if !b.turning {
		return ""
	}
	return b.spinner.View() + " "
}

// spin begins to turn the sign, where something is still under way.
func (r *root) spin() tea.Cmd {
	if r.plain || r.busy.turning || !r.slowlyOpening() && !r.slowlySyncing() {
		return nil
	}
	r.busy.turning = true
	return r.busy.spinner.Tick
}

func (r *root) spun(msg spinner.TickMsg) tea.Cmd {
	if r.busy.turning = r.slowlyOpening() || r.slowlySyncing(); !r.busy.turning {
		return nil
	}
	var next tea.Cmd
	r.busy.spinner, next = r.busy.spinner.Update(msg)
	return next
}

// syncingText says what a sync that takes its time does.
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

// bar draws how far a sync is that takes its time and knows its end, for the
// footer of a screen that is wide enough.
func (r *root) bar(w int) string {
	const from = 80
	p := r.sync.progress
	if w < from || r.plain || p.Total <= 0 || !r.slowlySyncing() {
		return ""
	}
	return "  " + r.shared.styles.Bar.ViewAs(float64(p.Done)/float64(p.Total))
}

// progressBar shows a long sync in the terminal's own bar.
func (r *root) progressBar() *tea.ProgressBar {
	p := r.sync.progress
	if !r.slowlySyncing() || p.Phase == "" {
		return nil
	}
	if p.Total <= 0 {
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	}
	return tea.NewProgressBar(tea.ProgressBarDefault, min(100, 100*p.Done/p.Total))
}
