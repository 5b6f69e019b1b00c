package ui

import "testing"

func TestHeaderSaysWhoWhereAndHowFresh(t *testing.T) {
	play(t, newFakeBackend(t, "Buy milk", "Call Bob"), func(d *driver) {
		d.sees("alice@example.com · my-project · synced just now")
		d.wait(12e9)
		d.sees("synced 12 s ago")
	})
}
