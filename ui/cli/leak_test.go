package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kindling/auth"
	"kindling/auth/demoidp"
	"kindling/ui/cli"
)

// TestNoSecretLeavesTheProgram lives a whole life with the program itself, at the
// highest log level and among servers that repeat in their refusals what they
// were sent, and then looks for every secret in every byte that came out: files,
// streams, and the arguments and environment of each child. State and nonce are
// not looked for: they stand in the address.
func TestNoSecretLeavesTheProgram(t *testing.T) {
	l := newLife(t)
	l.browserLogin("--account", "alice")
	l.run("accounts", "--json")
	l.deviceLogin("--account", "bob")
	l.run("switch", "alice")
	l.changeTodos()
	l.edit()
	l.beRefused()
	l.ownCompanion()
	l.develop()
	l.open()
	l.pasteLogin("--account", "alice", "--as-other")
	keys := l.cacheKeys()
	l.run("status")
	l.run("logout", "--all", "--force")
	l.run("logout", "--purge", "--force")

	if found := l.leaks(keys...); len(found) > 0 {
		t.Errorf("written somewhere: %s", strings.Join(found, ", "))
	}
	for _, child := range []string{"browser.", "editor."} {
		if !l.heard(filepath.Join(l.dir, "spied", child)) {
			t.Errorf("no %s was ever started: the test does not test it", child)
		}
	}
	for _, kind := range []string{"code", "code_verifier", "access_token", "refresh_token", "id_token", "device_code", "bearer", "renewal"} {
		if !l.has(kind) {
			t.Errorf("no %s was ever sent: the test does not test it", kind)
		}
	}
	l.run("add", "my secret is "+l.secret("INSFORGE_JWT_SECRET")) // arguments can be seen by everybody: the search can find
	if found := l.leaks(); !slices.Equal(found, []string{"INSFORGE_JWT_SECRET"}) {
		t.Errorf("a secret in an argument: found %v", found)
	}
}

// The search itself sees a secret in any of its dresses.
func TestLeaksAreFound(t *testing.T) {
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrcF8xIn0.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
	const key = "\x00\x9f key of a cache, 32 bytes \xff."
	secrets := map[string]string{"token": token, "key": key}
	for said, want := range map[string]string{
		"time=1 msg=sent token=" + token:                                                                       "token",
		"Bearer ..c2lnbmF0dXJlLW9mLWEtdG9rZW4":                                                                 "token",
		"?key=" + url.QueryEscape(key):                                                                         "key",
		"hexkey='" + hex.EncodeToString([]byte(key)) + "'":                                                     "key",
		strings.ToUpper(hex.EncodeToString([]byte(key))):                                                       "key",
		`{"v":"` + base64.StdEncoding.EncodeToString([]byte("ab"+key+"c")) + `"}`:                              "key",
		`{"v":"` + base64.RawURLEncoding.EncodeToString([]byte("a"+key)) + `"}`:                                "key",
		"SQLite" + key + "page":                                                                                "key",
		"another person's eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrcF8yIn0.YW5vdGhlcg in a line":                       "a JWT",
		"AGE-SECRET-KEY-1QQPQ":                                                                                 "a vault's key",
		"state=c3RhdGU and nonce, alice@example.com, " + base64.StdEncoding.EncodeToString([]byte("harmless")): "",
	} {
		if got := strings.Join(search([]byte(said), secrets), ", "); got != want {
			t.Errorf("%q: found %q, want %q", said, got, want)
		}
	}
}

var (
	anyJWT    = regexp.MustCompile(`eyJ[\w-]{8,}\.eyJ[\w-]{8,}`)
	anyAgeKey = regexp.MustCompile(`AGE-SECRET-KEY-1`)
)

// search names the secrets that stand in a text, in whatever dress, and what
// looks like a secret of any other run.
func search(said []byte, secrets map[string]string) (found []string) {
	for name, secret := range secrets {
		if slices.ContainsFunc(dresses(secret), func(d string) bool { return bytes.Contains(said, []byte(d)) }) {
			found = append(found, name)
		}
	}
	if len(found) == 0 && anyJWT.Match(said) {
		found = append(found, "a JWT")
	}
	if anyAgeKey.Match(said) {
		found = append(found, "a vault's key")
	}
	slices.Sort(found)
	return found
}

