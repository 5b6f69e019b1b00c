package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

// add is the line that adds todos, under the list.
type add struct {
	shared  *shared
	list    *list
	input   line
	names   []string // projects and contexts with their signs, the frequent first
	typed   bool     // natural dates stay words
	restart bool     // the text is a draft that was left earlier
	drafts  draftKeeper
}

func newAdd(sh *shared, l *list) *add {
	return &add{shared: sh, list: l, input: newLine(""), drafts: draftKeeper{id: uuid.Nil}}
}

func (a *add) scope() scope    { return inAdd }
func (a *add) capturing() bool { return true }

func (a *add) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started:
		return nil, tea.Batch(a.shared.gatherNames(a), a.drafts.read(a.shared, a))
	case namesGathered:
		a.names = msg.names
	case draftRead:
		if a.input.text() == "" && msg.text != "" {
			a.input.set(msg.text)
			a.restart, a.drafts.kept = true, true
		}
	case draftDue:
		return a.drafts.due(msg, a.input.text()), nil
	case tea.PasteMsg:
		return a.paste(msg)
	case tea.KeyPressMsg:
		return nil, a.key(msg)
	case verb:
		return a.do(msg)
	}
	return nil, nil
}

func (a *add) key(msg tea.KeyPressMsg) tea.Cmd {
	if !a.input.press(msg) {
		return nil
	}
	a.restart = false
	return a.drafts.typed(a.shared, a)
}

func (a *add) paste(msg tea.PasteMsg) (action, tea.Cmd) {
	if len(storable(msg.Content)) > 1 {
		return a.pasteMany(msg.Content), nil
	}
	a.input.paste(msg)
	return nil, a.drafts.typed(a.shared, a)
}

// pasteMany shows many todos before they are added. A line with text in it is gone on with then.
func (a *add) pasteMany(text string) action {
	many := newPaste(a.shared, text)
	if strings.TrimSpace(a.input.text()) != "" {
		return openScreen{many}
	}
	return all{a.drafts.drop(), swapScreen{many}}
}

func (a *add) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbBack:
		return a.leave(), nil
	case verbComplete:
		return nil, a.complete()
	case verbLiteral:
		a.typed = !a.typed
	case verbAccept, verbAnother:
		return a.accept(v == verbAnother), nil
	}
	return nil, nil
}

// leave keeps what was typed for the next time; what was offered so, and left
// as it was, is dropped.
func (a *add) leave() action {
	text := a.input.text()
	if a.restart || strings.TrimSpace(text) == "" {
		return all{closeScreen{}, a.drafts.drop()}
	}
	return all{closeScreen{}, a.drafts.keep(text), say{toneInfo, "kept what you typed · " + a.shared.keys.key(verbAdd) + " goes on with it"}}
}

// reading is the text as it would be saved.
func (a *add) reading() todotxt.Reading {
	if a.typed {
		return todotxt.Reading{Text: strings.TrimSpace(a.input.text())}
	}
	r := todotxt.ReadDates(a.input.text(), a.shared.local(), true)
	r.Text = strings.TrimSpace(r.Text)
	return r
}

// accept adds what was typed; an empty line only closes.
func (a *add) accept(another bool) action {
	text := a.reading().Text
	if text == "" {
		return all{closeScreen{}, a.drafts.drop()}
	}
	if err := store.CheckTitle(text); err != nil {
		return sayError(err)
	}
	op := store.NewAdd(text, a.shared.now())
	step := store.Step{Name: todotxt.StepName("add", []store.Todo{op.Want}), Ops: []store.Op{op}}
	a.input.set("")
	a.typed = false
	acts := all{applyStep{step}, a.drafts.drop(), showTodo{op.ID}}
	if !another {
		acts = slices.Insert(acts, 0, action(closeScreen{}))
	}
	return acts
}

// matches are the names that complete the word under the cursor.
func (a *add) matches() []string { return completions(a.names, lastName(a.input.head())) }

// complete puts the first match in the word's place. The bubble's own suggestions
// complete whole lines only; a name may stand anywhere in one.
func (a *add) complete() tea.Cmd {
	found := a.matches()
	if len(found) == 0 {
		return nil
	}
	head := a.input.head()
	a.input.complete(strings.TrimSuffix(head, lastWord(head)) + found[0] + " ")
	a.restart = false
	return a.drafts.typed(a.shared, a)
}

func (a *add) view(w, h int) picture {
	return a.input.under(a.list.view, "add ", a.hint, a.shared.styles, w, h)
}

// hint tells what enter would save, or how to complete a word.
func (a *add) hint(w int) string {
	st, k := a.shared.styles, a.shared.keys
	b := brush{left: w, pens: &st.pens}
	r, found := a.reading(), a.matches()
	switch {
	case len(found) > 0:
		if r.Words != "" { // completing a word must not hide what becomes of the others
			b.put("“"+clean(r.Words)+"” → "+todotxt.DayOf(r.Date).String(), st.Good)
			b.put(" · ", st.Faint)
		}
		b.put(k.key(verbComplete)+" ", st.Key)
		b.put(clean(strings.Join(found, "  ")), st.Faint)
	case r.Words != "":
		b.put("→ "+clean(r.Text), st.Good)
		b.put(" · "+k.key(verbLiteral)+" keeps “"+clean(r.Words)+"” as typed", st.Faint)
	case a.typed:
		b.put("as typed", st.Faint)
	case todotxt.UnreadDate(r.Text) != "":
		b.put(clean(todotxt.UnreadDate(r.Text))+" is not a date yet: due:fri, due:2026-12-24", st.Warn)
	case a.restart:
		b.put("this was not saved yet", st.Warn)
	default:
		b.put("tomorrow, fri, in 3 days · +project @context (A)", st.Faint)
	}
	return b.b.String()
}
