package auth_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/demoidp"
)

const (
	browserClient = "kindling-browser"
	deviceClient  = "kindling-device"
	project       = "https://project.example.com"
)

// clock is a wall clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now().Round(0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is an issuer over real HTTP, a client of it, and a clock for both.
type world struct {
	*testing.T
	idp    *demoidp.Provider
	server *httptest.Server
	client *auth.Client
	clock  *clock
	config auth.Config

	mu    sync.Mutex
	bend  func(http.ResponseWriter, *http.Request) bool // answers instead of the issuer
	calls []call
	// answers are the tokens that the issuer gave out.
	answers []string
}

// call is a request that reached the issuer.
type call struct {
	path   string
	header http.Header
	form   url.Values
}

// instead lets answer take requests before the issuer; nil ends that.
func (w *world) instead(answer func(http.ResponseWriter, *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bend = answer
}

// to lists the requests that reached a path.
func (w *world) to(path string) (calls []call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.calls {
		if c.path == path {
			calls = append(calls, c)
		}
	}
	return calls
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	w.mu.Lock()
	w.calls = append(w.calls, call{r.URL.Path, r.Header.Clone(), form})
	bend := w.bend
	w.mu.Unlock()
	rw.Header().Set("Date", w.clock.Now().UTC().Format(http.TimeFormat))
	if bend == nil || !bend(rw, r) {
		told := &listener{ResponseWriter: rw}
		w.idp.ServeHTTP(told, r)
		w.note(told.body.Bytes())
	}
}

// listener keeps a copy of an answer.
type listener struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (l *listener) Write(b []byte) (int, error) {
	l.body.Write(b)
	return l.ResponseWriter.Write(b)
}

func (w *world) note(answer []byte) {
	var tokens struct{ Access, Refresh, ID string }
	_ = json.Unmarshal(bytes.ReplaceAll(answer, []byte("_token\""), []byte("\"")), &tokens)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, token := range []string{tokens.Access, tokens.Refresh, tokens.ID} {
		if token != "" {
			w.answers = append(w.answers, token)
		}
	}
}

// newWorld starts an issuer; bend may be nil.
func newWorld(t *testing.T, bend func(*demoidp.Config, *auth.Config)) *world {
	t.Helper()
	w := &world{T: t, clock: newClock()}
	w.server = httptest.NewServer(w)
	t.Cleanup(w.server.Close)
	issuer := demoidp.Config{Issuer: w.server.URL, Clients: []string{browserClient}, DeviceClient: deviceClient, Now: w.clock.Now, Dir: issuerDir(t)}
	w.config = auth.Config{
		Issuer: w.server.URL, ClientID: browserClient, DeviceClientID: deviceClient,
		RedirectURL: "http://127.0.0.1:0/callback",
	}
	if bend != nil {
		bend(&issuer, &w.config)
	}
	idp, err := demoidp.New(issuer)
	if err != nil {
		t.Fatal(err)
	}
	w.idp = idp
	w.client = w.newClient(w.config)
	return w
}

// issuerWithAKey is a directory with a signing key: making one takes longer than
// most tests.
var issuerWithAKey = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kindling-issuer-")
	if err != nil {
		return "", err
	}
	_, err = demoidp.New(demoidp.Config{Issuer: "http://127.0.0.1", Clients: []string{browserClient}, Dir: dir})
	return dir, err
})

func issuerDir(t *testing.T) string {
	t.Helper()
	made, err := issuerWithAKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "issuer")
	if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (w *world) newClient(c auth.Config) *auth.Client {
	client := auth.NewClient(c)
	client.SetClock(w.clock.Now)
	return client
}

func (w *world) newAccounts(vault auth.Vault) *auth.Accounts {
	a := auth.OpenAccounts(w.TempDir(), vault)
	a.SetClock(w.clock.Now, w.clock.Advance)
	return a
}

// begin starts a login that the test's end closes.
func (w *world) begin(o auth.LoginOptions) *auth.Login {
	w.Helper()
	l, err := w.client.BeginLogin(context.Background(), o)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(l.Close)
	return l
}

// callback is the address that the issuer sends who's browser to.
func (w *world) callback(l *auth.Login, who string) string {
	w.Helper()
	at, err := demoidp.Choose(context.Background(), w.server.Client(), l.URL(), who)
	if err != nil {
		w.Fatal(err)
	}
	return at
}

// signIn signs who in with a browser that is an HTTP client.
func (w *world) signIn(who string) auth.Grant {
	w.Helper()
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, who)
	page := make(chan string, 1)
	go func() { page <- visit(w.T, at) }()
	g, err := l.Wait(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	<-page
	return g
}

// keep signs who in and keeps the account.
func (w *world) keep(a *auth.Accounts, who string) auth.Account {
	w.Helper()
	acc, err := a.Keep(context.Background(), "", w.signIn(who))
	if err != nil {
		w.Fatal(err)
	}
	return acc
}

// visit is a browser's GET.
func visit(t *testing.T, at string) (page string) {
	t.Helper()
	res, err := http.Get(at)
	if err != nil {
		t.Errorf("visit: %v", err)
		return ""
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return string(body)
}

// mint is a companion in the process: it makes tokens and
// never looks at the signature of what they are made from.
type mint struct {
	mu     sync.Mutex
	made   int
	refuse func(access string) error // may be nil
	sub    string                    // "": the one in the token
}

const mintedLife = 15 * time.Minute

func (m *mint) Mint(_ context.Context, access auth.Secret) (auth.Secret, time.Duration, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var claims jwt.RegisteredClaims
	if _, _, err := jwt.NewParser().ParseUnverified(access.Reveal(), &claims); err != nil {
		return auth.Secret{}, 0, auth.ErrRejected
	}
	if m.refuse != nil {
		if err := m.refuse(access.Reveal()); err != nil {
			return auth.Secret{}, 0, err
		}
	}
	m.made++
	return auth.NewSecret(insforgeJWT(cmp.Or(m.sub, claims.Subject), m.made)), mintedLife, nil
}

func (m *mint) Made() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.made
}

func insforgeJWT(sub string, n int) string {
	t, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": sub, "n": n}).SignedString([]byte("a pretend secret of thirty-two bytes"))
	if err != nil {
		panic(err)
	}
	return t
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
