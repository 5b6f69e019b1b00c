package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
)

type importFlags struct {
	format string
	dryRun bool
}

func newImportCmd(a *app) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Add the todos of a file; importing it twice adds nothing twice",
		Long: "Add the todos of a file: todo.txt, JSON (ours or Taskwarrior's export), CSV or a Markdown\n" +
			"task list, by the file's name or content. - is standard input.\n\n" +
			"A todo that this account holds already is left as it is. One undo takes the whole import back.",
		Example: "kindling import todo.txt\ntask export | kindling import --format json -",
		Args:    justOne("no file is named; - is standard input"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.importFile(cmd.Context(), args[0], f) },
	}
	c.Flags().StringVar(&f.format, "format", "", "one of "+strings.Join(formatNames(true), ", ")+" (default: by the file)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be added, and change nothing")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(true), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// importJSON is what an import did, or would do.
type importJSON struct {
	Added  int        `json:"added"`
	Known  int        `json:"known"`
	DryRun bool       `json:"dry_run"`
	Todos  []todoJSON `json:"todos"` // of a dry run
}

func (a *app) importFile(ctx context.Context, path string, f importFlags) error {
	acc, err := a.account()
	if err != nil {
		return err
	}
	var r remarks
	records, err := a.readFile(path, f.format, &r)
	if err != nil {
		return err
	}
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	found, err := newTodos(ctx, todos, acc.Sub, records, a.Now())
	if err != nil {
		return err
	}
	for line := range r.all() {
		a.note("%s", line)
	}
	if f.dryRun {
		return a.printDryRun(found, len(records)-len(found))
	}
	return a.addImported(ctx, todos, found, len(records)-len(found))
}

func (a *app) addImported(ctx context.Context, todos *store.Store, found []store.Todo, known int) error {
	step := store.Step{Name: "import " + count(len(found), "todo"), Ops: make([]store.Op, len(found))}
	for i, t := range found {
		step.Ops[i] = store.AddTodo(t)
	}
	if err := a.change(ctx, todos, step); err != nil {
		return err
	}
	a.note("imported %s%s", count(len(found), "todo"), alsoKnown(known))
	if !a.forPeople() {
		if err := a.printValue(importJSON{Added: len(found), Known: known, Todos: []todoJSON{}}); err != nil {
			return err
		}
	}
	ids := make([]uuid.UUID, len(found))
	for i, t := range found {
		ids[i] = t.ID
	}
	return taken(ctx, todos, ids)
}

func (a *app) printDryRun(found []store.Todo, known int) error {
	a.note("dry run: %s would be imported%s", count(len(found), "todo"), alsoKnown(known))
	if a.flags.ndjson || a.flags.plain {
		items := make([]store.Item, len(found))
		for i, t := range found {
			items[i] = wouldBe(t)
		}
		return a.printItems(nil, items, true)
	}
	if a.flags.json {
		out := importJSON{Added: len(found), Known: known, DryRun: true, Todos: []todoJSON{}}
		for _, t := range found {
			out.Todos = append(out.Todos, jsonOf(wouldBe(t)))
		}
		return a.printJSON(out)
	}
	for _, t := range found {
		line := printable(t.Title)
		if t.Done.Bool() {
			line = "x " + line
		}
		if _, err := fmt.Fprintln(a.Stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// wouldBe is a todo that no server has.
func wouldBe(t store.Todo) store.Item { return store.Item{Todo: t, State: store.Waiting} }

func alsoKnown(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %d here already", n)
}

// readFile reads every todo of a file, or none: a file that cannot be read to
// its end adds nothing.
func (a *app) readFile(path, format string, r *remarks) ([]record, error) {
	in, name := io.NopCloser(a.in), "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("import: %w", err)
		}
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, errors.Join(fmt.Errorf("import: %s is a directory", path), f.Close())
		}
		in, name = f, path
	}
	defer in.Close()
	records, err := decode(in, path, format, time.Local, a.counting("reading"), r)
	a.wipeProgress()
	if err != nil && !isUsage(err) {
		return nil, fmt.Errorf("import %s: %w; nothing was added", name, err)
	}
	return records, err
}

func isUsage(err error) bool {
	var u usageError
	return errors.As(err, &u)
}

