package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"kindling/store"
)

type exportFlags struct {
	format       string
	dates, force bool
}

func newExportCmd(a *app) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write every todo, open and done, to a file or to stdout",
		Long: "Write every todo, open and done, as todo.txt, JSON, CSV, a Markdown task list or an\n" +
			"iCalendar file, by the file's name. JSON and CSV keep everything; titles go into\n" +
			"todo.txt as they are, with line breaks as spaces.\n\n" +
			"For a backup take JSON: todo.txt and Markdown keep no ids, so importing them over the\n" +
			"list they came from adds every todo that was not imported once more.",
		Example:     "kindling export                   # todo.txt on stdout\nkindling export backup.json\nkindling export --format ics > todos.ics",
		Annotations: map[string]string{ownOutput: "it writes a file, whose format is --format"},
		Args:        atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.exportTo(cmd.Context(), strings.Join(args, ""), f)
		},
	}
	c.Flags().StringVar(&f.format, "format", "", "one of "+strings.Join(formatNames(false), ", ")+" (default: by the file's name, or todo.txt)")
	c.Flags().BoolVar(&f.dates, "dates", false, "todo.txt: add the date of creation to titles that have none")
	c.Flags().BoolVar(&f.force, "force", false, "write over a file that is there")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formatNames(false), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) exportTo(ctx context.Context, path string, f exportFlags) error {
	format, err := exportFormat(path, f)
	if err != nil {
		return err
	}
	todos, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	var r remarks
	n, toStdout := 0, path == "" || path == "-"
	write := func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 64<<10)
		all := counted(todos.All(ctx), &n, a.writing(toStdout))
		if err := format.write(out, all, writeOptions{dates: f.dates, now: a.Now()}, &r); err != nil {
			return err
		}
		return out.Flush()
	}
	if toStdout {
		err = write(a.plainStdout())
	} else {
		err = writeFile(path, f.force, write)
	}
	a.wipeProgress()
	if err != nil {
		return err
	}
	for line := range r.all() {
		a.note("%s", line)
	}
	if !toStdout {
		a.note("exported %s to %s", count(n, "todo"), path)
	}
	return nil
}

// writing tells how far an export is, unless the todos themselves go to the terminal.
func (a *app) writing(toStdout bool) func(int) {
	if toStdout && isTerminal(a.Stdout) {
		return func(int) {}
	}
	return a.counting("writing")
}

// plainStdout takes a file as it is, unless people look at it.
func (a *app) plainStdout() io.Writer {
	if isTerminal(a.Stdout) {
		return harmless{a.Stdout}
	}
	return a.Stdout
}

func exportFormat(path string, f exportFlags) (fileFormat, error) {
	format, ok := formatNamed(f.format)
	switch {
	case f.format != "" && !ok:
		return format, usagef("--format %s: use one of %s", f.format, strings.Join(formatNames(false), ", "))
	case f.format == "" && path != "" && path != "-":
		if format, ok = formatOfFile(path); !ok {
			return format, usagef("which format? say --format with one of %s", strings.Join(formatNames(false), ", "))
		}
	case f.format == "":
		format = fileFormats[0]
	}
	if f.dates && format.name != fileFormats[0].name {
		return format, usagef("--dates is for todo.txt: %s holds the dates anyway", format.name)
	}
	return format, nil
}

// counted passes todos on, and counts them.
func counted(all iter.Seq2[store.Item, error], n *int, progress func(int)) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for it, err := range all {
			if err == nil {
				*n++
				progress(*n)
			}
			if !yield(it, err) {
				return
			}
		}
	}
}

// writeFile writes a whole file or none: beside its place first, readable by its
// owner alone. What is there and no file, such as a pipe, is written to directly.
func writeFile(path string, force bool, write func(io.Writer) error) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("export: %w", err)
	case !info.Mode().IsRegular():
		return writeInto(path, write)
	case !force:
		return fmt.Errorf("%s is there already: add --force to write over it", path)
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if told, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("export to %s: %w", path, told.Err) // without the name that nobody gave
	}
	if err != nil {
		return fmt.Errorf("export to %s: %w", path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already once it was renamed
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("export to %s: %w", path, err)
	}
	return nil
}

func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("export to %s: %w", path, err)
	}
	return nil
}
