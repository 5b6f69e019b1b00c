package store

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/uuid"
)

// FuzzIsolationAnswers: no answer of a project breaks the probe or its report; one that
// shows the other's row is a leak, and no answer at all proves nothing safe.
func FuzzIsolationAnswers(f *testing.F) {
	target := uuid.UUID{1}.String()
	for _, body := range []string{
		``, `[]`, `{}`, `null`, `[null]`, `[{"id":"` + target + `","user_id":"kp_alice"}]`, `[{"user_id":"kp_alice"}]`, `[{"user_id":1}]`,
		`{"code":"PGRST202","hint":"Perhaps you meant to call the function public.requesting_user_id(a, b)"}`, `{"code":1,"error":{},"message":"\u001b[31m\u202e"}`,
		`"kp_bob"`, "<html>\x1b]0;x\a", `[{"id":"` + target + `","title":"t","is_complete":null,"created_at":null}]`,
	} {
		f.Add(200, "0-0/1", body)
		f.Add(201, "*/*", body)
		f.Add(404, "", body)
		f.Add(500, "*/999999999999999999999", body)
	}
	f.Fuzz(func(t *testing.T, status int, contentRange, body string) {
		if status < 200 || status > 599 {
			return
		}
		a := (Probe{BaseURL: "http://127.0.0.1:1", As: fixed("t"), AsSub: "kp_bob", Other: fixed("t"), OtherSub: "kp_alice"}).begin()
		a.target = planted{ID: target}
		r := response{status: status, contentRange: contentRange, body: body}
		got := a.judgeCount(request{method: http.MethodGet}, r)
		n, counted := r.total()
		shown := status/100 == 2 && (strings.Contains(body, target) || counted && n > 0)
		if shown && got.verdict != leak || status >= 500 && got.verdict != untested {
			t.Errorf("%d %q %q is %s", status, contentRange, body, got.verdict)
		}
		_, _ = proposals("name", r), r.failure()
		answers := roundTrip(func(q *http.Request) (*http.Response, error) {
			h := http.Header{"Content-Range": {contentRange}}
			return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: q}, nil
		})
		todo := Todo{ID: uuid.UUID{1}, Title: "theirs", Done: False, Created: InstantOf(time.Unix(1, 0))}
		a.Probe.HTTP = &http.Client{Transport: answers}
		for attack := range a.TryOne(t.Context(), todo) {
			if strings.ContainsFunc(attack.Answer+attack.Why, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q tells %q, %q", body, attack.Answer, attack.Why)
			}
			if status >= 500 && attack.Verdict == safe {
				t.Errorf("%d %q proves %s safe", status, body, attack.Name)
			}
		}
	})
}
