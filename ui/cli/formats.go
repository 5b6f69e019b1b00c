package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kindling/store"
)

// record is one todo of a file.
type record struct {
	title   string
	done    bool
	created store.Instant // NoInstant where the file does not say
	source  string        // the file's own id for it, "" for none
	at      string        // where it stands: "line 3"
}

// remarks are what a file could not hold, or what was left out of it: told once
// at the end with how often, never passed over.
type remarks struct {
	order  []string
	counts map[string]int
}

// add counts something that happened to one todo, in words that go on from "3 todos".
func (r *remarks) add(what string) {
	if r.counts == nil {
		r.counts = map[string]int{}
	}
	if r.counts[what]++; r.counts[what] == 1 {
		r.order = append(r.order, what)
	}
}

// say remarks on the file as a whole.
func (r *remarks) say(what string) { r.order = append(r.order, what) }

// all yields a line for each.
func (r *remarks) all() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, what := range r.order {
			if n := r.counts[what]; n > 0 {
				what = count(n, "todo") + " " + what
			}
			if !yield(what) {
				return
			}
		}
	}
}

// fileFormat is a kind of file that todos are read from or written to. read
// yields todos as it decodes them, and ends with the first error; write does not flush.
type fileFormat struct {
	name  string
	ends  []string // of file names
	read  func(in io.Reader, zone *time.Location, r *remarks) iter.Seq2[record, error]
	write func(out *bufio.Writer, items iter.Seq2[store.Item, error], o writeOptions, r *remarks) error
}

// writeOptions bend an export.
type writeOptions struct {
	dates bool // todo.txt: add the creation date to titles without one
	now   time.Time
}

// fileFormats is every format; the first is the default.
var fileFormats = []fileFormat{
	{"todo.txt", []string{".txt"}, readTodoTxt, writeTodoTxt},
	{"json", []string{".json"}, readJSON, writeTodosJSON},
	{"csv", []string{".csv"}, readCSV, writeCSV},
	{"md", []string{".md", ".markdown"}, readMarkdown, writeMarkdown},
	{"ics", []string{".ics"}, nil, writeCalendar},
}

// formatNames lists the formats that --format takes.
func formatNames(imports bool) []string {
	var names []string
	for _, f := range fileFormats {
		if !imports || f.read != nil {
			names = append(names, f.name)
		}
	}
	return names
}

// formatNamed finds the format of --format, which may also be the end of a file's name.
func formatNamed(name string) (fileFormat, bool) {
	i := slices.IndexFunc(fileFormats, func(f fileFormat) bool {
		return f.name == name || slices.Contains(f.ends, "."+strings.ToLower(name))
	})
	if i < 0 {
		return fileFormat{}, false
	}
	return fileFormats[i], true
}

// formatOfFile finds the format that a file's name says.
func formatOfFile(path string) (fileFormat, bool) {
	end := strings.ToLower(filepath.Ext(path))
	i := slices.IndexFunc(fileFormats, func(f fileFormat) bool { return slices.Contains(f.ends, end) })
	if i < 0 {
		return fileFormat{}, false
	}
	return fileFormats[i], true
}

// sniffed is how much of a file is looked at to tell its format.
const sniffed = 4096

// formatOfContent tells the format from how a file begins: what is nothing else is todo.txt.
func formatOfContent(head []byte) fileFormat {
	name := "todo.txt"
	trimmed := bytes.TrimSpace(head)
	line, _, _ := bytes.Cut(trimmed, []byte("\n"))
	switch {
	case bytes.HasPrefix(trimmed, []byte("BEGIN:VCALENDAR")):
		name = "ics"
	case beginsJSON(trimmed):
		name = "json"
	case namesColumns(string(bytes.TrimSpace(line))):
		name = "csv"
	case slices.ContainsFunc(strings.Split(string(head), "\n"), isTask):
		name = "md"
	}
	f, _ := formatNamed(name)
	return f
}

// beginsJSON tells [{ and {" from a check box and a title.
func beginsJSON(head []byte) bool {
	rest, array := bytes.CutPrefix(head, []byte("["))
	if array {
		head = bytes.TrimSpace(rest)
		return len(head) > 0 && (head[0] == '{' || head[0] == ']' && bytes.HasPrefix(rest, []byte("]")))
	}
	rest, object := bytes.CutPrefix(head, []byte("{"))
	rest = bytes.TrimSpace(rest)
	return object && len(rest) > 0 && (rest[0] == '"' || rest[0] == '}')
}

var errUTF16 = errors.New("the file is UTF-16: save it as UTF-8 and import it again")

// textReader is a reader of UTF-8 text without its byte order mark.
func textReader(in io.Reader) (*bufio.Reader, error) {
	r := bufio.NewReaderSize(in, 64<<10)
	head, err := r.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, errUTF16
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
	}
	return r, nil
}

// textLines yields the lines of a file and their numbers, without their ends.
func textLines(in io.Reader) iter.Seq2[textLine, error] {
	return func(yield func(textLine, error) bool) {
		scan := bufio.NewScanner(in)
		scan.Buffer(make([]byte, 64<<10), maxLine)
		n := 0
		for scan.Scan() {
			n++
			if !yield(textLine{n, scan.Text()}, nil) {
				return
			}
		}
		if err := scan.Err(); err != nil {
			yield(textLine{}, fmt.Errorf("read line %d: %w", n+1, err))
		}
	}
}

type textLine struct {
	number int
	text   string
}

func (l textLine) at() string { return fmt.Sprintf("line %d", l.number) }

// oneLine is a title with each line break as one space.
func oneLine(title string) (line string, changed bool) {
	if !strings.ContainsAny(title, "\r\n") {
		return title, false
	}
	return strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ").Replace(title), true
}
