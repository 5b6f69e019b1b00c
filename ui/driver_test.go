package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kindling/assets"
)

// driver plays the terminal: it feeds messages to the root and runs every
// command they cause, until nothing happens any more. Time is synctest's: it
// passes only in wait.
type driver struct {
	t       testing.TB
	root    *root
	backend *fakeBackend
	msgs    chan tea.Msg
	left    bool   // the program quit
	copied  string // what went to the clipboard
	suspend bool
}

// play runs a program at 80×24 over the backend inside a bubble of its own time.
func play(t *testing.T, b *fakeBackend, steps func(d *driver)) {
	t.Helper()
	playWith(t, b, Options{}, steps)
}

// playWith is play with options; backend, themes, clock and zone are filled in.
func playWith(t *testing.T, b *fakeBackend, o Options, steps func(d *driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer func() {
			cancel()
			time.Sleep(time.Second) // the spinner's last tick knows no context
			synctest.Wait()
		}()
		for _, f := range b.todos {
			f.watched = make(chan struct{}, 1) // a channel belongs to the bubble it is made in
		}
		d := newDriver(t, ctx, b, o)
		d.run(d.root.Init())
		d.settle()
		d.wait(firstFrames)
		d.feed(tea.WindowSizeMsg{Width: 80, Height: 24})
		steps(d)
	})
}

func newDriver(t testing.TB, ctx context.Context, b *fakeBackend, o Options) *driver {
	began := time.Now().Add(firstFrames) // when the start is over
	now := func() time.Time { return fakeNow.Add(time.Since(began)) }
	o.Backend, o.Themes, o.Location = b, assets.Themes(), time.UTC
	if o.Now == nil {
		o.Now = now
	}
	if o.Settings.Theme == "" {
		o.Settings = DefaultSettings()
	}
	if o.Facts.Project == "" {
		o.Facts.Project = "my-project"
	}
	if o.Scratch == nil {
		dir := t.TempDir()
		o.Scratch = func() (string, func() error, error) { return dir, func() error { return nil }, nil }
	}
	for _, f := range b.todos {
		f.now = o.Now
	}
	r, err := newRoot(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	r.Update(wholeMode)
	d := &driver{t: t, root: r, backend: b, msgs: make(chan tea.Msg, 1000)}
	r.shared.send = func(m tea.Msg) { d.msgs <- m }
	return d
}

// wholeMode is what a terminal of today says: it gives cells to whole characters.
var wholeMode = tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset}

// feed gives a message to the program and waits until it settled.
func (d *driver) feed(msg tea.Msg) {
	d.t.Helper()
	d.update(msg)
	d.settle()
}

// settle lets every command end that does not wait for time, and feeds what they say.
func (d *driver) settle() {
	d.t.Helper()
	for {
		synctest.Wait()
		select {
		case msg := <-d.msgs:
			d.update(msg)
		default:
			d.view()
			return
		}
	}
}

// wait lets time pass.
func (d *driver) wait(span time.Duration) {
	d.t.Helper()
	beat := max(50*time.Millisecond, span/400)
	for ; span > 0; span -= beat {
		time.Sleep(min(beat, span))
		d.settle()
	}
}

func (d *driver) update(msg tea.Msg) {
	d.backend.drawing.Store(true)
	_, cmd := d.root.Update(msg)
	d.backend.drawing.Store(false)
	d.run(cmd)
}

// run starts a command; what the runtime itself would handle is handled here.
func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				d.run(c)
			}
		case tea.QuitMsg:
			d.left = true
		case tea.SuspendMsg:
			d.suspend = true
		default:
			if text, ok := clipboardText(msg); ok {
				d.copied = text
				return
			}
			d.msgs <- msg
		}
	}()
}

// clipboardText knows the runtime's own clipboard message by its type's name.
func clipboardText(msg tea.Msg) (string, bool) {
	return fmt.Sprint(msg), fmt.Sprintf("%T", msg) == fmt.Sprintf("%T", tea.SetClipboard("")())
}

// view draws the screen as the program would, and fails where it does not fit.
func (d *driver) view() tea.View {
	d.t.Helper()
	d.backend.drawing.Store(true)
	defer d.backend.drawing.Store(false)
	v := d.root.View()
	if w, h := d.root.w, d.root.h; w > 0 && h > 0 {
		fits(d.t, v, w, h)
	}
	return v
}

// fits fails when a view has too many lines, a line too wide, or a cursor outside.
func fits(t testing.TB, v tea.View, w, h int) {
	t.Helper()
	lines := strings.Split(v.Content, "\n")
	if len(lines) > h {
		t.Fatalf("%d lines at %d×%d:\n%s", len(lines), w, h, ansi.Strip(v.Content))
	}
	for i, line := range lines {
		if n := width(line); n > w {
			t.Fatalf("line %d has %d cells at %d×%d:\n%s", i, n, w, h, ansi.Strip(v.Content))
		}
		if strings.ContainsAny(ansi.Strip(line), "\r\t\x1b") {
			t.Fatalf("line %d holds a control character at %d×%d: %q", i, w, h, line)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.Y < 0 || c.X >= w || c.Y >= h) {
		t.Fatalf("the cursor stands at %d,%d of %d×%d:\n%s", c.X, c.Y, w, h, ansi.Strip(v.Content))
	}
}

// text is the settled screen without its looks.
func (d *driver) text() string { return ansi.Strip(d.view().Content) }

// styled is the settled screen with its looks.
func (d *driver) styled() string { return d.view().Content }

// press feeds keys by name: "a", "D", "enter", "ctrl+p", "shift+down", "space".
func (d *driver) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.feed(keyPress(k))
	}
}

// typing feeds text key by key.
func (d *driver) typing(text string) {
	d.t.Helper()
	for _, r := range text {
		d.feed(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// size changes the terminal's size.
func (d *driver) size(w, h int) { d.feed(tea.WindowSizeMsg{Width: w, Height: h}) }

// sees fails unless the screen shows every text.
func (d *driver) sees(texts ...string) {
	d.t.Helper()
	for _, want := range texts {
		if !strings.Contains(d.text(), want) {
			d.t.Fatalf("screen does not show %q:\n%s", want, d.text())
		}
	}
}

// seesNot fails when the screen shows any of the texts.
func (d *driver) seesNot(texts ...string) {
	d.t.Helper()
	for _, want := range texts {
		if strings.Contains(d.text(), want) {
			d.t.Fatalf("screen shows %q:\n%s", want, d.text())
		}
	}
}

var namedKeys = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "f1": tea.KeyF1}

// keyPress makes the message of a key by name.
func keyPress(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"alt+", tea.ModAlt}, {"shift+", tea.ModShift}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok {
			k.Mod, name = k.Mod|m.mod, rest
		}
	}
	if code, ok := namedKeys[name]; ok {
		k.Code = code
		if name == "space" && k.Mod == 0 {
			k.Text = " "
		}
		return k
	}
	r := []rune(name)[0]
	k.Code = r
	if k.Mod == 0 {
		k.Text = name
		if strings.ToLower(name) != name {
			k.Mod, k.Code = tea.ModShift, []rune(strings.ToLower(name))[0]
		}
	}
	return k
}
