package companion_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kindling/auth/companion"
)

// serving is a companion that listens.
type serving struct {
	url  string
	stop func() error // ends it and waits
}

func startServer(t *testing.T, s companion.Server, c companion.Config) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	listening, ended := make(chan string, 1), make(chan error, 1)
	s.Listening = func(url string) { listening <- url }
	go func() { ended <- companion.Serve(ctx, s, c) }()
	out := &serving{stop: sync.OnceValue(func() error {
		cancel()
		return <-ended
	})}
	select {
	case out.url = <-listening:
	case err := <-ended:
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.stop() })
	return out
}

func post(t *testing.T, client *http.Client, url string, tok *token) (int, string) {
	t.Helper()
	req, _ := http.NewRequest(http.MethodPost, url, strings.NewReader("{}"))
	req.Header.Set("Authorization", "Bearer "+tok.String())
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func TestServerAnswersAndStops(t *testing.T) {
	k := startKinde(t)
	s := startServer(t, companion.Server{Addr: "127.0.0.1:0"}, configure(baseEnv(k)))
	for _, path := range []string{"/", "/functions/kindling-token"} {
		if status, body := post(t, http.DefaultClient, s.url+path, good(k)); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if err := s.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := http.Get(s.url + "/healthz"); err == nil {
		t.Error("it answers after its end")
	}
}

func TestServerFetchesKeysBeforeItIsAsked(t *testing.T) {
	k := startKinde(t)
	startServer(t, companion.Server{Addr: "127.0.0.1:0"}, configure(baseEnv(k)))
	eventually(t, "the first fetch", func() bool { return k.count(jwksPath) == 1 })
}

// TestServerFinishesWhatItBegan stops it while a request waits for Kinde.
func TestServerFinishesWhatItBegan(t *testing.T) {
	k := startKinde(t)
	asked, answer := make(chan struct{}, 9), make(chan struct{})
	c := configure(baseEnv(k))
	c.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked <- struct{}{}
		<-answer
		return http.DefaultTransport.RoundTrip(r)
	})}
	s := startServer(t, companion.Server{Addr: "127.0.0.1:0"}, c)
	<-asked
	status, inside := make(chan int, 1), make(chan struct{})
	go func() { status <- postUntilRead(t, s.url, good(k), inside) }()
	<-inside
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	eventually(t, "the end of listening", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	close(answer)
	if got := <-status; got != 200 {
		t.Errorf("the request under way was answered %d", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
}

// postUntilRead is post; it closes reading when the server reads the body, and so is at work.
func postUntilRead(t *testing.T, url string, tok *token, reading chan<- struct{}) (status int) {
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(reading) }})
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	req.Header.Set("Authorization", "Bearer "+tok.String())
	req.Header.Set("Expect", "100-continue")
	resp, err := (&http.Transport{ExpectContinueTimeout: time.Minute}).RoundTrip(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func TestServerListens(t *testing.T) {
	k := startKinde(t)
	dir := t.TempDir()
	cert, key := writeCertificate(t, dir)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	const open = "only loopback is served without TLS"
	for _, c := range []struct {
		name   string
		server companion.Server
		proxy  bool
		says   string
	}{
		{"loopback", companion.Server{Addr: "127.0.0.1:0"}, false, ""},
		{"localhost", companion.Server{Addr: "localhost:0"}, false, ""},
		{"all interfaces", companion.Server{Addr: "0.0.0.0:0"}, false, open},
		{"no host", companion.Server{Addr: ":0"}, false, open},
		{"all of IPv6", companion.Server{Addr: "[::]:0"}, false, open},
		{"another address", companion.Server{Addr: "192.0.2.1:0"}, false, open},
		{"a name", companion.Server{Addr: "example.com:0"}, false, open},
		{"a loopback look-alike", companion.Server{Addr: "localhost.example.com:0"}, false, open},
		{"behind a proxy", companion.Server{Addr: "0.0.0.0:0"}, true, ""},
		{"with TLS", companion.Server{Addr: "0.0.0.0:0", CertFile: cert, KeyFile: key}, false, ""},
		{"a certificate without a key", companion.Server{Addr: "127.0.0.1:0", CertFile: cert}, false, "--tls-cert and --tls-key belong together"},
		{"a key without a certificate", companion.Server{Addr: "127.0.0.1:0", KeyFile: key}, false, "--tls-cert and --tls-key belong together"},
		{"a certificate that is none", companion.Server{Addr: "127.0.0.1:0", CertFile: key, KeyFile: key}, false, "the TLS certificate cannot be used"},
		{"no port", companion.Server{Addr: "127.0.0.1"}, false, "--addr 127.0.0.1 is not a host and a port"},
		{"a taken port", companion.Server{Addr: taken.Addr().String()}, false, "listen on " + taken.Addr().String()},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := configure(baseEnv(k))
			config.BehindProxy = c.proxy
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.server.Listening = func(string) { cancel() }
			err := companion.Serve(ctx, c.server, config)
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("Serve: %v, want %q", err, c.says)
			}
		})
	}
}

