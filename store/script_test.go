package store

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

// script is a network that fails where it was told to, and works elsewhere.
type script struct {
	*network
	rules []rule
	hangs func() // called when a request begins to hang; may be nil
}

type rule struct{ method, fault string }

// scripted puts a network in front of p whose time is h.
func scripted(p http.Handler, h *manualClock) *script {
	return &script{network: &network{
		behind: transport{p}, clock: h, rng: rand.New(rand.NewPCG(1, 1)), anon: tokenAnon, trace: func(string, ...any) {},
	}}
}

// expect makes the next request of a method meet a fault.
func (s *script) expect(method, fault string) {
	s.rules = append(s.rules, rule{method: method, fault: fault})
}

// RoundTrip implements http.RoundTripper.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	r = cloned(r)
	if fault, ok := s.met(r); ok {
		return s.fault(fault, r)
	}
	return s.behind.RoundTrip(r)
}

// met takes the first fault that was expected for such a request.
func (s *script) met(r *http.Request) (fault string, ok bool) {
	kind := r.Method
	if strings.HasSuffix(r.URL.Path, "/requesting_user_id") {
		kind = "WHO"
	} else if strings.Contains(r.URL.RawQuery, "id=in.") {
		kind = "LOOK"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, rule := range s.rules {
		if rule.method == kind {
			s.rules = append(s.rules[:i:i], s.rules[i+1:]...)
			return rule.fault, true
		}
	}
	return "", false
}

func (s *script) fault(name string, r *http.Request) (*http.Response, error) {
	switch name {
	case "late": // answered 500 at once, written 15 s later
		s.mu.Lock()
		defer s.mu.Unlock()
		s.late = append(s.late, lateWrite{s.clock.Now().Add(15 * time.Second), cloned(r)})
		return answered(r, 500, `{"error":"INTERNAL_ERROR","message":"timeout of 10000ms exceeded"}`, nil), nil
	case "none":
		return s.behind.RoundTrip(r)
	case "hang":
		if s.hangs != nil {
			s.hangs()
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	for _, f := range faults {
		if f.name == name {
			return f.do(s.network, r)
		}
	}
	panic(fmt.Sprintf("no fault is called %q", name))
}

// bench is a project with one device in front of it.
type bench struct {
	*testing.T
	project *project
	net     *script
	clock   *manualClock
	store   *Store
}

// newBench makes a device that is in step with a project which holds titles, the
// first of them newest.
func newBench(t *testing.T, titles ...string) *bench {
	b := &bench{T: t, project: newProject(), clock: newManualClock()}
	b.net = scripted(b.project, b.clock)
	b.store = device(t, b.net, b.clock.Now)
	for i, title := range titles {
		did(t, b.store, NewAdd(title, b.clock.Now().Add(-time.Duration(i)*time.Minute)))
	}
	if len(titles) > 0 {
		b.sync()
	}
	return b
}

// sync syncs and tolerates no error.
func (b *bench) sync() Report {
	b.Helper()
	return synced(b, b.store)
}

// item returns the shown todo of a title.
func (b *bench) item(title string) Item {
	b.Helper()
	for _, it := range items(b, b.store) {
		if it.Title == title {
			return it
		}
	}
	b.Fatalf("no todo is called %q", title)
	return Item{}
}

func (b *bench) status() Status {
	b.Helper()
	st, err := b.store.Status(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return st
}

// row returns the project's row of a title.
func (b *bench) row(title string) (Todo, bool) {
	for _, t := range b.project.all() {
		if t.Title == title {
			return t, true
		}
	}
	return Todo{}, false
}

// web writes at the project as a client without guards does.
func (b *bench) web(t Todo, change func(*Todo)) {
	b.project.mu.Lock()
	defer b.project.mu.Unlock()
	before := t
	if change == nil {
		b.project.put(&before, nil)
		return
	}
	change(&t)
	b.project.put(&before, &t)
}

func (b *bench) expectState(title string, want State, note string) {
	b.Helper()
	if it := b.item(title); it.State != want || !strings.Contains(it.Note, note) {
		b.Fatalf("%q is %s, %q; want %s, %q", title, it.State, it.Note, want, note)
	}
}
