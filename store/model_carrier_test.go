package store

import (
	"context"
	"encoding/gob"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// carryOut is a device's process: it does what it is told to.
func carryOut(t *testing.T, _, _ string) {
	c := &carrier{hear: gob.NewDecoder(os.Stdin), tell: gob.NewEncoder(os.Stdout)}
	for {
		var o order
		if err := c.hear.Decode(&o); err != nil {
			return // nobody tells it any more
		}
		s, err := c.do(t.Context(), o)
		if err != nil {
			s.Err = err.Error()
			for i, one := range tellable {
				if errors.Is(err, one) {
					s.Is = append(s.Is, i)
				}
			}
		}
		c.say(s)
	}
}

// carrier carries out orders in a process of its own. What it needs meanwhile,
// the time and the network, it asks for.
type carrier struct {
	hear   *gob.Decoder
	tell   *gob.Encoder
	asking sync.Mutex
	*inside
}

func (c *carrier) say(s said) {
	if err := c.tell.Encode(s); err != nil {
		os.Exit(1)
	}
}

func (c *carrier) ask(s said) (h heard) {
	c.asking.Lock()
	defer c.asking.Unlock()
	c.say(s)
	if err := c.hear.Decode(&h); err != nil {
		os.Exit(1)
	}
	return h
}

func (c *carrier) now() time.Time { return c.ask(said{Asks: "time"}).Now }

// RoundTrip implements http.RoundTripper.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	q := wireRequest{Method: r.Method, URL: r.URL.String(), Header: r.Header}
	if r.Body != nil {
		var err error
		if q.Body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	switch a := c.ask(said{Asks: "http", Request: q}).Answer; {
	case a.NoConnection:
		return nil, &net.OpError{Op: "dial", Err: errors.New(a.Err)}
	case a.Err != "":
		return nil, errors.New(a.Err)
	default:
		return answered(r, a.Status, string(a.Body), a.Header), nil
	}
}

func (c *carrier) do(ctx context.Context, o order) (s said, err error) {
	switch o.Verb {
	case "open":
		seed := [32]byte{byte(o.Seed), byte(o.Seed >> 8), 'p'} // else one process makes the ids of the model's own adds
		uuid.SetRand(rand.NewChaCha8(seed))
		var opened *Store
		opened, err = start(ctx, Options{Dir: o.Dir, BaseURL: o.BaseURL, Tokens: fixed(o.Token), HTTP: &http.Client{Transport: c}, Now: c.now})
		c.inside = &inside{Store: opened}
	case "window":
		s.Items, err = c.Window(ctx, o.Limit)
	case "save":
		err = c.Save(ctx, o.Step)
	case "undo":
		s.Step, err = c.Undo(ctx)
	case "redo":
		s.Step, err = c.Redo(ctx)
	case "conflicts":
		s.Clashes, err = c.Conflicts(ctx)
	case "resolve":
		err = c.Resolve(ctx, o.ID, o.Choice)
	case "sync":
		s.Report, err = c.Sync(ctx, SyncOptions{})
	case "status":
		s.Status, err = c.Status(ctx)
	case "vanished":
		s.Vanished, err = c.Vanished(ctx)
	case "parked":
		s.Parked, err = c.Parked(ctx)
	case "restore":
		err = c.Restore(ctx, o.ID)
	case "retry":
		err = c.Retry(ctx, o.ID)
	case "discard":
		err = c.Discard(ctx, o.ID)
	case "audit":
		if err = integrity(ctx, c.Store); err == nil {
			err = c.audit(ctx)
		}
	case "rev":
		s.Rev, err = c.rev(ctx)
	}
	return s, err
}
