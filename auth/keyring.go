package auth

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"runtime"
	"strings"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// systemRing is the keyring of this computer: Secret Service, Keychain or
// Credential Manager.
type systemRing struct{}

func (systemRing) Get(service, name string) (string, error) {
	if err := sessionBus(); err != nil {
		return "", err
	}
	if text, ok := readUnlocked(service, name); ok {
		return text, nil
	}
	defer hangUp()
	text, err := keyring.Get(service, name)
	return text, keyringProblem(err)
}

func (systemRing) Set(service, name, text string) error {
	if err := sessionBus(); err != nil {
		return err
	}
	defer hangUp()
	return keyringProblem(keyring.Set(service, name, text))
}

func (systemRing) Delete(service, name string) error {
	if err := sessionBus(); err != nil {
		return err
	}
	defer hangUp()
	return keyringProblem(keyring.Delete(service, name))
}

// hangUp closes the library's connection to the bus, which it would keep for ever: an
// open one is looked at whenever the program wakes. Its next call makes another.
func hangUp() {
	if runtime.GOOS != "linux" {
		return
	}
	if bus, err := dbus.SessionBus(); err == nil {
		_ = bus.Close()
	}
}

// keyringProblem sorts what keyrings say into what a caller branches on.
func keyringProblem(err error) error {
	bus, onBus := errors.AsType[dbus.Error](err)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNoEntry
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return noKeyring("this system has none that Kindling knows")
	case mentions(bus.Name+" "+err.Error(), "unlock", "locked", "dismissed", "user interaction is not allowed"):
		return problemf(ErrLocked, "%v: unlock your keyring and try again (or set KINDLING_KEYRING=file)", ErrLocked)
	case onBus || mentions(err.Error(), "dbus", "session bus", "connect:", "connection", "executable file not found"):
		return noKeyring(plain(err.Error()))
	}
	return fmt.Errorf("the keyring failed (%s): try again, or set KINDLING_KEYRING=file", plain(err.Error()))
}

func mentions(text string, words ...string) bool {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func noKeyring(why string) error {
	return problemf(ErrNoKeyring, "%v (%s): set KINDLING_KEYRING=file and KINDLING_KEYRING_PASSPHRASE, or KINDLING_KEYRING=memory", ErrNoKeyring, why)
}

// sessionBus refuses where there is no bus to ask: the D-Bus library would
// start one at every call, and leave it behind.
func sessionBus() error {
	if runtime.GOOS != "linux" || os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return nil
	}
	if u, err := user.Current(); err == nil {
		for _, socket := range []string{"bus", "dbus-session"} {
			if _, err := os.Stat("/run/user/" + u.Uid + "/" + socket); err == nil {
				return nil
			}
		}
	}
	return noKeyring("no session bus")
}
