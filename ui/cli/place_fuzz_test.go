package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzPlace: what is read from the demo's place.json are addresses on loopback, and what
// is not is refused with the next step.
func FuzzPlace(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`, `{"IssuerPort":1,"ProjectPort":2,"CallbackPort":3,"Secret":"s"}`, `{"IssuerPort":70000,"ProjectPort":2,"CallbackPort":3,"Secret":"s"}`,
		`{"IssuerPort":-1,"ProjectPort":0,"CallbackPort":3}`, `{"IssuerPort":1e9}`, `{"IssuerPort":"x"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, placeFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := readPlace(dir)
		if err != nil {
			if !strings.Contains(err.Error(), "kindling demo --fresh") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for _, address := range []string{p.issuer(), p.project(), p.companion(), p.callback()} {
			u, err := url.Parse(address)
			if err != nil || u.Hostname() != "127.0.0.1" || len(u.Port()) > 5 || u.Port() == "0" || strings.HasPrefix(u.Port(), "-") || p.Secret == "" {
				t.Errorf("%q: %s, secret of %d bytes", text, address, len(p.Secret))
			}
		}
		if err := p.save(dir); err != nil {
			t.Fatal(err)
		}
		if again, err := readPlace(dir); err != nil || again != p {
			t.Errorf("%q: %+v kept as %+v, %v", text, p, again, err)
		}
	})
}
