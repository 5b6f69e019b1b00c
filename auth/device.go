package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Device is one sign-in by device code (RFC 8628).
type Device struct {
	client   *Client
	provider *provider
	clientID string
	asked    *oauth2.DeviceAuthResponse
}

// BeginDevice asks for a device code. Cancelled: ErrCancelled.
func (c *Client) BeginDevice(ctx context.Context) (*Device, error) {
	clientID := c.config.DeviceClientID
	if clientID == "" {
		return nil, errors.New("no client id for signing in by code: set KINDE_DEVICE_CLIENT_ID to that of a Kinde application of type \"Device and IoT\"")
	}
	p, err := c.discover(ctx)
	if err != nil {
		return nil, cancelled(err)
	}
	if p.Device == "" {
		return nil, fmt.Errorf("the issuer %s offers no sign-in by code: use a browser, or paste the address it ends at", c.host())
	}
	asked, err := c.askDevice(ctx, p, clientID)
	if err != nil {
		return nil, err
	}
	return &Device{c, p, clientID, asked}, nil
}

// askDevice makes the first request itself: x/oauth2's own ignores its context
// and panics at an answer of "null".
func (c *Client) askDevice(ctx context.Context, p *provider, clientID string) (*oauth2.DeviceAuthResponse, error) {
	form := url.Values{"client_id": {clientID}, "scope": {strings.Join(c.oauth(p, clientID).Scopes, " ")}}
	if c.config.Audience != "" {
		form.Set("audience", c.config.Audience)
	}
	res, err := c.post(ctx, p.Device, form)
	if err != nil {
		return nil, cancelled(c.explain(err, clientID))
	}
	if res.StatusCode != http.StatusOK {
		return nil, c.explain(refusedBy(res), clientID)
	}
	var code deviceCode
	err = json.NewDecoder(res.Body).Decode(&code)
	if err != nil || code.DeviceCode == "" || code.UserCode == "" || code.VerificationURI == "" {
		return nil, fmt.Errorf("the issuer %s sent no code to sign in with: try again, or use a browser", c.host())
	}
	return code.until(c.now()), nil
}

// deviceCode is what the issuer answers (RFC 8628, 3.2).
type deviceCode struct {
	DeviceCode              string `json:"device_code"`
	UserCode                string `json:"user_code"`
	VerificationURI         string `json:"verification_uri"`
	VerificationURIComplete string `json:"verification_uri_complete"`
	ExpiresIn               int64  `json:"expires_in"`
	Interval                int64  `json:"interval"`
}

// until is the code in x/oauth2's shape, with the moment of its end.
func (d deviceCode) until(now time.Time) *oauth2.DeviceAuthResponse {
	const longestLife, longestInterval = 3600, 300 // seconds
	life := loginPatience
	if d.ExpiresIn > 0 {
		life = time.Duration(min(d.ExpiresIn, longestLife)) * time.Second
	}
	return &oauth2.DeviceAuthResponse{
		DeviceCode: d.DeviceCode, UserCode: d.UserCode,
		VerificationURI: d.VerificationURI, VerificationURIComplete: d.VerificationURIComplete,
		Expiry: now.Add(life), Interval: min(max(0, d.Interval), longestInterval),
	}
}

// refusedBy reads an error answer as x/oauth2 does.
func refusedBy(res *http.Response) error {
	refused := &oauth2.RetrieveError{Response: res}
	var body struct {
		Error string `json:"error"`
	}
	if json.NewDecoder(res.Body).Decode(&body) == nil {
		refused.ErrorCode = body.Error
	}
	return refused
}

// Code is what the person types at VerificationURL.
func (d *Device) Code() string { return plain(d.asked.UserCode) }

// VerificationURL is where to type it, with the code in it where the issuer offers that.
func (d *Device) VerificationURL() string {
	return plain(cmp.Or(d.asked.VerificationURIComplete, d.asked.VerificationURI))
}

