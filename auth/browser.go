package auth

import (
	"errors"
	"os/exec"
	"strings"
)

// OpenBrowser opens url with $BROWSER when browser is not "", else the system's
// way, without sharing our terminal and without waiting. ErrNoBrowser where none
// can be shown: SSH, containers, no display. env is the environment the browser
// gets, our secrets taken out.
func OpenBrowser(url, browser string, env []string) error {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return errors.New("open a browser: the address is not one of the web")
	}
	command := []string{browser, url}
	if browser == "" {
		var err error
		if command, err = systemBrowser(url, lookup(env)); err != nil {
			return err
		}
	}
	return startDetached(command, CleanEnv(env))
}

// startDetached runs a program that shares nothing with our terminal: no
// input or output, a session of its own, nobody waiting for it.
func startDetached(command, env []string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = env
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return problemf(ErrNoBrowser, "cannot start %s: open the address by hand, or set BROWSER to another command", plain(command[0]))
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

func noBrowser(why string) error {
	return problemf(ErrNoBrowser, "%v (%s): open the address by hand, or sign in by code", ErrNoBrowser, why)
}

// Headless says why no browser can be shown here ("SSH", "WSL", "container", "no
// display"), or "". A BROWSER that is set always wins.
func Headless(getenv func(string) string) string {
	return headless(getenv, thisSystem, exists)
}

func headless(getenv func(string) string, system string, exists func(string) bool) string {
	set := func(names ...string) bool {
		for _, n := range names {
			if getenv(n) != "" {
				return true
			}
		}
		return false
	}
	switch {
	case set("BROWSER"):
		return ""
	case set("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
		return "SSH"
	case system == "windows" || system == "darwin":
		return ""
	case set("WSL_DISTRO_NAME", "WSL_INTEROP"):
		return "WSL"
	case set("DISPLAY", "WAYLAND_DISPLAY"):
		return ""
	case set("container", "KUBERNETES_SERVICE_HOST", "CODESPACES", "REMOTE_CONTAINERS") || exists("/.dockerenv") || exists("/run/.containerenv"):
		return "container"
	}
	return "no display"
}

// secretWords mark the variables of ours that hold secrets.
var secretWords = []string{"SECRET", "TOKEN", "PASSPHRASE", "PASSWORD"}

// CleanEnv is env without our secrets: what a browser or an editor gets.
func CleanEnv(env []string) []string {
	clean := make([]string, 0, len(env))
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if !holdsSecret(strings.ToUpper(name)) {
			clean = append(clean, pair)
		}
	}
	return clean
}

func holdsSecret(name string) bool {
	ours := name == "JWT_SECRET"
	for _, owner := range []string{"KINDE", "INSFORGE", "KINDLING"} {
		ours = ours || strings.Contains(name, owner)
	}
	for _, word := range secretWords {
		if ours && strings.Contains(name, word) {
			return true
		}
	}
	return ours && strings.HasSuffix(name, "_KEY")
}

func lookup(env []string) func(string) string {
	return func(name string) string {
		value := ""
		for _, pair := range env {
			if n, v, _ := strings.Cut(pair, "="); n == name {
				value = v
			}
		}
		return value
	}
}
