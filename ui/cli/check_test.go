package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindling/ui/cli/config"
)

// patient is a project, its companion and Kinde in one, which a doctor looks at:
// well, but for what one path answers.
type patient struct {
	path, body string
	status     int
	skew       time.Duration
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (p patient) serve(t *testing.T) config.Config {
	var c config.Config
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := http.StatusOK, "[]"
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			body = fmt.Sprintf(`{"issuer":%q}`, c.Issuer+"/")
		case "/functions/kindling-token":
			status = http.StatusUnauthorized
		case "/api/database/rpc/requesting_user_id":
			body = `"kp_me"`
		}
		if r.URL.Path == p.path {
			status, body = p.status, p.body
		}
		w.Header().Set("Date", noon.Add(p.skew).Format(http.TimeFormat))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	c.Issuer, c.InsForgeURL, c.CompanionURL = server.URL, server.URL, server.URL+"/functions/kindling-token"
	return c
}

// Each part that is not well is named, with what to do about it.
func TestDoctorFindsEachFault(t *testing.T) {
	const (
		discovery = "/.well-known/openid-configuration"
		health    = "/api/health"
		function  = "/functions/kindling-token"
		records   = "/api/database/records/todos"
		identity  = "/api/database/rpc/requesting_user_id"
	)
	me, nobody := witness{you, "kp_me", "token"}, witness{"the anon key", "", "anon_key"}
	for _, x := range []struct {
		patient
		who                witness
		part, result, told string
	}{
		{patient{}, me, "", "", ""},
		{patient{discovery, "<html>", 200, 0}, me, "Kinde", checkFail, "is no issuer"},
		{patient{discovery, "", 404, 0}, me, "Kinde", checkFail, "is no issuer: it answered 404"},
		{patient{discovery, `{"issuer":"https://other.kinde.com"}`, 200, 0}, me, "Kinde", checkFail, "calls itself https://other.kinde.com"},
		{patient{skew: -time.Hour}, me, "Kinde", checkWarn, "clock is off by 1 h"},
		{patient{health, "", 502, 0}, me, "InsForge", checkFail, "answered 502"},
		{patient{function, "", 404, 0}, me, "companion", checkFail, "nothing is deployed at "},
		{patient{function, `{"message":"no secret"}`, 503, 0}, me, "companion", checkFail, "not ready: no secret"},
		{patient{function, "<html>", 200, 0}, me, "companion", checkFail, "it answered 200"},
		{patient{records, `{"code":"42P01"}`, 404, 0}, me, "table", checkFail, "there is no todos table"},
		{patient{records, `{"code":"42703","message":"created_at"}`, 400, 0}, me, "table", checkFail, "a column is missing: created_at"},
		{patient{records, `{"code":"42501"}`, 403, 0}, me, "table", checkFail, "refuses this key"},
		{patient{records, `{"code":"42501"}`, 401, 0}, nobody, "table", checkSkip, "may not read the table, which is well"},
		{patient{records, "", 401, 0}, nobody, "table", checkFail, "refuses the anon key"},
		{patient{records, `{"message":"boom"}`, 500, 0}, me, "table", checkFail, "answered 500: boom"},
		{patient{identity, `{"code":"42883","message":"no function"}`, 404, 0}, me, "identity", checkFail, "cannot be called: no function"},
		{patient{identity, `"kp_other"`, 200, 0}, me, "identity", checkFail, "takes you for somebody else"},
		{patient{identity, `null`, 200, 0}, me, "identity", checkFail, "takes you for somebody else"},
	} {
		c := x.serve(t)
		a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Now: func() time.Time { return noon }})
		for _, got := range []check{
			checkIssuer(t.Context(), c, a.Now()), checkProject(t.Context(), c), a.checkCompanion(t.Context(), c),
			checkTable(t.Context(), c, x.who), checkIdentity(t.Context(), c, x.who),
		} {
			switch {
			case got.Name == x.part && (got.Result != x.result || !strings.Contains(got.Detail, x.told) || got.Next == ""):
				t.Errorf("%s: want %s, %q with a next step: %+v", x.path, x.result, x.told, got)
			case got.Name != x.part && x.who == me && got.Result != checkOK:
				t.Errorf("%s: %+v", x.path, got)
			}
		}
	}
}

// A port that is taken, files that cannot be written and settings that are missing are near at hand.
func TestDoctorFindsWhatIsWrongHere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		got          check
		result, told string
	}{
		{checkCallback(config.Config{RedirectURL: "http://" + l.Addr().String() + "/callback"}), checkFail, "is taken"},
		{checkCallback(config.Config{RedirectURL: "http://127.0.0.1:0/callback", SiteURL: "http://localhost:3000"}), checkWarn, "beside a web application's settings"},
		{checkConfig(config.Config{Issuer: "https://a"}), checkFail, "not set: KINDE_CLIENT_ID, INSFORGE_URL"},
		{checkConfig(config.Config{Issuer: "http://192.0.2.1", ClientID: "x", InsForgeURL: "https://b"}), checkWarn, "http to another machine"},
		{checkDirs(config.Config{DataDir: filepath.Join(file, "data"), StateDir: t.TempDir()}), checkFail, "a-file"},
	} {
		if x.got.Result != x.result || !strings.Contains(x.got.Detail, x.told) || x.got.Next == "" {
			t.Errorf("want %s, %q with a next step: %+v", x.result, x.told, x.got)
		}
	}
}
