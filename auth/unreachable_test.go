package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
)

// What a person reads of a network that failed: one line, a next step, and
// neither call nor address.
func TestUnreachableInWords(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Get", URL: "https://a.example/secret", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	for _, x := range []struct {
		err  error
		want string
	}{
		{dial(&net.DNSError{Err: "no such host", Name: "a.example", Server: "10.0.0.1:53", IsNotFound: true}), "no such name"},
		{dial(&net.DNSError{Err: "server misbehaving", Name: "a.example", Server: "10.0.0.1:53"}), "its name could not be looked up"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), syscall.ECONNREFUSED.Error()},
		{fmt.Errorf("read: %w", context.DeadlineExceeded), "no answer in time"},
	} {
		got := unreachable("the issuer a.example", x.err)
		if want := "cannot reach the issuer a.example (" + x.want + "): check the network and its address"; got.Error() != want {
			t.Errorf("%v: %v", x.err, got)
		}
	}
	if err := unreachable("x", context.DeadlineExceeded); !errors.Is(err, context.DeadlineExceeded) {
		t.Error("the cause is lost")
	}
}
