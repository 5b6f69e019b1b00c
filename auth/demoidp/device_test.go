package demoidp_test

import (
	"strings"
	"testing"
	"time"

	"kindling/auth/demoidp"
)

// offer is what the device endpoint answers.
type offer struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	Complete   string `json:"verification_uri_complete"`
	Expires    int    `json:"expires_in"`
	Interval   int    `json:"interval"`
}

func (p *idp) beginDevice() offer {
	p.t.Helper()
	var o offer
	if status := p.form(demoidp.DevicePath, &o, "client_id", "device", "scope", "openid offline"); status != 200 {
		p.t.Fatalf("device code: %d", status)
	}
	return o
}

func (p *idp) poll(o offer) (int, tokens) {
	p.t.Helper()
	return p.post("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", "device", "device_code", o.DeviceCode)
}

func (p *idp) expectPoll(o offer, want string) {
	p.t.Helper()
	if status, tk := p.poll(o); status != 400 || tk.Error != want {
		p.t.Errorf("poll: %d %s, want %s", status, tk.Error, want)
	}
}

// enter types a code into the verification page and presses a button.
func (p *idp) enter(code, who string, want int) {
	p.t.Helper()
	if status := p.form(demoidp.VerifyPath, nil, "user_code", code, "who", who); status != want {
		p.t.Errorf("code %q, button %q: %d, want %d", code, who, status, want)
	}
}

func TestDeviceSignIn(t *testing.T) {
	p := start(t, demoidp.Config{})
	o := p.beginDevice()
	if len(o.UserCode) != 8 || o.Expires != 600 || o.Interval != 5 || !strings.Contains(o.Complete, o.UserCode) {
		t.Errorf("offer %+v", o)
	}
	p.expectPoll(o, "authorization_pending")
	typed := strings.ToLower(o.UserCode[:4] + "-" + o.UserCode[4:])
	p.enter("ZZZZZZZZ", "alice", 400)
	p.enter(typed, "", 400)
	p.enter(typed, "alice", 200)
	p.enter(typed, "bob", 400)
	p.clock.pass(5 * time.Second)
	status, tk := p.poll(o)
	if status != 200 || tk.Refresh == "" || p.claims(tk.Access)["azp"] != "device" || p.claims(tk.ID)["sub"] != demoidp.Alice.Sub {
		t.Errorf("approved poll: %d %s", status, tk.Error)
	}
	p.expectPoll(o, "invalid_grant")
}

func TestDevicePollsAreSlowedDown(t *testing.T) {
	p := start(t, demoidp.Config{})
	o := p.beginDevice()
	p.expectPoll(o, "authorization_pending")
	p.clock.pass(4 * time.Second)
	p.expectPoll(o, "slow_down")
	p.clock.pass(6 * time.Second)
	p.expectPoll(o, "slow_down")
	p.clock.pass(15 * time.Second)
	p.expectPoll(o, "authorization_pending")
}

func TestDeviceSignInEnds(t *testing.T) {
	p := start(t, demoidp.Config{})
	o := p.beginDevice()
	p.enter(o.UserCode, "cancel", 200)
	p.expectPoll(o, "access_denied")
	o = p.beginDevice()
	p.clock.pass(11 * time.Minute)
	p.enter(o.UserCode, "alice", 400)
	p.expectPoll(o, "expired_token")
	if status := p.form(demoidp.DevicePath, nil, "client_id", "web"); status != 401 {
		t.Errorf("device code for a browser client: %d", status)
	}
}

func TestBareDeviceGrantGivesAnAccessTokenAlone(t *testing.T) {
	p := start(t, demoidp.Config{DeviceBare: true})
	o := p.beginDevice()
	p.enter(o.UserCode, "bob", 200)
	if status, tk := p.poll(o); status != 200 || tk.Access == "" || tk.Refresh != "" || tk.ID != "" {
		t.Errorf("bare device grant: %d, refresh %v, ID token %v", status, tk.Refresh != "", tk.ID != "")
	}
}
