// Package ui is the terminal interface: a root that routes, and one screen on top.
//
// The rules:
//
//   - The root owns everything that is shared and only routes. A screen owns its
//     keys and its picture; the list is the screen at the bottom and never closes.
//   - No I/O in Update, View or a constructor. What may block runs in a command
//     made by shared.ask; its answer comes back to the screen that asked, and is
//     dropped when that screen was closed or another account was opened since.
//   - A screen talks to the root by the action it returns in the same turn,
//     never by a message: two posted messages may swap.
//   - Keys are data. The KeyMap turns a key into a verb; the palette and the
//     mouse send the same verbs, and help is generated from the same table. A
//     screen says by offer which of its verbs do something now: no other is shown.
//   - Verbs and actions are requests; messages are facts, named in the past tense.
//   - Looks are one Styles value, made by a function of theme and background.
//   - A screen draws into the width × height it is given, and nothing beyond it.
//   - Text of the server or of a file goes through clean before it is drawn.
//
// Where things are: root*.go route, and do what screens ask for; shared.go is what they
// are all lent, backend.go what the program asks of its wiring. A screen's files begin
// with its name: its keys and answers in the first, its picture in *_view.go; list*.go
// are the home screen, over the todos in rows.go. keys*.go are the KeyMap, offer.go what
// its keys do just now. Screens are drawn with sheet.go or paint.go, in the inks of
// styles.go, counted by cells.go. accessible*.go are the same program as a conversation
// in lines.
package ui

import (
	"context"
	"io"

	tea "charm.land/bubbletea/v2"
)

// Run shows the program until it is left; the summary is the one line to print
// after the screen is restored, "" for none.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) (summary string, err error) {
	if o.Settings.Accessible || isDumb(o.Env) {
		return runAccessible(ctx, o, in, out)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := newRoot(ctx, o)
	if err != nil {
		return "", err
	}
	p := tea.NewProgram(r, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out),
		tea.WithEnvironment(o.Env), tea.WithFPS(120))
	r.shared.send = func(m tea.Msg) { go p.Send(m) }
	if !o.Welcome {
		r.begin() // while the terminal is made ready
	}
	_, err = p.Run()
	return r.leave(err)
}
