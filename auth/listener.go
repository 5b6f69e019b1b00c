package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kindling/assets"
)

// redeemPatience is how long a browser waits to hear how the sign-in ended.
const redeemPatience = 25 * time.Second

// listenLoopback binds the redirect's port on loopback alone: on 127.0.0.1,
// and on [::1] too when the redirect says localhost, which may mean either. A
// port 0 becomes the port taken.
func listenLoopback(redirect *url.URL) ([]net.Listener, error) {
	port := redirect.Port()
	addresses := []string{"127.0.0.1", "::1"}
	if host := redirect.Hostname(); host != "localhost" {
		addresses = []string{host}
	}
	var bound []net.Listener
	for _, address := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(address, port))
		if err != nil && len(bound) > 0 && !inUse(err) {
			break // a computer without IPv6
		}
		if err != nil {
			closeAll(bound)
			return nil, portProblem(redirect, err)
		}
		bound = append(bound, l)
		if port == "0" {
			_, port, _ = net.SplitHostPort(l.Addr().String())
			redirect.Host = net.JoinHostPort(redirect.Hostname(), port)
		}
	}
	return bound, nil
}

func portProblem(redirect *url.URL, err error) error {
	if inUse(err) {
		return problemf(ErrPortTaken, "port %s is taken by another program: close it, or set KINDE_REDIRECT_URL to another port (and register that in Kinde)", redirect.Port())
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err
	}
	return fmt.Errorf("cannot listen on %s (%w): set KINDE_REDIRECT_URL to another port, and register that in Kinde", redirect.Host, err)
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// callbackServer waits for the browser to come back to a Login.
type callbackServer struct {
	http      *http.Server
	listeners []net.Listener
}

func serveCallback(l *Login, listeners []net.Listener) *callbackServer {
	s := &callbackServer{listeners: listeners, http: &http.Server{
		Handler:           callbackHandler(l),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      redeemPatience + 5*time.Second,
		IdleTimeout:       5 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}}
	for _, listener := range listeners {
		go func() { _ = s.http.Serve(listener) }()
	}
	return s
}

// close frees the port before it returns: http.Server alone does not know yet
// of a listener whose goroutine did not run.
func (s *callbackServer) close() {
	closeAll(s.listeners)
	_ = s.http.Close()
}

// callbackHandler lets one browser request end the login: GET on the exact path
// and host, with the right state. Everything else gets a static page and the
// wait goes on, so that no other program on this computer can end it. The host
// is what a browser sends that followed the redirect; a page that was led here
// by a name of its own (DNS rebinding) sends that name.
func callbackHandler(l *Login) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.EqualFold(r.Host, l.redirect.Host) || r.URL.Path != l.redirect.Path:
			showPage(w, http.StatusNotFound, assets.PageWrong)
		case r.Method != http.MethodGet:
			w.Header().Set("Allow", http.MethodGet)
			showPage(w, http.StatusMethodNotAllowed, assets.PageWrong)
		default:
			l.answerBrowser(w, r)
		}
	})
}

func (l *Login) answerBrowser(w http.ResponseWriter, r *http.Request) {
	from := browser{make(chan assets.Page, 1), make(chan struct{})}
	defer close(from.shown)
	first, err := l.take(r.URL.RawQuery, from)
	switch {
	case err != nil:
		showPage(w, http.StatusBadRequest, assets.PageWrong)
	case !first:
		showPage(w, http.StatusOK, assets.PageAlready)
	default:
		showPage(w, http.StatusOK, pageAtEnd(r.Context(), from.page))
	}
}

// pageAtEnd waits until the code was redeemed, so that the page tells the truth.
func pageAtEnd(ctx context.Context, page <-chan assets.Page) assets.Page {
	late := time.NewTimer(redeemPatience)
	defer late.Stop()
	select {
	case p := <-page:
		return p
	case <-ctx.Done():
	case <-late.C:
	}
	return assets.PageRefused
}

func pageOf(err error) assets.Page {
	switch {
	case err == nil:
		return assets.PageSuccess
	case errors.Is(err, ErrLinkStale):
		return assets.PageExpired
	}
	return assets.PageRefused
}

// showPage sends a static page that echoes nothing and is kept nowhere. It is on
// its way when showPage returns: the program may end right after.
func showPage(w http.ResponseWriter, status int, page assets.Page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", page.Policy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Connection", "close")
	body := page.HTML()
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
	_ = http.NewResponseController(w).Flush()
}
