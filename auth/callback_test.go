package auth_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// ask sends one request to a login's listener and returns its status, header and page.
func ask(t *testing.T, l *auth.Login, method, path, host string) (int, http.Header, string) {
	t.Helper()
	redirect, err := url.Parse(l.RedirectURL())
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(method, redirect.Scheme+"://"+redirect.Host+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

// TestHostileCallbacks sends what other programs and pages on this computer could
// send: each gets a static page that echoes nothing, and the sign-in goes on.
func TestHostileCallbacks(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	at := w.callback(l, "alice")
	good := query(t, at)
	q := func(change func(url.Values)) string {
		v, _ := url.ParseQuery(good.Encode())
		change(v)
		return "/callback?" + v.Encode()
	}
	hostile := []struct{ name, method, path, host string }{
		{"another path", "GET", strings.Replace(q(func(url.Values) {}), "/callback", "/other", 1), ""},
		{"the path with more", "GET", strings.Replace(q(func(url.Values) {}), "/callback", "/callback/", 1), ""},
		{"the root", "GET", "/", ""},
		{"an icon", "GET", "/favicon.ico", ""},
		{"POST", "POST", q(func(url.Values) {}), ""},
		{"HEAD", "HEAD", q(func(url.Values) {}), ""},
		{"OPTIONS", "OPTIONS", q(func(url.Values) {}), ""},
		{"a name that points here", "GET", q(func(url.Values) {}), "evil.example"},
		{"a name with our port", "GET", q(func(url.Values) {}), "evil.example:" + mustPort(l)},
		{"localhost for 127.0.0.1", "GET", q(func(url.Values) {}), "localhost:" + mustPort(l)},
		{"another port", "GET", q(func(url.Values) {}), "127.0.0.1:1"},
		{"no port", "GET", q(func(url.Values) {}), "127.0.0.1"},
		{"no state", "GET", q(func(v url.Values) { v.Del("state") }), ""},
		{"empty state", "GET", q(func(v url.Values) { v.Set("state", "") }), ""},
		{"wrong state", "GET", q(func(v url.Values) { v.Set("state", strings.Repeat("x", 43)) }), ""},
		{"half a state", "GET", q(func(v url.Values) { v.Set("state", v.Get("state")[:20]) }), ""},
		{"two states", "GET", q(func(v url.Values) { v.Add("state", v.Get("state")) }), ""},
		{"two states, one wrong", "GET", q(func(v url.Values) { v.Add("state", "x") }), ""},
		{"error with no state", "GET", "/callback?error=access_denied", ""},
		{"error with a wrong state", "GET", "/callback?error=access_denied&state=x", ""},
		{"two codes", "GET", q(func(v url.Values) { v.Add("code", "x") }), ""},
		{"two errors", "GET", q(func(v url.Values) { v.Del("code"); v["error"] = []string{"a", "b"} }), ""},
		{"two issuers", "GET", q(func(v url.Values) { v["iss"] = []string{w.server.URL, w.server.URL} }), ""},
		{"two descriptions", "GET", q(func(v url.Values) { v.Del("code"); v.Set("error", "a"); v["error_description"] = []string{"b", "c"} }), ""},
		{"code and error", "GET", q(func(v url.Values) { v.Set("error", "access_denied") }), ""},
		{"neither code nor error", "GET", q(func(v url.Values) { v.Del("code") }), ""},
		{"an empty code", "GET", q(func(v url.Values) { v.Set("code", "") }), ""},
		{"a broken escape", "GET", q(func(url.Values) {}) + "&x=%zz", ""},
		{"a semicolon", "GET", q(func(url.Values) {}) + ";x=y", ""},
		{"very long", "GET", q(func(url.Values) {}) + "&x=" + strings.Repeat("y", 9<<10), ""},
		{"a script", "GET", "/callback?error=<script>alert(1)</script>&state=<b>", ""},
	}
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			status, header, page := ask(t, l, h.method, h.path, h.host)
			if status < 400 || status > 405 {
				t.Errorf("status %d", status)
			}
			checkPage(t, header, page, h.method)
		})
	}
	go visit(t, at)
	if g, err := l.Wait(ctx); err != nil || g.Sub == "" {
		t.Errorf("after all that: %v", err)
	}
}

