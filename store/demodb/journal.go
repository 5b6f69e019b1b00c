package demodb

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

// journal keeps the table in a file of lines, one line a write: a run that is
// killed loses at most the line it was in the middle of. A nil journal keeps nothing.
type journal struct {
	file *os.File
}

// entry is one line: the rows it stores and the ids it drops.
type entry struct {
	Put  []kept   `json:"put,omitempty"`
	Gone []string `json:"gone,omitempty"`
}

// kept is a row on disk, in the table's own words.
type kept struct {
	ID      string  `json:"id"`
	User    string  `json:"user_id"`
	Title   string  `json:"title"`
	Done    *bool   `json:"is_complete"`
	Created *string `json:"created_at"`
}

func keptOf(r *row) kept {
	k := kept{ID: idText(r), User: r[userID].text, Title: r[title].text}
	if !r[isComplete].null {
		done := r[isComplete].number == 1
		k.Done = &done
	}
	if !r[createdAt].null {
		stamp := printStamp(r[createdAt].number)
		k.Created = &stamp
	}
	return k
}

func (k kept) row() (*row, error) {
	key, err := uuid.Parse(k.ID)
	if err != nil {
		return nil, err
	}
	r := &row{id: {text: string(key[:])}, userID: {text: k.User}, title: {text: k.Title}, isComplete: {null: true}, createdAt: {null: true}}
	if k.Done != nil {
		r[isComplete] = value{}
		if *k.Done {
			r[isComplete].number = 1
		}
	}
	if k.Created != nil {
		v, ok := parseStamp(*k.Created)
		if !ok {
			return nil, fmt.Errorf("created_at %q", *k.Created)
		}
		r[createdAt] = v
	}
	return r, nil
}

func idText(r *row) string { return uuid.UUID([]byte(r[id].text)).String() }

// openJournal reads the file into t, and writes it anew where most of it is history.
func openJournal(dir string, t *table) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the demo's directory: %w", err)
	}
	path := filepath.Join(dir, "todos.jsonl")
	whole, writes, err := replay(path, t)
	if err != nil {
		return nil, fmt.Errorf("read the demo's todos: %w", err)
	}
	t.sort()
	if !whole || writes > 2*len(t.byID)+100 {
		if err := rewrite(path, t); err != nil {
			return nil, fmt.Errorf("tidy the demo's todos: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the demo's todos: %w", err)
	}
	return &journal{file: file}, nil
}

// replay applies each line to the rows by id; whole is false where the last one is cut short.
func replay(path string, t *table) (whole bool, writes int, err error) {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return true, 0, nil
	}
	if err != nil {
		return false, 0, err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return len(line) == 0, writes, nil
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return false, writes, err
		}
		if err := e.apply(t); err != nil {
			return false, writes, err
		}
		writes += len(e.Put) + len(e.Gone)
	}
}

func (e entry) apply(t *table) error {
	for _, key := range e.Gone {
		v, _ := parseUUID(key)
		delete(t.byID, v.text)
	}
	for _, k := range e.Put {
		r, err := k.row()
		if err != nil {
			return err
		}
		t.byID[r[id].text] = r
	}
	return nil
}

// rewrite replaces the file by one line for each row, in one step.
func rewrite(path string, t *table) error {
	fresh, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer fresh.Close()
	b := bufio.NewWriterSize(fresh, 1<<20)
	for _, r := range t.sorted {
		text, err := json.Marshal(entry{Put: []kept{keptOf(r)}})
		if err != nil {
			return err
		}
		b.Write(append(text, '\n')) // Flush returns its error
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := fresh.Sync(); err != nil {
		return err
	}
	if err := fresh.Close(); err != nil { // Windows renames no open file
		return err
	}
	return os.Rename(path+".new", path)
}

// append writes one line, which stays even where this process is killed the moment after.
func (j *journal) append(put, gone []*row) error {
	if j == nil || len(put)+len(gone) == 0 {
		return nil
	}
	var e entry
	for _, r := range put {
		e.Put = append(e.Put, keptOf(r))
	}
	for _, r := range gone {
		e.Gone = append(e.Gone, idText(r))
	}
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("keep the demo's todos: %w", err)
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("keep the demo's todos: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
