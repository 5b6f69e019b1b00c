package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"kindling/auth"
	"kindling/store"
)

// endless is a server that lets a person wait until they press ctrl+c.
type endless struct{ press context.CancelFunc }

// Token implements store.TokenSource.
func (e endless) Token(ctx context.Context, _ string) (string, error) {
	e.press()
	<-ctx.Done()
	return "", ctx.Err()
}

// Whoever ends the wait for the server has made the change: it is told as it is,
// and why it is not there yet.
func TestAChangeIsToldThoughItsWaitWasEnded(t *testing.T) {
	a, _ := newSignedIn(t, strings.NewReader("- [ ] from a file\n"))
	var ctx context.Context
	var press context.CancelFunc
	a.Connect = func(*auth.Session) store.TokenSource { return endless{press} }
	run := func(line ...string) string {
		t.Helper()
		var out, told bytes.Buffer
		a.Stdout, a.Stderr, a.flags.sync = &out, &told, "wait"
		ctx, press = context.WithCancel(t.Context())
		root := newRoot(a)
		a.addCommands(root)
		root.SetArgs(line)
		if err := root.ExecuteContext(ctx); err != nil {
			t.Errorf("%v: %v", line, err)
		}
		if !strings.Contains(told.String(), "waiting to be sent; the wait was ended") {
			t.Errorf("%v says %q", line, told.String())
		}
		return strings.TrimSpace(out.String())
	}
	id := run("add", "milk")
	if len(id) != 36 {
		t.Fatalf("add printed %q", id)
	}
	for _, x := range []struct{ line, want string }{
		{"edit " + id + " tea", " - tea  [waiting]"},
		{"done " + id, " x tea  [waiting]"},
		{"undo", ""},
		{"import --format md -", ""},
	} {
		if got := run(strings.Fields(x.line)...); !strings.HasSuffix(got, x.want) {
			t.Errorf("%s printed %q", x.line, got)
		}
	}
}
