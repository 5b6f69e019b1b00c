package ui

import (
	"context"
	"strconv"
	"strings"

	"kindling/store"
	"kindling/store/todotxt"
)

// mostSpoken is how many todos one list says.
const mostSpoken = 50

func todoPhrases() []phrase {
	return []phrase{
		{[]string{"list", "ls", "l"}, "[FILTER]", "the todos, numbered; with a filter only those, for this once", false, (*linear).list},
		{[]string{"add", "a", "new"}, "TEXT", "add a todo; tomorrow, friday or in 3 days make it due", false, (*linear).add},
		{[]string{"done", "d", "complete"}, "N", "complete todos", false, func(l *linear, rest string) { l.complete(rest, true) }},
		{[]string{"reopen", "open"}, "N", "open completed todos again", false, func(l *linear, rest string) { l.complete(rest, false) }},
		{[]string{"edit", "e"}, "N [TEXT]", "change the text of a todo", false, (*linear).edit},
		{[]string{"delete", "rm"}, "N", "delete todos; undo brings them back", false, (*linear).remove},
		{[]string{"add as typed"}, "TEXT", "add a todo, and read no dates", false, (*linear).addTyped},
		{[]string{"add many", "paste"}, "", "add many todos, one a line; an empty line ends them", false, func(l *linear, _ string) { l.addMany() }},
		{[]string{"about", "show todo"}, "N", "all there is to know about a todo", false, (*linear).about},
		{[]string{"copy"}, "N", "copy the text of todos", false, (*linear).copy},
		{[]string{"clear completed"}, "", "delete all completed todos that the filter lets through; undo brings them back", false, func(l *linear, _ string) { l.clearCompleted() }},
		{[]string{"undo", "u"}, "", "take the last change back", false, func(l *linear, _ string) { l.takeBack(Todos.Undo, "Taken back: ", "Nothing to undo.") }},
		{[]string{"redo"}, "", "do it again", false, func(l *linear, _ string) { l.takeBack(Todos.Redo, "Done again: ", "Nothing to redo.") }},
		{[]string{"filter", "f"}, "[FILTER]", "keep to todos like milk, +home, due:today or is:done; without a filter all", false, (*linear).filter},
	}
}

// spoken is a todo in words.
func (l *linear) spoken(it store.Item) string {
	var b strings.Builder
	if it.Done.Bool() {
		b.WriteString("Done: ")
	}
	for _, s := range titleSpans(it.Title, nil) {
		b.WriteString(it.Title[s.Start:s.End])
	}
	if day, ok := todotxt.DueOf(it.Title); ok {
		b.WriteString(", due " + day.Words(todotxt.DayOf(l.local())))
	}
	b.WriteString([...]string{"", ", waiting to be sent", ", in conflict", ", refused by the project"}[it.State])
	if it.Note != "" {
		b.WriteString(", " + it.Note)
	}
	return oneLine(b.String())
}

// picked are the todos that numbers mean; without any, what was selected.
func (l *linear) picked(text string) ([]store.Todo, bool) {
	if all := l.meant(text); len(all) > 0 {
		l.chosen = nil
		return all, true
	}
	l.say("Say which by the numbers of the list, such as 1, or 1 3 5-7, or all.")
	return nil, false
}

func (l *linear) meant(text string) []store.Todo {
	switch {
	case text == "":
		return l.chosen
	case strings.EqualFold(text, "all"):
		return titlesOf(l.shown)
	}
	var all []store.Todo
	for _, n := range numbers(text, len(l.shown)) {
		all = append(all, l.shown[n-1].Todo)
	}
	return all
}

func titlesOf(items []store.Item) []store.Todo {
	all := make([]store.Todo, len(items))
	for i, it := range items {
		all[i] = it.Todo
	}
	return all
}

// numbers reads "1 3 5-7" as far as the numbers are from 1 to most.
func numbers(text string, most int) []int {
	var all []int
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' }) {
		first, last, ranged := strings.Cut(field, "-")
		a, err := strconv.Atoi(first)
		b := a
		if ranged && err == nil {
			b, err = strconv.Atoi(last)
		}
		if err != nil || a < 1 || b > most || b < a {
			return nil
		}
		for n := a; n <= b; n++ {
			all = append(all, n)
		}
	}
	return all
}

