package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"sync"

	"filippo.io/age"
)

// scryptWorkFactor makes opening the vault cost a command well under a tenth of
// a second, also on a slow computer: more would be felt at each command.
const scryptWorkFactor = 14

// fileVault keeps all entries in one age file. Its key lies beside it in an age
// identity file that the passphrase opens, so that only the first use in a
// process pays for the passphrase. Both are in age's own formats:
// `age -d -i vault.age.key vault.age` reads them without Kindling.
type fileVault struct {
	path       string
	passphrase Secret

	mu  sync.Mutex
	key *age.X25519Identity // nil until the passphrase opened it
}

// NewFileVault keeps secrets in an encrypted file at path, made at the first
// Set. A wrong passphrase is ErrLocked.
func NewFileVault(path string, passphrase Secret) Vault {
	return &fileVault{path: path, passphrase: passphrase}
}

func (v *fileVault) Kind() string { return "file" }

func (v *fileVault) Get(_ context.Context, name string) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	entries, err := v.load()
	if err != nil {
		return nil, err
	}
	value, ok := entries[name]
	if !ok {
		return nil, ErrNoEntry
	}
	return value, nil
}

func (v *fileVault) Set(ctx context.Context, name string, value []byte) error {
	return v.change(ctx, func(entries map[string][]byte) { entries[name] = value })
}

func (v *fileVault) Delete(ctx context.Context, name string) error {
	return v.change(ctx, func(entries map[string][]byte) { delete(entries, name) })
}

// change rewrites the file under a lock that all processes share.
func (v *fileVault) change(ctx context.Context, edit func(map[string][]byte)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	unlock, err := lockFile(ctx, v.path+".lock")
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := v.load()
	if err != nil {
		return err
	}
	before := maps.Clone(entries)
	edit(entries)
	if maps.EqualFunc(before, entries, bytes.Equal) {
		return nil
	}
	return v.save(entries)
}

func (v *fileVault) load() (map[string][]byte, error) {
	entries := map[string][]byte{}
	sealed, err := os.ReadFile(v.path)
	if errors.Is(err, fs.ErrNotExist) {
		return entries, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the vault: %w", err)
	}
	if err := v.unlock(); err != nil {
		return nil, err
	}
	text, err := unseal(sealed, v.key)
	if err == nil {
		err = json.Unmarshal(text, &entries)
	}
	if err != nil {
		return nil, fmt.Errorf("the vault file %s is damaged: move it away and sign in again", v.path)
	}
	return entries, nil
}

func (v *fileVault) save(entries map[string][]byte) error {
	if err := v.unlock(); errors.Is(err, fs.ErrNotExist) {
		if err := v.makeKey(); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return fmt.Errorf("write the vault: %w", err)
	}
	sealed, err := seal(text, v.key.Recipient())
	if err != nil {
		return fmt.Errorf("write the vault: %w", err)
	}
	return writeFile(v.path, sealed)
}

func (v *fileVault) keyPath() string { return v.path + ".key" }

// unlock opens the key with the passphrase, once in the vault's life.
func (v *fileVault) unlock() error {
	if v.key != nil {
		return nil
	}
	sealed, err := os.ReadFile(v.keyPath())
	if err != nil {
		return fmt.Errorf("the vault's key %s cannot be read (%w): put it back, or move the vault away and sign in again", v.keyPath(), err)
	}
	if v.passphrase.IsZero() {
		return problemf(ErrLocked, "the vault file %s needs its passphrase: set KINDLING_KEYRING_PASSPHRASE, or run this in a terminal, which asks for it", v.path)
	}
	opener, err := age.NewScryptIdentity(v.passphrase.Reveal())
	if err != nil {
		return fmt.Errorf("open the vault: %w", err)
	}
	text, err := unseal(sealed, opener)
	if err != nil {
		return problemf(ErrLocked, "the passphrase does not open %s: check KINDLING_KEYRING_PASSPHRASE", v.keyPath())
	}
	v.key, err = age.ParseX25519Identity(string(bytes.TrimSpace(text)))
	return err
}

// makeKey is called under the lock, where there is no key yet.
func (v *fileVault) makeKey() error {
	if v.passphrase.IsZero() {
		return problemf(ErrLocked, "there is no vault file yet, and no passphrase to make it with: choose one and set KINDLING_KEYRING_PASSPHRASE to it, or sign in in a terminal, which asks for it")
	}
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	lid, err := age.NewScryptRecipient(v.passphrase.Reveal())
	if err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	lid.SetWorkFactor(scryptWorkFactor)
	sealed, err := seal([]byte(key.String()+"\n"), lid)
	if err != nil {
		return fmt.Errorf("make the vault's key: %w", err)
	}
	if err := writeFile(v.keyPath(), sealed); err != nil {
		return err
	}
	v.key = key
	return nil
}

func seal(text []byte, to age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func unseal(sealed []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), with)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
