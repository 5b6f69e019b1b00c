package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
	"kindling/store/todotxt"
)

// edit shows one todo whole: its text in an editor, and the parts of the text as
// fields. The text is the truth; a field changes its own part of it only.
type edit struct {
	shared  *shared
	was     store.Item // as it was when it was opened: what the saved change is guarded by
	done    bool
	text    editor
	fields  []field
	focus   int      // 0: the text; then done and the fields
	before  string   // the text that the fields were read from: a field writes its part into it
	names   []string // projects and contexts with their signs, the frequent first
	naming  bool     // something was typed since the focus came: names are completed
	outside bool
	drafts  draftKeeper
	restart bool   // the text is a draft of an earlier run
	remote  string // the title that came from elsewhere meanwhile, "" for none
	w       int    // of the last size, for the cursor's way through wrapped lines
}

func newEdit(sh *shared, it store.Item, outside bool) *edit {
	e := &edit{shared: sh, was: it, done: it.Done.Bool(), text: newEditor(it.Title), outside: outside,
		drafts: draftKeeper{id: it.ID}, fields: titleFields(), w: 80}
	e.readFields()
	return e
}

func (e *edit) scope() scope    { return inEdit }
func (e *edit) capturing() bool { return e.focus != atDone }

// The places of the focus before the fields.
const (
	atText = iota
	atDone
	atFields
)

func (e *edit) update(msg tea.Msg) (action, tea.Cmd) {
	switch msg := msg.(type) {
	case started:
		return nil, e.start()
	case namesGathered:
		e.names = msg.names
	case draftRead:
		e.restore(msg.text)
	case draftDue:
		if e.changedText() {
			return e.drafts.due(msg, e.text.text), nil
		}
	case rowsChanged:
		e.compare()
	case editorReady:
		return nil, e.runEditor(msg)
	case editorLeft:
		return nil, e.readBack(msg)
	case editorRead:
		return e.editorDone(msg)
	case tea.PasteMsg:
		e.paste(msg)
		return nil, e.typed()
	case tea.KeyPressMsg:
		return e.key(msg)
	case verb:
		return e.do(msg)
	}
	return nil, nil
}

func (e *edit) start() tea.Cmd {
	names := e.shared.gatherNames(e)
	if e.outside {
		return tea.Batch(names, e.openEditor())
	}
	return tea.Batch(names, e.drafts.read(e.shared, e))
}

// restore brings back text that was typed but not saved before.
func (e *edit) restore(text string) {
	if text != "" && text != e.was.Title && !e.changed() {
		e.text.set(text)
		e.drafts.kept, e.restart = true, true
		e.readFields()
	}
}

// compare looks whether the todo changed elsewhere while it is open.
func (e *edit) compare() {
	e.remote = ""
	now, ok := e.shared.rows.get(e.was.ID)
	switch {
	case !ok:
		e.remote = "(deleted)"
	case now.Title == e.was.Title:
		e.was.State, e.was.Note = now.State, now.Note
	case !e.changed():
		e.was, e.done = now, now.Done.Bool()
		e.text.set(now.Title)
		e.readFields()
	default:
		e.remote = now.Title
	}
}

// field is the one that keys go to, nil where they go to the text or to nothing.
func (e *edit) field() *field {
	if e.focus < atFields {
		return nil
	}
	return &e.fields[e.focus-atFields]
}

func (e *edit) paste(msg tea.PasteMsg) {
	if f := e.field(); f != nil {
		f.input.paste(msg)
		return
	}
	e.text.insert(msg.Content)
}

func (e *edit) key(msg tea.KeyPressMsg) (action, tea.Cmd) {
	if e.focus == atDone {
		if keystroke(msg) == "space" {
			e.done = !e.done
		}
		return nil, nil
	}
	press := e.text.press
	if f := e.field(); f != nil {
		press = f.input.press
	}
	if press(msg) {
		return nil, e.typed()
	}
	return nil, nil
}

