package demoidp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// state is all that outlives a run. Codes, refresh tokens and sessions are
// kept under their digests, so that the file alone signs nobody in.
type state struct {
	Keys     [][]byte                 `json:"keys"` // PKCS#8; the first one signs
	People   []Person                 `json:"people"`
	Codes    map[string]*code         `json:"codes"`
	Families map[string]*family       `json:"families"`
	Refresh  map[string]*refreshToken `json:"refresh"`
	Devices  map[string]*device       `json:"devices"`
	Sessions map[string]string        `json:"sessions"` // browser session → sub
}

// family is one sign-in: every refresh token that descends from it.
type family struct {
	Sub       string    `json:"sub"`
	Client    string    `json:"client"`
	Scopes    []string  `json:"scopes"`
	Audience  string    `json:"audience,omitempty"`
	Org       string    `json:"org,omitempty"`
	SignedIn  time.Time `json:"signed_in"`
	AccessID  string    `json:"access_id"`
	AccessAt  time.Time `json:"access_at"`
	Revoked   bool      `json:"revoked,omitempty"`
	LastUntil time.Time `json:"last_until"` // when its youngest refresh token ends
}

type code struct {
	Family      family    `json:"family"`
	Redirect    string    `json:"redirect"`
	Challenge   string    `json:"challenge"`
	Nonce       string    `json:"nonce,omitempty"`
	Until       time.Time `json:"until"`
	SpentFamily string    `json:"spent_family,omitempty"` // set once the code was used
}

type refreshToken struct {
	Family  string    `json:"family"`
	Until   time.Time `json:"until"`
	Rotated time.Time `json:"rotated,omitzero"`
}

func newState() *state {
	return &state{People: []Person{Alice, Bob}, Codes: map[string]*code{}, Families: map[string]*family{},
		Refresh: map[string]*refreshToken{}, Devices: map[string]*device{}, Sessions: map[string]string{}}
}

func (p *Provider) file() string { return filepath.Join(p.config.Dir, "pretend-kinde.json") }

// load reads the state, or makes a first one.
func (p *Provider) load() error {
	p.state = newState()
	if p.config.Dir != "" {
		if err := p.readState(); err != nil {
			return fmt.Errorf("read %s: %w", p.file(), err)
		}
	}
	if len(p.state.Keys) > 0 {
		return p.useKeys()
	}
	return p.addKey()
}

func (p *Provider) readState() error {
	data, err := os.ReadFile(p.file())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, p.state); err != nil {
		return fmt.Errorf("%w (remove the file to start over)", err)
	}
	return nil
}

// save writes the state so that a crash leaves the old or the new file, never
// half of one. The caller holds the lock.
func (p *Provider) save() error {
	p.state.forget(p.config.Now())
	if p.config.Dir == "" {
		return nil
	}
	data, err := json.Marshal(p.state)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(p.config.Dir, 0o700); err != nil {
		return err
	}
	fresh := p.file() + ".new"
	if err := os.WriteFile(fresh, data, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, p.file())
}

// forget drops what nobody can use any more. A spent code stays for its whole
// life, so that its second use is recognised.
func (s *state) forget(now time.Time) {
	maps.DeleteFunc(s.Codes, func(_ string, c *code) bool { return now.After(c.Until) })
	maps.DeleteFunc(s.Refresh, func(_ string, t *refreshToken) bool { return now.After(t.Until) })
	maps.DeleteFunc(s.Devices, func(_ string, d *device) bool { return now.After(d.Until.Add(time.Hour)) })
	maps.DeleteFunc(s.Families, func(_ string, f *family) bool { return now.After(f.LastUntil) })
}

// digest is the name a secret is kept under.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails, by its contract
	return b
}

func randomHex(n int) string { return hex.EncodeToString(randomBytes(n)) }

func randomToken() string { return base64.RawURLEncoding.EncodeToString(randomBytes(32)) }

const sessionCookie = "pretend_kinde"

// session tells who this browser signed in as, if anybody.
func (p *Provider) session(r *http.Request) (Person, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return Person{}, false
	}
	return p.state.person(p.state.Sessions[digest(c.Value)])
}

// startSession remembers the person for prompt=none; the caller holds the lock and saves.
func (p *Provider) startSession(w http.ResponseWriter, who Person) {
	id := randomToken()
	p.state.Sessions[digest(id)] = who.Sub
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (p *Provider) endSession(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.state.Sessions, digest(c.Value))
	_ = p.save() // a session that comes back after a restart does no harm here
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1})
}
