package demodb

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// rowsOf reads a body: the columns that each row in it sets.
func rowsOf(r *http.Request, q *request) ([]map[int]value, *fault) {
	objects, f := objectsOf(r)
	if f != nil {
		return nil, f
	}
	for _, o := range objects {
		if q.payload == nil && !sameKeys(o, objects[0]) {
			return nil, postgrest(http.StatusBadRequest, "PGRST102", "All object keys must match", "")
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

// objectsOf reads one object or an array of them; no body is an empty object.
func objectsOf(r *http.Request) ([]map[string]jsontext.Value, *fault) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, insforge(http.StatusBadRequest, "INVALID_INPUT", "request aborted")
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch {
	case len(body) == 0:
		return []map[string]jsontext.Value{{}}, nil
	case kind != "application/json" && kind != "":
		return nil, postgrest(http.StatusBadRequest, "PGRST102", "Content-Type not acceptable: "+kind, "")
	}
	if body[0] == '{' {
		body = slices.Concat([]byte("["), body, []byte("]"))
	}
	var objects []map[string]jsontext.Value
	if json.Unmarshal(body, &objects, jsontext.AllowDuplicateNames(true)) != nil { // half a surrogate pair
		return nil, postgrest(http.StatusBadRequest, "PGRST102", "Empty or invalid json", "")
	}
	return objects, nil
}

func sameKeys(a, b map[string]jsontext.Value) bool {
	return maps.EqualFunc(a, b, func(jsontext.Value, jsontext.Value) bool { return true })
}

func fieldsOf(o map[string]jsontext.Value, q *request) (map[int]value, *fault) {
	fields := map[int]value{}
	for _, name := range q.payload {
		if c, ok := columnOf(name); ok && q.prefer["missing"] != "default" {
			fields[c] = value{null: true}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		c, known := columnOf(name)
		if q.payload != nil && !slices.Contains(q.payload, name) {
			continue
		}
		if !known {
			return nil, postgrest(http.StatusBadRequest, "PGRST204", "Column '"+name+"' of relation 'todos' does not exist", "")
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
			return value{}, postgrest(http.StatusBadRequest, "PGRST102", "Empty or invalid json", "")
		}
		text = string(unquoted)
	}
	if strings.ContainsRune(text, 0) {
		f := postgres("22P05", "unsupported Unicode escape sequence")
		f.details = `\u0000 cannot be converted to text.`
		return value{}, f
	}
	return columns[c].read(text)
}
