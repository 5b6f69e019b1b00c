package ui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"kindling/store"
	"kindling/store/todotxt"
)

// settingPhrases are about what a person likes, and about one todo's parts.
func settingPhrases() []phrase {
	all := []phrase{
		{[]string{"settings"}, "", "what can be set, and how it is now", true, func(l *linear, _ string) { l.settings() }},
		{[]string{"set"}, "NAME VALUE", "change a setting, such as set mouse off", true, (*linear).setNamed},
		{[]string{"theme"}, "[NAME]", "the colours of the drawn screens", true, func(l *linear, rest string) { l.set("Theme", rest) }},
	}
	for _, f := range titleFields() {
		all = append(all, phrase{[]string{f.name}, "N [VALUE]", "change the " + f.name + " of a todo; without a value hear it", false,
			func(l *linear, rest string) { l.part(f, rest) }})
	}
	return all
}

// shared is what the rows of the settings and of a todo's facts ask for.
func (l *linear) shared() *shared {
	return &shared{settings: l.o.Settings, themes: l.themes, now: l.o.Now, loc: l.o.Location, keys: &KeyMap{}, styles: &Styles{}}
}

func (l *linear) settings() {
	for _, row := range allSettings() {
		l.sayValue(row)
	}
}

func (l *linear) sayValue(row setting) {
	l.say("%s is %s; it can be %s.", row.name, row.get(&l.o.Settings), strings.Join(row.values(l.shared()), ", "))
}

// setNamed finds the setting whose name a line begins with.
func (l *linear) setNamed(rest string) {
	for _, row := range allSettings() {
		if value, ok := cutWords(rest, row.name); ok {
			l.set(row.name, value)
			return
		}
	}
	l.say("There is no such setting. Say settings to hear them.")
}

// set changes a setting, or says it. What orders the list is heard at once.
func (l *linear) set(name, value string) {
	rows := allSettings()
	row := rows[slices.IndexFunc(rows, func(r setting) bool { return r.name == name })]
	if value = strings.ToLower(value); !slices.Contains(row.values(l.shared()), value) {
		l.sayValue(row)
		return
	}
	s := l.o.Settings
	row.set(&s, value)
	was := l.spec()
	if !l.keep(s) {
		return
	}
	l.say("%s is %s now.", row.name, value)
	if l.todos != nil && l.spec() != was {
		l.list("")
	}
}

// part changes one part of a todo's text, or says it.
func (l *linear) part(f field, rest string) {
	number, value, _ := strings.Cut(rest, " ")
	items := l.meant(number)
	if len(items) != 1 {
		l.say("Say %s, the number of a todo, and the new value, or none.", f.name)
		return
	}
	if value = strings.TrimSpace(value); value == "" {
		l.say("The %s of it: %s. Say %s %s none to take it away.", f.name, orNone(f.read(todotxt.Parse(items[0].Title))), f.name, number)
		return
	}
	if strings.EqualFold(value, "none") {
		value = ""
	}
	title, _ := f.write(l.shared(), items[0].Title, value)
	if title == items[0].Title {
		l.say("Kept as it was. %s", upper(f.hint(l.shared(), value)))
		return
	}
	l.save(store.Step{Name: todotxt.StepName("edit", items), Ops: []store.Op{store.Retitle(items[0], title)}})
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// about tells everything about one todo.
func (l *linear) about(which string) {
	items := l.meant(which)
	if len(items) != 1 {
		l.say("Say about, and the number of one todo.")
		return
	}
	i := slices.IndexFunc(l.shown, func(it store.Item) bool { return it.ID == items[0].ID })
	it := store.Item{Todo: items[0]}
	if i >= 0 {
		it = l.shown[i]
	}
	for n, line := range strings.Split(cleanLines(it.Title), "\n") {
		l.say("%s%s", map[int]string{0: "Text: "}[n], line)
	}
	for _, f := range facts(l.shared(), it) {
		if f.name == "sync" {
			f.text = syncSaid[it.State]
		}
		l.say("%s: %s.", upper(f.name), f.text)
	}
}

// syncSaid is where a todo stands with the project.
var syncSaid = [...]string{"at the server", "waiting to be sent", "both sides changed it; say conflicts", "refused by the project; say details"}

// copy puts texts on the clipboard where the terminal can, else says them as they are.
func (l *linear) copy(which string) {
	items, ok := l.picked(which)
	if !ok {
		return
	}
	text := pasteable(titles(items))
	if !obeys(l.out, l.o.Env) {
		l.say("This output has no clipboard. The text:")
		_, _ = fmt.Fprintln(l.out, cleanLines(text))
		return
	}
	_, _ = io.WriteString(l.out, ansi.SetSystemClipboard(text))
	l.say("%s.", upper(todotxt.StepName("copied", items)))
}

// obeys reports a terminal that takes escape sequences.
func obeys(out io.Writer, env []string) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(f.Fd()) && !isDumb(env)
}

// isDumb reports a terminal that says it can do nothing but print lines.
func isDumb(env []string) bool { return getenv(env, "TERM") == "dumb" }

// unsavedPhrases are about texts that were typed and not saved.
func unsavedPhrases() []phrase {
	return []phrase{
		{[]string{"unsaved"}, "", "texts that were typed and not saved", false, func(l *linear, _ string) { l.unsaved() }},
		{[]string{"save unsaved"}, "N", "save such a text; N as in unsaved", false, (*linear).saveUnsaved},
		{[]string{"drop unsaved"}, "N", "drop such a text; N as in unsaved", false, (*linear).dropUnsaved},
	}
}

func (l *linear) drafts() []keepDraft {
	all, err := l.todos.Drafts(l.ctx)
	if err != nil {
		l.fail(err)
	}
	var drafts []keepDraft
	for id, text := range all {
		drafts = append(drafts, keepDraft{id, text})
	}
	slices.SortFunc(drafts, func(a, b keepDraft) int { return bytes.Compare(a.id[:], b.id[:]) })
	return drafts
}

func (l *linear) unsaved() {
	all := l.drafts()
	if len(all) == 0 {
		l.say("Every text is saved.")
	}
	for i, d := range all {
		l.say("%d. %s", i+1, d.text)
	}
}

func (l *linear) draft(which string) (keepDraft, bool) {
	all := l.drafts()
	if n := numbers(which, len(all)); len(n) == 1 {
		return all[n[0]-1], true
	}
	l.say("Say the number of an unsaved text. Say unsaved to hear them.")
	return keepDraft{}, false
}

func (l *linear) saveUnsaved(which string) {
	d, ok := l.draft(which)
	if !ok {
		return
	}
	r, err := l.rows()
	if err != nil {
		l.fail(err)
		return
	}
	saved := false
	if it, here := r.get(d.id); here {
		saved = l.save(store.Step{Name: todotxt.StepName("edit", []store.Todo{it.Todo}), Ops: []store.Op{store.Retitle(it.Todo, d.text)}})
	} else {
		saved = l.addTitle(d.text)
	}
	if saved {
		l.forget(d)
	}
}

func (l *linear) dropUnsaved(which string) {
	if d, ok := l.draft(which); ok && l.sure("Drop "+inQuotes(d.text)+"? It cannot be undone.") {
		l.forget(d)
		l.say("Dropped.")
	}
}

func (l *linear) forget(d keepDraft) {
	if err := l.todos.SaveDraft(context.WithoutCancel(l.ctx), d.id, ""); err != nil {
		l.fail(err)
	}
}
