package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindling/ui/cli/config"
)

const mine = `# my settings
account = "alice" # the usual one

[ui]
# I like it dark
theme = "default"
filters = [
  "due:today", # first
  "+home",
]

[ui.keys]
add = ["a"]
`

func TestSaveUIKeepsTheRest(t *testing.T) {
	getenv, path := home(t, nil)
	write(t, path, mine)
	c, err := config.Load(config.Input{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	now := c.UI
	now.Theme, now.Mouse, now.Filters = "dusk", false, []string{"is:open"}
	now.Keys = map[string][]string{"add": {"a", "n"}, "quit": {"q"}}
	if err := c.SaveUI(now); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `# my settings
account = "alice" # the usual one

[ui]
# I like it dark
theme = 'dusk'
filters = ['is:open']
mouse = false

[ui.keys]
add = ['a', 'n']
quit = ['q']
`
	if string(got) != want {
		t.Errorf("got:\n%s", got)
	}
	again, err := config.Load(config.Input{Getenv: getenv})
	if err != nil || again.UI.Theme != "dusk" || again.UI.Mouse || len(again.UI.Keys["add"]) != 2 {
		t.Errorf("read back %+v, %v", again.UI, err)
	}
}

// A theme from the environment is not written down because another setting changed.
func TestSaveUIWritesOnlyWhatChanged(t *testing.T) {
	getenv, path := home(t, map[string]string{"KINDLING_THEME": "night"})
	c, err := config.Load(config.Input{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	now := c.UI
	if err := c.SaveUI(now); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a file was made for no change")
	}
	now.Sort = "due"
	if err := c.SaveUI(now); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(path)
	if string(got) != "[ui]\nsort = 'due'\n" {
		t.Errorf("got %q", got)
	}
}

func TestWrite(t *testing.T) {
	for _, x := range []struct{ name, old, want string }{
		{"new file", "", "account = 'bob'\n"},
		{"before the tables", "# c\n[ui]\nmouse = true\n", "# c\naccount = 'bob'\n[ui]\nmouse = true\n"},
		{"no newline at the end", "log = 'info'", "log = 'info'\naccount = 'bob'\n"},
		{"keeps a comment", "account = 'a # b'  # why\n", "account = 'bob'  # why\n"},
		{"same name in a table", "[ui.keys]\naccount = ['x']\n", "account = 'bob'\n[ui.keys]\naccount = ['x']\n"},
	} {
		path := filepath.Join(t.TempDir(), "config.toml")
		write(t, path, x.old)
		if err := config.Write(path, []config.Entry{{Key: "account", Value: "bob"}}); err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
		if got, _ := os.ReadFile(path); string(got) != x.want {
			t.Errorf("%s: got %q", x.name, got)
		}
	}
}

func TestWriteRefusesWhatItCannotKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	old := "ui = { theme = 'a' }\n"
	write(t, path, old)
	err := config.Write(path, []config.Entry{{Table: "ui", Key: "theme", Value: "b"}})
	if err == nil || !strings.Contains(err.Error(), "by hand") {
		t.Errorf("got %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != old {
		t.Errorf("the file was changed: %q", got)
	}
}

func TestWriteFollowsALink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "dotfiles.toml"), filepath.Join(dir, "config.toml")
	write(t, real, "")
	if err := os.Symlink(real, link); err != nil {
		t.Skip("SKIP: symbolic links are not allowed here")
	}
	if err := config.Write(link, []config.Entry{{Key: "account", Value: "bob"}}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(real); string(got) != "account = 'bob'\n" {
		t.Errorf("the file behind the link holds %q", got)
	}
}

func FuzzWrite(f *testing.F) {
	for _, seed := range []string{mine, "", "a=1", "[ui]", "x = '''\n[ui]\n'''", "[ui]\ntheme = \"\"\"\n# \"\"\"", "\r\n"} {
		f.Add(seed, "v")
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		path := filepath.Join(t.TempDir(), "config.toml")
		write(t, path, text)
		if config.Write(path, []config.Entry{{Table: "ui", Key: "theme", Value: value}}) != nil {
			if got, _ := os.ReadFile(path); string(got) != text {
				t.Errorf("refused, but changed %q into %q", text, got)
			}
		}
	})
}