func (l *linear) add(text string) {
	r := todotxt.ReadDates(text, l.local(), true)
	if l.addTitle(r.Text) && r.Words != "" {
		l.say("%s was read as a date: %s. Undo, and say add as typed, to keep the words.", inQuotes(r.Words), strings.TrimSpace(r.Text))
	}
}

func (l *linear) addTyped(text string) { l.addTitle(text) }

func (l *linear) addTitle(title string) bool {
	if title = strings.TrimSpace(title); title == "" {
		l.say("Say add and a text.")
		return false
	}
	op := store.NewAdd(title, l.o.Now())
	return l.save(store.Step{Name: todotxt.StepName("add", []store.Todo{op.Want}), Ops: []store.Op{op}})
}

// addMany reads todos until an empty line, and adds them when that was meant.
func (l *linear) addMany() {
	var lines []string
	l.say("Type or paste todos, one a line. An empty line ends them.")
	for {
		line, ok := l.ask("")
		if !ok || line == "" {
			break
		}
		lines = append(lines, line)
	}
	todos := storable(strings.Join(lines, "\n"))
	if len(todos) == 0 {
		l.say("There is no text in that.")
		return
	}
	for i, t := range todos {
		l.say("%d. %s", i+1, l.spoken(store.Item{Todo: store.Todo{Title: t.Title, Done: store.BoolOf(t.Done)}}))
	}
	if l.sure("Add " + count(len(todos), "todo", "todos") + "?") {
		l.save(additions(todos, l.o.Now()))
		return
	}
	l.say("Nothing was added.")
}

func (l *linear) complete(which string, done bool) {
	if items, ok := l.picked(which); ok {
		l.save(todotxt.CompleteStep(items, done, l.local()))
	}
}

func (l *linear) remove(which string) {
	if items, ok := l.picked(which); ok {
		l.save(removal("delete", items))
	}
}

// edit changes a text: what follows the number, or what is typed next.
func (l *linear) edit(rest string) {
	number, text, _ := strings.Cut(rest, " ")
	items, ok := l.picked(number)
	if !ok || len(items) != 1 {
		return
	}
	if text = strings.TrimSpace(text); text == "" {
		l.say("Now: %s", items[0].Title)
		text, _ = l.ask("New text, or nothing to keep it: ")
	}
	if text == "" || text == items[0].Title {
		l.say("Kept as it was.")
		return
	}
	l.save(store.Step{Name: todotxt.StepName("edit", items), Ops: []store.Op{store.Retitle(items[0], text)}})
}

// save makes a step durable, says so, and sends it where that is quick.
func (l *linear) save(step store.Step) bool {
	if len(step.Ops) == 0 {
		l.say("Nothing to do.")
		return false
	}
	for _, op := range step.Ops {
		if err := store.CheckTitle(op.Want.Title); err != nil && op.Kind != store.Delete {
			l.fail(err)
			return false
		}
	}
	if err := l.todos.Save(l.ctx, step); err != nil {
		l.fail(err)
		return false
	}
	l.say("%s.", upper(step.Name))
	l.renumber()
	l.send()
	return true
}

// renumber keeps the numbers of the last list on their todos, as these are now.
func (l *linear) renumber() {
	d, err := l.todos.Changes(l.ctx, 0)
	if err != nil {
		return
	}
	now := map[[16]byte]store.Item{}
	for _, it := range d.Items {
		now[it.ID] = it
	}
	for i, it := range l.shown {
		if changed, ok := now[it.ID]; ok {
			l.shown[i] = changed
		}
	}
	for i, t := range l.chosen {
		if changed, ok := now[t.ID]; ok {
			l.chosen[i] = changed.Todo
		}
	}
}

func (l *linear) takeBack(do func(Todos, context.Context) (store.Step, error), said, nothing string) {
	step, err := do(l.todos, l.ctx)
	if isNothing(err) {
		l.say(nothing)
		return
	}
	if err != nil {
		l.fail(err)
		return
	}
	l.say("%s%s.", said, step.Name)
	l.renumber()
	l.send()
}

func (l *linear) filter(text string) {
	if _, err := todotxt.ParseQuery(text, l.local()); err != nil {
		l.fail(err)
		return
	}
	l.query = text
	l.list("")
}