// typed carries a change from the text to the fields, or from a field to the text.
func (e *edit) typed() tea.Cmd {
	e.restart, e.naming = false, true
	if f := e.field(); f != nil {
		text, _ := f.write(e.shared, e.before, f.input.text())
		e.text.set(text)
	} else {
		e.readFields()
	}
	return e.drafts.typed(e.shared, e)
}

// readFields fills the fields from the text, but for the one being typed in.
func (e *edit) readFields() {
	e.before = e.text.text
	t := todotxt.Parse(e.text.text)
	for i := range e.fields {
		if e.focus != i+atFields {
			e.fields[i].input.set(e.fields[i].read(t))
		}
	}
}

func (e *edit) do(v verb) (action, tea.Cmd) {
	switch v {
	case verbSave:
		return e.save(), nil
	case verbBack:
		return e.leave(), nil
	case verbNext:
		if found := e.matches(); len(found) > 0 {
			return nil, e.complete(found[0])
		}
		e.step(1)
	case verbPrevious:
		e.step(-1)
	case verbDown, verbUp:
		e.vertical(map[verb]int{verbDown: 1, verbUp: -1}[v])
	case verbNewline:
		if e.focus == atText {
			e.text.insert("\n")
			return nil, e.typed()
		}
	case verbFlip:
		e.done = !e.done
	case verbExternal:
		return nil, e.openEditor()
	}
	return nil, nil
}

// step moves the focus round.
func (e *edit) step(by int) {
	n := atFields + len(e.fields)
	e.focus, e.naming = (e.focus+by+n)%n, false
	e.readFields()
}

// vertical moves through the wrapped text first, then through the fields.
func (e *edit) vertical(by int) {
	if e.focus == atText && e.text.vertical(by, e.textWidth(e.w)) {
		return
	}
	if e.focus+by >= 0 && e.focus+by < atFields+len(e.fields) {
		e.step(by)
	}
}

func (e *edit) changedText() bool { return e.text.text != e.was.Title }
func (e *edit) changed() bool     { return e.changedText() || e.done != e.was.Done.Bool() }

// save makes one step of what was changed; the text is saved byte for byte.
func (e *edit) save() action {
	if f := e.field(); f != nil {
		if _, ok := f.write(e.shared, e.before, f.input.text()); !ok {
			return say{toneWarn, f.name + ": " + f.hint(e.shared, f.input.text())}
		}
	}
	if !e.changed() {
		return all{closeScreen{}, e.drafts.drop()}
	}
	if strings.TrimSpace(e.text.text) == "" {
		return say{toneWarn, "a todo needs some text · " + e.shared.keys.key(verbBack) + " leaves"}
	}
	if err := store.CheckTitle(e.text.text); err != nil {
		return sayError(err)
	}
	return all{closeScreen{}, applyStep{e.change()}, e.drafts.drop(), showTodo{e.was.ID}}
}

func (e *edit) change() store.Step {
	step := store.Step{}
	t := e.was.Todo
	if e.changedText() {
		op := store.Retitle(t, e.text.text)
		step.Ops, t = append(step.Ops, op), op.Want
	}
	step.Name = todotxt.StepName("edit", []store.Todo{t})
	if e.done != e.was.Done.Bool() {
		done := todotxt.CompleteStep([]store.Todo{t}, e.done, e.shared.local())
		step.Ops = append(step.Ops, done.Ops...)
		if !e.changedText() {
			step.Name = done.Name
		}
	}
	return step
}

// leave closes; with changes it asks what becomes of them.
func (e *edit) leave() action {
	if !e.changed() {
		return all{closeScreen{}, e.drafts.drop()}
	}
	return openScreen{newChoice(e.shared, "This todo was changed and is not saved.",
		option{"s", "save", doVerb{verbSave}},
		option{"k", "keep as a draft, to go on later", all{closeScreen{}, e.drafts.keep(e.text.text), say{toneInfo, "kept as a draft: edit the todo to go on"}}},
		option{"d", "drop the changes", all{closeScreen{}, e.drafts.drop(), say{toneInfo, "the changes were dropped"}}})}
}

