package ui

import (
	"fmt"
	"slices"
	"strings"

	"kindling/store"
	"kindling/store/todotxt"
)

// Where things stand in a row: the cursor's bar, the selection's mark, the box.
const (
	boxAt    = 2
	boxWidth = 3
	textAt   = boxAt + boxWidth + 1

	previewFrom = 120 // columns from which the preview stands beside the list
	tightBelow  = 60  // columns below which states are symbols only
)

// rowsTop is how many lines stand above the rows.
func (l *list) rowsTop() int {
	if l.text != "" || l.selecting() {
		return 1
	}
	return 0
}

// rowsHeight is how many lines of a body of h the rows have.
func (l *list) rowsHeight(h int) int { return max(0, h-l.rowsTop()) }

// listWidth is how many columns of w the rows have.
func (l *list) listWidth(w int) int {
	if w >= previewFrom {
		return w * 3 / 5
	}
	return w
}

// view draws the rows that fit, and the preview where there is room for it.
func (l *list) view(w, h int) picture {
	if l.rowsTop() == 0 || h < 2 {
		return l.body(w, h, true)
	}
	p := l.body(w, h-1, true)
	p.lines = slices.Insert(p.lines, 0, l.banner(w))
	return p
}

// viewBare is view without the banner and without advice, for where a line is typed on.
func (l *list) viewBare(w, h int) picture { return l.body(w, h, false) }

// body draws the rows, or why there are none, with advice where keys are no text.
func (l *list) body(w, h int, advise bool) picture {
	if len(l.arr.shown.slots) == 0 {
		return picture{lines: l.emptyState(l.listWidth(w), h, advise)}
	}
	return picture{lines: l.drawRows(w, h)}
}

// drawRows draws all rows into one text, of which each line is a part: a frame
// allocates as much for one row as for many.
func (l *list) drawRows(w, h int) []string {
	lw, side, bar := l.listWidth(w), []string(nil), ""
	if lw < w {
		side, bar = l.preview(w-lw-3, h), l.shared.styles.Faint.Render(" │ ")
	}
	b := brush{links: l.shared.settings.Links}
	b.b.Grow(h * 2 * w)
	lines := make([]string, 0, h+1)
	for n, off := 0, l.scrolled(h); n < h; n++ {
		from := b.b.Len()
		if !l.drawLine(&b, off+n, lw) && lw == w {
			break
		}
		if lw < w {
			b.b.WriteString(spaces(b.left))
			b.b.WriteString(bar)
		}
		if n < len(side) {
			b.b.WriteString(side[n])
		}
		lines = append(lines, b.b.String()[from:])
	}
	return lines
}

// drawLine draws what stands on a line of the list in w cells, if anything does.
func (l *list) drawLine(b *brush, line, w int) bool {
	b.left = w
	if line >= l.arr.shown.height() {
		return false
	}
	i, heading := l.arr.shown.indexAt(line)
	if heading >= 0 {
		l.heading(b, heading)
	} else {
		l.row(b, i)
	}
	return true
}

func (l *list) heading(b *brush, g int) {
	shown := &l.arr.shown
	end := len(shown.slots)
	if g+1 < len(shown.groups) {
		end = shown.groups[g+1].start
	}
	st := l.shared.styles
	b.pens = &st.pens
	b.put(shown.groups[g].label, st.Title)
	b.put(fmt.Sprintf(" %d", end-shown.groups[g].start), st.Faint)
}

// row draws one todo in the cells that are left.
func (l *list) row(b *brush, i int) {
	r, w := l.shared.rows.at(l.arr.shown.slots[i]), b.left
	b.pens = l.pensOf(i, r)
	l.gutter(b, i, r)
	note, noteInk, state := l.remarks(b.pens, r, w)
	tail := tailWidth(note, state)
	b.title(&r.Item, b.left-tail, l.found(b, &r.Item))
	if tail > 0 {
		b.fill(tail - 1)
		if note != "" {
			b.put(note, noteInk)
		}
		if note != "" && state != "" {
			b.put(" ", b.pens.Text)
		}
		b.put(state, b.pens.state(r.State))
	}
	if i == l.index || l.selects(i, r.ID) {
		b.fill(0)
	}
}