// dresses are the ways in which a secret may be written. A JWT is text of its
// own already, and its signature makes the rest of it good.
func dresses(secret string) []string {
	raw := []byte(secret)
	if parts := strings.Split(secret, "."); len(parts) == 3 {
		return slices.DeleteFunc([]string{secret, parts[2]}, func(d string) bool { return d == "" })
	}
	all := []string{secret, url.QueryEscape(secret), hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw))}
	for skip := range 3 { // wherever it stands in a longer text
		whole := raw[skip : skip+(len(raw)-skip)/3*3]
		all = append(all, base64.RawStdEncoding.EncodeToString(whole), base64.RawURLEncoding.EncodeToString(whole))
	}
	return slices.Compact(all)
}

func (l *life) browserLogin(args ...string) {
	s := l.start(append([]string{"login"}, args...)...)
	back, err := demoidp.Choose(l.Context(), http.DefaultClient, l.opened(), "alice")
	l.must(err)
	visit, err := http.Get(back)
	l.must(err)
	page, err := io.ReadAll(visit.Body)
	l.must(err)
	_ = visit.Body.Close()
	l.say(string(page), fmt.Sprint(visit.Header))
	s.ends()
}

// opened is the address that the browser was given.
func (l *life) opened() string {
	at := filepath.Join(l.dir, "spied", "url")
	var address []byte
	cli.Eventually(l, "the opening of a browser", func() bool {
		var err error
		address, err = os.ReadFile(at)
		return err == nil
	})
	l.must(os.Remove(at))
	return string(address)
}

func (l *life) deviceLogin(args ...string) {
	s := l.start(append([]string{"login", "--device"}, args...)...)
	code := s.sees(`enter the code (\w+)`)
	page, err := http.PostForm(l.issuer+demoidp.VerifyPath, url.Values{"user_code": {code}, "who": {"bob"}})
	l.must(err)
	_ = page.Body.Close()
	s.ends()
}

// pasteLogin is a sign-in on another computer's browser, by a person who also
// types the vault's passphrase.
func (l *life) pasteLogin(args ...string) {
	env := l.env
	l.env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, "KINDLING_KEYRING_PASSPHRASE=") })
	s := l.onTerminal(append([]string{"login", "--no-browser"}, args...)...)
	l.env = env
	s.sees("Passphrase of Kindling's vault: ")
	s.types(l.secret("KINDLING_KEYRING_PASSPHRASE") + "\n")
	s.sees("paste its address here")
	back, err := demoidp.Choose(l.Context(), http.DefaultClient, s.sees(`(http://\S+/oauth2/auth\S+)`), "alice")
	l.must(err)
	s.types(strings.Replace(back, "state=", "state=x", 1) + "\n")
	s.sees("paste the whole address")
	s.types(back + "\n")
	s.ends()
}

func (l *life) changeTodos() {
	list := filepath.Join(l.T.TempDir(), "list.txt")
	l.must(os.WriteFile(list, []byte("(A) imported +home\nx done\n"), 0o600))
	l.works("add", "water the plants")
	l.works("import", list)
	l.works("ls", "--json")
	l.works("undo")
	l.works("redo")
	l.works("sync")
	l.works("export")
	l.works("export", filepath.Join(l.dir, "all.json"))
	l.works("status")
	l.works("status", "--json")
	l.works("whoami")
	l.run("doctor")
	l.run("doctor", "--json")
	l.works("isolation", "--as", "alice", "--other", "bob", "--plant", "--json")
}

func (l *life) edit() {
	var todos []struct{ ID, Title string }
	l.must(json.Unmarshal([]byte(l.works("ls", "--json", "water")), &todos))
	s := l.onTerminal("edit", todos[0].ID)
	s.ends()
	if !strings.Contains(s.out.String(), "edited") {
		l.Errorf("the editor's text was not taken: %s", s.out.String())
	}
}

