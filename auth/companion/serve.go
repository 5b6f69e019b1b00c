package companion

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"kindling/auth"
)

// DefaultAddr is where the companion listens unless told otherwise.
const DefaultAddr = "127.0.0.1:8787"

// Server says where the companion listens.
type Server struct {
	Addr              string // "": DefaultAddr
	CertFile, KeyFile string // both or none
	// Listening, when set, is called once with the base URL that answers.
	Listening func(url string)
}

// Serve runs the companion until ctx ends, then lets the requests under way
// finish (10 s at most). Other than loopback is served only with TLS, or
// behind a proxy that ends it. Its error names all that is wrong with both
// configurations.
func Serve(ctx context.Context, s Server, c Config) error {
	secure, problems := s.check(c.BehindProxy)
	if err := misconfigured(append(c.normal().problems(), problems...)); err != nil {
		return err
	}
	h, err := newHandler(c)
	if err != nil {
		return err
	}
	ln, err := s.listen(secure)
	if err != nil {
		return err
	}
	if s.Listening != nil {
		s.Listening(s.url(ln))
	}
	go h.keys.ready(ctx) // the first request should find them there
	return run(ctx, ln, server(h, slog.NewLogLogger(h.log.Handler(), slog.LevelWarn)))
}

// server ends every wait: nobody holds a connection by being slow.
func server(h http.Handler, errors *log.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          errors,
	}
}

func (s Server) addr() string { return cmp.Or(s.Addr, DefaultAddr) }

// check reads the certificate, nil without TLS, and names what may not be served.
func (s Server) check(behindProxy bool) (secure *tls.Config, problems []string) {
	host, _, err := net.SplitHostPort(s.addr())
	if err != nil {
		problems = append(problems, fmt.Sprintf("--addr %s is not a host and a port", s.addr()))
	}
	switch {
	case (s.CertFile == "") != (s.KeyFile == ""):
		problems = append(problems, "--tls-cert and --tls-key belong together")
	case s.CertFile != "":
		pair, err := tls.LoadX509KeyPair(s.CertFile, s.KeyFile)
		if err != nil {
			problems = append(problems, fmt.Sprintf("the TLS certificate cannot be used (%v)", err))
		}
		secure = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	case err == nil && !auth.IsLoopback(host) && !behindProxy:
		problems = append(problems, fmt.Sprintf("--addr %s: only loopback is served without TLS (give --tls-cert and --tls-key, or --behind-proxy where something else ends TLS)", s.addr()))
	}
	return secure, problems
}

// listen binds the address.
func (s Server) listen(secure *tls.Config) (net.Listener, error) {
	ln, err := net.Listen("tcp", s.addr())
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s.addr(), err)
	}
	if secure != nil {
		ln = tls.NewListener(ln, secure)
	}
	return ln, nil
}

func (s Server) url(ln net.Listener) string {
	if s.CertFile != "" {
		return "https://" + ln.Addr().String()
	}
	return "http://" + ln.Addr().String()
}

// run serves until ctx ends.
func run(ctx context.Context, ln net.Listener, srv *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve companion: %w", err)
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(wait); err != nil {
		return fmt.Errorf("stop companion: %w", err)
	}
	return nil
}
