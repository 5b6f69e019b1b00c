package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// decodeRows reads an array of rows, in any order of keys, and refuses an
// answer that is not one. A row whose user_id is not sub is ErrForeign.
func decodeRows(src io.Reader, sub string) ([]Todo, error) {
	dec := jsontext.NewDecoder(src)
	if err := expect(dec, jsontext.KindBeginArray); err != nil {
		return nil, err
	}
	rows := []Todo{}
	foreign := 0
	for dec.PeekKind() == jsontext.KindBeginObject {
		t, owner, err := decodeRow(dec)
		if err != nil {
			return nil, err
		}
		if owner != sub {
			foreign++
		}
		rows = append(rows, t)
	}
	if err := errors.Join(expect(dec, jsontext.KindEndArray), ends(dec)); err != nil {
		return nil, err
	}
	if foreign > 0 {
		return nil, fmt.Errorf("%w: %d of %d", ErrForeign, foreign, len(rows))
	}
	return rows, nil
}

func decodeRow(dec *jsontext.Decoder) (t Todo, owner string, err error) {
	if err := expect(dec, jsontext.KindBeginObject); err != nil {
		return t, "", err
	}
	seen := 0
	for dec.PeekKind() == jsontext.KindString {
		name, err := dec.ReadToken()
		if err != nil {
			return t, "", err
		}
		known, err := decodeColumn(dec, name.String(), &t, &owner)
		if err != nil {
			return t, "", err
		}
		seen += known
	}
	if err := expect(dec, jsontext.KindEndObject); err != nil {
		return t, "", err
	}
	if seen != 5 {
		return t, "", errors.New("a row without all five columns")
	}
	return t, owner, nil
}

// decodeColumn reads the value of one key into t, and says 1 when it knows the key.
func decodeColumn(dec *jsontext.Decoder, name string, t *Todo, owner *string) (known int, err error) {
	if !strings.Contains(" id user_id title is_complete created_at ", " "+name+" ") {
		return 0, dec.SkipValue()
	}
	v, err := dec.ReadToken()
	if err != nil {
		return 0, err
	}
	kind := v.Kind()
	switch {
	case name == "id" && kind == jsontext.KindString:
		t.ID, err = uuid.Parse(v.String())
	case name == "user_id" && kind == jsontext.KindString:
		*owner = v.String()
	case name == "title" && kind == jsontext.KindString:
		t.Title = v.String()
	case name == "is_complete" && (kind == jsontext.KindTrue || kind == jsontext.KindFalse):
		t.Done = BoolOf(v.Bool())
	case name == "is_complete" && kind == jsontext.KindNull:
		t.Done = Null
	case name == "created_at" && kind == jsontext.KindString:
		t.Created, err = ParseInstant(v.String())
	case name == "created_at" && kind == jsontext.KindNull:
		t.Created = NoInstant
	default:
		err = fmt.Errorf("column %s holds a JSON %s", name, kind)
	}
	return 1, err
}

func expect(dec *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("JSON %s where %s was expected", token.Kind(), kind)
	}
	return err
}

// ends checks that nothing follows, and so reads the body to its end.
func ends(dec *jsontext.Decoder) error {
	_, err := dec.ReadToken()
	if err == io.EOF {
		return nil
	}
	if err == nil {
		err = errors.New("more than one JSON value")
	}
	return err
}

// decodeSub reads the answer of requesting_user_id: a string, or null for nobody.
func decodeSub(src io.Reader) (string, error) {
	dec := jsontext.NewDecoder(src)
	v, err := dec.ReadToken()
	if err != nil {
		return "", err
	}
	sub, kind := "", v.Kind()
	if kind == jsontext.KindString {
		sub = v.String()
	} else if kind != jsontext.KindNull {
		return "", fmt.Errorf("a user id that is a JSON %s", kind)
	}
	return sub, ends(dec)
}

// encodeRows writes the body of a create. The owner stands in it, so that a
// request which lands as somebody else is refused instead of making their row.
func encodeRows(rows []Todo, sub string) ([]byte, error) {
	var b bytes.Buffer
	enc := jsontext.NewEncoder(&b)
	put := writer{enc: enc}
	put.token(jsontext.BeginArray)
	for _, t := range rows {
		put.token(jsontext.BeginObject)
		put.token(jsontext.String("id"), jsontext.String(t.ID.String()))
		put.token(jsontext.String("user_id"), jsontext.String(sub))
		for c := range columnNames {
			put.column(t, column(c))
		}
		put.token(jsontext.EndObject)
	}
	put.token(jsontext.EndArray)
	return b.Bytes(), put.err
}

// encodeColumns writes the body of a change: the named columns of t, and no others.
func encodeColumns(t Todo, cols []column) ([]byte, error) {
	var b bytes.Buffer
	put := writer{enc: jsontext.NewEncoder(&b)}
	put.token(jsontext.BeginObject)
	for _, c := range cols {
		put.column(t, c)
	}
	put.token(jsontext.EndObject)
	return b.Bytes(), put.err
}

// writer keeps the first error.
type writer struct {
	enc *jsontext.Encoder
	err error
}

func (w *writer) token(tokens ...jsontext.Token) {
	for _, t := range tokens {
		if w.err == nil {
			w.err = w.enc.WriteToken(t)
		}
	}
}

func (w *writer) column(t Todo, c column) {
	value := jsontext.Null
	switch {
	case c == titleCol && !storable(t.Title):
		w.err = ErrTitle
		return
	case c == titleCol:
		value = jsontext.String(t.Title)
	case c == isComplete && t.Done != Null:
		value = jsontext.Bool(t.Done.Bool())
	case c == createdAt && t.Created != NoInstant:
		value = jsontext.String(t.Created.String())
	}
	w.token(jsontext.String(columnNames[c]), value)
}

// storable reports whether PostgreSQL's text can hold the title: not with a NUL,
// and InsForge would replace bytes that are not UTF-8 without a word.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}
