package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kindling/auth"
	"kindling/ui/cli/config"
)

// vaultService is the name under which the system's keyring shows our entries.
const vaultService = "kindling"

// openVault opens where secrets live: the system's keyring, an encrypted file,
// or memory; the demo's pretend tokens lie in plain files.
func (a *app) openVault() (auth.Vault, error) {
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	switch {
	case a.demo != nil:
		return plainVault{filepath.Join(a.demo.dir, "pretend-tokens")}, nil
	case c.Keyring == "memory":
		return auth.NewMemoryVault(), nil
	case c.Keyring == "file":
		return a.openFileVault(c)
	}
	return auth.NewOSVault(vaultService), nil
}

// openFileVault opens the encrypted file with the passphrase from the environment,
// or with one that the person at the terminal types. Without either, the vault
// itself says what is missing when a secret is asked for.
func (a *app) openFileVault(c config.Config) (auth.Vault, error) {
	path := filepath.Join(c.DataDir, "vault.age")
	in, ok := a.Stdin.(*os.File)
	if !c.KeyringPassphrase.IsZero() || !ok || !isTerminal(in) || a.noQuestions {
		return auth.NewFileVault(path, c.KeyringPassphrase), nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		passphrase, err := a.newPassphrase(in)
		return auth.NewFileVault(path, passphrase), err
	}
	var err error
	for range 3 {
		var passphrase auth.Secret
		if passphrase, err = a.askPassphrase(in, "Passphrase of Kindling's vault"); err != nil {
			return nil, err
		}
		v := auth.NewFileVault(path, passphrase)
		if _, err = v.Get(context.Background(), "any"); !errors.Is(err, auth.ErrLocked) {
			return v, nil
		}
		a.note("that is not its passphrase")
	}
	return nil, err
}

// newPassphrase asks twice: what was mistyped once would lock the vault for good.
func (a *app) newPassphrase(in *os.File) (auth.Secret, error) {
	for {
		first, err := a.askPassphrase(in, "A passphrase for Kindling's new vault")
		if err != nil || first.IsZero() {
			return first, err
		}
		again, err := a.askPassphrase(in, "The same once more")
		if err != nil || first.Reveal() == again.Reveal() {
			return again, err
		}
		a.note("those two differ")
	}
}

// askPassphrase asks at the terminal, without showing what is typed.
func (a *app) askPassphrase(in *os.File, question string) (auth.Secret, error) {
	_, _ = fmt.Fprint(a.Stderr, question+": ")
	text, err := a.readHidden(in.Fd())
	_, _ = fmt.Fprintln(a.Stderr)
	if err != nil {
		return auth.Secret{}, fmt.Errorf("read passphrase: %w", err)
	}
	return auth.NewSecret(text), nil
}

// demoVault is the kind of a plainVault.
const demoVault = "demo"

// plainVault keeps the demo's pretend tokens, one file each: they open nothing
// but the demo, so that it needs no keyring.
type plainVault struct{ dir string }

func (v plainVault) path(name string) string {
	return filepath.Join(v.dir, hex.EncodeToString([]byte(name)))
}

// Kind implements auth.Vault.
func (plainVault) Kind() string { return demoVault }

// Get implements auth.Vault.
func (v plainVault) Get(_ context.Context, name string) ([]byte, error) {
	data, err := os.ReadFile(v.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, auth.ErrNoEntry
	}
	if err != nil {
		return nil, fmt.Errorf("read pretend token: %w", err)
	}
	return data, nil
}

// Set implements auth.Vault.
func (v plainVault) Set(_ context.Context, name string, value []byte) error {
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return fmt.Errorf("keep pretend token: %w", err)
	}
	return writePrivate(v.path(name), value)
}

// Delete implements auth.Vault.
func (v plainVault) Delete(_ context.Context, name string) error {
	if err := os.Remove(v.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete pretend token: %w", err)
	}
	return nil
}

// writePrivate writes a file whole or not at all, for its owner alone.
func writePrivate(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
