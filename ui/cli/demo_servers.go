package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/companion"
	"kindling/auth/demoidp"
	"kindling/store"
	"kindling/store/demodb"
)

const (
	demoClient       = "kindling-demo"
	demoDeviceClient = "kindling-demo-device"
	demoAnonKey      = "anon_kindling-demo" // public, as a project's is
)

// place is where a demo's servers answer, and the secret that its companion
// signs with. It is kept, so that the addresses stay the same from run to run.
type place struct {
	IssuerPort, ProjectPort, CallbackPort int
	Secret                                string
}

const placeFile = "place.json"

func onLoopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

func (p place) issuer() string    { return "http://" + onLoopback(p.IssuerPort) }
func (p place) project() string   { return "http://" + onLoopback(p.ProjectPort) }
func (p place) companion() string { return p.project() + "/functions/kindling-token" }
func (p place) callback() string  { return "http://" + onLoopback(p.CallbackPort) + "/callback" }

// sign makes a token that the pretend InsForge takes.
func (p place) sign(claims jwt.MapClaims) string {
	text, _ := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(p.Secret)) // HS256 takes any bytes
	return text
}

func readPlace(dir string) (place, error) {
	data, err := os.ReadFile(filepath.Join(dir, placeFile))
	if err != nil {
		return place{}, fmt.Errorf("read the demo's addresses: %w", err)
	}
	var p place
	if err := json.Unmarshal(data, &p); err != nil {
		return place{}, fmt.Errorf("read the demo's addresses: %w: run kindling demo --fresh", err)
	}
	for _, port := range []int{p.IssuerPort, p.ProjectPort, p.CallbackPort} {
		if port < 1 || port > 65535 || p.Secret == "" {
			return place{}, errors.New("read the demo's addresses: " + placeFile + " holds none: run kindling demo --fresh")
		}
	}
	return p, nil
}

func (p place) save(dir string) error {
	data, err := json.Marshal(p)
	if err == nil {
		err = writePrivate(filepath.Join(dir, placeFile), data)
	}
	if err != nil {
		return fmt.Errorf("keep the demo's addresses: %w", err)
	}
	return nil
}

// answers reports whether both servers do.
func (p place) answers(ctx context.Context) bool {
	for _, address := range []string{p.issuer() + demoidp.DiscoveryPath, p.project() + "/api/health"} {
		if r, err := fetch(ctx, http.MethodGet, address, "", ""); err != nil || r.status != http.StatusOK {
			return false
		}
	}
	return true
}

// servers are the pretend Kinde, and the pretend InsForge with the companion in
// it as an edge function.
type servers struct {
	place   place
	lock    *flock.Flock
	db      *demodb.DB
	running []*http.Server
}

