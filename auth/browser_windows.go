package auth

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const thisSystem = "windows"

func systemBrowser(url string, getenv func(string) string) ([]string, error) {
	if why := Headless(getenv); why != "" {
		return nil, noBrowser(why)
	}
	return []string{filepath.Join(getenv("SystemRoot"), "System32", "rundll32.exe"), "url.dll,FileProtocolHandler", url}, nil
}

const detachedProcess = 0x00000008

func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess} }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
