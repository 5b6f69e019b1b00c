package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kindling/store"
)

// sendTime is how long a change waits for the project before the person goes on.
const sendTime = 3 * time.Second

func syncPhrases() []phrase {
	return []phrase{
		{[]string{"sync", "s"}, "", "send and fetch now", false, (*linear).sync},
		{[]string{"status"}, "", "who, where, how fresh, and what waits", false, func(l *linear, _ string) { l.status() }},
		{[]string{"conflicts", "c"}, "", "what both sides changed", false, func(l *linear, _ string) { l.conflicts() }},
		{[]string{"mine"}, "N", "keep my side of a conflict", false, func(l *linear, rest string) { l.resolve(rest, store.Mine) }},
		{[]string{"theirs"}, "N", "take their side of a conflict", false, func(l *linear, rest string) { l.resolve(rest, store.Theirs) }},
		{[]string{"both"}, "N", "keep both, as two todos", false, func(l *linear, rest string) { l.resolve(rest, store.Both) }},
		{[]string{"details"}, "", "what waits and why, and what vanished", false, func(l *linear, _ string) { l.details() }},
		{[]string{"retry"}, "N", "send a refused change again; N as in details", false, (*linear).retry},
		{[]string{"give up", "discard"}, "N", "drop a refused change; N as in details", false, (*linear).discard},
		{[]string{"restore"}, "N", "bring a vanished todo back; N as in details", false, (*linear).restore},
	}
}

// sync sends and fetches, and says how that went.
func (l *linear) sync(string) {
	report, err := l.todos.Sync(l.ctx, store.SyncOptions{})
	l.heed()
	if err != nil {
		l.fail(err)
		l.say(l.freshness())
		return
	}
	l.say("%s.", syncedText(report))
}

// heed says a warning of the session when it is new.
func (l *linear) heed() {
	if w := warningOf(l.todos); w != l.warned {
		if l.warned = w; w != "" {
			l.say("Warning: %s", w)
		}
	}
}

// send pushes what waits; longer than sendTime it takes the next sync.
func (l *linear) send() {
	ctx, cancel := context.WithTimeout(l.ctx, sendTime)
	defer cancel()
	_, err := l.todos.Sync(ctx, store.SyncOptions{PushOnly: true})
	if err == nil {
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		l.say("Saved here; it is sent later.")
		return
	}
	l.fail(err)
}

func (l *linear) freshness() string {
	s, err := l.todos.Status(l.ctx)
	if err != nil || s.LastSync.IsZero() {
		return "Never synced yet."
	}
	return "Synced " + ago(l.o.Now().Sub(s.LastSync)) + "."
}

func (l *linear) status() {
	s, err := l.todos.Status(l.ctx)
	if err != nil {
		l.fail(err)
		return
	}
	l.say("%s, %s. Secrets are kept in: %s.", who(l.account), l.o.Facts.Project, l.o.Facts.Vault)
	l.say("%d open, %d completed. %s", s.Open, s.Completed, l.freshness())
	if s.Unsent() > 0 {
		l.say("%s.", upper(unsentText(s.Waiting, s.Conflicts, s.Parked, s.Drafts)))
	}
	if s.LastError != "" {
		l.say("Last error: %s", s.LastError)
	}
}

// conflicts says both sides of each conflict.
func (l *linear) conflicts() {
	all, err := l.contested()
	if err != nil {
		l.fail(err)
		return
	}
	if len(all) == 0 {
		l.say("No conflicts: both sides agree.")
	}
	for i, c := range all {
		l.say("Conflict %d. %s", i+1, c.story())
		for _, t := range c.columns {
			l.say("Mine: %s", sideWords(t.mine))
			l.say("Theirs: %s", sideWords(t.theirs))
			if t.base != "" {
				l.say("Before: %s", t.base)
			}
		}
		l.say("Say: %s", choiceWords(c, i+1))
	}
}

func (l *linear) contested() ([]contested, error) {
	all, err := l.todos.Conflicts(l.ctx)
	return contest(all), err
}

// sideWords is one side of a conflict in words.
func sideWords(all []piece) string {
	if len(all) == 0 {
		return "deleted"
	}
	text := ""
	for _, p := range all {
		text += p.text
	}
	return text
}

