package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"kindling/assets"
	"kindling/auth"
	"kindling/ui/cli/config"
)

// home makes an empty home and its environment.
func home(t *testing.T, vars map[string]string) (getenv func(string) string, toml string) {
	t.Helper()
	dir := t.TempDir()
	env := map[string]string{"XDG_CONFIG_HOME": dir, "XDG_DATA_HOME": dir, "XDG_STATE_HOME": dir}
	for k, v := range vars {
		env[k] = v
	}
	if err := os.MkdirAll(filepath.Join(dir, "kindling"), 0o700); err != nil {
		t.Fatal(err)
	}
	return func(name string) string { return env[name] }, filepath.Join(dir, "kindling", "config.toml")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestStrongestSourceWins(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), ".env.local")
	write(t, envFile, "KINDE_CLIENT_ID=from-file\nKINDE_AUDIENCE=from-file\nKINDLING_ACCOUNT=from-file\nKINDE_ORG_CODE=from-file\n")
	getenv, toml := home(t, map[string]string{
		"KINDE_AUDIENCE": "from-env", "KINDLING_ACCOUNT": "from-env", "KINDLING_ENV_FILE": envFile,
	})
	write(t, toml, "kinde_issuer_url='https://toml.kinde.com'\nkinde_client_id='toml'\nkinde_audience='toml'\naccount='toml'\nkinde_org_code='toml'\n")
	c, err := config.Load(config.Input{Getenv: getenv, Flags: map[string]string{"KINDLING_ACCOUNT": "from-flag"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ name, got, want, origin string }{
		{"KINDLING_ACCOUNT", c.Account, "from-flag", "a flag"},
		{"KINDE_AUDIENCE", c.Audience, "from-env", "the environment"},
		{"KINDE_CLIENT_ID", c.ClientID, "from-file", envFile},
		{"KINDE_ORG_CODE", c.OrgCode, "from-file", envFile},
		{"KINDE_ISSUER_URL", c.Issuer, "https://toml.kinde.com", toml},
		{"KINDE_REDIRECT_URL", c.RedirectURL, auth.DefaultRedirectURL, ""},
	} {
		if x.got != x.want || c.Origin(x.name) != x.origin {
			t.Errorf("%s = %q from %q, want %q from %q", x.name, x.got, c.Origin(x.name), x.want, x.origin)
		}
	}
}

func TestFlagBeatsNamedEnvFile(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	write(t, a, "KINDE_CLIENT_ID=a")
	write(t, b, "KINDE_CLIENT_ID=b")
	getenv, _ := home(t, map[string]string{"KINDLING_ENV_FILE": a})
	c, err := config.Load(config.Input{Getenv: getenv, EnvFile: b})
	if err != nil || c.ClientID != "b" {
		t.Fatalf("got %q, %v", c.ClientID, err)
	}
	if _, err := config.Load(config.Input{Getenv: getenv, EnvFile: b + "x"}); err == nil {
		t.Error("an env file that is not there was accepted")
	}
}

// The names that InsForge's guide for Kinde writes work as they are.
func TestGuideNames(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), ".env.local")
	write(t, envFile, `# Kinde
KINDE_CLIENT_ID=abc
KINDE_CLIENT_SECRET="s3cret"
KINDE_ISSUER_URL=https://me.kinde.com/
KINDE_SITE_URL=http://localhost:3000
KINDE_POST_LOGIN_REDIRECT_URL=http://localhost:3000
NEXT_PUBLIC_INSFORGE_URL=https://App.example.com:443/
NEXT_PUBLIC_INSFORGE_ANON_KEY=anon
INSFORGE_JWT_SECRET='a secret # with a hash and $'
`)
	getenv, _ := home(t, nil)
	c, err := config.Load(config.Input{Getenv: getenv, EnvFile: envFile})
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.ClientID, c.ClientSecret.Reveal(), c.Issuer, c.SiteURL, c.InsForgeURL, c.AnonKey, c.JWTSecret.Reveal(), c.CompanionURL}
	want := []string{"abc", "s3cret", "https://me.kinde.com", "http://localhost:3000", "https://app.example.com", "anon",
		"a secret # with a hash and $", "https://app.example.com/functions/kindling-token"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if !c.Configured() || !c.RedirectGuessed() || len(c.Missing()) != 0 {
		t.Error("the guide's settings should be enough, with a callback to register")
	}
}

func TestInsForgeNamesInOneLayer(t *testing.T) {
	getenv, _ := home(t, map[string]string{"INSFORGE_URL": "https://one.example", "NEXT_PUBLIC_INSFORGE_URL": "https://two.example"})
	c, err := config.Load(config.Input{Getenv: getenv})
	if err != nil || c.InsForgeURL != "https://one.example" {
		t.Errorf("got %q, %v", c.InsForgeURL, err)
	}
}

