package auth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// TestNoRedirectIsFollowed: a code, a token or a secret goes to the address that was
// checked, or nowhere, whichever request is answered with "look over there".
func TestNoRedirectIsFollowed(t *testing.T) {
	var followed atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed.Add(1)
		_, _ = io.WriteString(w, `{"access_token":"a.b.c","token_type":"Bearer","expires_in":900}`)
	}))
	defer elsewhere.Close()
	const mintPath = "/functions/kindling-token"
	paths := map[string]func(k *keptWorld){
		demoidp.DiscoveryPath: func(k *keptWorld) { _, _ = k.newClient(k.config).BeginLogin(ctx, auth.LoginOptions{}) },
		demoidp.TokenPath:     func(k *keptWorld) { k.tryToSignIn(); k.tryToRenew(k.mint) },
		demoidp.KeysPath:      (*keptWorld).tryToSignIn,
		demoidp.DevicePath:    func(k *keptWorld) { _, _ = k.client.BeginDevice(ctx) },
		demoidp.RevokePath:    func(k *keptWorld) { _ = k.accounts.Logout(ctx, k.account, k.client) },
		mintPath:              func(k *keptWorld) { k.tryToRenew(auth.NewCompanion(k.server.URL+mintPath, nil)) },
	}
	for path, try := range paths {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(path+" "+strconv.Itoa(status), func(t *testing.T) {
				k := newKeptWorld(t, nil)
				k.clock.Advance(20 * time.Hour)
				var asked atomic.Int32
				k.instead(func(rw http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == path {
						asked.Add(1)
						http.Redirect(rw, r, elsewhere.URL+"/there", status)
					}
					return r.URL.Path == path
				})
				try(k)
				if n := followed.Swap(0); n != 0 || asked.Load() == 0 {
					t.Errorf("followed %d times, asked %d", n, asked.Load())
				}
			})
		}
	}
}

// TestNoRedirectIsFollowedWithAToken: the profile is asked for with the access token,
// where no other token says the e-mail address.
func TestNoRedirectIsFollowedWithAToken(t *testing.T) {
	var followed, asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	defer elsewhere.Close()
	f := newForger(t)
	answer := f.bend
	f.then = f.claim("email", nil)
	f.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.ProfilePath {
			asked.Add(1)
			http.Redirect(rw, r, elsewhere.URL, http.StatusTemporaryRedirect)
			return true
		}
		return answer(rw, r)
	})
	l := f.begin(auth.LoginOptions{})
	at := f.callback(l, "alice")
	go visit(t, at)
	if g, err := l.Wait(ctx); err != nil || g.Email != "" {
		t.Errorf("wait: %q, %v", g.Email, err)
	}
	if followed.Load() != 0 || asked.Load() != 1 {
		t.Errorf("followed %d times, asked %d", followed.Load(), asked.Load())
	}
}

// tryToSignIn goes the whole way of a sign-in, however it ends.
func (k *keptWorld) tryToSignIn() {
	l := k.begin(auth.LoginOptions{})
	at := k.callback(l, "bob")
	go func() {
		if res, err := http.Get(at); err == nil {
			_ = res.Body.Close()
		}
	}()
	_, _ = l.Wait(ctx)
}

// tryToRenew asks for a token with one that is due.
func (k *keptWorld) tryToRenew(m auth.Minter) {
	_, _ = k.accounts.Session(k.account, k.newClient(k.config), project, m).Token(ctx, "")
}

// TestSlowIssuersEnd: neither a header that never comes nor a body that drips holds
// anybody for longer than a request may take.
func TestSlowIssuersEnd(t *testing.T) {
	for name, drip := range map[string]func(http.ResponseWriter){
		"no header": func(http.ResponseWriter) {},
		"no body":   func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"a few bytes": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, strings.Repeat(" ", 10))
			w.(http.Flusher).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			done := make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for {
					drip(w)
					select {
					case <-done:
						return
					case <-r.Context().Done():
						return
					case <-time.After(5 * time.Millisecond):
					}
				}
			}))
			defer s.Close()
			defer close(done)
			patience := &http.Client{Timeout: 60 * time.Millisecond}
			_, err := auth.NewClient(auth.Config{Issuer: s.URL, ClientID: "x", HTTP: patience}).BeginLogin(ctx, auth.LoginOptions{})
			if err == nil || !strings.Contains(err.Error(), "cannot reach") {
				t.Errorf("sign-in: %v", err)
			}
			if _, _, err := auth.NewCompanion(s.URL, patience).Mint(ctx, auth.NewSecret("kinde-token")); err == nil || strings.Contains(err.Error(), "kinde-token") {
				t.Errorf("mint: %v", err)
			}
		})
	}
}
