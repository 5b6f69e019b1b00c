// Package companion is the token endpoint: it verifies a Kinde access token and
// signs the InsForge JWT for the same person.
//
// The handler and the dev signer share one way of verifying (verify.go) and one
// way of signing (sign.go). The edge function in assets/companion.js is the same
// endpoint again, byte for byte: both answer the table in table_test.go.
package companion

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kindling/auth"
)

// Config is the companion's environment.
type Config struct {
	Issuer       string
	Clients      []string // a token's azp must be one of them, always
	Audience     string   // when set, required in aud too
	Secret       auth.Secret
	BehindProxy  bool             // addresses come from X-Forwarded-For
	InsecureHTTP bool             // the issuer may be plain http on another machine
	Log          *slog.Logger     // nil: nothing is logged
	HTTP         *http.Client     // nil: one with a deadline; redirects are never followed
	Now          func() time.Time // nil: time.Now

	// PerSub and PerAddress are how often one person, and one address that is
	// not loopback, may ask. Zero: DefaultPerSub, DefaultPerAddress.
	PerSub, PerAddress Limit
}

// Limit allows Burst requests at once and one more every Every.
type Limit struct {
	Every time.Duration
	Burst int
}

// What is allowed unless Config says otherwise. One client asks four times an hour.
var (
	DefaultPerSub     = Limit{Every: time.Second, Burst: 60}
	DefaultPerAddress = Limit{Every: 20 * time.Millisecond, Burst: 400}
)

const minSecret = 32 // bytes: HS256 is as strong as its key, up to this length

// New returns the handler for /, /functions/kindling-token, /healthz and
// /readyz; an error when the secret has under 32 bytes or no client is allowed.
func New(c Config) (http.Handler, error) { return newHandler(c) }

// prepare checks a configuration and fills in what it leaves out.
func prepare(c Config) (Config, error) {
	c = c.normal()
	if err := misconfigured(c.problems()); err != nil {
		return c, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.PerSub == (Limit{}) {
		c.PerSub = DefaultPerSub
	}
	if c.PerAddress == (Limit{}) {
		c.PerAddress = DefaultPerAddress
	}
	c.HTTP = bareClient(c.HTTP)
	return c, nil
}

func (c Config) normal() Config {
	c.Issuer = strings.TrimSuffix(c.Issuer, "/")
	c.Clients = slices.DeleteFunc(slices.Clone(c.Clients), func(id string) bool { return id == "" })
	return c
}

// misconfigured names every problem at once: nobody should mend one to hear of the next.
func misconfigured(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return errors.New("configure companion: " + strings.Join(problems, "; "))
}

// problems name what is wrong with the configuration, in the words of the
// environment it comes from.
func (c Config) problems() (all []string) {
	switch {
	case c.Issuer == "":
		all = append(all, "KINDE_ISSUER_URL is missing")
	case !c.issuerAllowed():
		all = append(all, "KINDE_ISSUER_URL must be an https address")
	}
	if len(c.Clients) == 0 {
		all = append(all, "KINDE_CLIENT_ID is missing")
	}
	if c.Audience != "" && (c.Audience == c.Issuer || slices.Contains(c.Clients, c.Audience)) {
		all = append(all, "KINDE_AUDIENCE must not be a client id or the issuer")
	}
	if len(c.Secret.Reveal()) < minSecret {
		all = append(all, fmt.Sprintf("INSFORGE_JWT_SECRET needs at least %d bytes", minSecret))
	}
	return all
}

func (c Config) issuerAllowed() bool {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && (c.InsecureHTTP || auth.IsLoopback(u.Hostname()))
}

// bareClient gives every fetch a deadline, and follows no redirect: the keys
// come from the address that was checked, or not at all.
func bareClient(given *http.Client) *http.Client {
	client := http.Client{Timeout: fetchTimeout}
	if given != nil {
		client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}
