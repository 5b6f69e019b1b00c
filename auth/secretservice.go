package auth

import (
	"runtime"

	"github.com/godbus/dbus/v5"
	ss "github.com/zalando/go-keyring/secret_service"
)

const (
	secrets         = "org.freedesktop.secrets"
	secretsPath     = "/org/freedesktop/secrets"
	loginCollection = secretsPath + "/collection/login"
)

// readUnlocked reads an item of the login collection while that is unlocked, in
// two round trips where the keyring library makes six: most commands wait for
// nothing longer than for this. Whatever is out of the ordinary is not ok, and
// left to the library, which can also ask a person to unlock.
func readUnlocked(service, name string) (text string, ok bool) {
	if runtime.GOOS != "linux" {
		return "", false
	}
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return "", false
	}
	defer bus.Close() // with its session; one left open is looked at whenever the program wakes
	found := bus.Object(secrets, loginCollection).Go("org.freedesktop.Secret.Collection.SearchItems", 0, nil,
		map[string]string{"username": name, "service": service})
	opened := bus.Object(secrets, secretsPath).Go("org.freedesktop.Secret.Service.OpenSession", 0, nil,
		"plain", dbus.MakeVariant(""))
	var items []dbus.ObjectPath
	var none dbus.Variant
	var session dbus.ObjectPath
	if (<-opened.Done).Store(&none, &session) != nil {
		return "", false
	}
	if (<-found.Done).Store(&items) != nil || len(items) == 0 {
		return "", false
	}
	var secret ss.Secret
	err = bus.Object(secrets, items[0]).Call("org.freedesktop.Secret.Item.GetSecret", 0, session).Store(&secret)
	return string(secret.Value), err == nil
}
