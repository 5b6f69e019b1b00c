package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth/demoidp"
)

// A demo that was cut short between its samples and its addresses does not get
// the samples twice.
func TestTheDemoIsFilledOnce(t *testing.T) {
	dir := t.TempDir()
	for start := range 3 {
		d, err := openDemo(t.Context(), dir, time.Now)
		if err != nil {
			t.Fatal(err)
		}
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
