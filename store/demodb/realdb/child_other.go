//go:build !linux

package realdb

import "os/exec"

func runAs(*exec.Cmd, int, int) {} // PostgreSQL says itself that root may not run it

func dieWithParent(*exec.Cmd) {}
