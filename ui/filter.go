package ui

import (
	tea "charm.land/bubbletea/v2"

	"kindling/store/todotxt"
)

// filter is the line that a filter is typed on; the list above follows each key.
type filter struct {
	shared *shared
	list   *list
	input  line
	was    string // the filter before, which esc brings back
}

func newFilter(sh *shared, l *list) *filter {
	return &filter{shared: sh, list: l, input: newLine(l.text), was: l.text}
}

func (f *filter) scope() scope    { return inFilter }
func (f *filter) capturing() bool { return true }

func (f *filter) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		f.input.paste(msg)
		return nil, f.list.filter(f.input.text())
	case tea.KeyPressMsg:
		if f.input.press(msg) {
			return nil, f.list.filter(f.input.text())
		}
	case verb:
		return f.do(msg)
	}
	return nil, nil
}

func (f *filter) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbAccept:
		return closeScreen{}, nil
	case verbBack:
		return closeScreen{}, f.list.filter(f.was)
	case verbDown, verbUp:
		return f.list.update(v)
	case verbFoundDown:
		return f.list.update(verbPageDown)
	case verbFoundUp:
		return f.list.update(verbPageUp)
	}
	return nil, nil
}

func (f *filter) view(w, h int) picture {
	return f.input.under(f.list.viewBare, "/ ", f.hint, f.shared.styles, w, h)
}

// hint counts what is left, or says what cannot be read, or teaches.
func (f *filter) hint(w int) string {
	st, l := f.shared.styles, f.list
	b := brush{left: w, pens: &st.pens}
	switch {
	case l.wrong != nil:
		b.put(oneLine(l.wrong.Error()), st.Warn)
	case f.input.text() == "":
		b.put("words · +project @context pri:A · is:open is:done is:waiting · due:today due:<fri · \"exact\" · -not", st.Faint)
	default:
		b.put(count(len(l.arr.shown.slots), "match", "matches"), st.Faint)
	}
	return b.b.String()
}

// filter takes a filter text into use; one that cannot be read leaves the last
// result in place and says so.
func (l *list) filter(text string) tea.Cmd {
	l.text = text
	q, err := todotxt.ParseQuery(text, l.shared.local())
	if l.wrong = err; err != nil {
		return nil
	}
	l.query = q
	return l.arrange()
}
