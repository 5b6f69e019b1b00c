package auth_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kindling/auth"
)

func TestHeadlessNamesTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		env    map[string]string
		system string
		files  []string
		want   string
	}{
		"a desktop":                 {map[string]string{"DISPLAY": ":0"}, "linux", nil, ""},
		"wayland":                   {map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, "linux", nil, ""},
		"nothing":                   {nil, "linux", nil, "no display"},
		"SSH":                       {map[string]string{"SSH_CONNECTION": "x", "DISPLAY": ":10"}, "linux", nil, "SSH"},
		"SSH to a Mac":              {map[string]string{"SSH_TTY": "x"}, "darwin", nil, "SSH"},
		"a Mac":                     {nil, "darwin", nil, ""},
		"Windows":                   {nil, "windows", nil, ""},
		"WSL":                       {map[string]string{"WSL_DISTRO_NAME": "Debian", "DISPLAY": ":0"}, "linux", nil, "WSL"},
		"docker":                    {nil, "linux", []string{"/.dockerenv"}, "container"},
		"podman":                    {nil, "linux", []string{"/run/.containerenv"}, "container"},
		"a container with a screen": {map[string]string{"DISPLAY": ":0"}, "linux", []string{"/.dockerenv"}, ""},
		"kubernetes":                {map[string]string{"KUBERNETES_SERVICE_HOST": "x"}, "linux", nil, "container"},
		"BROWSER wins":              {map[string]string{"SSH_CONNECTION": "x", "BROWSER": "x"}, "linux", nil, ""},
		"BSD":                       {nil, "freebsd", nil, "no display"},
	} {
		got := auth.HeadlessOn(func(n string) string { return c.env[n] }, c.system, func(p string) bool { return slices.Contains(c.files, p) })
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestChildrenDoNotGetOurSecrets(t *testing.T) {
	secret := []string{
		"KINDE_CLIENT_SECRET=x", "INSFORGE_JWT_SECRET=x", "JWT_SECRET=x", "KINDLING_KEYRING_PASSPHRASE=x", "KINDLING_TOKEN=x",
		"INSFORGE_API_KEY=x", "INSFORGE_ADMIN_KEY=x", "NEXT_PUBLIC_INSFORGE_ANON_KEY=x", "kinde_client_secret=x", "INSFORGE_ACCESS_TOKEN=x=y", "KINDE_MANAGEMENT_PASSWORD=x",
	}
	plain := []string{"PATH=/bin", "HOME=/home/a", "KINDLING_KEYRING=file", "KINDE_CLIENT_ID=x", "INSFORGE_URL=x", "GITHUB_TOKEN=theirs", "EMPTY=", "=odd"}
	if got := auth.CleanEnv(append(slices.Clone(secret), plain...)); !slices.Equal(got, plain) {
		t.Errorf("left: %v", got)
	}
}

// browserScript is a BROWSER that writes down how it was called, and stays open until
// its directory is removed; where that takes a minute, it writes down that it ended.
func browserScript(t *testing.T) (script, log string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the script is a shell script")
	}
	dir := t.TempDir()
	script, log = filepath.Join(dir, "my browser"), filepath.Join(dir, "log")
	text := "#!/bin/sh\necho noise; echo noise >&2\nopen=$(ls -l /proc/$$/fd/[012] 2>/dev/null)\n" +
		"{ echo \"$#:$1\"; env; echo \"$open\"; echo \"stat $(cat /proc/$$/stat 2>/dev/null)\"; } >\"" + log + ".new\"\nmv \"" + log + ".new\" \"" + log + "\"\n" +
		"n=0; while [ -e \"$0\" ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done\n[ -e \"$0\" ] && : >\"" + log + ".ended\"\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return script, log
}

func TestBrowserIsCalledWithTheURLAlone(t *testing.T) {
	script, log := browserScript(t)
	const url = "https://example.kinde.com/oauth2/auth?a=b&c=d e'f\"g$(h)"
	env := []string{"PATH=" + os.Getenv("PATH"), "KINDE_CLIENT_SECRET=hush", "SSH_CONNECTION=x"}
	if err := auth.OpenBrowser(url, script, env); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(log + ".ended"); err == nil {
		t.Error("it waited for the browser's end")
	}
	var said []byte
	for range 6000 { // a minute: only a browser that never comes takes it
		if said, _ = os.ReadFile(log); said != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.HasPrefix(string(said), "1:"+url+"\n") {
		t.Errorf("called with %q", said)
	}
	if strings.Contains(string(said), "hush") {
		t.Error("it got our secret")
	}
	sharesNothing(t, string(said))
}

// sharesNothing wants a program to have no stream and no session of ours: neither what
// it writes nor a key that ends us may pass from one to the other.
func sharesNothing(t *testing.T, said string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // only there a program can look at itself so
	}
	if strings.Count(said, "-> /dev/null\n") != 3 {
		t.Errorf("it has streams of ours:\n%s", said)
	}
	_, stat, _ := strings.Cut(said, "\nstat ")
	pid, _, _ := strings.Cut(stat, " ")
	_, rest, _ := strings.Cut(stat, ") ") // proc(5): state, parent, group, session
	if fields := strings.Fields(rest); len(fields) < 4 || fields[3] != pid {
		t.Errorf("it is in our session: %s", stat)
	}
}

func TestBrowserThatCannotBeStarted(t *testing.T) {
	env := []string{"PATH=/nowhere"}
	for name, err := range map[string]error{
		"no such program": auth.OpenBrowser("https://x", "/nowhere/browser", env),
		"over SSH":        auth.OpenBrowser("https://x", "", append(env, "SSH_CONNECTION=x")),
	} {
		if !errors.Is(err, auth.ErrNoBrowser) || !strings.Contains(err.Error(), "by hand") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, url := range []string{"", "file:///etc/passwd", "javascript:alert(1)", "-x", "kindling://x"} {
		if err := auth.OpenBrowser(url, "/bin/true", env); err == nil {
			t.Errorf("%q was opened", url)
		}
	}
}
