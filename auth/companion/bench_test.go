package companion_test

import (
	"bufio"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/companion"
)

// TestMain turns the test binary into a server to measure, when told to.
func TestMain(m *testing.M) {
	switch os.Getenv("KINDLING_BENCH_SERVER") {
	case "companion":
		serveBench(benchCompanion(os.Getenv("ISSUER"), slog.New(slog.NewTextHandler(os.Stderr, nil))))
	case "bare":
		key, _ := pem.Decode([]byte(os.Getenv("PUBLIC_KEY")))
		public, err := x509.ParsePKIXPublicKey(key.Bytes)
		if err != nil {
			panic(err)
		}
		serveBench(bareHandler(public.(*rsa.PublicKey)))
	default:
		os.Exit(m.Run())
	}
}

// serveBench prints its address and serves until stdin ends.
func serveBench(h http.Handler) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + ln.Addr().String())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	_ = http.Serve(ln, h)
}

// benchCompanion is the handler as it is, its limits kept but out of the way.
func benchCompanion(issuer string, log *slog.Logger) http.Handler {
	wide := companion.Limit{Every: time.Nanosecond, Burst: 1 << 30}
	h, err := companion.New(companion.Config{Issuer: issuer, Clients: []string{browser}, Secret: auth.NewSecret(secret), Log: log, PerSub: wide, PerAddress: wide})
	if err != nil {
		panic(err)
	}
	return h
}

// bareHandler is the floor: one RS256 verify and one HS256 sign, and no rule besides.
func bareHandler(key *rsa.PublicKey) http.Handler {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		var claims jwt.RegisteredClaims
		_, err := parser.ParseWithClaims(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), &claims, func(*jwt.Token) (any, error) { return key, nil })
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		now := time.Now()
		token, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Subject: claims.Subject,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(15 * time.Minute))}).SignedString([]byte(secret))
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 900})
	})
}

// benchTokens are good now, of Kinde's ordinary size, for many people.
func benchTokens(issuer string) []string {
	out := make([]string, 64)
	for i := range out {
		out[i] = goodToken(issuer).with("sub", fmt.Sprintf("kp_%032d", i), "iat", time.Now().Unix()-60, "exp", time.Now().Unix()+86000,
			"permissions", []string{"read:todos", "write:todos"}, "feature_flags", map[string]any{"theme": map[string]string{"t": "s", "v": "dark"}}).String()
	}
	return out
}

