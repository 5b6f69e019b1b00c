package cli

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"kindling/store"
	"kindling/store/todotxt"
)

// csvColumns are the columns that an export writes, in this order.
var csvColumns = []string{"id", "title", "is_complete", "created_at", "state", "priority", "projects", "contexts", "due"}

// csvNames are the names that other programs give to our columns.
var csvNames = map[string]string{
	"task": "title", "name": "title", "content": "title", "summary": "title", "subject": "title", "todo": "title", "description": "title",
	"uuid": "id", "done": "is_complete", "completed": "is_complete", "complete": "is_complete", "status": "is_complete",
	"created": "created_at", "entry": "created_at", "creation date": "created_at", "created at": "created_at",
	"project": "projects", "list": "projects", "context": "contexts", "tags": "contexts", "labels": "contexts",
	"due date": "due", "due_date": "due", "deadline": "due", "date": "due",
}

// readCSV reads rows below a line that names the columns, separated by commas,
// semicolons or tabs. Priority, projects, contexts and due go into the title
// where it does not hold them yet.
func readCSV(in io.Reader, zone *time.Location, r *remarks) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		rows, columns, err := openCSV(in, r)
		for err == nil {
			var row []string
			if row, err = rows.Read(); err != nil {
				break
			}
			line, _ := rows.FieldPos(0)
			var rec record
			if rec, err = columns.record(row, zone, r); err != nil {
				err = fmt.Errorf("line %d: %w", line, err)
				break
			}
			rec.at = fmt.Sprintf("line %d", line)
			if strings.TrimSpace(rec.title) == "" {
				r.add("left out: no title")
			} else if !yield(rec, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(record{}, fmt.Errorf("read CSV: %w", err))
		}
	}
}

// csvLayout says in which field of a row each of our columns stands.
type csvLayout map[string]int

// openCSV reads the line that names the columns.
func openCSV(in io.Reader, r *remarks) (*csv.Reader, csvLayout, error) {
	buffered := bufio.NewReader(in)
	head, _ := buffered.Peek(sniffed)
	line, _, _ := strings.Cut(string(head), "\n")
	rows := csv.NewReader(buffered)
	rows.Comma, rows.ReuseRecord = delimiter(line), true
	names, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil, io.EOF
	}
	if err != nil {
		return nil, nil, err
	}
	columns, unknown := layout(names)
	if _, ok := columns["title"]; !ok {
		return nil, nil, errors.New("the first line must name the columns, one of them title")
	}
	if len(unknown) > 0 {
		r.say("columns not taken: " + strings.Join(unknown, ", "))
	}
	return rows, columns, nil
}

// delimiter is what stands most often in the first line.
func delimiter(line string) rune {
	return slices.MaxFunc([]rune{',', ';', '\t'}, func(a, b rune) int {
		return strings.Count(line, string(a)) - strings.Count(line, string(b))
	})
}

// layout finds our columns: under their own names first, then under others.
func layout(names []string) (columns csvLayout, unknown []string) {
	columns = csvLayout{}
	taken := make([]bool, len(names))
	for _, other := range []bool{false, true} {
		for i, name := range names {
			ours := strings.ToLower(strings.TrimSpace(name))
			if other {
				ours = csvNames[ours]
			}
			if _, have := columns[ours]; !have && !taken[i] && slices.Contains(csvColumns, ours) {
				columns[ours], taken[i] = i, true
			}
		}
	}
	for i, name := range names {
		if !taken[i] {
			unknown = append(unknown, name)
		}
	}
	return columns, unknown
}

// namesColumns reports whether a file whose first line is this can be CSV.
func namesColumns(line string) bool {
	names, err := csvFields(line)
	if err != nil {
		return false
	}
	columns, _ := layout(names)
	_, title := columns["title"]
	return title && len(columns) > 1
}

func csvFields(line string) ([]string, error) {
	rows := csv.NewReader(strings.NewReader(line))
	rows.Comma = delimiter(line)
	return rows.Read()
}

func (c csvLayout) record(row []string, zone *time.Location, r *remarks) (rec record, err error) {
	field := func(name string) string {
		if i, ok := c[name]; ok {
			return row[i]
		}
		return ""
	}
	rec = record{title: field("title"), source: strings.TrimSpace(field("id"))}
	if rec.done, err = readBool(field("is_complete")); err != nil {
		return rec, err
	}
	if rec.created, err = readMoment(field("created_at"), zone); err != nil {
		return rec, err
	}
	t := withAll(rec.title, '+', field("projects"))
	t = withAll(t, '@', field("contexts"))
	t = withDue(t, field("due"), zone, r)
	if p := strings.ToUpper(strings.TrimSpace(field("priority"))); len(p) == 1 {
		if _, have := todotxt.Parse(t).Priority(); !have {
			t = todotxt.Parse(t).WithPriority(p[0])
		}
	}
	rec.title = t
	return rec, nil
}

// withAll adds the names of a field, which stand apart by commas. Those of our
// own exports stand apart by spaces, and are all in the title.
func withAll(title string, sign byte, field string) string {
	t := todotxt.Parse(title)
	have, with := t.Contexts(), t.WithContexts
	if sign == '+' {
		have, with = t.Projects(), t.WithProjects
	}
	if !slices.ContainsFunc(strings.Fields(field), func(name string) bool { return !slices.Contains(have, name) }) {
		return title
	}
	for name := range strings.SplitSeq(field, ",") {
		have = append(have, asName(strings.TrimPrefix(strings.TrimSpace(name), string(sign))))
	}
	return with(have)
}

func withDue(title, field string, zone *time.Location, r *remarks) string {
	t := todotxt.Parse(title)
	if _, have := t.DueDay(); have || strings.TrimSpace(field) == "" {
		return title
	}
	due, err := readMoment(field, zone)
	at, ok := due.Time()
	if err != nil || !ok {
		r.add("without its due date: it is no date")
		return title
	}
	return t.WithTag("due", todotxt.DayOf(at.In(zone)).String())
}

func readBool(s string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "t", "1", "yes", "y", "x", "done", "completed", "complete":
		return true, nil
	case "", "false", "f", "0", "no", "n", "null", "open", "pending", "todo", "waiting", "needs-action":
		return false, nil
	}
	return false, fmt.Errorf("%.40q says neither done nor open: use true or false", s)
}

// readMoment reads a timestamp, or one without a zone, or a date, in the
// reader's zone. Nothing is NULL.
func readMoment(s string, zone *time.Location) (store.Instant, error) {
	s = strings.TrimSpace(s)
	if i, err := store.ParseInstant(s); err == nil {
		return i, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return store.InstantOf(t), nil
		}
	}
	return store.NoInstant, fmt.Errorf("%.40q is no time: use 2026-12-24 or 2026-12-24T18:00:00Z", s)
}

// writeCSV writes a row for each todo, as RFC 4180 has it.
func writeCSV(out *bufio.Writer, items iter.Seq2[store.Item, error], _ writeOptions, _ *remarks) error {
	rows := csv.NewWriter(out)
	if err := rows.Write(csvColumns); err != nil {
		return err
	}
	for it, err := range items {
		if err != nil {
			return err
		}
		j := jsonOf(it)
		err = rows.Write([]string{
			j.ID.String(), j.Title, fmt.Sprint(j.IsComplete), it.Created.String(), j.State,
			orNothing(j.Priority), strings.Join(j.Projects, " "), strings.Join(j.Contexts, " "), orNothing(j.Due),
		})
		if err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

func orNothing(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
