package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// pack writes a todo without its id as one text that keeps every byte of the
// title: "done created title".
func (t Todo) pack() string {
	b := make([]byte, 0, len(t.Title)+24)
	b = strconv.AppendInt(b, int64(t.Done), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(t.Created), 10)
	b = append(b, ' ')
	return string(append(b, t.Title...))
}

// unpack reads what pack wrote.
func unpack(id uuid.UUID, text string) (Todo, error) {
	done, rest, ok1 := strings.Cut(text, " ")
	created, title, ok2 := strings.Cut(rest, " ")
	d, err1 := strconv.ParseInt(done, 10, 8)
	c, err2 := strconv.ParseInt(created, 10, 64)
	if !ok1 || !ok2 || err1 != nil || err2 != nil || d < int64(Null) || d > int64(True) {
		return Todo{}, fmt.Errorf("read todo %s: the cache holds %.20q", id, text)
	}
	return Todo{ID: id, Title: title, Done: Bool(d), Created: Instant(c)}, nil
}

// packOps keeps a step's ops: of each its id, its kind, and its two todos with
// their lengths before them. unpackOps reads them back.
func packOps(ops []Op) []byte {
	b := []byte{} // none of none is not NULL
	for _, op := range ops {
		b = append(b, op.ID[:]...)
		b = append(b, byte(op.Kind))
		for _, text := range []string{op.Base.pack(), op.Want.pack()} {
			b = strconv.AppendInt(b, int64(len(text)), 10)
			b = append(b, ':')
			b = append(b, text...)
		}
	}
	return b
}

func unpackOps(s string) ([]Op, error) {
	var ops []Op
	for s != "" {
		op, rest, err := unpackOp(s)
		if err != nil {
			return nil, fmt.Errorf("read step: %w", err)
		}
		ops, s = append(ops, op), rest
	}
	return ops, nil
}

func unpackOp(s string) (op Op, rest string, err error) {
	if len(s) < 17 {
		return op, "", fmt.Errorf("%d bytes are no op", len(s))
	}
	copy(op.ID[:], s)
	op.Kind, rest = Kind(s[16]), s[17:]
	for _, t := range []*Todo{&op.Base, &op.Want} {
		head, tail, ok := strings.Cut(rest, ":")
		n, err := strconv.Atoi(head)
		if !ok || err != nil || n < 0 || n > len(tail) {
			return op, "", fmt.Errorf("op %s is cut off", op.ID)
		}
		if *t, err = unpack(op.ID, tail[:n]); err != nil {
			return op, "", err
		}
		rest = tail[n:]
	}
	return op, rest, nil
}