// decode reads a file in the format that is named, or else the one that its name, or its
// content, says.
func decode(in io.Reader, path, format string, zone *time.Location, progress func(int), r *remarks) ([]record, error) {
	text, err := textReader(in)
	if err != nil {
		return nil, err
	}
	f, ok := formatNamed(format)
	switch {
	case format != "" && !ok:
		return nil, usagef("--format %s: use one of %s", format, strings.Join(formatNames(true), ", "))
	case format == "":
		if f, ok = formatOfFile(path); !ok {
			head, err := text.Peek(sniffed)
			if err != nil && !errors.Is(err, io.EOF) {
				return nil, fmt.Errorf("read the file: %w", err)
			}
			f = formatOfContent(head)
		}
	}
	if f.read == nil {
		return nil, usagef("iCalendar can be exported, not imported: use one of %s", strings.Join(formatNames(true), ", "))
	}
	return collect(f.read(text, zone, r), progress)
}

func collect(all iter.Seq2[record, error], progress func(int)) ([]record, error) {
	var records []record
	for rec, err := range all {
		if err != nil {
			return nil, err
		}
		if err := store.CheckTitle(rec.title); err != nil {
			return nil, fmt.Errorf("%s: %w", rec.at, err)
		}
		records = append(records, rec)
		progress(len(records))
	}
	return records, nil
}

// counting tells a person how far a long import or export is.
func (a *app) counting(phase string) func(int) {
	tell := a.progress()
	if tell == nil {
		return func(int) {}
	}
	return func(n int) {
		if n%10_000 == 0 {
			tell(store.Progress{Phase: phase, Done: n})
		}
	}
}

// newTodos makes todos of the records that the account does not hold yet. A file
// that says no time of creation keeps its order: its first todo is the newest.
func newTodos(ctx context.Context, todos *store.Store, sub string, records []record, now time.Time) ([]store.Todo, error) {
	known, err := knownIDs(ctx, todos)
	if err != nil {
		return nil, err
	}
	name := namer{sub: sub, lines: map[string]int{}}
	var found []store.Todo
	for i, rec := range records {
		id, derived := name.ids(rec)
		if known[id] || known[derived] {
			continue
		}
		old, err := replaced(ctx, todos, id, derived)
		if err != nil {
			return nil, err
		}
		known[derived] = true
		if old {
			continue
		}
		t := store.Todo{ID: derived, Title: rec.title, Done: store.BoolOf(rec.done), Created: rec.created}
		if t.Created == store.NoInstant {
			t.Created = store.InstantOf(now.Add(-time.Duration(i) * time.Microsecond))
		}
		found = append(found, t)
	}
	return found, nil
}

func knownIDs(ctx context.Context, todos *store.Store) (map[uuid.UUID]bool, error) {
	known := map[uuid.UUID]bool{}
	for it, err := range todos.All(ctx) {
		if err != nil {
			return nil, err
		}
		known[it.ID] = true
	}
	return known, nil
}

// replaced reports whether one of the ids is an old one of a todo that an undo
// brought back under another.
func replaced(ctx context.Context, todos *store.Store, ids ...uuid.UUID) (bool, error) {
	for _, id := range ids {
		if id == uuid.Nil {
			continue
		}
		items, err := todos.Find(ctx, id.String())
		if err != nil || len(items) > 0 {
			return len(items) > 0, err
		}
	}
	return false, nil
}

// importSpace is the namespace of imported ids. It must never change.
var importSpace = uuid.MustParse("ea1b2484-230d-4c7a-bf7e-cbf342403179")

// namer derives the ids of imported todos, the same for the same person and
// file: of the file's own id, or else of the title and which occurrence of it this is.
// Whether it is done is left out: a line that was ticked off since is the same todo.
type namer struct {
	sub   string
	lines map[string]int
}

// ids returns the record's own id, uuid.Nil when that is no UUID, and the derived one.
func (n *namer) ids(rec record) (own, derived uuid.UUID) {
	if rec.source != "" {
		own, _ = uuid.Parse(rec.source)
		return own, n.derive("id", rec.source)
	}
	n.lines[rec.title]++
	return uuid.Nil, n.derive("line", fmt.Sprintf("%d %s", n.lines[rec.title], rec.title))
}

func (n *namer) derive(kind, name string) uuid.UUID {
	return uuid.NewSHA1(importSpace, []byte(n.sub+"\x00"+kind+"\x00"+name))
}
