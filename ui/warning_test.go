package ui

import (
	"testing"
	"time"
)

// Warning is what the account's session has to say.
func (f *fakeTodos) Warning() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.warning
}

func TestAWarningIsShownOnce(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	f := b.alice()
	f.warning = "this sign-in ends\x1b at 24 Dec 12:00"
	play(t, b, func(d *driver) {
		d.sees("This sign-in ends␛ at 24 Dec 12:00")
		d.wait(3 * time.Minute)
		d.seesNot("This sign-in ends")
		f.warning = "this computer's clock is 2m0s behind"
		d.press("R")
		d.wait(6 * time.Second) // behind the toast of the key
		d.sees("This computer's clock is 2m0s behind")
	})
}

// What is known on this machine is said at once, whether a sync comes through or not.
func TestAWarningNeedsNoSync(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().warning, b.alice().syncTakes = "this sign-in ends at 24 Dec 12:00", time.Hour
	play(t, b, func(d *driver) { d.sees("This sign-in ends at 24 Dec 12:00") })
}

func (f *fakeTodos) SetAside() string { return f.aside }

func TestACacheSetAsideIsSaid(t *testing.T) {
	b := newFakeBackend(t, "Buy milk")
	b.alice().aside = "/home/a/cache.db.aside-1"
	play(t, b, func(d *driver) {
		d.sees("set aside: /home/a/c")
		d.press("j")
		d.wait(3 * time.Minute)
		d.seesNot("set aside")
	})
}

func TestNothingCopiedIsObeyed(t *testing.T) {
	for in, want := range map[string]string{
		"two\n\tlines, ü 漢 👩‍👩‍👧":           "two\n\tlines, ü 漢 👩‍👩‍👧",
		"a\x1b[201~rm -rf\r\u009bx\x00\x7f": "a[201~rm -rfx",
	} {
		if got := pasteable(in); got != want {
			t.Errorf("%q is copied as %q", in, got)
		}
	}
}

func TestATitleIsCopiedWithoutEscapes(t *testing.T) {
	play(t, newFakeBackend(t, "evil\x1b[201~title"), func(d *driver) {
		d.press("y")
		if d.copied != "evil[201~title" {
			t.Errorf("copied %q", d.copied)
		}
	})
}

func TestWarningsOfTheStartFollowEachOther(t *testing.T) {
	o := Options{}
	o.Facts.Warnings = []string{"the first warning", "the second \x1bwarning"}
	playWith(t, newFakeBackend(t, "Buy milk"), o, func(d *driver) {
		d.sees("The first warning")
		d.wait(toastFor + time.Second)
		d.sees("The second ␛warning")
		d.wait(toastFor + time.Second)
		d.seesNot("warning")
	})
}
