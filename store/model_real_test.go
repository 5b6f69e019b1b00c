package store

import (
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/assets"
	"kindling/store/demodb"
	"kindling/store/demodb/realdb"
)

// TestModelOnDemo runs the model in front of the demo's backend.
func TestModelOnDemo(t *testing.T) {
	model(t, func() backend { return demoBackend(t) }, number("KINDLING_MODEL_DEMO_SEEDS", 20))
}

func demoBackend(t *testing.T) backend {
	secret := []byte("pretend secret, thirty-two bytes or more")
	db, err := demodb.New(demodb.Config{Secret: secret, AnonKey: realdb.AnonKey})
	if err != nil {
		t.Fatal(err)
	}
	return backend{rt: transport{db}, base: "http://127.0.0.1:1", token: aliceToken(t, secret), anon: realdb.AnonKey}
}

// TestModelOnReal runs it in front of real PostgreSQL and PostgREST, with the
// faults in a proxy of its own.
func TestModelOnReal(t *testing.T) {
	model(t, realBackend(t), number("KINDLING_MODEL_REAL_SEEDS", 5))
}

// TestModelKilledOnReal kills the devices too, as TestModelKilled does.
func TestModelKilledOnReal(t *testing.T) {
	back := realBackend(t)
	model(t, func() backend {
		b := back()
		b.killing = true
		return b
	}, number("KINDLING_MODEL_REAL_KILL_SEEDS", 3))
}

func realBackend(t *testing.T) func() backend {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	idle := &http.Transport{}
	t.Cleanup(idle.CloseIdleConnections)
	return func() backend {
		s.PSQL(t, "truncate public.todos")
		return backend{rt: idle, base: s.URL, token: aliceToken(t, s.Secret), anon: realdb.AnonKey, proxied: true}
	}
}

func aliceToken(t *testing.T, secret []byte) string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": "kp_alice", "role": "authenticated", "aud": "insforge-api", "exp": time.Now().Add(time.Hour).Unix(),
	}).SignedString(secret)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
