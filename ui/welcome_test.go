package ui

import "testing"

func TestWelcomeShowsTheTwoWaysToBegin(t *testing.T) {
	playWith(t, newFakeBackend(t), Options{Welcome: true}, func(d *driver) {
		d.sees("Welcome to Kindling", "▌ 1  Try the demo", "kindling demo", "2  Connect a project", "kindling setup")
		d.press("enter")
		d.sees("Copied: kindling demo")
		if d.copied != "kindling demo" {
			t.Errorf("copied %q", d.copied)
		}
		d.press("j", "y")
		if d.copied != "kindling setup" {
			t.Errorf("copied %q", d.copied)
		}
		if n := d.backend.calls["Open"]; n != 0 {
			t.Errorf("an account was opened %d times", n)
		}
		d.press("esc")
		if !d.left {
			t.Error("esc did not leave")
		}
	})
}