// textWidth is how wide the text is drawn.
func (e *edit) textWidth(w int) int { return max(1, w-2) }

func (e *edit) view(w, h int) picture {
	e.w = w
	st := e.shared.styles
	fields, c := e.fieldLines(w)
	room := max(1, min(3, h-1), h-2-atFields-len(e.fields)) // a text of three lines is seen whole before its fields
	text, x, y := e.text.view(st.Strong, e.textWidth(w), min(room, 12))
	lines := []string{clip(st.Title.Render(e.heading()), w)}
	for _, line := range text {
		lines = append(lines, clip(e.mark(e.focus == atText)+line, w))
	}
	if e.focus == atText {
		lines = append(lines, e.nameHint(w))
		c = cursorAt(min(2+x, w-1), 1+y)
	} else {
		lines = append(lines, "")
		c.Y = len(lines) + e.focus - atDone
	}
	lines = append(lines, fields...)
	return e.fitted(lines, c, h)
}

// fitted scrolls the lines so that the cursor is among the h that are drawn.
func (e *edit) fitted(lines []string, c *tea.Cursor, h int) picture {
	if c.Y >= h {
		cut := c.Y - h + 1
		lines, c.Y = lines[cut:], h-1
	}
	return picture{lines[:min(len(lines), h)], c}
}

func (e *edit) heading() string {
	switch {
	case e.remote != "":
		return "Changed elsewhere: " + clean(start(e.remote))
	case e.restart:
		return "Edit · this text was not saved yet"
	case e.changed():
		return "Edit · not saved"
	}
	return "Edit"
}

func (e *edit) mark(focused bool) string {
	if focused {
		return e.shared.styles.Accent.Render("▌") + " "
	}
	return "  "
}

// fieldLines are the parts as fields, with the cursor of the one that has the focus,
// then what can only be read.
func (e *edit) fieldLines(w int) ([]string, *tea.Cursor) {
	st := e.shared.styles
	c := cursorAt(min(2+labelWidth+1, w-1), 0) // in the box
	box := either(e.done, "[x]", "[ ]")
	lines := []string{clip(e.mark(e.focus == atDone)+st.Faint.Render(pad("done", labelWidth))+st.Text.Render(box), w)}
	for i := range e.fields {
		line, at := e.fieldLine(i, w)
		lines = append(lines, line)
		if e.focus == i+atFields {
			c = at
		}
	}
	lines = append(lines, "")
	for _, f := range e.known() {
		b := brush{left: w, pens: &st.pens}
		b.put("  "+pad(f.name, labelWidth), st.Faint)
		b.put(f.text, f.ink)
		lines = append(lines, b.b.String())
	}
	return lines, c
}

const labelWidth = 10

func (e *edit) fieldLine(i, w int) (string, *tea.Cursor) {
	st := e.shared.styles
	f := &e.fields[i]
	label := e.mark(e.focus == i+atFields) + st.Faint.Render(pad(f.name, labelWidth))
	text, c := label+st.Text.Render(clean(start(f.input.text()))), (*tea.Cursor)(nil)
	hint := st.Faint.Render(f.hint(e.shared, f.input.text()))
	if e.focus == i+atFields {
		text, c = f.input.view(label, st.Text, w)
		hint = cmp.Or(e.nameHint(w), hint)
	}
	return clip(text+" "+hint, w), c
}

// known is what can be read but not edited: created, sync, id, and the history of this session.
func (e *edit) known() []fact {
	st := e.shared.styles
	var out []fact
	for _, f := range facts(e.shared, e.was) {
		if slices.Contains([]string{"created", "sync", "note", "id"}, f.name) {
			out = append(out, f)
		}
	}
	for i, ev := range e.shared.history[e.was.ID] {
		name := cmp.Or(map[int]string{0: "history"}[i], " ")
		out = append(out, fact{name, fmt.Sprintf("%s %s", ev.at.In(e.shared.loc).Format("15:04"), upper(ev.what)), st.Faint})
	}
	return out
}
