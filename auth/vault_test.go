package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"kindling/auth"
)

var ctx = context.Background()

// pretendRing is a keyring with the limits of the strictest systems, that can
// stop working after some writes, as when the process is killed.
type pretendRing struct {
	mu     sync.Mutex
	items  map[string]string
	left   int // changes until it stops; negative: never
	answer func() error
}

func newPretendRing() *pretendRing { return &pretendRing{items: map[string]string{}, left: -1} }

var errKilled = errors.New("killed")

func (r *pretendRing) change(edit func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left == 0 {
		return errKilled
	}
	r.left--
	edit()
	return nil
}

func (r *pretendRing) Get(_, name string) (string, error) {
	if r.answer != nil {
		return "", r.answer()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	text, ok := r.items[name]
	if !ok {
		return "", auth.ErrNoEntry
	}
	return text, nil
}

func (r *pretendRing) Set(service, name, text string) error {
	inBase64 := (len(text) + 2) / 3 * 4
	if macCommand := len("add-generic-password -U -s '' -a '' -w 'go-keyring-base64:'\n") + len(service) + len(name) + inBase64; macCommand > 4096 {
		return fmt.Errorf("macOS: a command of %d bytes", macCommand)
	}
	if len(text) > 2560 {
		return fmt.Errorf("Windows: %d bytes", len(text))
	}
	return r.change(func() { r.items[name] = text })
}

func (r *pretendRing) Delete(_, name string) error {
	if _, err := r.Get("", name); err != nil {
		return err
	}
	return r.change(func() { delete(r.items, name) })
}

func (r *pretendRing) names() []string {
	var names []string
	for n := range r.items {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// eachVault runs a test on every kind of vault, the OS one on the library's own mock.
func eachVault(t *testing.T, test func(t *testing.T, v auth.Vault)) {
	t.Run("memory", func(t *testing.T) { test(t, auth.NewMemoryVault()) })
	t.Run("file", func(t *testing.T) {
		test(t, auth.NewFileVault(filepath.Join(t.TempDir(), "vault.age"), auth.NewSecret("passphrase")))
	})
	t.Run("os", func(t *testing.T) {
		keyring.MockInit()
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/pretend")
		test(t, auth.NewOSVault("kindling"))
	})
	t.Run("ring", func(t *testing.T) { test(t, auth.NewRingVault(newPretendRing(), time.Second)) })
}

func TestVaultKeepsWhatItIsGiven(t *testing.T) {
	eachVault(t, func(t *testing.T, v auth.Vault) {
		if _, err := v.Get(ctx, "tokens/x"); !errors.Is(err, auth.ErrNoEntry) {
			t.Errorf("an absent entry: %v", err)
		}
		for _, size := range []int{0, 1, 32, 1700, 1800, 1801, 12_000, 1301, 5000, 9} {
			want := bytes.Repeat([]byte{0, 'k', 0xff, '\n'}, size/4+1)[:size]
			if err := v.Set(ctx, "tokens/x", want); err != nil {
				t.Fatalf("set %d bytes: %v", size, err)
			}
			if got, err := v.Get(ctx, "tokens/x"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("get %d bytes: %d bytes, %v", size, len(got), err)
			}
		}
		for range 2 {
			if err := v.Delete(ctx, "tokens/x"); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
		if _, err := v.Get(ctx, "tokens/x"); !errors.Is(err, auth.ErrNoEntry) {
			t.Errorf("a deleted entry: %v", err)
		}
		if err := auth.Probe(ctx, v); err != nil {
			t.Errorf("probe: %v", err)
		}
	})
}

func TestOSVaultStaysInsideTheItemSizes(t *testing.T) {
	ring := newPretendRing() // refuses what Windows and macOS refuse
	v := auth.NewRingVault(ring, time.Second)
	for size := range 8000 {
		if size > 2000 && size%37 != 0 {
			continue
		}
		if err := v.Set(ctx, "tokens/0123456789abcdef0123456789abcdef", bytes.Repeat([]byte{0xfe}, size)); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		for name, text := range ring.items {
			if len(text) > auth.MaxItem {
				t.Fatalf("%d bytes: item %s has %d characters", size, name, len(text))
			}
		}
	}
}

// TestOSVaultSurvivesBeingKilled kills a write after each of its changes: then the old
// value or the new one is there, the next write works, and a delete leaves nothing.
func TestOSVaultSurvivesBeingKilled(t *testing.T) {
	long := func(b byte) []byte { return bytes.Repeat([]byte{b}, 12_000) }
	short := func(b byte) []byte { return []byte{b} }
	for _, c := range []struct {
		name     string
		old, new []byte
	}{
		{"long over long", long('o'), long('n')}, {"short over long", long('o'), short('n')},
		{"long over short", short('o'), long('n')}, {"fewer parts", long('o'), long('n')[:4000]},
	} {
		t.Run(c.name, func(t *testing.T) {
			for killedAt := 0; ; killedAt++ {
				ring := newPretendRing()
				v := auth.NewRingVault(ring, time.Second)
				if err := v.Set(ctx, "x", c.old); err != nil {
					t.Fatal(err)
				}
				ring.left = killedAt
				failed := v.Set(ctx, "x", c.new)
				ring.left = -1
				if got, err := v.Get(ctx, "x"); err != nil || !bytes.Equal(got, c.old) && !bytes.Equal(got, c.new) {
					t.Fatalf("killed at %d: %d bytes, %v", killedAt, len(got), err)
				}
				if err := v.Set(ctx, "x", c.old); err != nil {
					t.Fatalf("killed at %d, then set: %v", killedAt, err)
				}
				if got, err := v.Get(ctx, "x"); err != nil || !bytes.Equal(got, c.old) {
					t.Fatalf("killed at %d, then set and get: %d bytes, %v", killedAt, len(got), err)
				}
				if err := v.Delete(ctx, "x"); err != nil || len(ring.items) > 0 {
					t.Fatalf("killed at %d: after delete: %v, %v", killedAt, ring.names(), err)
				}
				if failed == nil {
					return
				}
			}
		})
	}
}

func TestOSVaultDeletesAllPartsAlsoWhenKilledWhileDeleting(t *testing.T) {
	for killedAt := range 8 {
		ring := newPretendRing()
		v := auth.NewRingVault(ring, time.Second)
		if err := v.Set(ctx, "x", make([]byte, 12_000)); err != nil {
			t.Fatal(err)
		}
		ring.left = killedAt
		if err := v.Delete(ctx, "x"); err == nil {
			t.Fatalf("killed at %d, and delete says it is done", killedAt)
		}
		ring.left = -1
		if err := v.Delete(ctx, "x"); err != nil || len(ring.items) > 0 {
			t.Errorf("killed at %d, deleted again: %v, %v", killedAt, ring.names(), err)
		}
	}
}

func TestOSVaultLeavesNoOldParts(t *testing.T) {
	ring := newPretendRing()
	v := auth.NewRingVault(ring, time.Second)
	for _, c := range []struct{ size, items int }{{12_000, 8}, {4000, 4}, {10, 1}, {5000, 4}, {5000, 4}} {
		if err := v.Set(ctx, "x", make([]byte, c.size)); err != nil {
			t.Fatal(err)
		}
		if len(ring.items) != c.items {
			t.Errorf("%d bytes lie in %v", c.size, ring.names())
		}
	}
	for i := range 6 { // what a longer write left that was killed before its manifest
		ring.items[fmt.Sprintf("x.0.%d", i)], ring.items[fmt.Sprintf("x.1.%d", i)] = "old", "old"
	}
	if err := v.Set(ctx, "x", make([]byte, 4000)); err != nil || len(ring.items) != 4 {
		t.Errorf("after a killed write %v lie there, %v", ring.names(), err)
	}
}

func TestOSVaultTellsDamageFromAValue(t *testing.T) {
	for name, damage := range map[string]func(*pretendRing){
		"no JSON":        func(r *pretendRing) { r.items["x"] = "?" },
		"too many parts": func(r *pretendRing) { r.items["x"] = `{"g":1,"n":100000}` },
		"a part is gone": func(r *pretendRing) { delete(r.items, "x.1.1") },
		"another part":   func(r *pretendRing) { r.items["x.1.1"] = r.items["x.1.0"] },
		"not base64":     func(r *pretendRing) { r.items["x.1.0"] = "?" },
	} {
		t.Run(name, func(t *testing.T) {
			ring := newPretendRing()
			v := auth.NewRingVault(ring, time.Second)
			value := make([]byte, 6000)
			for i := range value {
				value[i] = byte(i / 7)
			}
			if err := v.Set(ctx, "x", value); err != nil {
				t.Fatal(err)
			}
			damage(ring)
			if _, err := v.Get(ctx, "x"); !errors.Is(err, auth.ErrNoEntry) || !strings.Contains(err.Error(), "damaged") {
				t.Errorf("get: %v", err)
			}
			if err := v.Set(ctx, "x", value); err != nil {
				t.Errorf("set: %v", err)
			}
			if got, err := v.Get(ctx, "x"); err != nil || !bytes.Equal(got, value) {
				t.Errorf("after set: %v", err)
			}
		})
	}
}

func TestOSVaultGivesUpOnAKeyringThatWaits(t *testing.T) {
	ring, prompt := newPretendRing(), make(chan struct{})
	ring.answer = func() error { <-prompt; return auth.ErrNoEntry }
	v := auth.NewRingVault(ring, 20*time.Millisecond)
	_, err := v.Get(ctx, "x")
	if !errors.Is(err, auth.ErrLocked) || !strings.Contains(err.Error(), "unlock your keyring") {
		t.Errorf("get: %v", err)
	}
	if err := v.Set(ctx, "x", []byte("late")); !errors.Is(err, auth.ErrLocked) {
		t.Errorf("set behind it: %v", err)
	}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if _, err := v.Get(stopped, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	close(prompt)
}

func TestOSVaultSurvivesALibraryThatPanics(t *testing.T) {
	ring := newPretendRing()
	ring.answer = func() error { panic("the bus went away") }
	if _, err := auth.NewRingVault(ring, time.Second).Get(ctx, "x"); !errors.Is(err, auth.ErrNoKeyring) {
		t.Errorf("get: %v", err)
	}
}

func TestKeyringErrorsNameTheNextStep(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/pretend")
	for text, kind := range map[string]error{
		"failed to unlock correct collection '/x'":                                    auth.ErrLocked,
		"Cannot create an item in a locked collection":                                auth.ErrLocked,
		"security: User interaction is not allowed.":                                  auth.ErrLocked,
		"dial unix /run/user/0/bus: connect: connection refused":                      auth.ErrNoKeyring,
		"dbus: couldn't determine address of session bus":                             auth.ErrNoKeyring,
		`exec: "dbus-launch": executable file not found in $PATH`:                     auth.ErrNoKeyring,
		"something else, on a line of its own\nand with an \x1b[31mescape\x1b[0m too": nil,
	} {
		keyring.MockInitWithError(errors.New(text))
		err := auth.Probe(ctx, auth.NewOSVault("kindling"))
		if err == nil || kind != nil && !errors.Is(err, kind) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") || !strings.Contains(err.Error(), "KINDLING_KEYRING=") {
			t.Errorf("%s: %q", text, err)
		}
	}
	keyring.MockInit()
}
