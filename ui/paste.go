package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
	"kindling/store/todotxt"
)

// paste shows what a pasted text would become, and adds it.
type paste struct {
	shared *shared
	todos  []todotxt.Pasted
	offset int
	rows   int // that the last size has
}

func newPaste(sh *shared, text string) *paste { return &paste{shared: sh, todos: storable(text)} }

func (p *paste) scope() scope    { return inPaste }
func (p *paste) capturing() bool { return false }

func (p *paste) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg {
	case verbBack:
		return closeScreen{}, nil
	case verbAccept:
		return p.accept(), nil
	case verbDown:
		p.scroll(1)
	case verbUp:
		p.scroll(-1)
	}
	if m, ok := msg.(tea.MouseWheelMsg); ok {
		p.scroll(map[tea.MouseButton]int{tea.MouseWheelDown: wheelLines, tea.MouseWheelUp: -wheelLines}[m.Button])
	}
	return nil, nil
}

// last is the farthest the todos scroll: the last one stands on the last line then.
func (p *paste) last() int { return max(0, len(p.todos)-p.rows) }

func (p *paste) scroll(by int) { p.offset = max(0, min(p.offset+by, p.last())) }

// accept adds all as one step. The first line is the newest, so that the list
// keeps the order of the paste.
func (p *paste) accept() action {
	if len(p.todos) == 0 {
		return closeScreen{}
	}
	step := additions(p.todos, p.shared.now())
	return all{closeScreen{}, applyStep{step}, showTodo{step.Ops[0].ID}}
}

// additions add todos as one step.
func additions(todos []todotxt.Pasted, now time.Time) store.Step {
	var step store.Step
	var added []store.Todo
	for i, t := range todos {
		op := store.NewAdd(t.Title, now.Add(-time.Duration(i)*time.Microsecond))
		op.Want.Done = store.BoolOf(t.Done)
		step.Ops, added = append(step.Ops, op), append(added, op.Want)
	}
	step.Name = todotxt.StepName("add", added)
	return step
}

func (p *paste) view(w, h int) picture {
	st, k := p.shared.styles, p.shared.keys
	head := brush{left: w, pens: &st.pens}
	if len(p.todos) == 0 {
		head.put("There is no text in what was pasted · "+k.key(verbBack), st.Title)
		return picture{lines: []string{head.b.String()}}
	}
	head.put("Add "+count(len(p.todos), "todo", "todos")+"?", st.Title)
	head.put(" "+k.key(verbAccept)+" adds, "+k.key(verbBack)+" does not", st.Faint)
	lines := []string{head.b.String()}
	p.rows = max(0, h-1)
	p.scroll(0) // a taller screen may reach past the end
	for _, t := range p.todos[p.offset:] {
		if len(lines) >= h {
			break
		}
		b := brush{left: w, pens: &st.pens}
		b.put(either(t.Done, "  [x] ", "  [ ] "), st.Faint)
		it := store.Item{Todo: store.Todo{Title: t.Title, Done: store.BoolOf(t.Done)}}
		b.spans(&it, todotxt.Parse(t.Title).Spans, b.left, nil)
		lines = append(lines, b.b.String())
	}
	return picture{lines: lines}
}

// storable are the todos of a text, without lines that no project could keep.
func storable(text string) []todotxt.Pasted {
	return slices.DeleteFunc(todotxt.Lines(text), func(p todotxt.Pasted) bool { return store.CheckTitle(p.Title) != nil })
}
