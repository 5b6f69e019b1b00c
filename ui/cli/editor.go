package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// editText lets the person's editor change a text. The file it stands in is
// theirs alone, and is gone afterwards.
func (a *app) editText(ctx context.Context, text string) (string, error) {
	dir, err := os.MkdirTemp("", "kindling-") // 0700
	if err != nil {
		return "", fmt.Errorf("edit title: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "title.txt")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("edit title: %w", err)
	}
	command := a.editor()
	if len(command) == 0 {
		return "", errors.New("edit title: $EDITOR is blank")
	}
	run := exec.CommandContext(ctx, command[0], append(command[1:], path)...)
	run.Stdin, run.Stdout, run.Stderr, run.Env = a.Stdin, a.Stdout, a.Stderr, a.childEnv()
	err = run.Run()
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no editor %s: set VISUAL or EDITOR to yours, or give the new title", command[0])
	}
	if err != nil {
		return "", fmt.Errorf("edit title with %s: %w", command[0], err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("edit title: %w", err)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// editor is the person's editor and its arguments, as in EDITOR="code --wait".
func (a *app) editor() []string {
	fallback := "vi"
	if runtime.GOOS == "windows" {
		fallback = "notepad"
	}
	return strings.Fields(cmp.Or(a.Getenv("VISUAL"), a.Getenv("EDITOR"), fallback))
}
