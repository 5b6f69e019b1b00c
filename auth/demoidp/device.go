package demoidp

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// device is one sign-in by device code (RFC 8628).
type device struct {
	UserCode string        `json:"user_code"`
	Client   string        `json:"client"`
	Scopes   []string      `json:"scopes"`
	Audience string        `json:"audience,omitempty"`
	Until    time.Time     `json:"until"`
	Interval time.Duration `json:"interval"`
	Polled   time.Time     `json:"polled,omitzero"`
	Sub      string        `json:"sub,omitempty"` // who approved
	Denied   bool          `json:"denied,omitempty"`
}

// deviceCode starts a sign-in on a machine without a browser.
func (p *Provider) deviceCode(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		fail("invalid_request", "The form cannot be read").write(w)
		return
	}
	if id := r.PostForm.Get("client_id"); id == "" || id != p.config.DeviceClient {
		(&oauthError{http.StatusUnauthorized, "invalid_client", "The application is no device application"}).write(w)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	secret := randomToken()
	d := &device{UserCode: userCode(), Client: p.config.DeviceClient, Scopes: granted(r.PostForm.Get("scope")),
		Audience: r.PostForm.Get("audience"), Until: p.config.Now().Add(p.config.DeviceLife), Interval: p.config.DeviceInterval}
	p.state.Devices[digest(secret)] = d
	if err := p.save(); err != nil {
		(&oauthError{http.StatusInternalServerError, "server_error", "The state could not be saved"}).write(w)
		return
	}
	page := p.config.Issuer + VerifyPath
	writeJSON(w, http.StatusOK, map[string]any{"device_code": secret, "user_code": d.UserCode, "verification_uri": page,
		"verification_uri_complete": page + "?" + url.Values{"user_code": {d.UserCode}}.Encode(),
		"expires_in":                int(p.config.DeviceLife.Seconds()), "interval": int(d.Interval.Seconds())})
}

// userCode is eight letters without vowels, so that it spells nothing.
func userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := randomBytes(8)
	for i, b := range code {
		code[i] = letters[int(b)%len(letters)]
	}
	return string(code)
}

// byDevice answers a poll.
func (p *Provider) byDevice(client, secret string) (issue, error) {
	now := p.config.Now()
	key := digest(secret)
	d := p.state.Devices[key]
	if d == nil || d.Client != client {
		return issue{}, fail("invalid_grant", "The device code is unknown or was used")
	}
	early := !d.Polled.IsZero() && now.Sub(d.Polled) < d.Interval
	d.Polled = now
	switch {
	case now.After(d.Until):
		return issue{}, fail("expired_token", "The device code expired")
	case d.Denied:
		return issue{}, fail("access_denied", "The person refused")
	case early:
		d.Interval += 5 * time.Second
		return issue{}, fail("slow_down", "Polled too early")
	case d.Sub == "":
		return issue{}, fail("authorization_pending", "Nobody entered the code yet")
	}
	delete(p.state.Devices, key)
	return p.beginDevice(d), nil
}

func (p *Provider) beginDevice(d *device) issue {
	f := &family{Sub: d.Sub, Client: d.Client, Scopes: d.Scopes, Audience: d.Audience, SignedIn: p.config.Now()}
	if p.config.DeviceBare {
		f.Scopes = slices.DeleteFunc(slices.Clone(f.Scopes), func(s string) bool { return s == "openid" || s == "offline" })
	}
	return p.begin(randomHex(16), f, "")
}

// deviceForm is the page a person types the code into.
func (p *Provider) deviceForm(w http.ResponseWriter, r *http.Request) {
	p.showDevice(w, http.StatusOK, r.URL.Query().Get("user_code"), "")
}

// deviceChosen takes that page's form.
func (p *Provider) deviceChosen(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	typed := r.FormValue("user_code")
	d := p.deviceByCode(typed)
	if d == nil {
		p.showDevice(w, http.StatusBadRequest, typed, "That code is unknown, used or expired.")
		return
	}
	if d.Denied = r.PostFormValue("who") == "cancel"; !d.Denied {
		who, problem := p.choose(r.PostFormValue("who"), r.PostFormValue("email"))
		if problem != "" {
			p.showDevice(w, http.StatusBadRequest, typed, problem)
			return
		}
		d.Sub = who.Sub
	}
	if err := p.save(); err != nil {
		p.showMessage(w, http.StatusInternalServerError, "Something is not right", "The state could not be saved.")
		return
	}
	if d.Denied {
		p.showMessage(w, http.StatusOK, "Refused", "The device was not signed in. You can close this page.")
		return
	}
	p.showMessage(w, http.StatusOK, "You are signed in", "Go back to your terminal. You can close this page.")
}

// deviceByCode finds an open device sign-in by what a person typed.
func (p *Provider) deviceByCode(typed string) *device {
	typed = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(typed))
	for _, d := range p.state.Devices {
		if d.UserCode == typed && d.Sub == "" && !d.Denied && !p.config.Now().After(d.Until) {
			return d
		}
	}
	return nil
}
