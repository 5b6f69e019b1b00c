package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindling/auth"
	"kindling/ui/cli/config"
)

// asked is a request of the policy check, by who sends it and what about.
type asked struct{ by, about string }

// policyProject answers as a project with a sound policy, but for some questions.
func policyProject(t *testing.T, wrong map[asked]string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q := asked{"stranger", "others"}
		switch r.Header.Get("Authorization") {
		case "Bearer alice's":
			q.by = "alice"
		case "Bearer anon_key":
			q.by = "anon"
		}
		about := string(body) + r.URL.RawQuery
		if strings.Contains(about, `"alice"`) || strings.Contains(about, "eq.alice") {
			q.about = "alice"
		}
		if strings.Contains(about, "neq.") {
			q.about = "others"
		}
		if r.Method == http.MethodPost && (!strings.Contains(about, `"id":null`) || !strings.Contains(about, `"title":null`)) {
			t.Errorf("a row that a table could take was sent: %s", body)
		}
		code := wrong[q]
		if r.Method == http.MethodPost {
			q.by += " adds"
			code = wrong[q]
			if code == "" && q.about == "alice" {
				code = "23502"
			}
			if code == "" {
				code = "42501"
			}
		}
		switch code {
		case "":
			_, _ = io.WriteString(w, map[bool]string{true: `[{"user_id":"alice"}]`, false: "[]"}[q == asked{"alice", "alice"}])
		case "row":
			_, _ = io.WriteString(w, `[{"user_id":"x"}]`)
		case "500":
			w.WriteHeader(500)
		default:
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"code":"`+code+`","message":"m"}`)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestPolicyCheckNamesEveryLeak(t *testing.T) {
	for _, x := range []struct {
		name         string
		wrong        map[asked]string
		result, told string
	}{
		{"sound", nil, checkOK, "rows in another's name are refused; no row of others is shown to you; the anon key sees no row; a made-up person sees no row of yours"},
		{"own rows refused", map[asked]string{{"alice adds", "alice"}: "42501"}, checkFail, "the project refuses a row in one's own name"},
		{"rows for others", map[asked]string{{"alice adds", "others"}: "23502"}, checkFail, "you may add rows in another's name"},
		{"rows of others", map[asked]string{{"alice", "others"}: "row"}, checkFail, "rows of other people are shown to you"},
		{"open to anon", map[asked]string{{"anon", "others"}: "row"}, checkFail, "anybody who has the project's anon key is shown rows"},
		{"shut to anon", map[asked]string{{"anon", "others"}: "42501"}, checkOK, "rows in another's name"},
		{"open to a stranger", map[asked]string{{"stranger", "alice"}: "row"}, checkFail, "your rows are shown to a made-up person"},
		{"no answer", map[asked]string{{"alice adds", "others"}: "500"}, checkWarn, "it could not be asked: the project answered 500"},
		{"no reading", map[asked]string{{"alice", "others"}: "500"}, checkWarn, "it could not be asked"},
	} {
		t.Run(x.name, func(t *testing.T) {
			a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Now: time.Now})
			c := config.Config{AnonKey: "anon_key", JWTSecret: auth.NewSecret("a secret of at least thirty-two bytes")}
			c.InsForgeURL = policyProject(t, x.wrong)
			got := a.checkPolicy(t.Context(), c, witness{you, "alice", "alice's"})
			if got.Result != x.result || !strings.HasPrefix(got.Detail, x.told) || got.Next == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}
