package ui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

// Scratch makes a directory for a moment, readable by its owner alone. What a killed
// program leaves there is deleted at the next start.
type Scratch func() (dir string, remove func() error, err error)

// TextFile is a text in a file for $EDITOR, until it is taken back.
type TextFile struct {
	path   string
	remove func() error
}

// NewTextFile writes a text to a file of its own.
func NewTextFile(scratch Scratch, text string) (TextFile, error) {
	dir, remove, err := scratch()
	if err != nil {
		return TextFile{}, err
	}
	f := TextFile{filepath.Join(dir, "title.txt"), remove}
	if err := os.WriteFile(f.path, []byte(text+"\n"), 0o600); err != nil {
		return TextFile{}, errors.Join(err, remove())
	}
	return f, nil
}

// Command runs what $VISUAL or $EDITOR of env says on the file, without our secrets.
func (f TextFile) Command(ctx context.Context, env []string) *exec.Cmd {
	fallback := "vi"
	if runtime.GOOS == "windows" {
		fallback = "notepad"
	}
	words := commandWords(cmp.Or(getenv(env, "VISUAL"), getenv(env, "EDITOR"), fallback))
	c := exec.CommandContext(ctx, words[0], append(words[1:], f.path)...)
	c.Env = auth.CleanEnv(env)
	return c
}

// Take reads what $EDITOR left and removes the file. An editor ends its last line.
func (f TextFile) Take() (string, error) {
	text, err := os.ReadFile(f.path)
	line, _ := strings.CutSuffix(string(text), "\n")
	return strings.TrimSuffix(line, "\r"), errors.Join(err, f.Drop())
}

// Drop removes the file.
func (f TextFile) Drop() error { return f.remove() }

// commandWords takes a command apart as a shell does for quotes and backslashes. A path
// that holds spaces and is there needs none.
func commandWords(command string) []string {
	for end := len(command); end > 0; end = strings.LastIndexByte(command[:end], ' ') {
		path := command[:end]
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && filepath.Base(path) != path {
			return append([]string{path}, quotedWords(command[end:])...)
		}
	}
	if words := quotedWords(command); len(words) > 0 && words[0] != "" {
		return words
	}
	return []string{command}
}

// quotedWords splits at spaces that are not quoted. On Windows a backslash is a part of
// a path; elsewhere it quotes what follows, but not between single quotes.
func quotedWords(s string) (words []string) {
	var word strings.Builder
	var quote byte
	begun := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && quote != '\'' && runtime.GOOS != "windows" && i+1 < len(s):
			i++
			word.WriteByte(s[i])
			begun = true
		case quote == 0 && (c == '"' || c == '\''):
			quote, begun = c, true
		case c == quote && quote != 0:
			quote = 0
		case quote == 0 && (c == ' ' || c == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

func getenv(env []string, name string) string {
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// editorReady says that the text lies in a file for $EDITOR.
type editorReady struct {
	file TextFile
	err  error
}

// editorLeft says that $EDITOR ended.
type editorLeft struct {
	file TextFile
	err  error
}

// editorRead brings the text back.
type editorRead struct {
	text string
	err  error
}

func (e *edit) openEditor() tea.Cmd {
	text, scratch := e.text.text, e.shared.scratch
	return e.shared.ask(e, func(context.Context) tea.Msg {
		f, err := NewTextFile(scratch, text)
		return editorReady{f, err}
	})
}

func (e *edit) runEditor(m editorReady) tea.Cmd {
	if m.err != nil {
		return e.shared.ask(e, func(context.Context) tea.Msg { return editorRead{err: m.err} })
	}
	epoch := e.shared.epoch
	c := m.file.Command(context.WithoutCancel(e.shared.ctx), e.shared.env)
	return tea.ExecProcess(c, func(err error) tea.Msg { return answer{epoch, e, editorLeft{m.file, err}} })
}

// readBack takes what $EDITOR left.
func (e *edit) readBack(m editorLeft) tea.Cmd {
	return e.shared.ask(e, func(context.Context) tea.Msg {
		if m.err != nil {
			_ = m.file.Drop() // why it failed is told
			return editorRead{err: m.err}
		}
		text, err := m.file.Take()
		return editorRead{text, err}
	})
}

// editorDone takes the text; an edit that began outside is saved at once.
func (e *edit) editorDone(m editorRead) (action, tea.Cmd) {
	direct := e.outside
	e.outside = false
	if m.err != nil {
		return say{toneBad, editorFailure(m.err)}, nil
	}
	e.focus = atText // a field must not write its old part over what the editor left
	e.text.set(m.text)
	if direct {
		return e.save(), nil
	}
	return nil, e.typed()
}

// editorFailure says why the text of $EDITOR was not taken, and what to do.
func editorFailure(err error) string {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return "$EDITOR ended with an error, so its text was not taken: " + err.Error()
	}
	return "$EDITOR did not start · set EDITOR to a program that is installed: " + err.Error()
}