func mustPort(l *auth.Login) string {
	u, _ := url.Parse(l.RedirectURL())
	return u.Port()
}

// checkPage holds a page of the listener to what makes it harmless.
func checkPage(t *testing.T, h http.Header, page, method string) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if csp := h.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if method != "HEAD" && !strings.Contains(page, "</html>") || strings.Contains(page, "script") || strings.Contains(page, "state") {
		t.Errorf("page %q", page)
	}
}

func TestHeadersAreCapped(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	redirect, _ := url.Parse(l.RedirectURL())
	conn, err := net.Dial("tcp", redirect.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprintf(conn, "GET /callback HTTP/1.1\r\nHost: %s\r\nX-Long: %s\r\n\r\n", redirect.Host, strings.Repeat("y", 64<<10))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil && res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestFirstValidStateWins(t *testing.T) {
	w := newWorld(t, nil)
	l := w.begin(auth.LoginOptions{})
	first, second := w.callback(l, "alice"), w.callback(l, "bob")
	release := make(chan struct{})
	w.instead(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == demoidp.TokenPath {
			<-release
		}
		return false
	})
	pages := make(chan string, 1)
	go func() { pages <- visit(t, first) }()
	done := make(chan auth.Grant, 1)
	go func() {
		g, err := l.Wait(ctx)
		if err != nil {
			t.Error(err)
		}
		done <- g
	}()
	for w.idp.Count(demoidp.AuthorizePath) < 2 || len(w.to(demoidp.TokenPath)) == 0 {
		time.Sleep(time.Millisecond)
	}
	if later := visit(t, second); !strings.Contains(later, "already has its answer") {
		t.Errorf("the second was shown %q", later)
	}
	close(release)
	if g := <-done; !strings.HasPrefix(g.Email, "alice@") {
		t.Errorf("signed in %s", g.Email)
	}
	if page := <-pages; !strings.Contains(page, "You are signed in") {
		t.Errorf("the first was shown %q", page)
	}
}

func TestIssuerOnTheCallback(t *testing.T) {
	for name, c := range map[string]struct {
		announced bool
		iss       string // "-": none
		refused   bool
	}{
		"absent, not announced":  {false, "-", false},
		"present, not announced": {false, "", false},
		"wrong, not announced":   {false, "https://evil.example", true},
		"present, announced":     {true, "", false},
		"absent, announced":      {true, "-", true},
		"wrong, announced":       {true, "https://evil.example", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.CallbackIssuer = c.announced })
			l := w.begin(auth.LoginOptions{})
			v := query(t, w.callback(l, "alice"))
			v.Del("iss")
			switch c.iss {
			case "-":
			case "":
				v.Set("iss", w.server.URL)
			default:
				v.Set("iss", c.iss)
			}
			go visit(t, l.RedirectURL()+"?"+v.Encode())
			_, err := l.Wait(ctx)
			if (err != nil) != c.refused || c.refused && !errors.Is(err, auth.ErrDenied) {
				t.Errorf("wait: %v", err)
			}
			if n := len(w.to(demoidp.TokenPath)); c.refused && n > 0 {
				t.Errorf("the code was sent %d times", n)
			}
		})
	}
}

func TestRefusalsAreOneLineWithANextStep(t *testing.T) {
	for answer, want := range map[string]struct {
		kind error
		says string
		page string
	}{
		"error=access_denied":      {auth.ErrDenied, "try again", "not signed in"},
		"error=login_link_expired": {auth.ErrLinkStale, "the e-mail link expired: sign in again for a new one", "The link expired"},
		"error=unauthorized_client&error_description=No+such+client.": {nil, "KINDE_CLIENT_ID", "not signed in"},
		"error=invalid_scope": {nil, "application's settings", "not signed in"},
		"error=server_error&error_description=%1b%5b31mred%0a%e2%80%aeevil": {nil, "server_error [31mred evil", "not signed in"},
		"error=temporarily_unavailable&error_description=" + long(2000):     {nil, "try again", "not signed in"},
		"error=%00%07&error_description=%c2%9b31m":                          {nil, "try again", "not signed in"},
	} {
		t.Run(answer[:min(len(answer), 40)], func(t *testing.T) {
			w := newWorld(t, nil)
			l := w.begin(auth.LoginOptions{})
			page := make(chan string, 1)
			go func() { page <- visit(t, l.RedirectURL()+"?"+answer+"&state="+query(t, l.URL()).Get("state")) }()
			_, err := l.Wait(ctx)
			if err == nil || want.kind != nil && !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.says) {
				t.Fatalf("wait: %v", err)
			}
			if len(err.Error()) > 600 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x202e }) {
				t.Errorf("not fit for a terminal: %q", err)
			}
			if p := <-page; !strings.Contains(p, want.page) || strings.Contains(p, "evil") {
				t.Errorf("the browser was shown %q", p)
			}
		})
	}
}

