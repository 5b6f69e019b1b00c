package cli_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli"
)

// Colours are the only thing that a terminal may obey.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// obeys is what a terminal would do more than show.
func obeys(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x61c:
		return true
	}
	return false
}

// Titles come from a server, and must not command the terminal of the person who
// looks at them: no title, clipboard, link, colour or direction.
func TestNoTitleCommandsTheTerminal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIP: this test needs a Unix pseudo-terminal; run it on Linux or macOS")
	}
	env := newForgetfulWorld(t)
	env["TERM"] = "xterm-256color"
	run := func(out, told io.Writer, args ...string) int {
		return cli.Run(t.Context(), cli.Process{
			Args: args, Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stdout: out, Stderr: told,
			Connect: func(s *auth.Session) store.TokenSource { return s },
		})
	}
	var told cli.Transcript
	signedIn := make(chan int)
	go func() { signedIn <- run(io.Discard, &told, "login", "--no-browser") }()
	visit(t, &told)
	<-signedIn
	list := filepath.Join(t.TempDir(), "evil.json")
	writeTitles(t, list,
		"title \x1b]0;owned\x07 end", "clip \x1b]52;c;cm0gLXJm\x1b\\ end", "link \x1b]8;;http://evil.example\x1b\\text\x1b]8;;\x1b\\",
		"c1 \u009b31m \u009d0;x\u009c end", "turn \u202eevil\u202c \u2066x\u2069 \u200f\u061c", "back \b\b\b\r over", "del \x7f nul \x01",
		"(A) +pro\x1b[2Jject @con\u009btext due:2030-01-01\x1b]0;x\x07 http://a.example/\x1b]8;;x\x07",
	)
	if code := run(io.Discard, &told, "import", list); code != 0 {
		t.Fatalf("import: %d\n%s", code, told.String())
	}
	var found strings.Builder
	run(&found, io.Discard, "ls", "--plain")
	ids := regexp.MustCompile(`(?m)^[0-9a-f-]{36}`).FindAllString(found.String(), -1)
	if len(ids) != 8 {
		t.Fatalf("%d todos:\n%s", len(ids), found.String())
	}
	for _, args := range [][]string{
		{"ls"}, {"ls", "--plain"}, {"ls", "--json"}, {"ls", "--ndjson"}, {"ls", "--all"}, append([]string{"show"}, ids...),
		append([]string{"show", "--json"}, ids...), {"export"}, {"export", "--format", "csv"}, {"export", "--format", "json"},
		{"export", "--format", "md"}, {"export", "--format", "ics"}, {"import", "--dry-run", list}, {"status"}, {"accounts"}, {"doctor"},
		append([]string{"--sync=no", "done"}, ids...), append([]string{"--sync=no", "rm"}, ids[:2]...), {"undo", "--sync=no"},
		{"show", "no\x1b]0;x\x07"}, {"ls", "\u009b31m", "due:\x1b]0;x\x07"}, {"--account", "\x1b]0;x\x07", "ls"}, {"\x1b[2J"}, {"ls", "--\u009bx"},
		{"__complete", "show", ""}, {"__complete", "ls", "+"}, {"__complete", "ls", "@"}, {"status", "--json"}, {"conflicts"},
	} {
		out := onScreen(t, func(tty *os.File) { run(tty, tty, args...) })
		if i := strings.IndexFunc(colours.ReplaceAllString(out, ""), obeys); i >= 0 {
			t.Errorf("%q obeyed: %q", args, out)
		}
		if out == "" && args[0] != "conflicts" {
			t.Errorf("%q showed nothing", args)
		}
	}
}

// The line that counts a sync's rows, or what is read, saved and written, is gone
// when that ends; it is not among todos that go to the terminal themselves.
func TestProgressIsWipedAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIP: this test needs a Unix pseudo-terminal; run it on Linux or macOS")
	}
	env := newForgetfulWorld(t)
	env["TERM"] = "xterm-256color"
	run := func(out, told io.Writer, args ...string) {
		cli.Run(t.Context(), cli.Process{
			Args: args, Getenv: func(name string) string { return env[name] }, Stdin: strings.NewReader(""), Stdout: out, Stderr: told,
			Connect: func(s *auth.Session) store.TokenSource { return s },
		})
	}
	screen := onScreen(t, func(tty *os.File) {
		var told cli.Transcript
		signedIn := make(chan struct{})
		go func() { defer close(signedIn); run(io.Discard, io.MultiWriter(&told, tty), "login", "--no-browser") }()
		visit(t, &told)
		<-signedIn
		run(io.Discard, tty, "sync")
	})
	wiped := func(screen, phase string) {
		t.Helper()
		at := strings.LastIndex(screen, phase)
		_, rest, _ := strings.Cut(screen[max(at, 0):], "…")
		if at < 0 || !strings.HasPrefix(rest, "\x1b[K\r\x1b[K") {
			t.Errorf("%s: %q", phase, screen)
		}
	}
	wiped(screen, "fetching")
	dir := t.TempDir()
	list := filepath.Join(dir, "list.txt")
	if err := os.WriteFile(list, []byte(strings.Repeat("milk\n", 10_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		phases []string
		args   []string
	}{
		{[]string{"reading 10000", "saving 10000"}, []string{"import", "--sync=no", list}},
		{[]string{"writing 10000"}, []string{"export", filepath.Join(dir, "copy.txt")}},
		{[]string{"saving 10000"}, []string{"undo", "--sync=no"}},
		{[]string{"reading 10000"}, []string{"import", "--dry-run", list}},
	} {
		screen := onScreen(t, func(tty *os.File) { run(io.Discard, tty, x.args...) })
		for _, phase := range x.phases {
			wiped(screen, phase)
		}
		if x.args[0] != "export" {
			continue
		}
		if screen := onScreen(t, func(tty *os.File) { run(tty, tty, "export") }); strings.Contains(screen, "writing") {
			t.Error("an export to the terminal counts among its lines")
		}
	}
}

func writeTitles(t *testing.T, path string, titles ...string) {
	t.Helper()
	var todos []map[string]any
	for _, title := range titles {
		todos = append(todos, map[string]any{"title": title, "is_complete": false})
	}
	text, err := json.Marshal(todos)
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onScreen is what a terminal is sent, byte by byte.
func onScreen(t *testing.T, run func(tty *os.File)) string {
	t.Helper()
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if _, err := term.MakeRaw(tty.Fd()); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() { text, _ := io.ReadAll(keys); read <- string(text) }()
	run(tty)
	_ = tty.Close()
	return <-read
}