// startServers serves from dir. It owns lock from then on.
func startServers(ctx context.Context, dir string, lock *flock.Flock, now func() time.Time) (*servers, error) {
	p, err := readPlace(dir)
	first := errors.Is(err, fs.ErrNotExist)
	if first {
		p, err = place{Secret: rand.Text() + rand.Text()}, nil
	}
	if err != nil {
		return nil, err
	}
	s := &servers{lock: lock}
	if err := s.listen(&p, dir, now); err != nil {
		s.close()
		return nil, err
	}
	s.place = p
	if first {
		err = errors.Join(seed(ctx, p, now()), p.save(dir))
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// listen binds the ports, filling in those that p does not name yet, and serves.
func (s *servers) listen(p *place, dir string, now func() time.Time) (err error) {
	ports := []*int{&p.IssuerPort, &p.ProjectPort}
	if p.CallbackPort == 0 {
		ports = append(ports, &p.CallbackPort) // only to find a free one: the sign-in listens there when it begins
	}
	bound, err := bindAll(ports)
	if err != nil {
		return err
	}
	handlers, err := s.handlers(*p, dir, now)
	if err != nil {
		closeAll(bound)
		return err
	}
	closeAll(bound[len(handlers):])
	for i, handler := range handlers {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
		s.running = append(s.running, server)
		go func() { _ = server.Serve(bound[i]) }()
	}
	return nil
}

// bindAll listens at every port, or at none; a port 0 becomes the one taken.
func bindAll(ports []*int) (bound []net.Listener, err error) {
	for _, port := range ports {
		l, err := net.Listen("tcp", onLoopback(*port))
		if err != nil {
			closeAll(bound)
			return nil, fmt.Errorf("start the demo: port %d cannot be had (%s): end what uses it, or start over with kindling demo --fresh", *port, store.Why(err))
		}
		*port = l.Addr().(*net.TCPAddr).Port
		bound = append(bound, l)
	}
	return bound, nil
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

func (s *servers) handlers(p place, dir string, now func() time.Time) ([2]http.Handler, error) {
	kinde, err := demoidp.New(demoidp.Config{
		Issuer: p.issuer(), Clients: []string{demoClient}, DeviceClient: demoDeviceClient,
		Dir: filepath.Join(dir, "kinde"), DeviceInterval: time.Second, Now: now,
	})
	if err != nil {
		return [2]http.Handler{}, fmt.Errorf("start the pretend Kinde: %w", err)
	}
	if s.db, err = demodb.New(demodb.Config{Secret: []byte(p.Secret), AnonKey: demoAnonKey, Dir: filepath.Join(dir, "insforge"), Now: now}); err != nil {
		return [2]http.Handler{}, fmt.Errorf("start the pretend InsForge: %w", err)
	}
	function, err := companion.New(companion.Config{
		Issuer: p.issuer(), Clients: []string{demoClient, demoDeviceClient}, Secret: auth.NewSecret(p.Secret), Now: now,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return [2]http.Handler{}, fmt.Errorf("start the companion: %w", err)
	}
	project := http.NewServeMux()
	project.Handle("/functions/kindling-token", function)
	project.Handle("/", s.db)
	return [2]http.Handler{kinde, project}, nil
}

func (s *servers) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, server := range s.running {
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
	if s.db != nil {
		_ = s.db.Close()
	}
	_ = s.lock.Close()
}

// samples are what Alice and Bob find on their first day.
var samples = map[string][]string{
	demoidp.Alice.Sub: {
		"(A) Renew the passport +home @errands",
		"Water the tomatoes rec:+2d due:%tomorrow +garden",
		"Ask Bob for his bread recipe @phone",
		"(B) Draft the talk on offline-first apps +work due:%week",
		"Read https://www.inkandswitch.com/local-first/ +reading",
		"x Try Kindling",
	},
	demoidp.Bob.Sub: {
		"(A) Feed the sourdough starter rec:1d due:%tomorrow +kitchen",
		"Send Alice the bread recipe @phone",
		"Fix the bicycle's back brake +garage",
		"x Buy flour",
	},
}

// seed writes the samples the way any client writes: each person their own rows.
// Who has some already got them from a start that was cut short.
func seed(ctx context.Context, p place, now time.Time) error {
	for sub, titles := range samples {
		if err := seedOne(ctx, p, sub, titles, now); err != nil {
			return fmt.Errorf("fill the demo: %w", err)
		}
	}
	return nil
}

func seedOne(ctx context.Context, p place, sub string, titles []string, now time.Time) error {
	const path = "/api/database/records/todos"
	token := p.sign(jwt.MapClaims{"sub": sub, "role": "authenticated", "aud": "insforge-api", "exp": now.Add(time.Minute).Unix()})
	has, err := fetch(ctx, http.MethodGet, p.project()+path+"?select=id&limit=1", token, "")
	if err != nil || has.status == http.StatusOK && string(has.body) != "[]" {
		return err
	}
	rows, err := json.Marshal(sampleRows(titles, now))
	if err != nil {
		return err
	}
	r, err := fetch(ctx, http.MethodPost, p.project()+path, token, string(rows))
	if err == nil && r.status != http.StatusCreated {
		err = fmt.Errorf("the pretend InsForge answered %d", r.status)
	}
	return err
}

func sampleRows(titles []string, now time.Time) []map[string]any {
	rows := make([]map[string]any, len(titles))
	dates := strings.NewReplacer(
		"%tomorrow", now.AddDate(0, 0, 1).Format(time.DateOnly), "%week", now.AddDate(0, 0, 7).Format(time.DateOnly))
	for i, title := range titles {
		title, done := strings.CutPrefix(title, "x ")
		rows[i] = map[string]any{
			"title": dates.Replace(title), "is_complete": done,
			"created_at": now.Add(-time.Duration(i) * time.Hour).UTC().Format(time.RFC3339Nano),
		}
	}
	return rows
}
