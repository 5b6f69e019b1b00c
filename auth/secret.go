package auth

import (
	"fmt"
	"unique"
)

// Secret is text that nothing prints: every verb, encoder and logger gets
// "[secret]". Reveal is the one way out, so that uses can be searched for.
// The text stands behind a pointer: package fmt asks no method for %p or a
// misplaced %w, and prints what it finds in the value.
type Secret struct{ text unique.Handle[string] }

// NewSecret wraps text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.text.Value()
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Format implements fmt.Formatter: String and GoString alone would leak under %d or %x.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[secret]")) }

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }
