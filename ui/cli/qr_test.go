package cli

import (
	"bufio"
	"context"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"kindling/auth/demoidp"
	"kindling/ui"
)

// pretendDevices is a pretend Kinde that gives codes, and the settings that name it.
func pretendDevices(t *testing.T) (env map[string]string) {
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	idp, err := demoidp.New(demoidp.Config{Issuer: issuer, Clients: []string{"test"}, DeviceClient: "device", Dir: t.TempDir(), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = idp
	server.Start()
	t.Cleanup(server.Close)
	return map[string]string{
		"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir(), "INSFORGE_URL": "http://127.0.0.1:1", "KINDE_ISSUER_URL": issuer,
		"KINDE_CLIENT_ID": "test", "KINDE_DEVICE_CLIENT_ID": "device", "KINDLING_KEYRING": "file", "KINDLING_KEYRING_PASSPHRASE": "a passphrase",
	}
}

// deviceLogin is what login --device says on a terminal of that width, to its last line.
func deviceLogin(t *testing.T, columns uint16) (said []string) {
	screen, tty, err := pty.Open()
	if err != nil {
		t.Skipf("SKIP: no pseudo-terminal here: %v", err)
	}
	defer screen.Close()
	defer tty.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 50, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); runIn(ctx, pretendDevices(t), tty, "login", "--device") }()
	defer func() { stop(); <-ended }()
	for lines := bufio.NewScanner(screen); lines.Scan(); {
		said = append(said, strings.TrimRight(lines.Text(), "\r"))
		if strings.Contains(lines.Text(), "ctrl+c cancels") {
			return said
		}
	}
	t.Fatalf("it ended with\n%s", strings.Join(said, "\n"))
	return nil
}

// A phone that points at a wide terminal reads the address that is printed above.
func TestDeviceLoginDrawsItsAddress(t *testing.T) {
	said := deviceLogin(t, 100)
	at := slices.IndexFunc(said, regexp.MustCompile(`^  http://\S+$`).MatchString)
	if at < 0 {
		t.Fatalf("no address in\n%s", strings.Join(said, "\n"))
	}
	want := ui.QRCode(strings.TrimSpace(said[at]), 98)
	first := slices.Index(said, "  "+want[0])
	if first < 0 || first+len(want) > len(said) {
		t.Fatalf("no code in\n%s", strings.Join(said, "\n"))
	}
	for i, line := range want {
		if said[first+i] != "  "+line {
			t.Errorf("line %d of the code is %q", i, said[first+i])
		}
	}
}

func TestDeviceLoginDrawsNothingWhereItDoesNotFit(t *testing.T) {
	if said := strings.Join(deviceLogin(t, 30), "\n"); strings.ContainsAny(said, "█▀▄") || !strings.Contains(said, "and enter the code") {
		t.Errorf("it says\n%s", said)
	}
}
