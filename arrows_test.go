package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parts is everything below the interface.
var parts = []string{"kindling/assets", "kindling/auth", "kindling/auth/companion", "kindling/auth/demoidp",
	"kindling/store", "kindling/store/todotxt", "kindling/store/demodb"}

// arrows are the imports that each package may make inside the module. A
// package that is not here may not exist. A test may also use the assets, and
// reach down into its own package's sub-packages.
var arrows = map[string][]string{
	"kindling":                     append([]string{"kindling/ui", "kindling/ui/cli", "kindling/ui/cli/config"}, parts...),
	"kindling/ui/cli":              append([]string{"kindling/ui", "kindling/ui/cli/config"}, parts...),
	"kindling/ui/cli/config":       {"kindling/ui", "kindling/auth"},
	"kindling/ui":                  parts,
	"kindling/auth":                {"kindling/assets"},
	"kindling/auth/companion":      {"kindling/auth", "kindling/assets"},
	"kindling/auth/demoidp":        {},
	"kindling/store":               {},
	"kindling/store/todotxt":       {"kindling/store"},
	"kindling/store/demodb":        {},
	"kindling/store/demodb/realdb": {"kindling/store/demodb"},
	"kindling/assets":              {},
}

// listed is a package as go list tells it.
type listed struct {
	ImportPath           string
	Imports, TestImports []string
}

func TestArrows(t *testing.T) {
	packages := list(t)
	if len(packages) < len(arrows)-1 {
		t.Fatalf("go list found %d packages", len(packages))
	}
	for _, wrong := range wrongArrows(packages) {
		t.Error(wrong)
	}
}

// The test itself can fail: each of these would break a wall of the house.
func TestArrowsAreHeld(t *testing.T) {
	for _, p := range []listed{
		{ImportPath: "kindling/store", Imports: []string{"kindling/auth"}},
		{ImportPath: "kindling/auth", TestImports: []string{"kindling/store"}},
		{ImportPath: "kindling/ui", Imports: []string{"kindling/ui/cli"}},
		{ImportPath: "kindling/utils"},
		{ImportPath: "kindling/assets", Imports: []string{"html/template"}},
	} {
		if len(wrongArrows([]listed{p})) != 1 {
			t.Errorf("%+v passed", p)
		}
	}
}

func wrongArrows(packages []listed) []string {
	var wrong []string
	for _, p := range packages {
		allowed, known := arrows[p.ImportPath]
		if !known {
			wrong = append(wrong, p.ImportPath+" is not on the map: add it to ARCHITECTURE.md and to arrows, or put it elsewhere")
			continue
		}
		if slices.ContainsFunc(p.Imports, func(to string) bool { return strings.HasSuffix(to, "/template") }) {
			wrong = append(wrong, p.ImportPath+" must not import a template: where one runs, the linker keeps every method of every type, 3.5 MB of the program")
		}
		tests := slices.DeleteFunc(p.TestImports, func(to string) bool { return to == "kindling/assets" || strings.HasPrefix(to, p.ImportPath+"/") })
		for _, to := range slices.Concat(p.Imports, tests) {
			if inModule(to) && !slices.Contains(allowed, to) {
				wrong = append(wrong, fmt.Sprintf("%s must not import %s", p.ImportPath, to))
			}
		}
	}
	return wrong
}

func inModule(path string) bool { return path == "kindling" || strings.HasPrefix(path, "kindling/") }

// list asks the go command for every package of the module. It needs no network.
func list(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// The table of libraries names each that go.mod asks for itself.
func TestLibrariesHaveTheirReason(t *testing.T) {
	mod, err1 := os.ReadFile("go.mod")
	text, err2 := os.ReadFile("ARCHITECTURE.md")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	var names []string // the first column's
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \|`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, strings.FieldsFunc(row[1], func(r rune) bool { return strings.ContainsRune("/, ", r) })...)
	}
	direct := regexp.MustCompile(`(?m)^\t(\S+?)(?:/v\d+)? v\S+$`).FindAllStringSubmatch(string(mod), -1)
	if len(direct) < 20 {
		t.Fatalf("go.mod names only %d", len(direct))
	}
	for _, m := range direct {
		if !slices.Contains(names, path.Base(m[1])) {
			t.Errorf("ARCHITECTURE.md does not say what %s is for", m[1])
		}
	}
}
