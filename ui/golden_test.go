package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// update writes the goldens anew: go test ./ui -update. Look at what changed before you keep it.
var update = flag.Bool("update", false, "write the golden screens anew")

// golden is a settled screen that is kept as a file.
type golden struct {
	name  string
	open  func(d *driver)
	setup func(o *Options)
}

// goldens are the screens of the list, adding, editing and asking.
var goldens = []golden{
	{name: "list", open: func(d *driver) { d.press("j") }},
	{name: "list-grouped", setup: func(o *Options) { o.Settings.Group = groupDue }, open: func(*driver) {}},
	{name: "list-selected", open: func(d *driver) { d.press("v", "j", "j") }},
	{name: "list-filtered", open: func(d *driver) { d.press("/"); d.typing("t +home"); d.press("enter") }},
	{name: "list-danger", setup: func(o *Options) { o.Facts.DevMode, o.Facts.Insecure = true, true }, open: func(*driver) {}},
	{name: "filter", open: func(d *driver) { d.press("/"); d.typing("re due:") }},
	{name: "add", open: func(d *driver) { d.press("a"); d.typing("Call Bob @phone in 3 days") }},
	{name: "add-names", open: func(d *driver) { d.press("a"); d.typing("Paint +ho") }},
	{name: "paste", open: func(d *driver) {
		d.feed(tea.PasteMsg{Content: "- [x] eggs\n- [ ] flour +home\n3. sugar due:2026-12-01"})
	}},
	{name: "edit", open: func(d *driver) { d.press("space", "u", "k", "e") }},
	{name: "edit-due", open: func(d *driver) { d.press("e", "tab", "tab", "tab"); d.typing("x") }},
	{name: "edit-leave", open: func(d *driver) { d.press("e"); d.typing("!"); d.press("esc") }},
	{name: "palette", open: func(d *driver) { d.press(":"); d.typing("un") }},
	{name: "help", open: func(d *driver) { d.press("?") }},
}

// goldenLooks are the themes that every golden is drawn in.
var goldenLooks = []struct {
	theme string
	dark  bool
}{{"default", true}, {"nord", false}}

// goldenSizes are a large, a usual and a small terminal.
var goldenSizes = [][2]int{{120, 40}, {80, 24}, {40, 12}}

func TestGoldenScreens(t *testing.T) {
	for _, g := range goldens {
		for _, size := range goldenSizes {
			for _, look := range goldenLooks {
				t.Run(fmt.Sprintf("%s/%dx%d/%s", g.name, size[0], size[1], look.theme), func(t *testing.T) {
					o := Options{Settings: DefaultSettings()}
					o.Settings.Theme = look.theme
					if g.setup != nil {
						g.setup(&o)
					}
					playWith(t, goldenBackend(t), o, func(d *driver) {
						d.feed(map[bool]tea.BackgroundColorMsg{true: darkMsg, false: lightMsg}[look.dark])
						d.size(size[0], size[1])
						g.open(d)
						d.matches(fmt.Sprintf("%s-%dx%d", g.name, size[0], size[1]), look.theme)
					})
				})
			}
		}
	}
}

var (
	darkMsg  = tea.BackgroundColorMsg{Color: trueColor("#000000")}
	lightMsg = tea.BackgroundColorMsg{Color: trueColor("#ffffff")}
)

// goldenBackend has a todo in every state.
func goldenBackend(t testing.TB) *fakeBackend {
	b := fuzzBackend(t)
	f := b.alice()
	for i := range odd {
		if i > 3 {
			delete(f.items, fakeID(len(some)+i))
		}
	}
	return b
}

// matches compares the settled screen with its goldens: plain text, and looks.
func (d *driver) matches(name, theme string) {
	d.t.Helper()
	text := d.text()
	compareGolden(d.t, name+".txt", trimLines(text))
	compareGolden(d.t, name+"-"+theme+".ansi", strings.ReplaceAll(d.styled(), "\x1b", "␛"))
}

// trimLines drops the blanks at line ends, which editors drop as well.
func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(ansi.Strip(line), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func compareGolden(t testing.TB, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; go test ./ui -update writes it", err)
	}
	if string(want) != got+"\n" {
		t.Errorf("%s differs; look, then go test ./ui -update\n got:\n%s\nwant:\n%s", name, got, want)
	}
}
