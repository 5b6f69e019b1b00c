package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"kindling/auth"
)

// These tests start a real Secret Service (gnome-keyring) on a session bus of
// its own, with a HOME of its own, and run this binary inside in a role.

const howToGetSecretService = "install gnome-keyring and dbus (dbus-run-session)"

// quietBus is a bus that starts no service by itself: a call that came before our
// keyring was ready would start another, locked one.
const quietBus = `<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`

// onBus runs this binary in a role after a shell command, on a session bus of its own.
func onBus(t *testing.T, home, role, before string) {
	t.Helper()
	onLinux(t)
	needs(t, howToGetSecretService, "dbus-run-session", "gnome-keyring-daemon")
	config := filepath.Join(t.TempDir(), "bus.conf")
	if err := os.WriteFile(config, []byte(quietBus), 0o600); err != nil {
		t.Fatal(err)
	}
	child := process(t, role)
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", "--config-file="+config, "--", "sh", "-c", before+` && exec "$0"`, child.Path)
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), roleVariable + "=" + role}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil || !strings.Contains(said.String(), "role done") {
		t.Errorf("%s: %v\n%s", role, err, said.String())
	}
}

const (
	unlocked = `printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null`
	locked   = `gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1`
)

func TestSecretServicePresentThenLocked(t *testing.T) {
	home := t.TempDir()
	onBus(t, home, "keyring present", unlocked)
	onBus(t, home, "keyring locked", locked)
}

func TestSecretServiceAbsent(t *testing.T) { onBus(t, t.TempDir(), "keyring absent", "true") }

// onLinux skips where the keyring is the system's own and no test may touch it.
func onLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the Secret Service is Linux's keyring")
	}
}

func TestSecretServiceWithoutABus(t *testing.T) {
	onLinux(t)
	for name, address := range map[string]string{"no address": "", "nobody there": "unix:path=" + filepath.Join(t.TempDir(), "bus")} {
		t.Run(name, func(t *testing.T) {
			if address == "" && os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
				if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
					t.Skip("this computer has a session bus at its usual place")
				}
			}
			child := process(t, "keyring absent", "DBUS_SESSION_BUS_ADDRESS="+address)
			said, err := child.CombinedOutput()
			if err != nil || !strings.Contains(string(said), "role done") {
				t.Errorf("%v\n%s", err, said)
			}
		})
	}
}

func init() {
	roles["keyring present"] = inRole(keyringPresent)
	roles["keyring locked"] = inRole(keyringLocked)
	roles["keyring absent"] = inRole(func() error { return keyringRefuses(auth.ErrNoKeyring, "KINDLING_KEYRING=file") })
	roles["keyring killed"] = func() { killedBetweenParts(os.Getenv("KILL_AT")) }
}

func inRole(play func() error) func() {
	return func() {
		if err := play(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("role done")
	}
}

func twelveKB(b byte) []byte { return bytes.Repeat([]byte{b}, 12_000) }

// keyringReady waits until the keyring has its name on the bus.
func keyringReady() error {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return err
	}
	defer bus.Close()
	for range 6000 { // a minute: only one that hangs takes it
		var there bool
		if err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&there); err != nil || there {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the keyring did not come")
}

func keyringLocked() error {
	if err := keyringReady(); err != nil {
		return err
	}
	if text, ok := auth.ReadUnlocked("kindling", "tokens/x"); ok {
		return fmt.Errorf("the short way read %q from a locked keyring", text)
	}
	return keyringRefuses(auth.ErrLocked, "unlock your keyring")
}

func keyringPresent() error {
	if err := keyringReady(); err != nil {
		return err
	}
	v := auth.NewOSVault("kindling")
	if err := auth.Probe(ctx, v); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if err := shortWay(v); err != nil {
		return err
	}
	if err := v.Set(ctx, "tokens/x", twelveKB('o')); err != nil {
		return fmt.Errorf("set 12 kB: %w", err)
	}
	for at := range 3 {
		if err := killWriter(at); err != nil {
			return err
		}
		if got, err := v.Get(ctx, "tokens/x"); err != nil || !bytes.Equal(got, twelveKB('o')) {
			return fmt.Errorf("after a writer was killed at part %d: %d bytes, %w", at, len(got), err)
		}
	}
	if err := v.Set(ctx, "tokens/x", twelveKB('n')); err != nil {
		return fmt.Errorf("set again: %w", err)
	}
	if got, err := v.Get(ctx, "tokens/x"); err != nil || !bytes.Equal(got, twelveKB('n')) {
		return fmt.Errorf("get again: %d bytes, %w", len(got), err)
	}
	if err := v.Delete(ctx, "tokens/x"); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return nothingLeft()
}

// shortWay wants the reader of unlocked items to tell what is there from what is not.
func shortWay(v auth.Vault) error {
	if err := v.Set(ctx, "short", []byte("value")); err != nil {
		return fmt.Errorf("set: %w", err)
	}
	long, err := keyring.Get("kindling", "short")
	if text, ok := auth.ReadUnlocked("kindling", "short"); err != nil || !ok || text != long || text == "" {
		return fmt.Errorf("the short way reads %q, %v instead of %q, %w", text, ok, long, err)
	}
	if text, ok := auth.ReadUnlocked("kindling", "absent"); ok {
		return fmt.Errorf("the short way found %q where nothing is", text)
	}
	return v.Delete(ctx, "short")
}

// nothingLeft looks for every item that the vault could have used.
func nothingLeft() error {
	ring := auth.SystemRing()
	names := []string{"tokens/x"}
	for slot := range 2 {
		for part := range 10 {
			names = append(names, fmt.Sprintf("tokens/x.%d.%d", slot, part))
		}
	}
	for _, name := range names {
		if _, err := ring.Get("kindling", name); !errors.Is(err, auth.ErrNoEntry) {
			return fmt.Errorf("%s is still there: %v", name, err)
		}
	}
	return nil
}

// killWriter lets another process die between two parts of a write.
func killWriter(at int) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), roleVariable+"=keyring killed", fmt.Sprintf("KILL_AT=%d", at))
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 9 {
		return fmt.Errorf("the writer was not killed: %w", err)
	}
	return nil
}

// dyingRing ends the process at its nth write.
type dyingRing struct {
	auth.Ring
	left int
}

func (r *dyingRing) Set(service, name, text string) error {
	if r.left--; r.left < 0 {
		os.Exit(9)
	}
	return r.Ring.Set(service, name, text)
}

func killedBetweenParts(at string) {
	var left int
	_, _ = fmt.Sscan(at, &left)
	_ = auth.NewRingVault(&dyingRing{auth.SystemRing(), left}, time.Second).Set(ctx, "tokens/x", twelveKB('k'))
}

func keyringRefuses(kind error, next string) error {
	v := auth.NewOSVault("kindling")
	_, got := v.Get(ctx, "tokens/x")
	for what, err := range map[string]error{"get": got, "set": v.Set(ctx, "tokens/x", []byte("y")), "probe": auth.Probe(ctx, v)} {
		if !errors.Is(err, kind) || !strings.Contains(err.Error(), next) || strings.Contains(err.Error(), "\n") {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}
