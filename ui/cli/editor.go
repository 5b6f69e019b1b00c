package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"

	"kindling/ui"
)

// editText lets the person's editor change a text.
func (a *app) editText(ctx context.Context, text string) (string, error) {
	f, err := ui.NewTextFile(a.scratch, text)
	if err != nil {
		return "", fmt.Errorf("edit title: %w", err)
	}
	run := f.Command(ctx, a.childEnv())
	run.Stdin, run.Stdout, run.Stderr = a.Stdin, a.Stdout, a.Stderr
	if err := run.Run(); err != nil {
		_ = f.Drop() // why the editor failed is told
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("there is no editor %s: set VISUAL or EDITOR to yours, or give the new title", run.Args[0])
		}
		return "", fmt.Errorf("edit title with %s: %w", run.Args[0], err)
	}
	text, err = f.Take()
	if err != nil {
		return "", fmt.Errorf("edit title: %w", err)
	}
	return text, nil
}

// editing is where the texts lie that are in an editor.
func editing(stateDir string) string { return filepath.Join(stateDir, "editing") }

// scratch implements ui.Scratch.
func (a *app) scratch() (dir string, remove func() error, err error) {
	c, err := a.config()
	if err != nil {
		return "", nil, err
	}
	t, err := newTemporary(editing(c.StateDir), "*")
	if err != nil {
		return "", nil, err
	}
	return t.dir, t.remove, nil
}
