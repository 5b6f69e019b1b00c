package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kindling/auth"
	"kindling/store"
)

// countingVault notes what is read of a vault.
type countingVault struct {
	auth.Vault
	read []string
}

func (v *countingVault) Get(ctx context.Context, name string) ([]byte, error) {
	v.read = append(v.read, name)
	return v.Vault.Get(ctx, name)
}

// The program's first rows, and a command that stays local, read the cache's key
// and no token.
func TestFirstRowsReadNoToken(t *testing.T) {
	a, acc := newSignedIn(t, strings.NewReader(""))
	if err := addBeside(a, acc, "a todo"); err != nil {
		t.Fatal(err)
	}
	real, err := a.vault()
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []syncMode{"", "no"} {
		v := &countingVault{Vault: real}
		a.vault = func() (auth.Vault, error) { return v, nil }
		a.flags.sync = mode
		b := &backend{app: a}
		todos, err := b.Open(t.Context(), "me")
		if err != nil {
			t.Fatal(err)
		}
		rows, err1 := todos.Window(t.Context(), 10)
		_, err2 := todos.Status(t.Context())
		_, _, err3 := b.Accounts(t.Context())
		if len(rows) != 1 || err1 != nil || err2 != nil || err3 != nil {
			t.Fatalf("%v, %v, %v, %v", rows, err1, err2, err3)
		}
		if len(v.read) != 1 || slices.ContainsFunc(v.read, func(name string) bool { return strings.Contains(name, "token") }) {
			t.Errorf("--sync=%s: read %q of the vault, want the cache's key alone", mode, v.read)
		}
		if err := todos.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What programs read is printed while it is read: it begins to arrive long before
// the last todo was read, and nothing is kept.
func TestListsForProgramsStream(t *testing.T) {
	const many = 20_000
	for _, format := range []string{"json", "ndjson", "plain"} {
		var out bytes.Buffer
		a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Stdout: &out})
		a.flags.json, a.flags.ndjson, a.flags.plain = format == "json", format == "ndjson", format == "plain"
		atHalf := 0
		err := a.printStream(func(yield func(store.Item, error) bool) {
			for i := range many {
				if i == many/2 {
					atHalf = out.Len()
				}
				if !yield(store.Item{Todo: store.Todo{Title: fmt.Sprint("todo ", i), Created: store.NoInstant}}, nil) {
					return
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if whole := out.Len(); atHalf < whole/3 {
			t.Errorf("--%s: %d of %d bytes were out when half the todos were read", format, atHalf, whole)
		}
	}
}