// tailWidth is what the end of a row needs, with the space before it.
func tailWidth(note, state string) int {
	n := width(note) + width(state)
	if n == 0 {
		return 0
	}
	if note != "" && state != "" {
		n++
	}
	return n + 1
}

func (l *list) pensOf(i int, r *row) *pens {
	st := l.shared.styles
	switch {
	case i == l.index:
		return &st.Cursor
	case l.selects(i, r.ID):
		return &st.Selection
	}
	return &st.pens
}

// gutter draws what stands before the title.
func (l *list) gutter(b *brush, i int, r *row) {
	bar, mark, box := " ", " ", "[ ]"
	if i == l.index {
		bar = "▌"
	}
	if l.selects(i, r.ID) {
		mark = "•"
	}
	k := b.pens.Faint
	if r.Done.Bool() {
		box = "[x]"
	}
	b.put(bar, b.pens.Accent)
	b.put(mark, b.pens.Accent)
	b.put(box, k)
	b.put(" ", b.pens.Text)
}

// remarks are a row's due date in words and its state, as far as w has room.
func (l *list) remarks(p *pens, r *row, w int) (note string, k ink, state string) {
	if w < 16 {
		return "", ink{}, ""
	}
	state = stateWord(r.State)
	if w < tightBelow {
		state = stateSymbol(r.State)
	}
	if _, draft := l.shared.drafts[r.ID]; draft && state == "" {
		state = either(w < tightBelow, "*", "* draft")
	}
	if r.due != noDue && w >= 30 {
		d := dueDate{r.due, l.shared.today(), r.Done.Bool()}
		note, k = l.dueWords(d), d.ink(p)
	}
	return note, k, state
}

// dueWords tells a due date, and keeps what it told: each frame tells the same.
func (l *list) dueWords(d dueDate) string {
	words, ok := l.said[d]
	if !ok {
		if len(l.said) == 1000 {
			clear(l.said)
		}
		words = d.words()
		l.said[d] = words
	}
	return words
}

// found are the bytes of a title that the filter matched.
func (l *list) found(b *brush, it *store.Item) []int {
	if l.arr.text == "" {
		return nil
	}
	b.found = b.found[:0]
	l.arr.query.Match(it, &b.found)
	return b.found
}

// summary counts the todos, and names how they are shown where a person changed that. It is ASCII.
func (l *list) summary() string {
	s, spec := l.shared.status, l.spec()
	text := fmt.Sprintf("%d open, %d done", s.Open, s.Completed)
	if spec.show != showAll {
		text += ", showing " + spec.show
	}
	if spec.sort != sortCreated {
		text += ", by " + spec.sort
	}
	if spec.group != groupNone {
		text += ", grouped by " + spec.group
	}
	return text
}

// banner says what narrows the list, or what is selected.
func (l *list) banner(w int) string {
	st := l.shared.styles
	b := brush{left: w, pens: &st.pens}
	if l.selecting() {
		b.put(l.selectionText(), st.Accent)
		return b.b.String()
	}
	b.put("/ ", st.Key)
	b.put(clean(l.text), st.Strong)
	if l.wrong != nil {
		b.put(" · "+oneLine(l.wrong.Error()), st.Warn)
		return b.b.String()
	}
	k, keeps := l.shared.keys, "keeps it"
	if n := l.shared.settings.keyOf(l.text); n > 0 {
		keeps = fmt.Sprintf("kept on %d", n)
	}
	b.put(fmt.Sprintf(" · %d of %d · %s clears · %s %s", len(l.arr.shown.slots), len(l.arr.sorted.slots), k.key(verbBack), k.key(verbSaveFilter), keeps), st.Faint)
	return b.b.String()
}

// emptyState says why there is nothing to see, and which key helps.
func (l *list) emptyState(w, h int, advise bool) []string {
	st, k := l.shared.styles, l.shared.keys
	why, help := l.emptyText(k)
	if !advise {
		help = ""
	}
	var lines []string
	if h >= 5 {
		lines = append(lines, "")
	}
	for _, line := range wrap(why, max(1, w-2)) {
		lines = append(lines, clip(" "+st.Strong.Render(line), w))
	}
	for _, line := range wrap(help, max(1, w-2)) {
		lines = append(lines, clip(" "+st.Faint.Render(line), w))
	}
	return lines[:min(len(lines), h)]
}

