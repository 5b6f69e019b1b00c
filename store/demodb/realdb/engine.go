package realdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"

	"kindling/store/demodb"
)

// answer hands a request on to PostgREST as InsForge's backend does: under a
// token of its own making, and with 10 s of patience.
func (s *Server) answer(r *http.Request, who demodb.Caller) demodb.Answer {
	path := strings.TrimPrefix(r.URL.Path, "/api/database/")
	path = strings.TrimPrefix(path, "records/")
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return failed(err)
	}
	req, err := http.NewRequest(r.Method, "http://postgrest/"+path+query(r.URL.Query()), bytes.NewReader(sent))
	if err != nil {
		return failed(err)
	}
	for _, name := range []string{"Content-Type", "Prefer", "Accept", "Accept-Profile", "Content-Profile", "Range", "Range-Unit"} {
		if v := r.Header.Values(name); len(v) > 0 {
			req.Header[name] = v
		}
	}
	req.Close = r.Method == http.MethodHead // PostgREST 12 breaks the connection after one
	token, err := s.remint(who)
	if err != nil {
		return failed(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := *s.rest
	client.Timeout = time.Duration(s.patience.Load())
	res, err := client.Do(req)
	if err != nil {
		return failed(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return failed(err)
	}
	return handedBack(res, body)
}

// query writes the parameters again as InsForge's HTTP client does: one that
// came twice becomes name[].
func query(values url.Values) string {
	again := url.Values{}
	for name, v := range values {
		if len(v) > 1 {
			name += "[]"
		}
		again[name] = v
	}
	return "?" + again.Encode()
}

// remint makes the claims that reach SQL: nobody but a signed-in user has a subject.
func (s *Server) remint(who demodb.Caller) (string, error) {
	claims := jwt.MapClaims{"role": who.Role, "exp": time.Now().Add(5 * time.Minute).Unix()}
	if who.Sub != "" {
		claims["sub"] = who.Sub
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.Secret)
}

// handedBack is PostgREST's answer as InsForge gives it: its headers only on a
// success, and a body where there was none.
func handedBack(res *http.Response, body []byte) demodb.Answer {
	a := demodb.Answer{Status: res.StatusCode, Body: compact(body)}
	if res.StatusCode/100 == 2 {
		a.ContentRange = res.Header.Get("Content-Range")
		a.Applied = res.Header.Get("Preference-Applied")
		a.Location = res.Header.Get("Location")
		if len(body) == 0 {
			a.Body = []byte("[]")
		}
	}
	return a
}

func failed(err error) demodb.Answer {
	message := err.Error()
	if os.IsTimeout(err) {
		message = "timeout of 10000ms exceeded"
	} else if ue, ok := errors.AsType[*url.Error](err); ok {
		message = "connect ECONNREFUSED: " + ue.Err.Error()
	}
	body, err := json.Marshal(map[string]any{"error": "INTERNAL_ERROR", "message": message, "statusCode": http.StatusInternalServerError})
	if err != nil {
		body = fmt.Append(nil, err) // a map of strings and a number encodes
	}
	return demodb.Answer{Status: http.StatusInternalServerError, Body: body}
}

// compact writes JSON again without its blanks, as JavaScript does.
func compact(body []byte) []byte {
	v := jsontext.Value(body)
	if v.Compact() != nil {
		return body // not JSON, or nothing
	}
	return v
}
