package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// tokens gives a fixed token, and renewed after that was refused.
type tokens struct {
	first, renewed string
	err            error
	asked          []string
}

func (t *tokens) Token(_ context.Context, rejected string) (string, error) {
	t.asked = append(t.asked, rejected)
	if t.err != nil && (rejected != "" || t.first == "") {
		return "", t.err
	}
	if rejected != "" {
		return t.renewed, nil
	}
	return t.first, nil
}

// dead is a session that only a new sign-in can cure.
type dead struct{ error }

func (dead) SignInRequired() bool { return true }

// outage is an error of a token source that may pass.
type outage struct{ error }

func (outage) Temporary() bool { return true }

// against makes a client of a server that answers by h.
func against(t *testing.T, h http.HandlerFunc) *records {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return newRecords(srv.URL+"/", "kp_alice", srv.Client(), &tokens{first: "secret-one", renewed: "secret-two"})
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const idOne = "11111111-1111-4111-8111-111111111111"

func one(title string) Todo { return Todo{ID: uuid.MustParse(idOne), Title: title, Done: False} }

func rowOf(id, owner string) string {
	return fmt.Sprintf(`{"id":%q,"user_id":%q,"title":"a","is_complete":null,"created_at":null}`, id, owner)
}

func TestEveryRefusalHasItsKindAndOutcome(t *testing.T) {
	for _, c := range []struct {
		status  int
		body    string
		kind    error
		outcome outcome
		code    string
	}{
		{400, `{"code":"22P05","details":null,"hint":null,"message":"no NUL"}`, nil, refused, "22P05"},
		{401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token","statusCode":401}`, ErrRefused, refused, "AUTH_UNAUTHORIZED"},
		{401, `{"code":"42501","message":"row-level security"}`, ErrRefused, refused, "42501"},
		{403, `{"code":"42501","message":"row-level security"}`, ErrRefused, refused, "42501"},
		{403, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid user role claim"}`, ErrRefused, refused, "AUTH_UNAUTHORIZED"},
		{403, `<h1>blocked by a firewall</h1>`, nil, refused, ""},
		{404, `{"code":"42P01","message":"relation \"public.todos\" does not exist"}`, ErrNoTable, refused, "42P01"},
		{404, `nothing here`, ErrNoTable, refused, ""},
		{408, ``, ErrOffline, uncertain, ""},
		{409, `{"code":"23505","message":"duplicate key"}`, nil, refused, "23505"},
		{413, ``, nil, refused, ""},
		{429, `{"error":"TOO_MANY_REQUESTS","message":"slow down"}`, ErrOffline, notSent, "TOO_MANY_REQUESTS"},
		{431, ``, nil, refused, ""},
		{500, `{"error":"INTERNAL_ERROR","message":"timeout of 10000ms exceeded"}`, ErrOffline, uncertain, "INTERNAL_ERROR"},
		{503, `{"code":"PGRST000","message":"Database connection error."}`, ErrOffline, uncertain, "PGRST000"},
		{302, ``, ErrOffline, uncertain, ""},
		{200, `<html>sign in to this network</html>`, ErrOffline, uncertain, "-"},
		{200, `{"an":"object"}`, ErrOffline, uncertain, "-"},
		{200, `[` + rowOf(idOne, "kp_alice"), ErrOffline, uncertain, "-"},
		{204, ``, ErrOffline, uncertain, "-"},
		{200, `[` + rowOf(idOne, "kp_bob") + `]`, ErrForeign, uncertain, "-"},
		{200, `[` + rowOf("22222222-1111-4111-8111-111111111111", "kp_alice") + `]`, ErrOffline, uncertain, "-"},
	} {
		_, _, err := against(t, says(c.status, c.body)).update(t.Context(), one("a"), one("b"))
		if got := outcomeOf(err); got != c.outcome {
			t.Errorf("%d %s: outcome %d, want %d", c.status, c.body, got, c.outcome)
		}
		for _, kind := range []error{ErrRefused, ErrNoTable, ErrOffline, ErrForeign, ErrSignIn} {
			if errors.Is(err, kind) != (kind == c.kind) {
				t.Errorf("%d %s: is %q = %v: %v", c.status, c.body, kind, errors.Is(err, kind), err)
			}
		}
		api, ok := errors.AsType[*APIError](err)
		if ok != (c.code != "-") || ok && (api.Code != c.code || api.Status != c.status || api.Message == "") {
			t.Errorf("%d %s: %+v", c.status, c.body, api)
		}
	}
}

func TestA401RenewsTheTokenOnce(t *testing.T) {
	var seen []string
	r := against(t, func(w http.ResponseWriter, req *http.Request) {
		seen = append(seen, req.Header.Get("Authorization"))
		if len(seen) < 2 {
			says(401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token"}`)(w, req)
			return
		}
		says(200, `"kp_alice"`)(w, req)
	})
	if sub, err := r.identity(t.Context()); err != nil || sub != "kp_alice" {
		t.Fatalf("identity = %q, %v", sub, err)
	}
	if len(seen) != 2 || seen[1] != "Bearer secret-two" {
		t.Fatalf("sent %d requests", len(seen))
	}
}

func TestA401OfRowLevelSecurityAsksForNoToken(t *testing.T) {
	r := against(t, says(401, `{"code":"42501","message":"new row violates row-level security policy"}`))
	_, err := r.insert(t.Context(), []Todo{one("a")})
	if asked := r.tokens.(*tokens).asked; !errors.Is(err, ErrRefused) || len(asked) != 1 {
		t.Fatalf("%v, asked for %d tokens", err, len(asked))
	}
}

func TestATokenThatCannotBeHadMeansNotSent(t *testing.T) {
	for name, c := range map[string]struct {
		src  *tokens
		kind error
	}{
		"a dead session":          {&tokens{err: dead{errors.New("invalid_grant")}}, ErrSignIn},
		"no companion answers":    {&tokens{err: outage{errors.New("connection refused")}}, ErrOffline},
		"no companion is there":   {&tokens{err: errors.New("404: deploy it")}, ErrNoToken},
		"no time":                 {&tokens{err: context.DeadlineExceeded}, ErrOffline},
		"a dead session on a 401": {&tokens{first: "secret-one", err: dead{errors.New("revoked")}}, ErrSignIn},
	} {
		r := against(t, says(401, `{"error":"AUTH_UNAUTHORIZED","message":"Invalid token"}`))
		r.tokens = c.src
		_, err := r.remove(t.Context(), one("a"))
		if !errors.Is(err, c.kind) || outcomeOf(err) != notSent {
			t.Errorf("%s: outcome %d: %v", name, outcomeOf(err), err)
		}
	}
}

func TestWhereNoConnectionIsMadeNothingWasSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // the port refuses from now on
	for _, base := range []string{"http://" + l.Addr().String(), "http://no-such-host.invalid"} {
		r := newRecords(base, "kp_alice", nil, &tokens{first: "secret-one"})
		_, err := r.insert(t.Context(), []Todo{one("a private title")})
		if outcomeOf(err) != notSent || !errors.Is(err, ErrOffline) {
			t.Errorf("%s: outcome %d: %v", base, outcomeOf(err), err)
		}
	}
}

func TestALostConnectionIsUncertain(t *testing.T) {
	for name, h := range map[string]func(patience, http.ResponseWriter, *http.Request){
		"reset before the answer": func(patience, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut inside the answer": func(_ patience, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, `[{"id":`)
		},
		"deadline": func(given patience, _ http.ResponseWriter, req *http.Request) {
			io.Copy(io.Discard, req.Body) // only then does the server see us go
			close(given.over)
			<-req.Context().Done()
		},
	} {
		given := newPatience()
		r := against(t, func(w http.ResponseWriter, req *http.Request) { h(given, w, req) })
		_, _, err := r.update(given, one("private old title"), one("private new title"))
		if outcomeOf(err) != uncertain || !errors.Is(err, ErrOffline) {
			t.Errorf("%s: outcome %d: %v", name, outcomeOf(err), err)
		}
		if strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error gives something away: %v", name, err)
		}
	}
}

func TestAnErrorIsOneBoundedLine(t *testing.T) {
	r := against(t, says(500, `{"error":"X\u001b[2J","message":"a\u001b]0;title\u0007\nb\u009b\u202e`+strings.Repeat("x", 9000)+`"}`))
	_, err := r.identity(t.Context())
	if s := err.Error(); len(s) > 500 || strings.ContainsAny(s, "\x1b\x07\n\u009b\u202e") {
		t.Fatalf("%q", s)
	}
}

func TestAnErrorWithoutACodeIsPlain(t *testing.T) {
	_, err := against(t, says(431, ``)).identity(t.Context())
	if s := err.Error(); !strings.Contains(s, "the project answered 431: request header fields too large") {
		t.Fatalf("%q", s)
	}
}

func TestARefusalRepeatsNoToken(t *testing.T) {
	r := against(t, says(400, `{"error":"secret-one","message":"what is secret-one?"}`))
	_, err := r.identity(t.Context())
	if s := err.Error(); strings.Contains(s, "secret-one") || !strings.Contains(s, "what is [secret]?") {
		t.Fatalf("%q", s)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	r := against(t, func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, other.URL, http.StatusTemporaryRedirect)
	})
	if _, err := r.identity(t.Context()); err == nil || elsewhere != 0 {
		t.Fatalf("%v, %d requests went elsewhere", err, elsewhere)
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "300": 5 * time.Minute, "-5": 0, "99999999999": 24 * time.Hour, "soon": 0,
		now.Add(time.Minute).Format(http.TimeFormat): time.Minute, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("Retry-After %q is %v, want %v", text, got, want)
		}
	}
}

