package ui

import "testing"

func TestSettingsChangeAtOnceAndAreKept(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	play(t, b, func(d *driver) {
		d.press(",")
		d.sees("Settings", "▌ Theme       ‹ Terminal ›", "Group by    ‹ none ›", "Mouse       ‹ on ›", "[ ] (A) Call the dentist @phone")
		before := d.styled()
		d.press("right")
		if d.styled() == before || b.settings.Theme == "default" || b.settings.Theme == "" {
			t.Errorf("the theme is %q, kept %q", d.root.shared.settings.Theme, b.settings.Theme)
		}
		d.press("left")
		d.sees("‹ Terminal ›")
		d.press("j", "enter")
		d.sees("Group by    ‹ due ›")
		d.press("left", "left")
		d.sees("Group by    ‹ priority ›")
		d.press("G", "space")
		d.sees("Accessible  ‹ on ›")
		if !b.settings.Accessible || b.settings.Group != "priority" {
			t.Errorf("kept %+v", b.settings)
		}
		d.press("esc")
		d.sees("Buy milk")
	})
}
