//go:build !windows

package auth

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

const thisSystem = runtime.GOOS

// systemBrowser asks the desktop, and only where there is one: without a display
// xdg-open falls back to browsers that draw in our terminal.
func systemBrowser(url string, getenv func(string) string) ([]string, error) {
	why := Headless(getenv)
	switch {
	case why == "WSL":
		return firstOf(why, []string{"wslview", url})
	case why != "":
		return nil, noBrowser(why)
	case thisSystem == "darwin":
		return []string{"/usr/bin/open", url}, nil
	}
	return firstOf("no xdg-open", []string{"xdg-open", url}, []string{"gio", "open", url})
}

// firstOf is the first command that is installed.
func firstOf(why string, commands ...[]string) ([]string, error) {
	for _, c := range commands {
		if path, err := exec.LookPath(c[0]); err == nil {
			return append([]string{path}, c[1:]...), nil
		}
	}
	return nil, noBrowser(why)
}

func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
