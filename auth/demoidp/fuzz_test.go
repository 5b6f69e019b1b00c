package demoidp_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kindling/auth/demoidp"
)

// FuzzChosen holds that no request, however it is packed, is answered with a
// redirect to a place that is not registered.
func FuzzChosen(f *testing.F) {
	p, err := demoidp.New(demoidp.Config{Issuer: "http://127.0.0.1:1", Clients: []string{"web"}, Redirects: []string{callback}})
	if err != nil {
		f.Fatal(err)
	}
	good := "client_id=web&redirect_uri=" + url.QueryEscape(callback) + "&response_type=code&state=0123456789&code_challenge_method=S256&code_challenge=" + strings.Repeat("a", 43)
	f.Add(good, "who=alice")
	f.Add(good+"&redirect_uri=http://evil.example", "who=cancel")
	f.Add("redirect_uri=http://evil.example&"+good, "who=new&email=%00")
	f.Add("%zz;&&==", "who=;")
	f.Fuzz(func(t *testing.T, query, form string) {
		path := demoidp.AuthorizePath + "/" + base64.RawURLEncoding.EncodeToString([]byte(query))
		req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		p.ServeHTTP(w, req)
		if to := w.Header().Get("Location"); w.Code == http.StatusSeeOther && !strings.HasPrefix(to, callback+"?") {
			t.Errorf("redirected to %q", to)
		}
	})
}
