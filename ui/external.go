package ui

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"

	"kindling/auth"
)

// editorReady says that the text lies in a file for $EDITOR.
type editorReady struct {
	path string
	err  error
}

// editorLeft says that $EDITOR ended.
type editorLeft struct {
	path string
	err  error
}

// editorRead brings the text back.
type editorRead struct {
	text string
	err  error
}

// openEditor writes the text to a file of its own, readable by its owner alone.
func (e *edit) openEditor() tea.Cmd {
	text := e.text.text
	return e.host.ask(e, func(context.Context) tea.Msg {
		f, err := os.CreateTemp("", "kindling-*.txt")
		if err != nil {
			return editorReady{err: err}
		}
		_, err = f.WriteString(text + "\n")
		return editorReady{f.Name(), cmp.Or(err, f.Close())}
	})
}

func (e *edit) runEditor(m editorReady) tea.Cmd {
	if m.err != nil {
		return e.host.ask(e, func(context.Context) tea.Msg { return editorRead{err: m.err} })
	}
	c := editorCommand(e.host.env, m.path)
	epoch := e.host.epoch
	return tea.ExecProcess(c, func(err error) tea.Msg { return answer{epoch, e, editorLeft{m.path, err}} })
}

// editorCommand runs what $VISUAL or $EDITOR says, without our secrets.
func editorCommand(env []string, path string) *exec.Cmd {
	fallback := "vi"
	if runtime.GOOS == "windows" {
		fallback = "notepad"
	}
	words := strings.Fields(cmp.Or(getenv(env, "VISUAL"), getenv(env, "EDITOR"), fallback))
	c := exec.Command(words[0], append(words[1:], path)...)
	c.Env = auth.CleanEnv(env)
	return c
}

func getenv(env []string, name string) string {
	for _, v := range env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// readBack reads what $EDITOR left and removes the file.
func (e *edit) readBack(m editorLeft) tea.Cmd {
	return e.host.ask(e, func(context.Context) tea.Msg {
		defer func() { _ = os.Remove(m.path) }()
		if m.err != nil {
			return editorRead{err: m.err}
		}
		text, err := os.ReadFile(m.path)
		return editorRead{strings.TrimSuffix(string(text), "\n"), err}
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
