package auth_test

import (
	"os"
	"os/exec"
	"testing"
)

// roles are what this binary does as a process of its own, for the tests that
// need real ones.
var roles = map[string]func(){}

const roleVariable = "KINDLING_TEST_ROLE"

func TestMain(m *testing.M) {
	if play, ok := roles[os.Getenv(roleVariable)]; ok {
		play()
		os.Exit(0)
	}
	code := m.Run()
	if made, err := issuerWithAKey(); err == nil {
		_ = os.RemoveAll(made)
	}
	os.Exit(code)
}

// process is this binary in a role, not started yet.
func process(t *testing.T, role string, env ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), append(env, roleVariable+"="+role)...)
	return cmd
}

// needs skips loudly where a real part is missing.
func needs(t *testing.T, how string, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if os.Getenv("KINDLING_REQUIRE_REAL") == "1" {
			t.Fatalf("%s is missing: %s", p, how)
		}
		t.Skipf("SKIPPED, NOT TESTED: %s is missing: %s", p, how)
	}
}