// TestServerNamesEveryProblem: nobody mends one setting to hear of the next.
func TestServerNamesEveryProblem(t *testing.T) {
	err := companion.Serve(t.Context(), companion.Server{Addr: "0.0.0.0:8787"}, companion.Config{Issuer: "http://x.kinde.com"})
	for _, want := range []string{"KINDE_ISSUER_URL must be", "KINDE_CLIENT_ID is missing", "INSFORGE_JWT_SECRET needs", "--addr 0.0.0.0:8787: only loopback"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestServerSpeaksTLS(t *testing.T) {
	k := startKinde(t)
	cert, key := writeCertificate(t, t.TempDir())
	var log bytes.Buffer
	c := configure(baseEnv(k))
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := startServer(t, companion.Server{Addr: "127.0.0.1:0", CertFile: cert, KeyFile: key}, c)
	pool := x509.NewCertPool()
	data, _ := os.ReadFile(cert)
	pool.AppendCertsFromPEM(data)
	for _, http2 := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: http2}}
		if status, body := post(t, client, s.url, good(k)); status != 200 {
			t.Errorf("HTTP/2 %v: %d %s", http2, status, body)
		}
		client.CloseIdleConnections()
	}
	old := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), old); err == nil {
		conn.Close()
		t.Error("it speaks TLS 1.1")
	}
	resp, err := http.Get(strings.Replace(s.url, "https:", "http:", 1))
	if err == nil {
		resp.Body.Close()
		if resp.StatusCode != 400 {
			t.Errorf("plain HTTP is answered %d", resp.StatusCode)
		}
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), "outcome=minted") {
		t.Errorf("log %s", log.String())
	}
}

// TestServerSizes sends what net/http itself refuses, over a plain connection.
func TestServerSizes(t *testing.T) {
	k := startKinde(t)
	s := startServer(t, companion.Server{Addr: "127.0.0.1:0"}, configure(baseEnv(k)))
	for name, c := range map[string]struct{ request, want string }{
		"a huge header":    {"POST / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "HTTP/1.1 431"},
		"a huge path":      {"POST /" + strings.Repeat("x", 64<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431"},
		"two lengths":      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "HTTP/1.1 400"},
		"no HTTP":          {"hello\r\n\r\n", "HTTP/1.1 400"},
		"no host":          {"POST / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
		"a long body":      {"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 9999999\r\n\r\n" + strings.Repeat("x", 16<<10), "HTTP/1.1 413"},
		"an endless chunk": {"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n" + strings.Repeat("x", 0x4000), "HTTP/1.1 413"},
		"a cut body":       {"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n{}", "HTTP/1.1 400"},
		"a folded header":  {"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer\r\n x\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 40"},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(conn, c.request)
		_ = conn.(*net.TCPConn).CloseWrite()
		answer := make([]byte, len(c.want))
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != c.want {
			t.Errorf("%s: %q, %v; want %s", name, answer, err, c.want)
		}
		conn.Close()
	}
}

// writeCertificate makes a certificate for 127.0.0.1 and its key, as files.
func writeCertificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
