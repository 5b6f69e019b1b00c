package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"kindling/store"
)

// jsonRecord is a todo of a JSON file: one of ours, a row of the table, or one
// of Taskwarrior's export, which has a description and no title.
type jsonRecord struct {
	ID         jsontext.Value `json:"id"` // Taskwarrior's is a number, which changes
	Title      *string        `json:"title"`
	IsComplete *bool          `json:"is_complete"`
	CreatedAt  *string        `json:"created_at"`
	warriorTask
}

// readJSON reads an array of todos, one alone, or one a line.
func readJSON(in io.Reader, zone *time.Location, r *remarks) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		d := jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true))
		for n := 1; ; {
			if err := skipToObject(d); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				yield(record{}, fmt.Errorf("read JSON: %w", err))
				return
			}
			var j jsonRecord
			if err := json.UnmarshalDecode(d, &j); err != nil {
				yield(record{}, fmt.Errorf("read todo %d of the JSON file: %w", n, err))
				return
			}
			rec, ok, err := j.record(zone, r)
			if err != nil {
				yield(record{}, fmt.Errorf("todo %d of the JSON file: %w", n, err))
				return
			}
			rec.at = fmt.Sprintf("todo %d", n)
			if n++; ok && !yield(rec, nil) {
				return
			}
		}
	}
}

// skipToObject reads up to the next object: arrays are only their elements here.
func skipToObject(d *jsontext.Decoder) error {
	for {
		switch k := d.PeekKind(); k {
		case '{':
			return nil
		case '[', ']':
			if k == '[' && d.StackDepth() > 0 {
				return errors.New("an array inside the array: todos are objects")
			}
			if _, err := d.ReadToken(); err != nil {
				return err
			}
		case 0: // the end, or an error
			_, err := d.ReadToken()
			return err
		default:
			return errors.New("todos are objects with a title")
		}
	}
}

// record is false for what is left out, with a remark.
func (j *jsonRecord) record(zone *time.Location, r *remarks) (rec record, ok bool, err error) {
	if j.Title == nil {
		if j.Description == nil {
			return rec, false, errors.New("it has no title")
		}
		return j.warriorTask.record(zone, r)
	}
	rec = record{title: *j.Title, done: j.IsComplete != nil && *j.IsComplete, created: store.NoInstant, source: j.source()}
	if j.CreatedAt != nil {
		rec.created, err = store.ParseInstant(*j.CreatedAt)
	}
	if strings.TrimSpace(rec.title) == "" {
		r.add("left out: no title")
		return rec, false, err
	}
	return rec, err == nil, err
}

// source is the id as text: another program's may be a number.
func (j *jsonRecord) source() string {
	switch j.ID.Kind() {
	case '"':
		var id string
		if json.Unmarshal(j.ID, &id) == nil {
			return id
		}
	case '0':
		return j.ID.String()
	}
	return ""
}

// writeTodosJSON writes an array of todos, each as every command prints it.
func writeTodosJSON(out *bufio.Writer, items iter.Seq2[store.Item, error], _ writeOptions, _ *remarks) error {
	before := "[\n"
	err := each(items, func(it store.Item) error {
		line, err := jsonText(jsonOf(it))
		if err != nil {
			return fmt.Errorf("write todo %s: %w", it.ID, err)
		}
		_, err = out.WriteString(before + string(line))
		before = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if before == "[\n" {
		end = "[]\n"
	}
	_, err = out.WriteString(end)
	return err
}
