package demodb

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const largestBody = 100 << 20

var lenient = jsontext.AllowDuplicateNames(true)

// rowsOf reads a body: the columns that each row in it sets.
func rowsOf(r *http.Request, q *request) ([]map[int]value, *fault) {
	objects, f := objectsOf(r)
	if f != nil {
		return nil, f
	}
	for _, o := range objects {
		keep(o, q)
		if q.payload == nil && !sameKeys(o, objects[0]) {
			return nil, &fault{status: http.StatusBadRequest, code: "PGRST102", message: "All object keys must match"}
		}
	}
	rows := make([]map[int]value, len(objects))
	for i, o := range objects {
		if rows[i], f = fieldsOf(o, q); f != nil {
			return nil, f
		}
	}
	return rows, nil
}

// objectsOf reads JSON, an object or an array of them, or a form.
func objectsOf(r *http.Request) ([]map[string]jsontext.Value, *fault) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
	switch {
	case err != nil:
		return nil, insforge(http.StatusBadRequest, "INVALID_INPUT", "request aborted")
	case len(body) > largestBody:
		return nil, insforge(http.StatusInternalServerError, "INTERNAL_ERROR", "request entity too large")
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case kind == "application/x-www-form-urlencoded":
		return formObject(string(body)), nil
	case kind != "application/json" && kind != "" && len(body) > 0:
		return nil, &fault{status: http.StatusBadRequest, code: "PGRST102", message: "Content-Type not acceptable: " + kind}
	}
	return jsonObjects(bytes.ToValidUTF8(body, []byte("�")))
}

func formObject(body string) []map[string]jsontext.Value {
	values, _ := url.ParseQuery(body)
	o := map[string]jsontext.Value{}
	for k, v := range values {
		o[k] = appendString(nil, v[len(v)-1])
	}
	return []map[string]jsontext.Value{o}
}

func jsonObjects(body []byte) ([]map[string]jsontext.Value, *fault) {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return []map[string]jsontext.Value{{}}, nil
	}
	var objects []map[string]jsontext.Value
	if body[0] == '{' {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	err := json.Unmarshal(body, &objects, lenient)
	if err == nil {
		return objects, nil
	}
	if json.Unmarshal(body, &objects, lenient, jsontext.AllowInvalidUTF8(true)) == nil { // half a surrogate pair
		return nil, &fault{status: http.StatusBadRequest, code: "PGRST102", message: "Empty or invalid json"}
	}
	f := insforge(http.StatusBadRequest, "INVALID_INPUT", "Unexpected token in JSON")
	f.nextActions = "Please ensure your request body contains valid JSON"
	return nil, f
}

// keep drops what does not count: keys that ?columns= does not name, and "" for
// columns that are not text, which InsForge takes out before PostgREST sees it.
func keep(o map[string]jsontext.Value, q *request) {
	maps.DeleteFunc(o, func(name string, v jsontext.Value) bool {
		c, known := columnOf(name)
		return known && columns[c].typeName != "text" && string(v) == `""` ||
			q.payload != nil && !slices.Contains(q.payload, name)
	})
}

func sameKeys(a, b map[string]jsontext.Value) bool {
	return maps.EqualFunc(a, b, func(jsontext.Value, jsontext.Value) bool { return true })
}

func fieldsOf(o map[string]jsontext.Value, q *request) (map[int]value, *fault) {
	fields := map[int]value{}
	if q.prefer["missing"] != "default" {
		for _, name := range q.payload {
			if c, ok := columnOf(name); ok {
				fields[c] = value{null: true}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		c, ok := columnOf(name)
		if !ok {
			return nil, &fault{status: http.StatusBadRequest, code: "PGRST204",
				message: "Column '" + name + "' of relation 'todos' does not exist"}
		}
		v, f := fieldOf(c, o[name])
		if f != nil {
			return nil, f
		}
		fields[c] = v
	}
	return fields, nil
}

// fieldOf reads one JSON value as PostgreSQL's json_populate_recordset does:
// by its text, whatever its JSON type is.
func fieldOf(c int, v jsontext.Value) (value, *fault) {
	text := string(v)
	switch v.Kind() {
	case jsontext.KindNull:
		return value{null: true}, nil
	case jsontext.KindString:
		unquoted, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			return value{}, &fault{status: http.StatusBadRequest, code: "PGRST102", message: "Empty or invalid json"}
		}
		text = string(unquoted)
	case jsontext.KindNumber:
		text = jsNumber(text)
	case jsontext.KindBeginObject, jsontext.KindBeginArray:
		if v.Compact() == nil {
			text = string(v)
		}
	}
	if strings.ContainsRune(text, 0) {
		f := postgres("22P05", "unsupported Unicode escape sequence")
		f.details = `\u0000 cannot be converted to text.`
		return value{}, f
	}
	return columns[c].read(text)
}

// jsNumber is a number after it went through JavaScript: a double.
func jsNumber(text string) string {
	v := jsontext.Value(text)
	if v.Canonicalize() != nil {
		return text
	}
	if f, err := strconv.ParseFloat(string(v), 64); err == nil && f == 0 {
		return "0"
	}
	return string(v)
}
