package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// quit leaves; where nothing outlives the program, it asks about what would be lost.
func (r *root) quit() tea.Cmd {
	n := r.shared.status.Unsent()
	if r.shared.facts.Vault == "memory" && n > 0 && !r.shows(inConfirm) {
		return r.push(newChoice(r.shared, count(n, "change is", "changes are")+" not at the server yet, and this sign-in keeps nothing on the machine.",
			option{"s", "sync first", syncNow{}}, option{"l", "leave and lose them", quit{}}))
	}
	return r.leaveNow()
}

// leaveNow leaves as soon as everything on screen is saved.
func (r *root) leaveNow() tea.Cmd {
	if len(r.queue.jobs) > 0 && !r.queue.failed {
		r.quitting = true
		return r.runQueue()
	}
	return tea.Quit
}

// leave closes what is open and says what the person should know.
func (r *root) leave(err error) (string, error) {
	status, unsaved := r.shared.status, len(r.queue.jobs)
	r.closeAbove(0)
	if r.shared.todos != nil {
		_ = r.shared.todos.Close()
	}
	switch {
	case unsaved > 0:
		return fmt.Sprintf("%s could not be saved", count(unsaved, "change", "changes")), err
	case status.Unsent() > 0:
		return unsentText(status.Waiting, status.Conflicts, status.Parked, status.Drafts), err
	}
	return "", err
}

func unsentText(waiting, conflicts, parked, drafts int) string {
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, count(n, one, many))
		}
	}
	add(waiting, "change waiting", "changes waiting")
	add(conflicts, "conflict to decide", "conflicts to decide")
	add(parked, "change refused", "changes refused")
	add(drafts, "draft", "drafts")
	return strings.Join(parts, ", ")
}
