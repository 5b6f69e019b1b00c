package assets

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notSlug = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the names under which a page's headings can be linked to.
func anchors(page string) map[string]bool {
	names := map[string]bool{"": true}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		names[strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-")] = true
	}
	return names
}

// Every link of the pages to a file or a heading of the repository leads somewhere, and
// every picture is shown by one.
func TestLinksLeadSomewhere(t *testing.T) {
	above, err1 := filepath.Glob("../*.md")
	docs, err2 := filepath.Glob("docs/*.md")
	if err1 != nil || err2 != nil || len(above) < 4 || len(docs) == 0 {
		t.Fatal(above, docs, err1, err2)
	}
	linked := map[string]bool{}
	for _, page := range append(above, docs...) {
		text := read(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor, _ := strings.Cut(m[1]+m[2], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target, within := page, text
			if path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
			}
			if anchor != "" {
				within = read(t, target)
			}
			if _, err := os.Stat(target); err != nil || !anchors(within)[anchor] {
				t.Errorf("%s: %s leads nowhere", page, m[0])
			}
			linked[filepath.Base(target)] = true
		}
	}
	pictures, _ := filepath.Glob("docs/*-light.svg")
	for _, p := range pictures {
		if !linked[filepath.Base(p)] {
			t.Errorf("no page shows %s", p)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
