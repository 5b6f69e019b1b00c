package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kindling/ui/cli/config"
)

func TestParseEnv(t *testing.T) {
	for _, x := range []struct {
		in   string
		want map[string]string // nil is an error
	}{
		{"", map[string]string{}},
		{"A=1", map[string]string{"A": "1"}},
		{"\ufeffA=1\r\nB=2\r\n", map[string]string{"A": "1", "B": "2"}},
		{"  export  A = 1 \n", map[string]string{"A": "1"}},
		{"export=1", map[string]string{"export": "1"}},
		{"# c\n\nA=b # c\nB=b#c", map[string]string{"A": "b", "B": "b#c"}},
		{"A=#all\nB=", map[string]string{"A": "", "B": ""}},
		{`A="x # y" # z`, map[string]string{"A": "x # y"}},
		{`A='\n$x' `, map[string]string{"A": `\n$x`}},
		{"A=`it's \"so\"`", map[string]string{"A": `it's "so"`}},
		{`A="1\n2\\n\"q\" \$x"`, map[string]string{"A": "1\n2\\n\"q\" $x"}},
		{"A=\"1\n2\"\nB=3", map[string]string{"A": "1\n2", "B": "3"}},
		{`A=a\$b`, map[string]string{"A": "a$b"}},
		{"A=b=c==", map[string]string{"A": "b=c=="}},
		{"A=1\nA=2", map[string]string{"A": "2"}},
		{"A", nil},
		{"A B=1", nil},
		{"=1", nil},
		{`A="1`, nil},
		{`A="1"2`, nil},
		{"A=\xff", nil},
	} {
		got, err := config.ParseEnv(x.in)
		if (err != nil) != (x.want == nil) || err == nil && !maps.Equal(got, x.want) {
			t.Errorf("%q: got %q, %v", x.in, got, err)
		}
	}
}

func TestParseEnvNamesTheLine(t *testing.T) {
	_, err := config.ParseEnv("A=\"1\n2\"\n\nsecret-without-a-name")
	if err == nil || !strings.Contains(err.Error(), "line 4") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "secret-without") {
		t.Error("the error repeats what may be a secret")
	}
}

func FuzzEnvFile(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='b'\n#c", "A=\"x\\\"", "A=`", "\ufeff=", "A=\"\n\"#", "A B"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := config.ParseEnv(text)
		if err != nil {
			return
		}
		for name, value := range vars {
			again, err := config.ParseEnv(name + "='" + value + "'\n")
			if err == nil && !strings.Contains(value, "'") && again[name] != value {
				t.Errorf("%q=%q was read back as %q", name, value, again[name])
			}
		}
	})
}

// The file of somebody's project must not name a program that is run here.
func TestEnvFileNamesNoProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env.local")
	if err := os.WriteFile(path, []byte("BROWSER=./evil.sh\nKINDE_CLIENT_ID=web\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HOME": t.TempDir(), "LOCALAPPDATA": t.TempDir()}
	for _, own := range []string{"", "firefox"} {
		env["BROWSER"] = own
		c, err := config.Load(config.Input{Getenv: func(name string) string { return env[name] }, EnvFile: path})
		if err != nil || c.Browser != own || c.ClientID != "web" {
			t.Errorf("%q: browser %q, client %q, %v", own, c.Browser, c.ClientID, err)
		}
	}
}