// BenchmarkHandler is one core's work without a network: compare the two.
func BenchmarkHandler(b *testing.B) {
	k := startKinde(b)
	key, _ := keyPair()
	tokens := benchTokens(k.URL + "/ok")
	for name, h := range map[string]http.Handler{"companion": benchCompanion(k.URL+"/ok", slog.New(slog.NewTextHandler(io.Discard, nil))), "bare": bareHandler(&key.PublicKey)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
				req.Header["Authorization"] = []string{"Bearer " + tokens[i%len(tokens)]}
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, req); w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// BenchmarkExchange asks servers of one core each, in processes of their own,
// over loopback: `.ci/bench-companion` runs it in rounds and compares.
func BenchmarkExchange(b *testing.B) {
	k := startKinde(b)
	tokens := benchTokens(k.URL + "/ok")
	for _, name := range []string{"companion", "bare", "node-keyobject", "node-jose", "node-raw"} {
		b.Run(name, func(b *testing.B) {
			url, pid := startBench(b, k, name)
			load(b, url, tokens, 2000) // warm
			spent := cpuTime(pid)
			b.ResetTimer()
			latencies := load(b, url, tokens, b.N)
			b.StopTimer()
			slices.Sort(latencies)
			b.ReportMetric(float64((cpuTime(pid)-spent).Microseconds())/float64(b.N), "cpu-µs")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
			b.ReportMetric(float64(latencies[len(latencies)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkStorm asks for good tokens while a thousand unknown kids a second come in.
func BenchmarkStorm(b *testing.B) {
	k := startKinde(b)
	tokens := benchTokens(k.URL + "/ok")
	unknown := make([]string, 1000)
	for i := range unknown {
		unknown[i] = goodToken(k.URL+"/ok").with("iat", time.Now().Unix()-60).head("kid", fmt.Sprintf("storm-%d", i)).signedBy(func(string) []byte { return make([]byte, 256) }).String()
	}
	url, pid := startBench(b, k, "companion")
	load(b, url, tokens, 2000)
	before := k.count(jwksPath)
	for _, rate := range []int{0, 1000} {
		b.Run(strconv.Itoa(rate)+"-a-second", func(b *testing.B) {
			stop, spent := storm(b, url, unknown, rate), cpuTime(pid)
			latencies := load(b, url, tokens, b.N)
			b.StopTimer()
			stop()
			b.ReportMetric(float64((cpuTime(pid)-spent).Microseconds())/float64(b.N), "cpu-µs")
			slices.Sort(latencies)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
			b.ReportMetric(float64(latencies[len(latencies)*99/100].Microseconds()), "p99-µs")
		})
	}
	b.Logf("%d fetches of the keys during the storm", k.count(jwksPath)-before)
}

// storm sends tokens at a rate until it is stopped.
func storm(b *testing.B, url string, tokens []string, rate int) func() {
	if rate == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		c := dialBench(b, url)
		defer c.Close()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ctx.Err() == nil; <-tick.C {
			for range rate / 100 {
				if status := c.ask(tokens[i%len(tokens)]); status != 401 {
					b.Errorf("the storm is answered %d", status)
					return
				}
				i++
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// cpuTime is what a process has used of any core so far, to 10 ms: unlike the
// rate, it does not depend on what else the machine does. Zero where unknown.
func cpuTime(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if err != nil || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// startBench starts a server of its own process on one core, and returns its URL and process.
func startBench(b *testing.B, k *kinde, name string) (string, int) {
	b.Helper()
	args := []string{os.Args[0]}
	if variant, node := strings.CutPrefix(name, "node-"); node {
		modules := os.Getenv("KINDLING_NODE_MODULES")
		if modules == "" {
			b.Skip("Node is NOT measured: set KINDLING_NODE_MODULES to a node_modules with jsonwebtoken and jose, or run .ci/bench-companion")
		}
		script, _ := filepath.Abs(filepath.Join("testdata", "node-companion.cjs"))
		args = []string{"node", script, variant}
	}
	if _, err := exec.LookPath("taskset"); err == nil && runtime.NumCPU() > 1 {
		args = append([]string{"taskset", "-c", "0"}, args...)
	}
	key, _ := keyPair()
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicForms(&key.PublicKey)["PKIX"]})
	cmd := exec.CommandContext(b.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "KINDLING_BENCH_SERVER="+name, "GOMAXPROCS=1", "ISSUER="+k.URL+"/ok", "AZP="+browser,
		"PUBLIC_KEY="+string(public), "SECRET="+secret, "NODE_PATH="+os.Getenv("KINDLING_NODE_MODULES"))
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s did not start: %v", name, err)
	}
	return strings.TrimSpace(line), cmd.Process.Pid
}

// load asks n times over 16 connections, and returns how long each took.
func load(b *testing.B, url string, tokens []string, n int) []time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	all := make([][]time.Duration, 16)
	for i := range all {
		wg.Go(func() {
			c := dialBench(b, url)
			defer c.Close()
			for {
				at := next.Add(1)
				if at > int64(n) {
					return
				}
				begun := time.Now()
				if status := c.ask(tokens[int(at)%len(tokens)]); status != 200 {
					b.Errorf("answered %d", status)
					return
				}
				all[i] = append(all[i], time.Since(begun))
			}
		})
	}
	wg.Wait()
	return slices.Concat(all...)
}

// benchConn is the smallest HTTP client: the load must cost less than what it loads.
type benchConn struct {
	net.Conn
	in *bufio.Reader
}

func dialBench(b *testing.B, url string) *benchConn {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		b.Error(err)
		conn, _ = net.Pipe()
		conn.Close()
	}
	return &benchConn{conn, bufio.NewReader(conn)}
}

// ask returns the status of the answer, or 0.
func (c *benchConn) ask(token string) int {
	_, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
	status, length := 0, 0
	for err == nil {
		var line []byte
		line, err = c.in.ReadSlice('\n')
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		if status == 0 {
			status, _ = strconv.Atoi(text[9:12])
		} else if name, value, _ := strings.Cut(text, ": "); strings.EqualFold(name, "content-length") {
			length, _ = strconv.Atoi(value)
		}
	}
	if err != nil {
		return 0
	}
	if _, err := c.in.Discard(length); err != nil {
		return 0
	}
	return status
}
