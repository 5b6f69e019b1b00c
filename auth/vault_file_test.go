package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"kindling/auth"
)

func TestFileVaultIsEncryptedPrivateAndWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deeper", "vault.age")
	v := auth.NewFileVault(path, auth.NewSecret("correct horse"))
	if err := v.Set(ctx, "tokens/x", []byte("very secret")); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 3 {
		t.Errorf("files: %v, %v", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(path), f.Name()))
		if bytes.Contains(text, []byte("secret")) || bytes.Contains(text, []byte("tokens/")) {
			t.Errorf("%s can be read", f.Name())
		}
	}
	for _, wrong := range []string{"", "wrong"} {
		other := auth.NewFileVault(path, auth.NewSecret(wrong))
		if _, err := other.Get(ctx, "tokens/x"); !errors.Is(err, auth.ErrLocked) || !strings.Contains(err.Error(), "KINDLING_KEYRING_PASSPHRASE") {
			t.Errorf("passphrase %q: %v", wrong, err)
		}
		if err := other.Set(ctx, "y", []byte("z")); !errors.Is(err, auth.ErrLocked) {
			t.Errorf("passphrase %q wrote: %v", wrong, err)
		}
	}
	if err := auth.NewFileVault(filepath.Join(t.TempDir(), "v"), auth.Secret{}).Set(ctx, "x", nil); !errors.Is(err, auth.ErrLocked) {
		t.Errorf("a new vault without a passphrase: %v", err)
	}
}

func TestFileVaultNeverOverwritesWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	v := auth.NewFileVault(path, auth.NewSecret("p"))
	if err := v.Set(ctx, "x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + ".key"} {
		whole, _ := os.ReadFile(name)
		for _, torn := range [][]byte{nil, whole[:len(whole)/2], []byte("not age at all")} {
			if err := os.WriteFile(name, torn, 0o600); err != nil {
				t.Fatal(err)
			}
			err := auth.NewFileVault(path, auth.NewSecret("p")).Set(ctx, "x", []byte("z"))
			if now, _ := os.ReadFile(name); err == nil || !bytes.Equal(now, torn) {
				t.Errorf("%s of %d bytes was overwritten: %v", filepath.Base(name), len(torn), err)
			}
		}
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(path + ".key"); err != nil {
		t.Fatal(err)
	}
	if err := auth.NewFileVault(path, auth.NewSecret("p")).Set(ctx, "x", nil); err == nil {
		t.Error("a vault whose key is gone was overwritten")
	}
}

func TestFileVaultTakesWritesFromManyAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			v := auth.NewFileVault(path, auth.NewSecret("p")) // as another process has one
			for j := range 5 {
				if err := v.Set(ctx, fmt.Sprintf("%d.%d", i, j), []byte{byte(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	v := auth.NewFileVault(path, auth.NewSecret("p"))
	for i := range 30 {
		if _, err := v.Get(ctx, fmt.Sprintf("%d.%d", i/5, i%5)); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

// TestFileVaultWorkFactor holds what a passphrase costs each command: 2^14 rounds of
// scrypt, which BenchmarkFileVaultOpens times (the goal is 150 ms).
func TestFileVaultWorkFactor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.age")
	if err := auth.NewFileVault(path, auth.NewSecret("p")).Set(ctx, "x", []byte("y")); err != nil {
		t.Fatal(err)
	}
	lid, err := os.ReadFile(path + ".key")
	if err != nil {
		t.Fatal(err)
	}
	// age-encryption.org/v1: "-> scrypt SALT LOG2-ROUNDS".
	stanza := strings.Fields(strings.Split(string(lid), "\n")[1])
	if len(stanza) != 4 || stanza[1] != "scrypt" || stanza[3] != "14" {
		t.Errorf("the vault's key is sealed by %q", stanza)
	}
}

func BenchmarkFileVaultOpens(b *testing.B) {
	path := filepath.Join(b.TempDir(), "vault.age")
	if err := auth.NewFileVault(path, auth.NewSecret("p")).Set(ctx, "x", []byte("y")); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := auth.NewFileVault(path, auth.NewSecret("p")).Get(ctx, "x"); err != nil {
			b.Fatal(err)
		}
	}
}
