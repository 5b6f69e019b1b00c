package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

// update does what a key, the palette or the mouse means.
func (l *list) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case verb:
		l.touched, l.wanted = true, uuid.Nil
		if l.move(msg) {
			return nil, nil
		}
		if act, ok := l.look(msg); ok {
			return act, nil
		}
		return l.change(msg), nil
	case tea.PasteMsg:
		return openScreen{newPaste(l.shared, msg.Content)}, nil
	case tea.MouseClickMsg:
		l.touched = true
		return l.click(msg), nil
	case tea.MouseWheelMsg:
		l.touched = true
		l.wheel(msg)
	case arranged:
		return nil, l.arrangedAnew(msg)
	}
	return nil, nil
}

// move does the verbs that only move the cursor or select.
func (l *list) move(v verb) bool {
	page := max(1, l.rowsHeight(l.h)-1)
	switch v {
	case verbDown:
		l.moveTo(l.index + 1)
	case verbUp:
		l.moveTo(l.index - 1)
	case verbPageDown:
		l.moveTo(l.index + page)
	case verbPageUp:
		l.moveTo(l.index - page)
	case verbTop:
		l.moveTo(0)
	case verbBottom:
		l.moveTo(len(l.arr.shown.slots) - 1)
	case verbSelect:
		l.stretchOn()
	case verbSelectDown:
		l.extend(1)
	case verbSelectUp:
		l.extend(-1)
	case verbSelectAll:
		l.selectAll()
	default:
		return false
	}
	return true
}

// look does the verbs that change what is shown, or open something.
func (l *list) look(v verb) (action, bool) {
	switch v {
	case verbAdd:
		return openScreen{newAdd(l.shared, l)}, true
	case verbFilter:
		return openScreen{newFilter(l.shared, l)}, true
	case verbEdit, verbEditor:
		return l.edit(v == verbEditor), true
	case verbSort:
		return l.cycled(sortings, func(s *Settings) *string { return &s.Sort }, "sorted by %s"), true
	case verbGroup:
		return l.cycled(groupings, func(s *Settings) *string { return &s.Group }, "grouped by %s"), true
	case verbShow:
		return l.cycled(showings, func(s *Settings) *string { return &s.Show }, "showing %s"), true
	case verbSaveFilter:
		return l.saveFilter(), true
	case verbBack:
		return l.back(), true
	}
	if n, ok := strings.CutPrefix(string(v), "filter-"); ok {
		return l.savedFilter(int(n[0] - '0')), true
	}
	return nil, false
}

// change does the verbs that change todos.
func (l *list) change(v verb) action {
	if v == verbClear {
		return l.clearCompleted()
	}
	items := l.targets()
	if len(items) == 0 {
		return nil
	}
	switch v {
	case verbToggle:
		l.stay = true
		l.unselect()
		return applyStep{todotxt.CompleteStep(items, anyOpen(items), l.shared.local())}
	case verbDelete:
		l.stay = true
		l.unselect()
		return applyStep{removal("delete", items)}
	case verbCopy:
		l.unselect()
		return copyText{titles(items), todotxt.StepName("copied", items)}
	}
	return nil
}

func anyOpen(items []store.Todo) bool {
	return slices.ContainsFunc(items, func(t store.Todo) bool { return !t.Done.Bool() })
}

func removal(name string, items []store.Todo) store.Step {
	step := store.Step{Name: todotxt.StepName(name, items)}
	for _, t := range items {
		step.Ops = append(step.Ops, store.Remove(t))
	}
	return step
}

func titles(items []store.Todo) string {
	all := make([]string, len(items))
	for i, t := range items {
		all[i] = t.Title
	}
	return strings.Join(all, "\n")
}

// clearCompleted deletes what is done: all of it, or with a filter what that shows.
func (l *list) clearCompleted() action {
	if !l.shared.rows.complete {
		return say{toneInfo, "the list is still loading"}
	}
	step := clearing(l.shared.rows, func(it *store.Item) bool { return l.text == "" || l.query.Match(it, nil) })
	if len(step.Ops) == 0 {
		return say{toneInfo, "nothing is completed"}
	}
	return applyStep{step}
}

// clearing deletes the completed todos that are let through.
func clearing(r *rows, through func(*store.Item) bool) store.Step {
	var gone []store.Todo
	for w := range r.all() {
		if w.Done.Bool() && through(&w.Item) {
			gone = append(gone, w.Todo)
		}
	}
	step := removal("delete", gone)
	step.Name = "delete " + count(len(gone), "completed todo", "completed todos")
	return step
}

// cycled turns one of the list's settings to its next value.
func (l *list) cycled(values []string, field func(*Settings) *string, text string) action {
	s := l.shared.settings
	f := field(&s)
	*f = values[(slices.Index(values, oneOf(values, *f, values[0]))+1)%len(values)]
	return all{changeSettings{s}, say{toneInfo, fmt.Sprintf(text, spoken(*f))}}
}

// spoken is a setting's value as a toast says it.
func spoken(value string) string {
	switch value {
	case groupNone:
		return "nothing"
	case showOpen:
		return "open todos"
	case showDone:
		return "completed todos"
	case showAll:
		return "all todos"
	}
	return value
}

// back leaves one thing at a time: the selection, then the filter.
func (l *list) back() action {
	if l.selecting() {
		l.unselect()
		return nil
	}
	if l.text != "" {
		return setFilter{""}
	}
	return nil
}

func (l *list) edit(outside bool) action {
	it, ok := l.current()
	if !ok {
		return nil
	}
	l.unselect()
	return openScreen{newEdit(l.shared, it, outside)}
}

// click moves the cursor to a row; on the box it toggles.
func (l *list) click(m tea.MouseClickMsg) action {
	i, ok := l.rowAt(m.X, m.Y)
	if !ok || m.Button != tea.MouseLeft {
		return nil
	}
	l.anchor = uuid.Nil
	l.moveTo(i)
	if m.X >= boxAt && m.X < boxAt+boxWidth {
		return doVerb{verbToggle}
	}
	return nil
}

// rowAt is the index drawn at a cell.
func (l *list) rowAt(x, y int) (int, bool) {
	line := y - l.rowsTop()
	if line < 0 || line >= l.rowsHeight(l.h) || x >= l.listWidth(l.w) {
		return 0, false
	}
	line += l.offset
	if line >= l.arr.shown.height() {
		return 0, false
	}
	i, heading := l.arr.shown.indexAt(line)
	return i, heading < 0
}

const wheelLines = 3

// wheel scrolls; the cursor stays on screen.
func (l *list) wheel(m tea.MouseWheelMsg) {
	by := map[tea.MouseButton]int{tea.MouseWheelDown: wheelLines, tea.MouseWheelUp: -wheelLines}[m.Button]
	h := l.rowsHeight(l.h)
	l.offset = max(0, min(l.offset+by, l.arr.shown.height()-h))
	margin := min(2, (h-1)/4)
	line := l.arr.shown.lineOf(l.index)
	line = max(l.offset+margin, min(line, l.offset+h-1-margin))
	if i, heading := l.arr.shown.indexAt(line); heading < 0 {
		l.moveTo(i)
	} else {
		l.moveTo(l.arr.shown.groups[heading].start)
	}
}
