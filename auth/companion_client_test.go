package auth_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindling/auth"
)

func TestCompanionIsAskedAsItsProtocolSays(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/functions/kindling-token" || string(body) != "{}" ||
			r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Authorization") != "Bearer kinde-token" {
			t.Errorf("%s %s %v %q", r.Method, r.URL, r.Header, body)
		}
		_, _ = io.WriteString(w, `{"access_token":"a.b.c","token_type":"Bearer","expires_in":900}`)
	}))
	defer s.Close()
	got, life, err := auth.NewCompanion(s.URL+"/functions/kindling-token", nil).Mint(ctx, auth.NewSecret("kinde-token"))
	if err != nil || got.Reveal() != "a.b.c" || life != 15*time.Minute {
		t.Errorf("%v %v", life, err)
	}
}

// companionAnswer is an answer, and what is to be made of it.
type companionAnswer struct {
	status    int
	header    http.Header
	body      string
	rejected  bool
	transient bool
	after     time.Duration
	says      string
}

var companionAnswers = map[string]companionAnswer{
	"refused":                {401, nil, `{"error":"invalid_token","error_description":"expired"}`, true, false, 0, "refuses"},
	"no token arrived":       {401, nil, ``, false, false, 0, "kindling doctor"},
	"another gateway's 401":  {401, nil, `<html>`, false, false, 0, "kindling doctor"},
	"not there":              {404, nil, `{"error":"not_found"}`, false, false, 0, "KINDLING_COMPANION_URL"},
	"wrong method":           {405, nil, ``, false, false, 0, "405"},
	"malformed":              {400, nil, `{"error":"invalid_request"}`, false, false, 0, "400"},
	"too long":               {413, nil, ``, false, false, 0, "413"},
	"no keys":                {503, http.Header{"Retry-After": {"7"}}, `{"error":"temporarily_unavailable"}`, false, true, 7 * time.Second, "503"},
	"limited":                {429, http.Header{"Retry-After": {"60"}}, ``, false, true, time.Minute, "429"},
	"limited until":          {429, http.Header{"Retry-After": {time.Now().Add(48 * time.Hour).UTC().Format(http.TimeFormat)}}, ``, false, true, time.Hour, "429"},
	"limited by a word":      {429, http.Header{"Retry-After": {"soon"}, "Ratelimit-Reset": {"3"}}, ``, false, true, 3 * time.Second, "429"},
	"limited by nonsense":    {429, http.Header{"Retry-After": {"-1"}, "Ratelimit-Reset": {"NaN"}}, ``, false, true, 0, "429"},
	"broken":                 {500, nil, `panic: token eyJ`, false, true, 0, "500"},
	"a gateway":              {502, nil, ``, false, true, 0, "502"},
	"moved":                  {302, http.Header{"Location": {"/elsewhere"}}, ``, false, false, 0, "302"},
	"moved for ever":         {308, http.Header{"Location": {"/elsewhere"}}, ``, false, false, 0, "308"},
	"a page":                 {200, nil, `<html>hotel</html>`, false, true, 0, "cannot be read"},
	"no token in the answer": {200, nil, `{"error":"x"}`, false, true, 0, "cannot be read"},
	"endless":                {200, nil, strings.Repeat(" ", 1<<20+1), false, true, 0, "1 MiB"},
}

func TestCompanionsAnswers(t *testing.T) {
	for name, c := range companionAnswers {
		t.Run(name, c.check)
	}
}

func (c companionAnswer) check(t *testing.T) {
	var requests atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		for k, v := range c.header {
			w.Header()[k] = v
		}
		w.WriteHeader(c.status)
		_, _ = io.WriteString(w, c.body)
	}))
	defer s.Close()
	_, _, err := auth.NewCompanion(s.URL+"/?key=hidden", nil).Mint(ctx, auth.NewSecret("kinde-token"))
	if err == nil || errors.Is(err, auth.ErrRejected) != c.rejected || !strings.Contains(err.Error(), c.says) {
		t.Errorf("mint: %v", err)
	}
	var later interface {
		Temporary() bool
		RetryAfter() time.Duration
	}
	if errors.As(err, &later) != c.transient || c.transient && later.RetryAfter() != c.after {
		t.Errorf("transient: %v", err)
	}
	for _, leak := range []string{"kinde-token", "hidden", "eyJ", "hotel", "\n"} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("%q is in %q", leak, err)
		}
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestCompanionThatIsNotThere(t *testing.T) {
	for _, url := range []string{"http://127.0.0.1:1/", "http://[::1", "", "\x1b"} {
		_, _, err := auth.NewCompanion(url, nil).Mint(ctx, auth.NewSecret("kinde-token"))
		if err == nil || signInRequired(err) || strings.Contains(err.Error(), "kinde-token") || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
