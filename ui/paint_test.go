package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"kindling/assets"
	"kindling/store"
)

// TestACutTitleSaysSo draws titles in every width, also where the cut falls between
// their parts, and with letters that a filter found.
func TestACutTitleSaysSo(t *testing.T) {
	themes, _ := readThemes(assets.Themes())
	st := newStyles(themes[0], true, false)
	for _, title := range []string{"Paint the fence +home @garden https://example.com", "買い物 +家 @店", "(A) x"} {
		for _, found := range [][]int{nil, {0, 1, 7}} {
			for w := 1; w <= width(title)+1; w++ {
				b := brush{left: w, pens: &st.pens}
				b.title(&store.Item{Todo: store.Todo{Title: title}}, w, found)
				got := ansi.Strip(b.b.String())
				if whole := width(title) <= w; whole && got != title || !whole && (!strings.HasSuffix(got, "…") || width(got) > w) {
					t.Errorf("%q, found %v, in %d cells is %q", title, found, w, got)
				}
			}
		}
	}
}
