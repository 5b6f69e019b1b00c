package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// An entry in the OS keyring is one item, its manifest. A value too long for
// one item lies in parts beside it, which the manifest names with a checksum:
//
//	NAME        {"g":7,"n":2,"sum":"…"}  or  {"g":8,"v":"<the value itself>"}
//	NAME.1.0    first part of generation 7, in base64
//	NAME.1.1    second part
//
// Parts of generation g lie in slot g%2. A write fills the slot that the present
// manifest does not use, then writes the manifest, then empties the other slot:
// a crash at any point leaves the old value or the new one, and whatever it left
// behind lies where the next write or delete sweeps.
const (
	// maxItem is the most characters stored in one item: Windows takes 2,560
	// bytes, macOS 4,096 for the whole command, the value in base64 once more.
	maxItem = 2400
	// maxPart is how many bytes of a value fit into an item in base64.
	maxPart = maxItem / 4 * 3
	// maxInline leaves room for the manifest around the value.
	maxInline = (maxItem - 120) / 4 * 3
	maxParts  = 64

	readPatience  = 3 * time.Second
	writePatience = 3 // times as long: a write is several calls
)

type manifest struct {
	Generation uint64 `json:"g"`
	Parts      int    `json:"n,omitempty"`
	Sum        string `json:"sum,omitempty"`
	Value      []byte `json:"v,omitempty"`
}

// errDamagedEntry is an entry that nothing can be made of: as good as none.
var errDamagedEntry = problemf(ErrNoEntry, "the keyring's entry is damaged")

func (m manifest) slot() uint64 { return m.Generation % 2 }

// ring is the operating system's keyring, item by item. An absent item is ErrNoEntry.
type ring interface {
	Get(service, name string) (string, error)
	Set(service, name, text string) error
	Delete(service, name string) error
}

// osVault keeps entries in the keyring of the operating system.
type osVault struct {
	service  string
	ring     ring
	patience time.Duration
	turn     chan struct{} // one call at a time, also those that were given up
}

// NewOSVault keeps secrets in the operating system's keyring under a service name.
func NewOSVault(service string) Vault {
	return newRingVault(service, systemRing{})
}

func newRingVault(service string, r ring) *osVault {
	return &osVault{service: service, ring: r, patience: readPatience, turn: make(chan struct{}, 1)}
}

func (v *osVault) Kind() string { return "os" }

func (v *osVault) Get(ctx context.Context, name string) ([]byte, error) {
	return v.patiently(ctx, v.patience, func() ([]byte, error) { return v.read(name) })
}

func (v *osVault) Set(ctx context.Context, name string, value []byte) error {
	if len(value) > maxParts*maxPart {
		return fmt.Errorf("keep %s: %d bytes are too many for a keyring", name, len(value))
	}
	_, err := v.patiently(ctx, writePatience*v.patience, func() ([]byte, error) { return nil, v.write(name, value) })
	return err
}

func (v *osVault) Delete(ctx context.Context, name string) error {
	_, err := v.patiently(ctx, writePatience*v.patience, func() ([]byte, error) { return nil, v.remove(name) })
	return err
}

// read tries again when a writer of another process came between the manifest
// and its parts.
func (v *osVault) read(name string) ([]byte, error) {
	const tries = 5
	for range tries {
		m, err := v.manifest(name)
		if err != nil {
			return nil, err
		}
		value, err := v.parts(name, m)
		if err == nil && m.covers(value) {
			return value, nil
		}
		if err != nil && !errors.Is(err, ErrNoEntry) {
			return nil, err
		}
	}
	return nil, errDamagedEntry
}

func (m manifest) covers(value []byte) bool { return m.Parts == 0 || m.Sum == checksum(value) }

func (v *osVault) manifest(name string) (manifest, error) {
	text, err := v.item(name)
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	if json.Unmarshal([]byte(text), &m) != nil || m.Parts < 0 || m.Parts > maxParts {
		return manifest{}, errDamagedEntry
	}
	return m, nil
}

func (v *osVault) parts(name string, m manifest) ([]byte, error) {
	value := m.Value
	for i := range m.Parts {
		text, err := v.item(part(name, m.slot(), i))
		if err != nil {
			return nil, err
		}
		piece, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, ErrNoEntry
		}
		value = append(value, piece...)
	}
	return value, nil
}

func (v *osVault) write(name string, value []byte) error {
	old, err := v.manifest(name)
	if err != nil && !errors.Is(err, ErrNoEntry) {
		return err
	}
	m := manifest{Generation: old.Generation + 1}
	if len(value) <= maxInline {
		m.Value = value
	} else {
		m.Parts, m.Sum = (len(value)+maxPart-1)/maxPart, checksum(value)
	}
	for i := range m.Parts {
		piece := value[i*maxPart : min((i+1)*maxPart, len(value))]
		if err := v.setItem(part(name, m.slot(), i), base64.StdEncoding.EncodeToString(piece)); err != nil {
			return err
		}
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	if err := v.setItem(name, string(text)); err != nil {
		return err
	}
	if old.Parts == 0 && m.Parts == 0 {
		return nil // what a crash may have left waits for the next long value, or for Delete
	}
	if err := v.sweep(name, 1-m.slot(), 0); err != nil {
		return err
	}
	return v.sweep(name, m.slot(), m.Parts)
}

func (v *osVault) remove(name string) error {
	if err := v.removeItem(name); err != nil {
		return err
	}
	if err := v.sweep(name, 0, 0); err != nil {
		return err
	}
	return v.sweep(name, 1, 0)
}

// sweep deletes a slot's parts from one on, the last first: an interrupted sweep
// leaves no gap that would hide parts from the next.
func (v *osVault) sweep(name string, slot uint64, from int) error {
	end := from
	for ; end < maxParts; end++ {
		if _, err := v.item(part(name, slot, end)); errors.Is(err, ErrNoEntry) {
			break
		} else if err != nil {
			return err
		}
	}
	for i := end - 1; i >= from; i-- {
		if err := v.removeItem(part(name, slot, i)); err != nil {
			return err
		}
	}
	return nil
}

func part(name string, slot uint64, i int) string { return fmt.Sprintf("%s.%d.%d", name, slot, i) }

func checksum(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:8])
}

func (v *osVault) item(name string) (string, error) { return v.ring.Get(v.service, name) }

func (v *osVault) setItem(name, text string) error { return v.ring.Set(v.service, name, text) }

func (v *osVault) removeItem(name string) error {
	if err := v.ring.Delete(v.service, name); !errors.Is(err, ErrNoEntry) {
		return err
	}
	return nil
}

// patiently waits for the keyring, but not for ever: a locked one waits for a
// person at a prompt that may be on another screen. A call that was given up
// keeps its turn, so that a late write can never overtake a newer one.
func (v *osVault) patiently(ctx context.Context, patience time.Duration, call func() ([]byte, error)) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errKeyringWaits)
	defer cancel()
	select {
	case v.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	type answer struct {
		value []byte
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-v.turn }()
		value, err := survive(call)
		answered <- answer{value, err}
	}()
	select {
	case a := <-answered:
		return a.value, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

var errKeyringWaits = problemf(ErrLocked, "the keyring does not answer: unlock your keyring and try again (or set KINDLING_KEYRING=file)")

// survive turns a panic into an error: the keyring library panics when the bus
// goes away while it waits for a prompt.
func survive(call func() ([]byte, error)) (value []byte, err error) {
	defer func() {
		if recover() != nil {
			err = problemf(ErrNoKeyring, "the keyring went away: try again, or set KINDLING_KEYRING=file")
		}
	}()
	return call()
}