func (l *list) emptyText(k *KeyMap) (why, help string) {
	sh := l.shared
	switch {
	case sh.todos == nil && sh.problem != nil:
		return "The list could not be opened: " + oneLine(sh.problem.Error()), k.key(verbSync) + " tries again, " + k.key(verbAccounts) + " shows the accounts."
	case sh.todos == nil:
		return "", ""
	case l.arr.stale || !sh.rows.complete && sh.rows.len() == 0 && !sh.status.LastSync.IsZero():
		return "", "" // a moment yet
	case l.text != "" && sh.rows.len() > 0:
		return "No " + map[string]string{showOpen: "open ", showDone: "completed "}[l.arr.spec.show] + "todo matches " + clean(l.text) + ".",
			k.key(verbBack) + " clears the filter, " + k.key(verbShow) + " shows open, all or done."
	case sh.rows.len() > 0 && l.arr.spec.show == showOpen:
		return "Everything is done.", k.key(verbAdd) + " adds a todo, " + k.key(verbShow) + " shows the completed ones."
	case sh.rows.len() > 0:
		return "Nothing is completed yet.", k.key(verbShow) + " shows the open ones."
	case sh.status.LastSync.IsZero():
		return "Not synced yet: todos of the project appear after the first sync.", k.key(verbSync) + " syncs now, " + k.key(verbAdd) + " adds a todo meanwhile."
	}
	return "Nothing to do yet.", k.key(verbAdd) + " adds the first todo, " + k.key(verbHelp) + " shows every key."
}

// preview tells everything about the todo under the cursor.
func (l *list) preview(w, height int) []string {
	it, ok := l.current()
	if !ok {
		return nil
	}
	return preview(l.shared, it, w, height)
}

// preview tells everything about one todo.
func preview(sh *shared, it store.Item, w, height int) []string {
	st := sh.styles
	var lines []string
	for _, line := range wrap(cleanLines(start(it.Title)), w) {
		lines = append(lines, st.Strong.Render(line))
	}
	lines = append(lines, "")
	const label = 9
	for _, f := range facts(sh, it) {
		for i, text := range wrap(f.text, max(1, w-label)) {
			b := brush{left: w, pens: &st.pens}
			b.put(pad(map[int]string{0: f.name}[i], label), st.Faint)
			b.put(text, f.ink)
			lines = append(lines, b.b.String())
		}
	}
	return lines[:min(len(lines), height)]
}

// fact is one thing to know about a todo.
type fact struct {
	name, text string
	ink        ink
}

// facts are what is known about a todo beside its title.
func facts(sh *shared, it store.Item) []fact {
	st := sh.styles
	t := todotxt.Parse(it.Title)
	out := []fact{{"state", doneWord(it), st.Text}}
	add := func(name, text string, k ink) {
		if text != "" {
			out = append(out, fact{name, text, k})
		}
	}
	if day, ok := t.DueDay(); ok {
		d := dueDate{day, sh.today(), it.Done.Bool()}
		add("due", d.words()+" · "+day.String(), d.ink(&st.pens))
	}
	if p, ok := t.Priority(); ok {
		add("priority", string(p), st.priority(p))
	}
	add("projects", clean(start(strings.Join(t.Projects(), ", "))), st.Project)
	add("contexts", clean(start(strings.Join(t.Contexts(), ", "))), st.Context)
	if at, ok := it.Created.Time(); ok {
		add("created", at.In(sh.loc).Format("2006-01-02 15:04"), st.Text)
	}
	add("sync", sh.syncWord(it.State), st.state(it.State))
	add("note", oneLine(it.Note), st.Warn)
	add("draft", oneLine(sh.drafts[it.ID]), st.Warn)
	add("id", it.ID.String(), st.Faint)
	return out
}

func doneWord(it store.Item) string {
	if it.Done.Bool() {
		return "done"
	}
	return "open"
}

func (sh *shared) syncWord(s store.State) string {
	return [...]string{"at the server", "↑ waiting to be sent", "! both sides changed it · " + sh.keys.key(verbConflicts) + " decides",
		"× refused by the server · " + sh.keys.key(verbDetails) + " shows why"}[s]
}