// Deadline is when the code expires.
func (d *Device) Deadline() time.Time { return d.asked.Expiry }

// Wait polls as the issuer asks until the person finished, refused (ErrDenied) or was
// late (ErrTimeout). Cancelled: ErrCancelled.
func (d *Device) Wait(ctx context.Context) (Grant, error) {
	t, err := d.poll(ctx)
	if err != nil {
		return Grant{}, err
	}
	who, err := d.identify(ctx, t)
	if err != nil {
		return Grant{}, err
	}
	return d.client.grant(ctx, d.provider, d.clientID, who, t)
}

// poll asks until there is a definite answer. Interval and slow_down are
// x/oauth2's; a failed connection also slows the polling down, and ends nothing.
func (d *Device) poll(ctx context.Context) (Tokens, error) {
	const slower = 5 // seconds, as for slow_down
	asked := *d.asked
	for {
		t, err := d.client.oauth(d.provider, d.clientID).DeviceAccessToken(d.client.withHTTP(ctx), &asked)
		if err == nil {
			return received(t, d.client.now()), nil
		}
		err = d.outcome(ctx, err)
		if !isTransient(err) {
			return Tokens{}, err
		}
		asked.Interval = max(asked.Interval, slower) + slower
		if wait, ok := errors.AsType[*transient](err); ok && wait.after > 0 {
			asked.Interval = max(asked.Interval, int64(wait.after/time.Second))
		}
	}
}

// outcome is what one polling's end means.
func (d *Device) outcome(ctx context.Context, err error) error {
	refused, _ := errors.AsType[*oauth2.RetrieveError](err)
	switch {
	case ctx.Err() != nil:
		return ErrCancelled
	case refused != nil && refused.ErrorCode == "expired_token", !d.client.now().Before(d.asked.Expiry):
		return problemf(ErrTimeout, "the code expired: try again for a new one")
	case refused != nil && refused.ErrorCode == "access_denied":
		return problemf(ErrDenied, "%v: try again, or sign in as somebody else", ErrDenied)
	}
	err = d.client.explain(err, d.clientID)
	if errors.Is(err, errInvalidGrant) {
		return problemf(ErrTimeout, "the issuer does not know the code any more: try again for a new one")
	}
	return err
}

// identify says who signed in: by the ID token, else by the profile, else by
// the access token itself. Kinde does not promise an ID token here.
func (d *Device) identify(ctx context.Context, t Tokens) (identity, error) {
	if !t.ID.IsZero() {
		return d.client.verifyID(ctx, d.provider, d.clientID, "", t)
	}
	if who, err := d.client.profile(ctx, d.provider, t.Access); err == nil {
		return who, nil
	}
	return d.client.verifyAccess(ctx, d.provider, d.clientID, t.Access)
}

// profile asks the issuer whose an access token is.
func (c *Client) profile(ctx context.Context, p *provider, access Secret) (identity, error) {
	if p.UserInfo == "" {
		return identity{}, errors.New("the issuer names no userinfo_endpoint")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.UserInfo, nil)
	if err != nil {
		return identity{}, err
	}
	req.Header.Set("Authorization", "Bearer "+access.Reveal())
	res, err := c.http.Do(req)
	if err != nil {
		return identity{}, unreachable("the issuer "+c.host(), err)
	}
	if res.StatusCode != http.StatusOK {
		return identity{}, failedAnswer("the issuer "+c.host(), res)
	}
	return readProfile(res)
}

func readProfile(res *http.Response) (identity, error) {
	var who struct {
		Sub        string `json:"sub"`
		Email      string `json:"email"`
		Name       string `json:"name"`
		GivenName  string `json:"given_name"`
		FamilyName string `json:"family_name"`
	}
	if err := json.NewDecoder(res.Body).Decode(&who); err != nil || who.Sub == "" {
		return identity{}, errors.New("the issuer's profile names nobody")
	}
	return newIdentity(who.Sub, who.Email, who.Name, who.GivenName, who.FamilyName), nil
}
