package cli

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth/demoidp"
)

func startDemo(t *testing.T, dir string) *demo {
	t.Helper()
	d, err := openDemo(t.Context(), dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A demo that was cut short between its samples and its addresses does not get
// the samples twice.
func TestTheDemoIsFilledOnce(t *testing.T) {
	dir := t.TempDir()
	for start := range 3 {
		d := startDemo(t, dir)
		token := d.place.sign(jwt.MapClaims{"sub": demoidp.Alice.Sub, "role": "authenticated", "aud": "insforge-api", "exp": time.Now().Add(time.Minute).Unix()})
		r, err := fetch(t.Context(), http.MethodGet, d.place.project()+"/api/database/records/todos?select=title", token, "")
		d.close()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(string(r.body), "title"), len(samples[demoidp.Alice.Sub]); got != want {
			t.Errorf("start %d: %d todos, want %d", start, got, want)
		}
		if err := os.Remove(filepath.Join(dir, placeFile)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDemoSamples(t *testing.T) {
	now := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	for sub, titles := range samples {
		rows := sampleRows(titles, now)
		done := slices.ContainsFunc(rows, func(r map[string]any) bool { return r["is_complete"] == true })
		if len(rows) != len(titles) || !done {
			t.Errorf("%s: %v", sub, rows)
		}
		for _, r := range rows {
			if title := r["title"].(string); strings.Contains(title, "%") || strings.HasPrefix(title, "x ") {
				t.Errorf("%s has the title %q", sub, title)
			}
		}
	}
}

// When the process that serves ends, one that joined it serves on.
func TestDemoIsTakenOver(t *testing.T) {
	dir := t.TempDir()
	first, joined := startDemo(t, dir), startDemo(t, dir)
	defer joined.close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); joined.takeOver(ctx) }()
	defer func() { cancel(); <-ended }()
	first.close()
	Eventually(t, "serving on", func() bool { return joined.place.answers(ctx) })
}

// What a demo keeps is the same at the next start, and it ends when it is closed.
func TestDemoKeepsItsAddresses(t *testing.T) {
	dir := t.TempDir()
	first, joined := startDemo(t, dir), startDemo(t, dir)
	if joined.servers != nil || joined.place != first.place {
		t.Error("a second demo did not join the first")
	}
	joined.close()
	first.close()
	if first.place.answers(t.Context()) {
		t.Error("a closed demo answers")
	}
	second := startDemo(t, dir)
	defer second.close()
	if second.place != first.place {
		t.Errorf("the addresses changed from %+v to %+v", first.place, second.place)
	}
}