// beRefused meets 401s and refusals that repeat what was sent, some of them once.
func (l *life) beRefused() {
	for _, n := range []int32{1, 3, 1000} {
		for _, args := range [][]string{{"sync"}, {"add", "while refused"}, {"doctor"}, {"status"}, {"isolation", "--other", "bob"}, {"schema", "--check"}} {
			l.refuse.Store(n)
			l.run(args...)
		}
	}
	l.refuse.Store(1000)
	l.confuse.Store(1000)
	l.run("sync")
	l.run("login", "--device")
	s := l.start("login")
	if back, err := demoidp.Choose(l.Context(), http.DefaultClient, l.opened(), "alice"); err == nil {
		if visit, err := http.Get(back); err == nil {
			_ = visit.Body.Close()
		}
	}
	_ = s.cmd.Wait()
	l.say(s.out.String())
	l.refuse.Store(0)
	l.confuse.Store(0)
	l.works("sync")
}

// ownCompanion uses one that runs as a process, and sends it what it refuses.
func (l *life) ownCompanion() {
	env := l.env
	l.env = append(slices.Clone(env), "INSFORGE_JWT_SECRET="+l.secret("INSFORGE_JWT_SECRET"))
	c := l.start("companion", "--addr", "127.0.0.1:0")
	at := c.sees(`listens on (http://\S+)`)
	l.env = append(slices.Clone(env), "KINDLING_COMPANION_URL="+at)
	l.refuse.Store(1)
	l.works("sync")
	for _, secret := range l.bearers() {
		req, err := http.NewRequestWithContext(l.Context(), http.MethodPost, at, strings.NewReader(secret))
		l.must(err)
		req.Header.Set("Authorization", "Bearer "+secret+"x")
		answer, err := http.DefaultClient.Do(req)
		l.must(err)
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		l.say(string(text))
	}
	l.env = env
	l.must(c.cmd.Process.Signal(os.Interrupt))
	c.ends()
}

func (l *life) bearers() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, secret := range l.known {
		if strings.HasPrefix(name, "bearer ") && len(all) < 5 {
			all = append(all, secret)
		}
	}
	return all
}

// develop signs here, with the secret that opens everything.
func (l *life) develop() {
	env := l.env
	l.env = append(slices.Clone(env), "INSFORGE_JWT_SECRET="+l.secret("INSFORGE_JWT_SECRET"))
	l.works("isolation", "--mint", "--json")
	l.works("sync")
	l.works("status")
	l.run("doctor")
	l.browserLogin("--account", "alice")
	l.env = slices.DeleteFunc(l.env, func(v string) bool { return strings.HasPrefix(v, "KINDE_CLIENT_SECRET=") }) // which setup keeps, for its owner alone
	l.run("setup")
	l.env = env
}

// open opens the program itself, for a moment.
func (l *life) open() {
	s := l.onTerminal()
	s.sees("alice")
	s.sees("synced")
	s.types("q")
	s.ends()
}

// cacheKeys reads the keys that the caches are encrypted with.
func (l *life) cacheKeys() (keys []string) {
	data := filepath.Join(l.dir, ".local", "share", "kindling")
	if runtime.GOOS == "darwin" {
		data = filepath.Join(l.dir, "Library", "Application Support", "kindling")
	}
	vault := auth.NewFileVault(filepath.Join(data, "vault.age"), auth.NewSecret(l.secret("KINDLING_KEYRING_PASSPHRASE")))
	accounts := auth.OpenAccounts(filepath.Join(data, "accounts"), vault)
	all, _, err := accounts.List()
	l.must(err)
	for _, acc := range all {
		key, err := accounts.CacheKey(l.Context(), acc, l.project.URL, false)
		l.must(err)
		keys = append(keys, string(key))
	}
	if len(keys) != 2 {
		l.Fatalf("%d cache keys", len(keys))
	}
	return keys
}
