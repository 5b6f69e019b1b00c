package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"
)

// untilDone is a stream whose reads end with the run: a read from a terminal
// cannot be taken back, but nobody has to wait for it.
type untilDone struct {
	ctx  context.Context
	from io.Reader
}

// Read implements io.Reader.
func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err // the read before may still be under way
	}
	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		text := make([]byte, len(p))
		n, err := u.from.Read(text)
		read <- answer{text[:n], err}
	}()
	select {
	case <-u.ctx.Done():
		return 0, u.ctx.Err()
	case r := <-read:
		return copy(p, r.text), r.err
	}
}

// readLine reads the answer to a question, as nextLine does.
func (a *app) readLine() (string, error) {
	line, err := a.nextLine()
	if err != nil {
		_, _ = fmt.Fprintln(a.Stderr) // the question's line ends
	}
	return line, err
}

// nextLine is one line of what a person types: io.EOF when there is no more, the
// context's error when the run was ended meanwhile.
func (a *app) nextLine() (string, error) {
	line, err := a.in.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// ask puts a yes-or-no question to the person at the terminal; no is the default.
func (a *app) ask(question string) (bool, error) {
	_, _ = fmt.Fprintf(a.Stderr, "%s [y/N] ", printable(question))
	answer, err := a.readLine()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "y"), err
}

// readHidden reads a line that the terminal does not show. A run that ends
// meanwhile leaves the terminal as it was.
func (a *app) readHidden(fd uintptr) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	typed := untilDone{a.ctx, hiddenLine(fd)}
	text := make([]byte, longestPassphrase)
	n, err := typed.Read(text)
	if a.ctx.Err() != nil {
		_ = term.Restore(fd, before)
	}
	return string(text[:n]), err
}

const longestPassphrase = 4096

// hiddenLine is a terminal, by its descriptor, whose one read is a hidden line.
type hiddenLine uintptr

// Read implements io.Reader.
func (h hiddenLine) Read(p []byte) (int, error) {
	text, err := term.ReadPassword(uintptr(h))
	return copy(p, text), err
}

func newInput(ctx context.Context, from io.Reader) *bufio.Reader {
	return bufio.NewReaderSize(untilDone{ctx, from}, 64<<10)
}
