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
		name, err := dec.ReadValue()
		if err != nil {
			return t, "", err
		}
		read := readers[string(name)]
		v, err := dec.ReadValue()
		if err != nil {
			return t, "", err
		}
		if read == nil {
			continue
		}
		if err := read(&t, &owner, v); err != nil {
			return t, "", err
		}
		seen++
	}
	if err := expect(dec, jsontext.KindEndObject); err != nil {
		return t, "", err
	}
	if seen != len(readers) {
		return t, "", errors.New("a row without all five columns")
	}
	return t, owner, nil
}

// readers take the value of each column, by its name in JSON. The bytes are
// gone after the call.
var readers = map[string]func(t *Todo, owner *string, v jsontext.Value) error{
	`"id"`: func(t *Todo, _ *string, v jsontext.Value) (err error) {
		t.ID, err = uuid.ParseBytes(bytes.Trim(v, `"`))
		return err
	},
	`"user_id"`:     func(_ *Todo, owner *string, v jsontext.Value) error { return readString(v, owner) },
	`"title"`:       func(t *Todo, _ *string, v jsontext.Value) error { return readString(v, &t.Title) },
	`"is_complete"`: readDone,
	`"created_at"`:  readCreated,
}

func readString(v jsontext.Value, into *string) error {
	if v.Kind() != jsontext.KindString {
		return fmt.Errorf("a JSON %s for text", v.Kind())
	}
	inside := v[1 : len(v)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		*into = string(inside) // the decoder has checked it; most titles escape nothing
		return nil
	}
	b, err := jsontext.AppendUnquote(nil, v)
	*into = string(b)
	return err
}

func readDone(t *Todo, _ *string, v jsontext.Value) error {
	switch v.Kind() {
	case jsontext.KindTrue:
		t.Done = True
	case jsontext.KindFalse:
		t.Done = False
	case jsontext.KindNull:
		t.Done = Null
	default:
		return fmt.Errorf("a JSON %s for a boolean", v.Kind())
	}
	return nil
}

func readCreated(t *Todo, _ *string, v jsontext.Value) (err error) {
	if v.Kind() == jsontext.KindNull {
		t.Created = NoInstant
		return nil
	}
	var text string
	if err := readString(v, &text); err != nil {
		return err
	}
	if t.Created, err = ParseInstant(text); t.Created == NoInstant && err == nil {
		return errors.New("an empty created_at")
	}
	return err
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
