package demodb

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Answer is a response before it is written.
type Answer struct {
	Status       int
	Body         []byte // JSON
	ContentRange string
	Applied      string // Preference-Applied
	Location     string
}

func (a Answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	setNonEmpty(h, "Content-Range", a.ContentRange)
	setNonEmpty(h, "Preference-Applied", a.Applied)
	setNonEmpty(h, "Location", a.Location)
	if a.Status == http.StatusNoContent {
		w.WriteHeader(a.Status)
		return
	}
	tag := etag(a.Body)
	h.Set("ETag", tag)
	if reads(r) && a.Status/100 == 2 && r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Body) // a client that went away needs no answer
	}
}

func setNonEmpty(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// etag is the weak tag that Express gives a body.
func etag(body []byte) string {
	sum := sha1.Sum(body)
	return fmt.Sprintf(`W/"%x-%s"`, len(body), base64.StdEncoding.EncodeToString(sum[:])[:27])
}

// fault is a refusal. Those of PostgREST have a code, those of InsForge a name.
type fault struct {
	status      int
	code        string
	name        string
	message     string
	details     string
	hint        string
	nextActions string
}

func insforge(status int, name, message string) *fault {
	return &fault{status: status, name: name, message: message}
}

// postgrest is a refusal of a request that the database never saw.
func postgrest(status int, code, message, details string) *fault {
	return &fault{status: status, code: code, message: message, details: details}
}

// postgres is a refusal by the database, under the status that PostgREST gives its code.
func postgres(code, message string) *fault {
	status := map[string]int{"42501": http.StatusForbidden, "42P01": http.StatusNotFound, "42883": http.StatusNotFound, "23505": http.StatusConflict}[code]
	if status == 0 {
		status = http.StatusBadRequest
	}
	return &fault{status: status, code: code, message: message}
}

// unparsed is PostgREST's refusal of a query that does not follow its grammar.
func unparsed(what, text string) *fault {
	return postgrest(http.StatusBadRequest, "PGRST100",
		fmt.Sprintf("%q (line 1, column 1)", "failed to parse "+what+" ("+text+")"), "unexpected input")
}

func noEndpoint(r *http.Request) *fault {
	f := insforge(http.StatusNotFound, "NOT_FOUND", "Endpoint "+r.Method+" "+r.URL.Path+" not found")
	f.nextActions = "Please check the API documentation for available endpoints"
	return f
}

func (f *fault) answer() Answer {
	var shape any = struct {
		Code    string  `json:"code"`
		Details *string `json:"details"`
		Hint    *string `json:"hint"`
		Message string  `json:"message"`
	}{f.code, nonEmpty(f.details), nonEmpty(f.hint), f.message}
	if f.name != "" {
		shape = struct {
			Error       string `json:"error"`
			Message     string `json:"message"`
			StatusCode  int    `json:"statusCode"`
			NextActions string `json:"nextActions,omitzero"`
		}{f.name, f.message, f.status, f.nextActions}
	}
	body, err := json.Marshal(shape, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		body = []byte(`{}`) // no shape above can fail to encode
	}
	return Answer{Status: f.status, Body: body}
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// applied names which preferences of those that a method knows were given.
func (q *request) applied(known ...string) string {
	var names []string
	for _, name := range known {
		if v := q.prefer[name]; v != "" {
			names = append(names, name+"="+v)
		}
	}
	return strings.Join(names, ", ")
}
