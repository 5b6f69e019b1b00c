package auth_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// dirVault is a vault of plain files, for processes that only have pretend tokens.
type dirVault string

func (v dirVault) Kind() string { return "file" }

func (v dirVault) path(name string) string {
	return filepath.Join(string(v), strings.ReplaceAll(name, "/", "-"))
}

func (v dirVault) Get(_ context.Context, name string) ([]byte, error) {
	text, err := os.ReadFile(v.path(name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, auth.ErrNoEntry
	}
	return text, err
}

func (v dirVault) Set(_ context.Context, name string, value []byte) error {
	fresh := fmt.Sprintf("%s.%d", v.path(name), os.Getpid())
	if err := os.WriteFile(fresh, value, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, v.path(name))
}

func (v dirVault) Delete(_ context.Context, name string) error {
	if err := os.Remove(v.path(name)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// dyingVault ends the process where it would write renewed tokens.
type dyingVault struct{ auth.Vault }

func (v dyingVault) Set(ctx context.Context, name string, value []byte) error {
	if strings.HasPrefix(name, "tokens/") {
		os.Exit(9)
	}
	return v.Vault.Set(ctx, name, value)
}

const (
	dirVariable    = "KINDLING_TEST_DIR"
	issuerVariable = "KINDLING_TEST_ISSUER"
)

func init() {
	roles["a command"] = func() { command(func(v auth.Vault) auth.Vault { return v }) }
	roles["a command that is killed"] = func() { command(func(v auth.Vault) auth.Vault { return dyingVault{v} }) }
}

// command is a process that needs a token, twenty hours after the sign-in.
func command(wrap func(auth.Vault) auth.Vault) {
	dir := os.Getenv(dirVariable)
	later := func() time.Time { return time.Now().Add(20 * time.Hour) }
	accounts := auth.OpenAccounts(dir, wrap(dirVault(dir)))
	accounts.SetClock(later, time.Sleep)
	client := auth.NewClient(auth.Config{Issuer: os.Getenv(issuerVariable), ClientID: browserClient})
	client.SetClock(later)
	all, _, err := accounts.List()
	if err != nil || len(all) != 1 {
		fmt.Println("list:", all, err)
		return
	}
	token, err := accounts.Session(all[0], client, project, &mint{}).KindeToken(ctx)
	fmt.Println("token", token.Reveal()[:min(8, len(token.Reveal()))], signInRequired(err), err)
}

// office is an issuer, and a directory that processes share.
func newOffice(t *testing.T, bend func(*demoidp.Config)) (w *world, dir string) {
	w = newWorld(t, func(i *demoidp.Config, _ *auth.Config) { bend(i) })
	dir = t.TempDir()
	accounts := auth.OpenAccounts(dir, dirVault(dir))
	w.keep(accounts, "alice")
	w.clock.Advance(20 * time.Hour)
	return w, dir
}

// TestTwentyProcessesExchangeOnce is what signed everybody out elsewhere: a rotating
// refresh token, an issuer that revokes the family on reuse, and many commands at once.
func TestTwentyProcessesExchangeOnce(t *testing.T) {
	w, dir := newOffice(t, func(i *demoidp.Config) { i.RevokeFamily = true })
	answers := make(chan string)
	for range 20 {
		go func() {
			said, err := process(t, "a command", dirVariable+"="+dir, issuerVariable+"="+w.server.URL).CombinedOutput()
			if err != nil {
				t.Errorf("%v: %s", err, said)
			}
			answers <- string(said)
		}()
	}
	first := <-answers
	for range 19 {
		if said := <-answers; said != first || !strings.Contains(said, "false <nil>") {
			t.Errorf("one said %q, another %q", first, said)
		}
	}
	asked := 0
	for _, c := range w.to(demoidp.TokenPath) {
		if c.form.Get("grant_type") == "refresh_token" {
			asked++
		}
	}
	if n := w.idp.Exchanges("refresh_token"); n != 1 || asked != 1 {
		t.Errorf("%d exchanges, %d requests", n, asked)
	}
}

// TestKilledBetweenExchangeAndSave: where the issuer forgives a repeat, nobody is
// signed out; where it revokes, a new sign-in is asked for. The account stays.
func TestKilledBetweenExchangeAndSave(t *testing.T) {
	for name, revokes := range map[string]bool{"an issuer that forgives": false, "an issuer that revokes": true} {
		t.Run(name, func(t *testing.T) {
			w, dir := newOffice(t, func(i *demoidp.Config) { i.RevokeFamily = revokes })
			env := []string{dirVariable + "=" + dir, issuerVariable + "=" + w.server.URL}
			for range 2 {
				killed := process(t, "a command that is killed", env...)
				if said, err := killed.CombinedOutput(); !revokes && killed.ProcessState.ExitCode() != 9 {
					t.Errorf("it was not killed: %v %s", err, said)
				}
			}
			said, err := process(t, "a command", env...).CombinedOutput()
			if err != nil || strings.Contains(string(said), "true") != revokes {
				t.Errorf("afterwards: %v %s", err, said)
			}
			if all, _, err := auth.OpenAccounts(dir, dirVault(dir)).List(); err != nil || len(all) != 1 {
				t.Errorf("accounts: %v %v", all, err)
			}
		})
	}
}

// TestTwentyProcessesWithKills: some of them die at any moment, as with kill -9. The
// others go on: no lock stays, no vault is torn, nobody is signed out by an issuer
// that forgives what a killed process did not keep.
func TestTwentyProcessesWithKills(t *testing.T) {
	w, dir := newOffice(t, func(*demoidp.Config) {})
	env := []string{dirVariable + "=" + dir, issuerVariable + "=" + w.server.URL}
	w.instead(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.TokenPath {
			time.Sleep(20 * time.Millisecond) // the killers find somebody in the middle
		}
		return false
	})
	var all sync.WaitGroup
	killed := make(chan bool, 20)
	for i := range 20 {
		all.Go(func() {
			p := process(t, "a command", env...)
			var said bytes.Buffer
			p.Stdout = &said
			if err := p.Start(); err != nil {
				t.Error(err)
				return
			}
			if i%2 == 0 {
				time.Sleep(time.Duration(rand.IntN(150)) * time.Millisecond)
				_ = p.Process.Kill()
			}
			err := p.Wait()
			killed <- err != nil && i%2 == 0
			if i%2 == 1 && (err != nil || !strings.Contains(said.String(), "false <nil>")) {
				t.Errorf("a process that was let live: %v %s", err, said.String())
			}
		})
	}
	all.Wait()
	close(killed)
	dead := 0
	for k := range killed {
		if k {
			dead++
		}
	}
	if dead == 0 {
		t.Error("nobody was killed")
	}
	if said, err := process(t, "a command", env...).CombinedOutput(); err != nil || !strings.Contains(string(said), "false <nil>") {
		t.Errorf("afterwards: %v %s", err, said)
	}
}
