package ui

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
)

// odd are titles that break programs: control characters, wide and combined
// characters, right-to-left text, broken bytes, nothing, and very much.
var odd = []string{
	"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x00\x7f\u0085",
	"買い物に行く 🛒 +家 @店 due:2026-11-25",
	"👩‍👩‍👧‍👦 family 🇩🇪 flag 👍🏽 thumb e\u0301\u0323 combined",
	"\u202eevil override\u202c and \u2066isolate\u2069",
	"שלום עולם +בית مرحبا بالعالم",
	"broken \xff\xfe bytes \xe2\x82",
	"tab\there\nand a second line\r\nand a third",
	"\u200b\u200d\ufeff zero width",
	"ｆｕｌｌｗｉｄｔｈ ﷽ ẞ ﬁ",
	string(slices.Repeat([]byte("long "), 400)),
	"", " ",
	"https://example.com/a\u0007b?c=\x1b\\ link +p",
	"(A) due:2026-01-01 +a +b @c @d rec:+1w t:2026-01-01 pri:B",
}

// fuzzBackend has odd and plain todos in every state, and a second account.
func fuzzBackend(t testing.TB) *fakeBackend {
	b := newFakeBackend(t, append(slices.Clone(some), odd...)...)
	b.add("bob", "Bob's todo")
	b.loginErr, b.codeErr, b.logOut = auth.ErrPortTaken, auth.ErrDenied, store.ErrInUse
	f := b.alice()
	f.status.LastSync = fakeNow
	for i, state := range []store.State{store.Waiting, store.Conflicted, store.Parked} {
		it := f.items[fakeID(i)]
		it.State, it.Note = state, "sent again after \x1b an unknown outcome"
		f.items[fakeID(i)] = it
	}
	c := f.items[fakeID(1)]
	f.conflicts = []store.Conflict{{ID: c.ID, Column: "title", Base: "Buy", Mine: c.Title, Theirs: odd[1], Item: c},
		{ID: fakeID(2), Column: "deleted", Base: "Write", Mine: "Write", Theirs: "", Item: f.items[fakeID(2)]}}
	f.outbox = []store.Pending{{Op: store.Retitle(c.Todo, odd[0]), State: "parked", Reason: "refused \x1b[31m", Attempts: 3, Since: fakeNow}}
	f.vanished = []store.Vanished{{Todo: store.Todo{ID: uuid.Max, Title: odd[2]}, At: fakeNow}}
	b.attacks = []store.Attack{{Name: "read-rows", Sent: "GET /todos", Answer: "200 []", Verdict: "safe"}, {Name: "update-title", Sent: "PATCH", Answer: odd[0], Verdict: "leak", Why: odd[3]}}
	return b
}

// fuzzKeys are what a byte presses.
func fuzzKeys(k *KeyMap) []string {
	keys := []string{"left", "right", "backspace", "ctrl+w", "Z", "é", "日", "ctrl+k", "shift+tab", "alt+b"}
	for _, b := range k.bindings {
		for _, key := range b.Keys() {
			if key != "ctrl+z" && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// FuzzScreens presses random keys at random sizes: nothing panics, everything
// fits, and nothing blocks inside Update or View. The driver checks each frame.
func FuzzScreens(f *testing.F) {
	f.Add(80, 24, []byte("\x00\x01\x02\x10\x20\x30"))
	f.Add(1, 1, []byte("abcdefghijklmnop"))
	f.Add(20, 6, []byte("?:/aevdDuUcIASsfo,"))
	f.Add(200, 60, []byte{11, 200, 13, 40, 90, 17, 3, 66, 120, 255, 1, 9})
	f.Add(3, 2, []byte("zyxwvutsrqponm"))
	f.Add(120, 5, []byte{250, 33, 5, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21})
	f.Fuzz(func(t *testing.T, w, h int, presses []byte) {
		t.Setenv("TMPDIR", t.TempDir())
		play(t, fuzzBackend(t), func(d *driver) {
			w, h := 1+unsigned(w)%200, 1+unsigned(h)%60
			d.size(w, h)
			keys := fuzzKeys(d.root.shared.keys)
			for i, b := range presses[:min(len(presses), 60)] {
				d.fuzzStep(keys, i, int(b), w, h)
				if d.left {
					return
				}
			}
		})
	})
}

// fuzzStep is mostly a key; sometimes the mouse, a paste, another size, or time.
func (d *driver) fuzzStep(keys []string, i, b, w, h int) {
	switch {
	case b < 4:
		d.feed(tea.MouseClickMsg{X: (b * 7) % w, Y: (i * 3) % h, Button: tea.MouseLeft})
	case b < 6:
		d.feed(tea.MouseWheelMsg{X: 1, Y: 1, Button: []tea.MouseButton{tea.MouseWheelDown, tea.MouseWheelUp}[b-4]})
	case b == 6:
		d.feed(tea.PasteMsg{Content: odd[i%len(odd)] + "\n- [x] " + odd[(i+1)%len(odd)]})
	case b == 7:
		d.size(1+(w+i*17)%200, 1+(h+i*5)%60)
	case b == 9:
		d.feed(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeSetting(i % 3)})
	case b == 8:
		d.wait(700 * time.Millisecond)
	default:
		d.press(keys[(b+i*31)%len(keys)])
	}
}

func unsigned(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// FuzzClean holds that no byte of the outside reaches the terminal as a command.
func FuzzClean(f *testing.F) {
	for _, text := range odd {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range clean(text) {
			if r < ' ' || r >= 0x7f && r < 0xa0 || isBidi(r) {
				t.Fatalf("clean(%q) holds %U", text, r)
			}
		}
		if w := 10; width(clip(clean(text), w)) > w {
			t.Fatalf("clip(%q) is too wide", text)
		}
	})
}

// slowBefore finds the character before an offset by all that stand before it.
func slowBefore(text string, at int) int {
	for from := 0; from < at; {
		n, _ := cluster(text[from:])
		if from+n >= at {
			return from
		}
		from += n
	}
	return 0
}

// FuzzEditor holds that keys move a text's cursor inside it, never split what a
// person sees as one character, and change nothing that they do not name.
func FuzzEditor(f *testing.F) {
	for i, text := range odd {
		f.Add(text, []byte{byte(i), 3, 7, 12}, 10)
	}
	moves := []string{"left", "right", "ctrl+left", "ctrl+right", "home", "end", "ctrl+b", "ctrl+f"}
	f.Fuzz(func(t *testing.T, text string, keys []byte, w int) {
		e := newEditor(text)
		w = 1 + unsigned(w)%100
		for _, k := range keys {
			e.press(keyPress(moves[int(k)%len(moves)]))
			e.vertical(int(k)%3-1, w)
			if e.text != text || e.at < 0 || e.at > len(text) {
				t.Fatalf("a move made %q (%d) of %q", e.text, e.at, text)
			}
			if got, want := e.before(), slowBefore(e.text, e.at); got != want {
				t.Fatalf("before %d of %q is %d, want %d", e.at, text, got, want)
			}
			lines, x, y := e.view(ink{}, w, 5)
			if len(lines) > 5 || x > w || y >= max(1, len(lines)) {
				t.Fatalf("%d lines, cursor %d,%d at width %d", len(lines), x, y, w)
			}
		}
		for range text {
			e.press(keyPress("backspace"))
			e.press(keyPress("delete"))
		}
		if e.text != "" && len(keys) > 0 {
			t.Fatalf("%q is left of %q", e.text, text)
		}
	})
}
