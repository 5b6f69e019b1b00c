// Package ui is the terminal interface: a root that routes, and one screen on top.
package ui

import (
	"context"
	"io"
)

// Run shows the program until it is left; the summary is the one line to print
// after the screen is restored, "" for none.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) (summary string, err error) {
	panic("todo")
}