func long(n int) string { return strings.Repeat("y", n) }

func TestPasteTakesTheAddressOfAnotherComputersBrowser(t *testing.T) {
	forms := map[string]func(string) string{
		"whole":          func(at string) string { return at },
		"in two lines":   func(at string) string { return at[:60] + "\r\n  " + at[60:] },
		"with a hash":    func(at string) string { return at + "#_" },
		"from ? on":      func(at string) string { return at[strings.Index(at, "?"):] },
		"the parameters": func(at string) string { return at[strings.Index(at, "?")+1:] },
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			l := w.begin(auth.LoginOptions{})
			at := w.callback(l, "bob")
			v := query(t, at)
			for _, wrong := range []string{
				"", "hello", l.URL(), "http://127.0.0.1:1/callback?" + v.Encode(), "https://evil.example/callback?" + v.Encode(),
				strings.Replace(at, "state=", "state=x", 1), l.RedirectURL() + "?state=" + v.Get("state"),
			} {
				if err := l.Paste(wrong); !errors.Is(err, auth.ErrState) {
					t.Errorf("%q was taken: %v", wrong, err)
				}
			}
			if err := l.Paste(form(at)); err != nil {
				t.Fatal(err)
			}
			if g, err := l.Wait(ctx); err != nil || !strings.HasPrefix(g.Email, "bob@") {
				t.Errorf("wait: %v", err)
			}
		})
	}
}

func FuzzCallback(f *testing.F) {
	const state = "0123456789012345678901234567890123456789012"
	for _, seed := range []string{
		"", "code=x&state=" + state, "error=access_denied&state=" + state, "state=" + state, "code=x", "code=x&code=y&state=" + state,
		"code=x&state=" + state + "&state=" + state, "%", "a;b", "code=%00&state=" + state, "state=" + state + "&code=x&error=y", "iss=a&iss=b&state=" + state,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		code, err := auth.ParseCallback(raw, state)
		v, parsed := url.ParseQuery(raw)
		right := parsed == nil && len(v["state"]) == 1 && v.Get("state") == state
		if !right && !errors.Is(err, auth.ErrState) {
			t.Errorf("%q was taken without the state: %v", raw, err)
		}
		if err == nil && (code == "" || len(v["code"]) != 1 || v.Get("error") != "" || code != v.Get("code")) {
			t.Errorf("%q gave the code %q", raw, code)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q gave an error that is not fit for a terminal: %q", raw, err)
		}
	})
}

func FuzzPaste(f *testing.F) {
	redirect, err := url.Parse(auth.DefaultRedirectURL)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"", "?", "#", "http://127.0.0.1:53180/callback?code=x#y", "code=x\n&state=y", "HTTP://127.0.0.1:53180/CALLBACK?x", "http://[::1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		q, err := auth.PastedQuery(pasted, redirect)
		if err != nil && !errors.Is(err, auth.ErrState) {
			t.Errorf("%q: %v", pasted, err)
		}
		if strings.ContainsAny(q, " \r\n\t\x1b#") {
			t.Errorf("%q gave %q", pasted, q)
		}
	})
}

func TestNoBrowserHoldsTheListener(t *testing.T) {
	l := newWorld(t, nil).begin(auth.LoginOptions{})
	for i, d := range l.TimeOuts() {
		if d <= 0 || d > 30*time.Second {
			t.Errorf("time-out %d is %v", i, d)
		}
	}
}
