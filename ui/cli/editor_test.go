package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func withEditor(t *testing.T, state, editor string) *app {
	t.Helper()
	env := map[string]string{"HOME": state, "LOCALAPPDATA": state, "XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state, "XDG_DATA_HOME": state}
	return newApp(t.Context(), Process{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Environ: []string{"PATH=" + os.Getenv("PATH"), "EDITOR=" + editor}, Getenv: func(name string) string { return env[name] }})
}

func TestAnEditorThatIsNotThere(t *testing.T) {
	for _, editor := range []string{"no-such-editor-anywhere", "/no/such/editor --wait"} {
		_, err := withEditor(t, t.TempDir(), editor).editText(t.Context(), "a title")
		if err == nil || !strings.HasPrefix(err.Error(), "there is no editor "+strings.Fields(editor)[0]+": set VISUAL or EDITOR") {
			t.Errorf("%s: %v", editor, err)
		}
	}
}

// What an editor has open lies in a directory of our own, which nobody else can read. It
// goes with the editor, or else with the next start, or with a purge.
func TestAnEditorLeavesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: the editor of this test is a shell script; run it where there is a shell")
	}
	state := filepath.Join(t.TempDir(), "[state]")
	text, err := withEditor(t, state, `sh -c 'printf "%s\n" "$0" >>"$1"' more`).editText(t.Context(), "a title")
	if err != nil || text != "a title\nmore" {
		t.Fatalf("%q, %v", text, err)
	}
	left := func() int { return len(filesIn(t, state)) }
	if left() != 0 {
		t.Fatalf("%d files left", left())
	}
	killed, running := withEditor(t, state, ""), withEditor(t, state, "")
	for _, a := range []*app{running, killed} {
		c, err := a.config()
		if err != nil {
			t.Fatal(err)
		}
		tmp, err := newTemporary(editing(c.StateDir), "*")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(tmp.dir, "title.txt"), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{tmp.dir, filepath.Dir(tmp.dir)} {
			if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("%s: %v, %v", dir, info.Mode(), err)
			}
		}
		if a == running {
			defer tmp.remove()
		} else if err := tmp.use.Close(); err != nil { // as the system does
			t.Fatal(err)
		}
	}
	if left() != 4 {
		t.Fatalf("%d files", left())
	}
	if _, err := withEditor(t, state, "").config(); err != nil {
		t.Fatal(err)
	}
	if left() != 2 {
		t.Errorf("after the next start: %d files, want those of the one that runs", left())
	}
}
