package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"kindling/ui"
)

// Entry is one key of config.toml to write. An empty Value takes the key away.
type Entry struct {
	Table string // "", "ui" or "ui.keys"
	Key   string
	Value any // string, bool or []string
}

// Write changes the given entries of config.toml and nothing else: comments,
// order and other keys stay as the person wrote them.
func Write(path string, entries []Entry) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the configuration: %w", err)
	}
	text := string(old)
	for _, e := range entries {
		if text, err = edit(text, e); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	if _, err := decode([]byte(text)); err != nil {
		return fmt.Errorf("write %s: it cannot be changed without rewriting it (%w): edit it by hand", path, err)
	}
	return replace(path, []byte(text))
}

// SaveUI keeps the settings that a screen changed, and only those.
func (c *Config) SaveUI(now ui.Settings) error {
	entries := changed(c.UI, now)
	if len(entries) == 0 {
		return nil
	}
	if err := Write(c.Path(), entries); err != nil {
		return err
	}
	c.UI = now
	return nil
}

// changed lists the keys of [ui] and [ui.keys] whose values differ.
func changed(old, now ui.Settings) []Entry {
	var entries []Entry
	a, b := reflect.ValueOf(old), reflect.ValueOf(now)
	for i := range a.NumField() {
		key, _, _ := strings.Cut(a.Type().Field(i).Tag.Get("toml"), ",")
		if key == "keys" || reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		entries = append(entries, Entry{Table: "ui", Key: key, Value: b.Field(i).Interface()})
	}
	for action, keys := range now.Keys {
		if !slices.Equal(keys, old.Keys[action]) {
			entries = append(entries, Entry{Table: "ui.keys", Key: action, Value: keys})
		}
	}
	for action := range old.Keys {
		if _, ok := now.Keys[action]; !ok {
			entries = append(entries, Entry{Table: "ui.keys", Key: action})
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Table+a.Key, b.Table+b.Key) })
	return entries
}

// statement is some whole lines of a TOML text: a header, a key with its value, or neither.
type statement struct {
	text  string // with its newline
	table string // the table it stands in, or opens
	open  bool   // it is a header
	key   string // "" when it sets nothing; dotted keys are not cut
}

// edit returns the text with one entry changed, added or taken away.
func edit(text string, e Entry) (string, error) {
	line, err := entryLine(e)
	if err != nil {
		return "", err
	}
	all := statements(text)
	at := slices.IndexFunc(all, func(s statement) bool { return s.table == e.Table && s.key == e.Key })
	switch {
	case at >= 0 && line == "":
		all = slices.Delete(all, at, at+1)
	case at >= 0:
		all[at].text = line + trailingComment(all[at].text) + "\n"
	case line != "":
		all = insert(all, e.Table, statement{text: line + "\n", table: e.Table, key: e.Key})
	}
	var b strings.Builder
	for _, s := range all {
		b.WriteString(s.text)
	}
	return b.String(), nil
}

func entryLine(e Entry) (string, error) {
	if v := reflect.ValueOf(e.Value); !v.IsValid() || v.Kind() != reflect.Bool && v.Len() == 0 {
		return "", nil
	}
	data, err := toml.Marshal(map[string]any{e.Key: e.Value})
	return strings.TrimSuffix(string(data), "\n"), err
}

// insert puts a statement behind the last one of its table, opening the table
// at the end of the text where there is none.
func insert(all []statement, table string, s statement) []statement {
	last := -1
	for i, old := range all {
		if old.table == table && (old.key != "" || old.open) {
			last = i
		}
	}
	if last < 0 && table == "" {
		return slices.Insert(all, firstHeader(all), s)
	}
	if last < 0 {
		header := "[" + table + "]\n"
		if len(all) > 0 {
			header = "\n" + header
		}
		return append(endLine(all), statement{text: header, table: table, open: true}, s)
	}
	all[last].text = withNewline(all[last].text)
	return slices.Insert(all, last+1, s)
}

func firstHeader(all []statement) int {
	if i := slices.IndexFunc(all, func(s statement) bool { return s.open }); i >= 0 {
		return i
	}
	endLine(all)
	return len(all)
}

func endLine(all []statement) []statement {
	if n := len(all); n > 0 {
		all[n-1].text = withNewline(all[n-1].text)
	}
	return all
}

func withNewline(text string) string {
	if strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// statements cuts a text at its statements; a value may span lines.
func statements(text string) []statement {
	var all []statement
	table := ""
	for lines := slices.Collect(strings.Lines(text)); len(lines) > 0; {
		s := statement{text: lines[0], table: table}
		used := 1
		switch trimmed := strings.TrimSpace(lines[0]); {
		case trimmed == "" || trimmed[0] == '#':
		case trimmed[0] == '[':
			name, _, _ := strings.Cut(strings.Trim(trimmed, "[ \t"), "]")
			table = strings.TrimSpace(name)
			s.table, s.open = table, true
		default:
			s.text, s.key, used = keyValue(lines)
		}
		all = append(all, s)
		lines = lines[used:]
	}
	return all
}

// keyValue takes lines until they are a whole key and value.
func keyValue(lines []string) (text, key string, used int) {
	for i := range lines {
		text += lines[i]
		if m := map[string]any{}; toml.Unmarshal([]byte(text), &m) == nil {
			name, _, _ := strings.Cut(text, "=")
			return text, strings.Trim(strings.TrimSpace(name), `"'`), i + 1
		}
	}
	return lines[0], "", 1
}

// trailingComment returns the comment behind a value on one line, with the space before it.
func trailingComment(text string) string {
	text = strings.TrimRight(text, "\n")
	for i := range len(text) {
		if text[i] != '#' {
			continue
		}
		before := text[:i]
		if m := map[string]any{}; toml.Unmarshal([]byte(before), &m) == nil {
			return before[len(strings.TrimRight(before, " \t")):] + text[i:]
		}
	}
	return ""
}

// replace writes a file whole or not at all, readable by its owner alone. A
// configuration that is a link into somebody's dotfiles stays a link.
func replace(path string, data []byte) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".config-*.toml") // 0600
	if told, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("save %s: %w", path, told.Err) // without the name that nobody gave
	}
	if err != nil {
		return fmt.Errorf("save the configuration: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("save the configuration: %w", err)
	}
	return nil
}