func choiceWords(c contested, n int) string {
	switch c.deletedBy() {
	case store.Mine:
		return fmt.Sprintf("mine %d to delete it, theirs %d to keep it.", n, n)
	case store.Theirs:
		return fmt.Sprintf("mine %d to restore it, theirs %d to let it go.", n, n)
	}
	return fmt.Sprintf("mine %d, theirs %d, or both %d.", n, n, n)
}

func (l *linear) resolve(which string, choice store.Choice) {
	all, err := l.contested()
	if err != nil {
		l.fail(err)
		return
	}
	n := numbers(which, len(all))
	if len(n) != 1 {
		l.say("Say which conflict by its number. Say conflicts to hear them.")
		return
	}
	c := all[n[0]-1]
	if c.deletedBy() != 0 && choice == store.Both {
		l.say("One side deleted it. Say: %s", choiceWords(c, n[0]))
		return
	}
	if err := l.todos.Resolve(l.ctx, c.id, choice); err != nil {
		l.fail(err)
		return
	}
	l.say("%s.", c.told(choice))
	l.send()
}

// details says what waits and what vanished, numbered through.
func (l *linear) details() {
	pending, vanished, err := l.detailed()
	if err != nil {
		l.fail(err)
		return
	}
	l.say(l.freshness())
	if len(pending)+len(vanished) == 0 {
		l.say("Nothing waits: the project holds everything that is here.")
	}
	for i, p := range pending {
		line := fmt.Sprintf("%d. %s %s: %s", i+1, upper(opWords(p.Op)), inQuotes(opTitle(p.Op)), pendingWords(p.State))
		if p.Reason != "" {
			line += ", because " + p.Reason
		}
		if p.Attempts > 0 {
			line += ", tried " + count(p.Attempts, "time", "times")
		}
		l.say(line + ".")
	}
	for i, v := range vanished {
		l.say("%d. Gone at the project %s: %s. Say: restore %d", len(pending)+i+1, ago(l.o.Now().Sub(v.At)), v.Todo.Title, len(pending)+i+1)
	}
}

func (l *linear) detailed() ([]store.Pending, []store.Vanished, error) {
	pending, err := l.todos.Outbox(l.ctx)
	if err != nil {
		return nil, nil, err
	}
	pending = pending[:min(len(pending), mostDetails)]
	vanished, err := l.todos.Vanished(l.ctx)
	return pending, vanished, err
}

// refused is the refused change that a number of details means.
func (l *linear) refused(which string) (store.Pending, bool) {
	pending, _, err := l.detailed()
	n := numbers(which, len(pending))
	if err != nil || len(n) != 1 || pending[n[0]-1].State != "parked" {
		l.say("Say the number of a refused change. Say details to hear them.")
		return store.Pending{}, false
	}
	return pending[n[0]-1], true
}

func (l *linear) retry(which string) {
	p, ok := l.refused(which)
	if !ok {
		return
	}
	if err := l.todos.Retry(l.ctx, p.Op.ID); err != nil {
		l.fail(err)
		return
	}
	l.sync("")
}

func (l *linear) discard(which string) {
	p, ok := l.refused(which)
	if !ok || !l.sure("Give up: "+opWords(p.Op)+" "+inQuotes(opTitle(p.Op))+"? It cannot be undone.") {
		return
	}
	if err := l.todos.Discard(l.ctx, p.Op.ID); err != nil {
		l.fail(err)
		return
	}
	l.say("Gave the change up.")
}

func (l *linear) restore(which string) {
	pending, vanished, err := l.detailed()
	n := numbers(which, len(pending)+len(vanished))
	if err != nil || len(n) != 1 || n[0] <= len(pending) {
		l.say("Say the number of a vanished todo. Say details to hear them.")
		return
	}
	gone := vanished[n[0]-1-len(pending)]
	if err := l.todos.Restore(l.ctx, gone.Todo.ID); err != nil {
		l.fail(err)
		return
	}
	l.say("Brought back: %s", gone.Todo.Title)
	l.send()
}

func isNothing(err error) bool { return errors.Is(err, store.ErrNothing) }
