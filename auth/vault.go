package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"sync"
)

// Vault keeps small secrets by name. Implementations: OS keyring, age file, memory.
// Get of an absent name is ErrNoEntry; Delete of one is no error. Safe for
// concurrent use, by several processes too where the vault outlives one.
type Vault interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Set(ctx context.Context, name string, value []byte) error
	Delete(ctx context.Context, name string) error
	Kind() string // "os", "file" or "memory"
}

// Probe writes, reads and deletes a small entry, so that a vault which will not
// keep a sign-in is known before the sign-in.
func Probe(ctx context.Context, v Vault) error {
	name, want := "probe-"+rand.Text()[:8], []byte("kindling")
	if err := v.Set(ctx, name, want); err != nil {
		return err
	}
	got, err := v.Get(ctx, name)
	if deleted := v.Delete(ctx, name); err == nil {
		err = deleted
	}
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("the %s vault does not give back what was stored: set KINDLING_KEYRING to file or memory", v.Kind())
	}
	return err
}

// memoryVault forgets everything when the process ends.
type memoryVault struct {
	mu      sync.Mutex
	entries map[string][]byte
}

// NewMemoryVault makes a vault that nothing outlives.
func NewMemoryVault() Vault { return &memoryVault{entries: map[string][]byte{}} }

func (m *memoryVault) Kind() string { return "memory" }

func (m *memoryVault) Get(_ context.Context, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.entries[name]
	if !ok {
		return nil, ErrNoEntry
	}
	return bytes.Clone(value), nil
}

func (m *memoryVault) Set(_ context.Context, name string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[name] = bytes.Clone(value)
	return nil
}

func (m *memoryVault) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, name)
	return nil
}