func TestAPageMustBeInOrderAndFromItsStart(t *testing.T) {
	two := "22222222-2222-4222-8222-222222222222"
	for body, ok := range map[string]bool{
		`[]`: true,
		`[` + rowOf(idOne, "kp_alice") + `,` + rowOf(two, "kp_alice") + `]`:   true,
		`[` + rowOf(two, "kp_alice") + `,` + rowOf(idOne, "kp_alice") + `]`:   false,
		`[` + rowOf(two, "kp_alice") + `,` + rowOf(two, "kp_alice") + `]`:     false,
		`[` + rowOf("00000000-0000-4000-8000-000000000000", "kp_alice") + `]`: false,
	} {
		_, err := against(t, says(200, body)).page(t.Context(), uuid.MustParse(idOne), 10, "")
		if (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestATitleThatCannotBeStoredIsNotSent(t *testing.T) {
	r := against(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	for _, bad := range []string{"a\x00b", "a\xffb"} {
		if _, err := r.insert(t.Context(), []Todo{one(bad)}); !errors.Is(err, ErrTitle) || outcomeOf(err) != refused {
			t.Errorf("insert %q: %v", bad, err)
		}
		if _, _, err := r.update(t.Context(), one("a"), one(bad)); !errors.Is(err, ErrTitle) {
			t.Errorf("update %q: %v", bad, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte(`[]`))
	f.Add([]byte(`[` + rowOf(idOne, "kp_alice") + `]`))
	f.Add([]byte(`[{"created_at":"2026-01-02T03:04:05+00:00","is_complete":true,"title":"\ud83c\udf89","extra":{"a":[1]},"user_id":"kp_alice","id":"` + idOne + `"}]`))
	f.Add([]byte(`[{"id":1}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := decodeRows(bytes.NewReader(body), "kp_alice")
		if err != nil {
			return
		}
		again, err := encodeRows(rows, "kp_alice")
		if errors.Is(err, ErrTitle) {
			return
		}
		if err != nil {
			t.Fatalf("encode %q: %v", body, err)
		}
		back, err := decodeRows(bytes.NewReader(again), "kp_alice")
		if err != nil || fmt.Sprint(back) != fmt.Sprint(rows) {
			t.Fatalf("%q came back as %q, %v", body, again, err)
		}
	})
}

func BenchmarkDecodeRows(b *testing.B) {
	var body bytes.Buffer
	for i := range 1000 {
		body.WriteByte("[,"[min(i, 1)])
		fmt.Fprintf(&body, `{"id":%q,"user_id":"kp_alice","title":"Pay the rent for todo %d +home @bank due:2026-12-01","is_complete":false,"created_at":"2026-11-23T04:19:46.532171+00:00"}`, uuid.New(), i)
	}
	body.WriteByte(']')
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decodeRows(bytes.NewReader(body.Bytes()), "kp_alice"); err != nil {
			b.Fatal(err)
		}
	}
}
