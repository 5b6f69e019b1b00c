package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every page says all that there is, in words that no macro and no escape is
// made of by accident.
func TestManualPages(t *testing.T) {
	a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Build: Build{Version: "1.2.3", Date: "2026-11-23T17:00:00Z"}})
	root := newRoot(a)
	a.addCommands(root)
	macro := regexp.MustCompile(`^\.(TH|SH|PP|TP|nf|fi|br|B|BR)( |$)`)
	escape := regexp.MustCompile(`\\(e|-|&|\((aq|ga|ha|ti))`)
	pages := 0
	var read func(c *cobra.Command)
	read = func(c *cobra.Command) {
		pages++
		text := a.manPage(c)
		for n, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !macro.MatchString(line) {
				t.Errorf("%s, line %d is taken for a macro: %s", manName(c), n+1, line)
			}
			if rest := escape.ReplaceAllString(line, ""); strings.ContainsAny(rest, "\\\t") {
				t.Errorf("%s, line %d holds an escape or a tab: %s", manName(c), n+1, line)
			}
		}
		if !strings.HasPrefix(text, `.TH "KINDLING`) || !strings.Contains(text, `"2026-11-23" "kindling 1.2.3"`) {
			t.Errorf("%s begins with %.80s", manName(c), text)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(text, strings.ReplaceAll("--"+f.Name, "-", `\-`)) {
				t.Errorf("%s does not tell of --%s", manName(c), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			if hasPage(sub) {
				read(sub)
			}
		}
	}
	read(root)
	if pages < 30 {
		t.Errorf("there are only %d pages", pages)
	}
}

// The manual is where all variables stand: each that the settings read is there.
func TestManualNamesEveryVariable(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("config", "config.go"))
	if err != nil {
		t.Fatal(err)
	}
	a := newApp(t.Context(), Process{Stdin: strings.NewReader("")})
	root := newRoot(a)
	a.addCommands(root)
	text := a.manPage(root)
	lists := regexp.MustCompile(`names: \[\]string\{([^}]+)\}`).FindAllStringSubmatch(string(source), -1)
	if len(lists) < 15 {
		t.Fatalf("only %d settings were found", len(lists))
	}
	for _, list := range lists {
		for _, name := range regexp.MustCompile(`[A-Z_]{5,}`).FindAllString(list[1], -1) {
			if !strings.Contains(text, name) {
				t.Errorf("the manual does not tell of %s", name)
			}
		}
	}
}

func TestRoffText(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", ".dot": `\&.dot`, "'quote": `\(aqquote`, `a\b`: `a\eb`, "--flag": `\-\-flag`, "`~^": `\(ga\(ti\(ha`,
	} {
		if got := roffText(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
