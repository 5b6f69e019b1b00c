package ui

import (
	"context"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// longTitles are titles of about a megabyte, each of another kind.
func longTitles() map[string]string {
	const mb = 1 << 20
	return map[string]string{
		"words":   strings.Repeat("word ", mb/5),
		"unicode": strings.Repeat("größe 日本語 👩\u200d👩\u200d👧 ", mb/38),
		"oneword": strings.Repeat("x", mb),
		"lines":   strings.Repeat("a\n", mb/2),
		"accents": "a" + strings.Repeat("\u0301", mb/2),
		"tags":    strings.Repeat("+p @c ", mb/6),
	}
}

// BenchmarkLongTitle is one key in the editor and the frame after it, and one frame
// of the list with the preview, on a title of a megabyte.
func BenchmarkLongTitle(b *testing.B) {
	for name, title := range longTitles() {
		d := newDriver(b, context.Background(), newFakeBackend(b), Options{})
		r := d.root
		r.Update(tea.WindowSizeMsg{Width: 130, Height: 40})
		loaded := newRows()
		loaded.put(fakeItem(0, title))
		r.shared.todos, r.shared.rows = d.backend.alice(), loaded
		benchArrange(r)
		b.Run("list/"+name, func(b *testing.B) {
			for b.Loop() {
				r.View()
			}
		})
		e := newEdit(r.shared, fakeItem(0, title), false)
		r.stack = append(r.stack, e)
		for _, key := range []string{"left", "x", "backspace", "up", "end"} {
			b.Run("edit/"+key+"/"+name, func(b *testing.B) {
				e.text.set(title)
				for b.Loop() {
					r.Update(keyPress(key))
					r.View()
				}
			})
		}
	}
}