func TestAddresses(t *testing.T) {
	for _, x := range []struct {
		in       string
		insecure bool
		want     string // "" is an error
	}{
		{"https://a.example", false, "https://a.example"},
		{"HTTPS://A.Example:443//", false, "https://a.example"},
		{"https://a.example/base/", false, "https://a.example/base"},
		{"http://127.0.0.1:7130/", false, "http://127.0.0.1:7130"},
		{"http://localhost:80", false, "http://localhost"},
		{"http://[::1]:7130", false, "http://[::1]:7130"},
		{"http://10.0.0.1", false, ""},
		{"http://localhost.evil.example", false, ""},
		{"http://10.0.0.1", true, "http://10.0.0.1"},
		{"ftp://a.example", true, ""},
		{"a.example", false, ""},
		{"https://user:pw@a.example", false, ""},
		{"https://a.example/a%2Fb", false, "https://a.example/a%2Fb"},
		{"https://a.example?", false, "https://a.example"},
		{"https://:443", false, ""},
		{"https://a.example?x=1", false, ""},
		{"https://a.example#x", false, ""},
		{"https://%zz", false, ""},
	} {
		getenv, _ := home(t, map[string]string{"INSFORGE_URL": x.in})
		c, err := config.Load(config.Input{Getenv: getenv, InsecureHTTP: x.insecure})
		if (err != nil) != (x.want == "") || err == nil && c.InsForgeURL != x.want {
			t.Errorf("%q: got %q, %v; want %q", x.in, c.InsForgeURL, err, x.want)
		}
		if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("the error repeats a password: %v", err)
		}
		if err == nil && c.Insecure() != x.insecure {
			t.Errorf("%q: Insecure is %v", x.in, c.Insecure())
		}
	}
}

func TestRedirect(t *testing.T) {
	for in, ok := range map[string]bool{
		"http://127.0.0.1:9/callback": true, "http://localhost:9/cb": true,
		"http://[::1]:9/cb": true, "http://127.0.0.9:9/callback": false, "http://127.0.0.1/callback": false, "https://127.0.0.1:9/callback": false, "http://example.com:80/callback": false,
	} {
		getenv, _ := home(t, map[string]string{"KINDE_REDIRECT_URL": in})
		if _, err := config.Load(config.Input{Getenv: getenv}); (err == nil) != ok {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"account = 'a'\n\nacount = 'b'\n": `line 3: unknown setting "acount"`,
		"[ui]\ntheme = 'x'\ncolour = 1\n": `line 3: unknown setting "ui.colour"`,
		"account = \n":                    "line 1",
		"a = 1\na = 2":                    "line 2",
		"[ui]\nmouse = 'yes'":             "line 2",
		"keyring = 'plain'":               "use os, file or memory",
		"[ui]\nsort = 'size'":             "ui.sort",
	} {
		getenv, toml := home(t, nil)
		write(t, toml, text)
		_, err := config.Load(config.Input{Getenv: getenv})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: the error has more than one line: %v", text, err)
		}
	}
}

func TestSecretThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps no permission bits")
	}
	getenv, toml := home(t, nil)
	write(t, toml, "insforge_jwt_secret = 'x'")
	if err := os.Chmod(toml, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Input{Getenv: getenv})
	if err == nil || !strings.Contains(err.Error(), "chmod 600 "+toml) {
		t.Errorf("got %v", err)
	}
	write(t, toml, "account = 'x'") // no secret: its mode is nobody's business
	if _, err := config.Load(config.Input{Getenv: getenv}); err != nil {
		t.Error(err)
	}
}

func TestNoHome(t *testing.T) {
	_, err := config.Load(config.Input{Getenv: func(string) string { return "" }})
	if runtime.GOOS != "windows" && (err == nil || !strings.Contains(err.Error(), "set HOME")) {
		t.Errorf("got %v", err)
	}
}

// Every line of the example is a setting that the file may hold.
func TestExampleIsComplete(t *testing.T) {
	text := regexp.MustCompile(`(?m)^# ([a-z0-9_-]+ += )`).ReplaceAllString(assets.ConfigExample, "$1")
	text = strings.ReplaceAll(text, `= ""`, `= "x"`)
	text = strings.ReplaceAll(text, `keyring = "x"`, `keyring = "os"`)
	getenv, toml := home(t, nil)
	write(t, toml, text)
	c, err := config.Load(config.Input{Getenv: getenv})
	if err != nil {
		t.Fatal(err)
	}
	if c.ClientID != "x" || c.UI.Theme != "default" || len(c.UI.Keys["add"]) != 2 || len(c.UI.Filters) != 2 {
		t.Errorf("the example was not read whole: %+v", c)
	}
}
