package demodb

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	recordsPath = "/api/database/records/"
	rpcPath     = "/api/database/rpc/"
	largestBody = 100 << 20
)

// Engine answers what the front lets through: a request to recordsPath or
// rpcPath whose body is JSON (or empty) and whose caller is known.
type Engine func(*http.Request, Caller) Answer

// Front is what InsForge's backend does before and after its engine: endpoints,
// credentials, the body it parses and writes again, ETags and CORS. The pretend
// engine stands behind it, and in tests the real one.
func Front(c Config, engine Engine) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tooLong(r) {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusRequestHeaderFieldsTooLarge)
			return
		}
		allowOrigin(w.Header(), r)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if r.URL.Path == "/api/health" {
			Answer{Status: http.StatusOK, Body: []byte(`{"status":"ok"}`)}.write(w, r)
			return
		}
		who, f := c.admit(r)
		if f != nil {
			f.answer().write(w, r)
			return
		}
		engine(r, who).write(w, r)
	})
}

// tooLong is Node's limit: request line and headers share 16 kB.
func tooLong(r *http.Request) bool {
	size := len(r.Method) + len(r.RequestURI) + len(" HTTP/1.1\r\n\r\n")
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	return size > 16<<10
}

// allowOrigin lets every web page in, with credentials, as InsForge does.
func allowOrigin(h http.Header, r *http.Request) {
	h.Set("Vary", "Origin")
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Content-Range,Preference-Applied")
	if origin := r.Header.Get("Origin"); origin != "" {
		h.Set("Access-Control-Allow-Origin", origin)
	}
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
		h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	}
}

// admit checks all that InsForge does by itself, and leaves the body as it hands it on.
func (c Config) admit(r *http.Request) (Caller, *fault) {
	if f := rewriteBody(r); f != nil {
		return Caller{}, f
	}
	name, records := strings.CutPrefix(r.URL.Path, recordsPath)
	name, rpc := strings.CutPrefix(name, rpcPath)
	if records == rpc || name == "" || strings.Contains(name, "/") {
		return Caller{}, noEndpoint(r)
	}
	return c.caller(r)
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// rewriteBody parses the body, JSON or a form, and writes it again as JSON.
func rewriteBody(r *http.Request) *fault {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
	switch {
	case err != nil:
		return insforge(http.StatusBadRequest, "INVALID_INPUT", "request aborted")
	case len(body) > largestBody:
		return insforge(http.StatusInternalServerError, "INTERNAL_ERROR", "request entity too large")
	}
	switch kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind {
	case "application/x-www-form-urlencoded":
		body = formObject(string(body))
		r.Header.Set("Content-Type", "application/json")
	case "application/json":
		var ok bool
		if body, ok = withoutBlanks(bytes.ToValidUTF8(bytes.TrimSpace(body), []byte("\uFFFD"))); !ok {
			f := insforge(http.StatusBadRequest, "INVALID_INPUT", "Unexpected token in JSON")
			f.nextActions = "Please ensure your request body contains valid JSON"
			return f
		}
	}
	if len(body) == 0 && (r.Method == http.MethodPost || r.Method == http.MethodPatch) {
		body = []byte(`{}`)
		r.Header.Set("Content-Type", "application/json")
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

func formObject(body string) []byte {
	values, _ := url.ParseQuery(body)
	o := map[string]string{}
	for k, v := range values {
		o[k] = v[len(v)-1]
	}
	text, err := json.Marshal(o, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return []byte(`{}`) // strings always encode
	}
	return text
}

// asParsed is how JavaScript reads JSON: the last of equal names counts, and
// half a surrogate pair is let through.
var asParsed = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// withoutBlanks drops "" from columns that are not text, which InsForge does
// before PostgREST sees a row, and passes numbers through a double.
func withoutBlanks(body []byte) ([]byte, bool) {
	if len(body) == 0 {
		return body, true
	}
	if body[0] == '{' {
		var o map[string]jsontext.Value
		if json.Unmarshal(body, &o, asParsed) != nil {
			return nil, false
		}
		return encodeParsed(clean(o))
	}
	var rows []map[string]jsontext.Value
	if json.Unmarshal(body, &rows, asParsed) != nil {
		return nil, false
	}
	for _, o := range rows {
		clean(o)
	}
	return encodeParsed(rows)
}

func encodeParsed(v any) ([]byte, bool) {
	b, err := json.Marshal(v, asParsed, jsontext.PreserveRawStrings(true))
	return b, err == nil
}

func clean(o map[string]jsontext.Value) map[string]jsontext.Value {
	maps.DeleteFunc(o, func(name string, v jsontext.Value) bool {
		c, known := columnOf(name)
		return known && columns[c].typeName != "text" && string(v) == `""`
	})
	for name, v := range o {
		if v.Kind() == jsontext.KindNumber && v.Canonicalize() == nil {
			o[name] = v
		}
	}
	return o
}
