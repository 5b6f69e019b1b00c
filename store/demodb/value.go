package demodb

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// The columns of todos, by their place in a row.
const (
	id = iota
	userID
	title
	isComplete
	createdAt
)

// row is one todo, by column.
type row [5]value

// value is one field: text for text and uuid (its bytes), number for boolean
// and timestamptz (microseconds since 1970).
type value struct {
	null   bool
	number int64
	text   string
}

// compare orders two values of one column; neither is NULL.
func (v value) compare(w value) int {
	return cmp.Or(cmp.Compare(v.number, w.number), strings.Compare(v.text, w.text))
}

// column is what the engine knows of a column: how its type is read and printed.
type column struct {
	name     string
	typeName string
	notNull  bool
	parse    func(string) (value, bool)
	append   func([]byte, value) []byte
}

var columns = [...]column{
	id:         {"id", "uuid", true, parseUUID, appendUUID},
	userID:     {"user_id", "text", true, parseText, appendText},
	title:      {"title", "text", true, parseText, appendText},
	isComplete: {"is_complete", "boolean", false, parseBool, appendBool},
	createdAt:  {"created_at", "timestamp with time zone", false, parseStamp, appendStamp},
}

// columnOf finds a column by name.
func columnOf(name string) (int, bool) {
	for i, c := range columns {
		if c.name == name {
			return i, true
		}
	}
	return 0, false
}

// read makes a value of its text form, as PostgreSQL's input function would.
func (c column) read(text string) (value, *fault) {
	v, ok := c.parse(text)
	if ok {
		return v, nil
	}
	code := "22P02"
	if c.typeName == columns[createdAt].typeName {
		code = "22007"
	}
	return value{}, postgres(code, "invalid input syntax for type "+c.typeName+": \""+text+"\"")
}

func parseUUID(s string) (value, bool) {
	if strings.HasPrefix(strings.ToLower(s), "urn:") {
		return value{}, false
	}
	u, err := uuid.Parse(s)
	return value{text: string(u[:])}, err == nil
}

func parseText(s string) (value, bool) { return value{text: s}, true }

// parseBool takes what PostgreSQL does: any beginning of true, false, yes, no,
// and on, off, 1, 0.
func parseBool(s string) (value, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch {
	case s == "":
		return value{}, false
	case strings.HasPrefix("true", s), strings.HasPrefix("yes", s), s == "on", s == "1":
		return value{number: 1}, true
	case strings.HasPrefix("false", s), strings.HasPrefix("no", s), s == "off", s == "of", s == "0":
		return value{}, true
	}
	return value{}, false
}

func appendUUID(b []byte, v value) []byte {
	u, err := uuid.FromBytes([]byte(v.text))
	if err != nil {
		return append(b, "null"...) // only a NULL id has no 16 bytes
	}
	return append(append(append(b, '"'), u.String()...), '"')
}

func appendText(b []byte, v value) []byte { return appendString(b, v.text) }

func appendBool(b []byte, v value) []byte { return strconv.AppendBool(b, v.number == 1) }

func appendStamp(b []byte, v value) []byte { return appendString(b, printStamp(v.number)) }

// appendString writes a JSON string; text in the table is always UTF-8.
func appendString(b []byte, s string) []byte {
	b, err := jsontext.AppendQuote(b, s)
	if err != nil {
		return append(b, `""`...)
	}
	return b
}

// appendRow writes the chosen columns as a JSON object.
func appendRow(b []byte, r *row, chosen []int) []byte {
	for i, c := range chosen {
		b = append(b, "{,"[min(i, 1)])
		b = append(appendString(b, columns[c].name), ':')
		if r[c].null {
			b = append(b, "null"...)
		} else {
			b = columns[c].append(b, r[c])
		}
	}
	return append(b, '}')
}

// appendRows writes a JSON array of rows.
func appendRows(rows []*row, chosen []int) []byte {
	b := make([]byte, 0, 2+len(rows)*160)
	b = append(b, '[')
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRow(b, r, chosen)
	}
	return append(b, ']')
}
