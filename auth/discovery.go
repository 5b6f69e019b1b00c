package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// provider is the part of an OpenID discovery document that Kindling reads.
// Only issuer, authorization, token and keys must be there.
type provider struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	EndSession    string   `json:"end_session_endpoint"`
	Device        string   `json:"device_authorization_endpoint"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	SendsIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// discover reads the issuer's document, once in the client's life.
func (c *Client) discover(ctx context.Context) (*provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.found != nil {
		return c.found, nil
	}
	if err := c.checkIssuer(); err != nil {
		return nil, err
	}
	p, err := c.fetchProvider(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.checkProvider(p); err != nil {
		return nil, err
	}
	c.found = p
	return p, nil
}

func (c *Client) checkIssuer() error {
	u, err := url.Parse(c.config.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("the issuer is not an address: set KINDE_ISSUER_URL to https://<your name>.kinde.com")
	}
	if !c.allowedScheme(u) {
		return fmt.Errorf("the issuer %s is not https: set KINDE_ISSUER_URL to its https:// address", plain(u.Host))
	}
	if c.config.ClientID == "" && c.config.DeviceClientID == "" {
		return errors.New("no client id: set KINDE_CLIENT_ID to the one of your Kinde application")
	}
	return nil
}

func (c *Client) fetchProvider(ctx context.Context) (*provider, error) {
	where := "the issuer " + c.host()
	res, err := c.get(ctx, strings.TrimSuffix(c.config.Issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, unreachable(where, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("no OpenID configuration (check KINDE_ISSUER_URL): %w", failedAnswer(where, res))
	}
	var p provider
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		return nil, fmt.Errorf("%s does not answer as an OpenID issuer: check KINDE_ISSUER_URL", where)
	}
	return &p, nil
}

// checkProvider refuses a document that would send tokens elsewhere or weaken PKCE.
func (c *Client) checkProvider(p *provider) error {
	if p.Issuer != c.config.Issuer {
		return fmt.Errorf("the issuer calls itself %q: set KINDE_ISSUER_URL to exactly that", plain(p.Issuer))
	}
	if p.Challenges != nil && !slices.Contains(p.Challenges, "S256") {
		return fmt.Errorf("the issuer %s offers no PKCE with S256: Kindling does not sign in without it", c.host())
	}
	for name, at := range map[string]string{"authorization_endpoint": p.Authorization, "token_endpoint": p.Token, "jwks_uri": p.Keys} {
		if at == "" {
			return fmt.Errorf("the issuer %s names no %s: check KINDE_ISSUER_URL", c.host(), name)
		}
	}
	for _, at := range []string{p.Authorization, p.Token, p.Keys, p.UserInfo, p.Revocation, p.EndSession, p.Device} {
		if err := c.checkEndpoint(at); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) checkEndpoint(at string) error {
	if at == "" {
		return nil
	}
	u, err := url.Parse(at)
	if err != nil || !c.allowedScheme(u) || !strings.EqualFold(u.Host, c.host()) || u.User != nil || !isASCII(at) {
		return fmt.Errorf("the issuer %s names an endpoint that is not https on its own host: nothing was sent", c.host())
	}
	return nil
}

// isASCII reports printable ASCII, which every address is: it may be shown as it is.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// allowedScheme is https, or http where it was allowed or stays on this computer.
func (c *Client) allowedScheme(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && (c.config.InsecureHTTP || IsLoopback(u.Hostname()))
}

// IsLoopback reports whether a host, without its port, never leaves this computer:
// localhost, or a loopback address.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// host names the issuer in messages.
func (c *Client) host() string {
	u, err := url.Parse(c.config.Issuer)
	if err != nil {
		return "?"
	}
	return plain(u.Host)
}

// get answers with a body already read into memory: nothing has to be closed.
func (c *Client) get(ctx context.Context, at string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	return c.http.Do(req)
}

// post sends a form; its answer too is in memory already.
func (c *Client) post(ctx context.Context, at string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	return c.http.Do(req)
}

// oauth is x/oauth2's view of the issuer for one of our client ids. The
// credentials go in the form: x/oauth2 would else try a header first and, when
// that fails, send the code or refresh token a second time.
func (c *Client) oauth(p *provider, clientID string) *oauth2.Config {
	conf := &oauth2.Config{
		ClientID: clientID,
		Scopes:   []string{"openid", "profile", "email", "offline"},
		Endpoint: oauth2.Endpoint{
			AuthURL: p.Authorization, TokenURL: p.Token, DeviceAuthURL: p.Device,
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	if clientID == c.config.ClientID {
		conf.ClientSecret = c.config.ClientSecret.Reveal()
	}
	return conf
}

// LogoutURL is where a browser ends the person's session at Kinde; "" when unknown.
func (c *Client) LogoutURL(ctx context.Context) string {
	p, err := c.discover(ctx)
	if err != nil {
		return ""
	}
	return p.EndSession
}
