package ui

import (
	"regexp"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
	"kindling/store/todotxt"
)

// pasted is one line of a paste as the todo it would become.
type pasted struct {
	title string
	done  bool
}

var (
	bullet = regexp.MustCompile(`^(?:[-*+•‣◦–—]|\d{1,3}[.)])\s+`)
	box    = regexp.MustCompile(`^\[([ xX✓✔]?)\]\s+`)
)

// readPaste makes a todo of each line that is not blank: bullets, numbers and
// boxes are stripped, a ticked box is done.
func readPaste(text string) []pasted {
	var all []pasted
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		line = strings.TrimSpace(line)
		line = strings.TrimPrefix(line, bullet.FindString(line))
		p := pasted{title: line}
		if m := box.FindStringSubmatch(line); m != nil {
			p = pasted{strings.TrimSpace(line[len(m[0]):]), strings.TrimSpace(m[1]) != ""}
		}
		if p.title != "" && store.CheckTitle(p.title) == nil {
			all = append(all, p)
		}
	}
	return all
}

// paste shows what a pasted text would become, and adds it.
type paste struct {
	host   *host
	todos  []pasted
	offset int
}

func newPaste(h *host, text string) *paste { return &paste{host: h, todos: readPaste(text)} }

func (p *paste) scope() scope    { return inPaste }
func (p *paste) capturing() bool { return false }

func (p *paste) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg {
	case verbBack:
		return closeScreen{}, nil
	case verbAccept:
		return p.accept(), nil
	case verbDown:
		p.offset = min(p.offset+1, max(0, len(p.todos)-1))
	case verbUp:
		p.offset = max(p.offset-1, 0)
	}
	return nil, nil
}

// accept adds all as one step. The first line is the newest, so that the list
// keeps the order of the paste.
func (p *paste) accept() action {
	if len(p.todos) == 0 {
		return closeScreen{}
	}
	var step store.Step
	var added []store.Todo
	for i, t := range p.todos {
		op := store.NewAdd(t.title, p.host.now().Add(-time.Duration(i)*time.Microsecond))
		op.Want.Done = store.BoolOf(t.done)
		step.Ops, added = append(step.Ops, op), append(added, op.Want)
	}
	step.Name = todotxt.StepName("add", added)
	return all{closeScreen{}, applyStep{step}, showTodo{step.Ops[0].ID}}
}

func (p *paste) view(w, h int) picture {
	st, k := p.host.styles, p.host.keys
	head := brush{left: w, pens: &st.pens}
	if len(p.todos) == 0 {
		head.put("There is no text in what was pasted · "+k.key(verbBack), st.Title)
		return picture{lines: []string{head.b.String()}}
	}
	head.put("Add "+count(len(p.todos), "todo", "todos")+"?", st.Title)
	head.put(" "+k.key(verbAccept)+" adds, "+k.key(verbBack)+" does not", st.Faint)
	lines := []string{head.b.String()}
	for _, t := range p.todos[min(p.offset, max(0, len(p.todos)-(h-1))):] {
		if len(lines) >= h {
			break
		}
		b := brush{left: w, pens: &st.pens}
		b.put(map[bool]string{true: "  [x] ", false: "  [ ] "}[t.done], st.Faint)
		it := store.Item{Todo: store.Todo{Title: t.title, Done: store.BoolOf(t.done)}}
		b.title(&it, b.left, nil)
		lines = append(lines, b.b.String())
	}
	return picture{lines: lines}
}
