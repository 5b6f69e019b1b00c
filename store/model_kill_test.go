package store

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// TestModelKilled runs the model's programs with each device a process of its
// own, which is killed (SIGKILL) at random points: when it asks for the time, in
// the middle of a transaction too; when a request is on its way out, or its answer
// on its way back; after a moment of real time; or right after its answer. Only a kill by
// real time may fall elsewhere when a program is run again.
func TestModelKilled(t *testing.T) {
	model(t, func() backend {
		b := pretendBackend()
		b.killing = true
		return b
	}, number("KINDLING_MODEL_KILL_SEEDS", 20))
}

var errKilled = errors.New("the process was killed")

// order is what a process is told to do.
type order struct {
	Verb    string
	Dir     string
	BaseURL string
	Token   string
	Seed    uint64
	Step    Step
	ID      uuid.UUID
	Choice  Choice
	Limit   int
}

// said is what a process says: what it needs meanwhile, or what came of an order.
type said struct {
	Asks     string // for "time" or "http"; "" where it is done
	Request  wireRequest
	Err      string
	Is       []int // which of tellable the error is
	Items    []Item
	Step     Step
	Clashes  []Conflict
	Report   Report
	Status   Status
	Vanished []Vanished
	Parked   []Pending
	Rev      Rev
}

// heard is the answer to what a process asked for.
type heard struct {
	Now    time.Time
	Answer wireAnswer
}

type wireRequest struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

type wireAnswer struct {
	Status       int
	Header       http.Header
	Body         []byte
	Err          string
	NoConnection bool
}

// tellable are the errors that a process can tell apart to the model.
var tellable = []error{ErrOffline, ErrRefused, ErrNothing, ErrNotFound, ErrBusy}

// told is an error that another process had.
type told struct {
	text string
	is   []int
}

func (e told) Error() string { return e.text }

func (e told) Is(target error) bool {
	i := slices.Index(tellable, target)
	return i >= 0 && slices.Contains(e.is, i)
}

// distant is a process of its own. Its time and its network are the world's.
type distant struct {
	w      *world
	name   string
	cmd    *exec.Cmd
	in     io.WriteCloser
	tell   *gob.Encoder
	hear   *gob.Decoder
	stderr bytes.Buffer
	killed atomic.Bool
	ended  bool
}

func (w *world) launch(name, dir string) (process, error) {
	d := &distant{w: w, name: name, cmd: exec.Command(os.Args[0], "-test.run=^TestChild$")}
	d.cmd.Env = append(os.Environ(), "KINDLING_CHILD=model")
	d.cmd.Stderr = &d.stderr
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	d.tell, d.hear = gob.NewEncoder(d.in), gob.NewDecoder(out)
	_, err = d.do(order{Verb: "open", Dir: dir, BaseURL: w.base, Token: w.back.token, Seed: w.starts})
	return d, err
}

// cut is where a process is killed while it carries out one order.
type cut struct {
	at    int           // before the answer to what it asks for so many times, 0: not so
	heard bool          // it is carried out, but the process does not hear of it
	after time.Duration // of real time
}

func (d *distant) cut() (c cut, armed bool) {
	if d.w.kills == nil || d.w.kills.IntN(5) > 0 {
		return c, false
	}
	if d.w.kills.IntN(2) == 0 {
		return cut{after: time.Duration(d.w.kills.ExpFloat64() * float64(500*time.Microsecond))}, true
	}
	return cut{at: 1 + int(d.w.kills.ExpFloat64()*3), heard: d.w.kills.IntN(2) == 0}, true
}

// do has an order carried out by the process, and kills it meanwhile, perhaps.
func (d *distant) do(o order) (said, error) {
	c, armed := d.cut()
	if armed {
		d.w.say("  %s: kill while it does %q: %+v", d.name, o.Verb, c)
	}
	if c.after > 0 {
		defer time.AfterFunc(c.after, d.signal).Stop()
	}
	s, err := d.converse(o, c)
	if armed || d.killed.Load() {
		d.kill()
	}
	return s, err
}

func (d *distant) converse(o order, c cut) (s said, err error) {
	if err := d.tell.Encode(o); err != nil {
		return s, d.lost(err)
	}
	for n := 1; ; n++ {
		s = said{}
		if err := d.hear.Decode(&s); err != nil {
			return s, d.lost(err)
		}
		if s.Asks == "" {
			return s, s.err()
		}
		if n == c.at && !c.heard {
			return s, errKilled
		}
		h := d.answer(s)
		if n == c.at || d.ended {
			return s, errKilled
		}
		if err := d.tell.Encode(h); err != nil {
			return s, d.lost(err)
		}
	}
}

// lost tells a process that was killed from one that ended by itself.
func (d *distant) lost(err error) error {
	if d.killed.Load() {
		return errKilled
	}
	d.kill()
	return fmt.Errorf("a process ended by itself: %w: %s", err, d.stderr.String())
}

func (d *distant) signal() {
	d.killed.Store(true)
	_ = d.cmd.Process.Kill() // SIGKILL
}

func (d *distant) kill() {
	if !d.ended {
		d.ended = true
		d.signal()
		_ = d.cmd.Wait()
	}
}

func (d *distant) dead() bool { return d.ended }

func (d *distant) answer(s said) (h heard) {
	if s.Asks == "http" {
		h.Answer = d.fetch(s.Request)
	}
	h.Now = d.w.clock.Now()
	return h
}

// fetch sends a process's request over the world's network.
func (d *distant) fetch(q wireRequest) (a wireAnswer) {
	r, err := http.NewRequestWithContext(d.w.ctx, q.Method, q.URL, bytes.NewReader(q.Body))
	if err != nil {
		panic(err)
	}
	r.Header = q.Header
	res, err := named{d.name, d.w.way}.RoundTrip(r)
	if err == nil {
		defer res.Body.Close()
		a.Status, a.Header = res.StatusCode, res.Header
		a.Body, err = io.ReadAll(res.Body)
	}
	if err != nil {
		_, a.NoConnection = errors.AsType[*net.OpError](err)
		a.Err = err.Error()
	}
	return a
}

func (s said) err() error {
	if s.Err == "" {
		return nil
	}
	return told{s.Err, s.Is}
}

func (d *distant) Window(_ context.Context, limit int) ([]Item, error) {
	s, err := d.look(order{Verb: "window", Limit: limit})
	return s.Items, err
}

func (d *distant) Save(_ context.Context, step Step) error {
	_, err := d.do(order{Verb: "save", Step: step})
	return err
}

func (d *distant) Undo(context.Context) (Step, error) {
	s, err := d.do(order{Verb: "undo"})
	return s.Step, err
}

func (d *distant) Redo(context.Context) (Step, error) {
	s, err := d.do(order{Verb: "redo"})
	return s.Step, err
}

func (d *distant) Conflicts(context.Context) ([]Conflict, error) {
	s, err := d.look(order{Verb: "conflicts"})
	return s.Clashes, err
}

func (d *distant) Resolve(_ context.Context, id uuid.UUID, c Choice) error {
	_, err := d.do(order{Verb: "resolve", ID: id, Choice: c})
	return err
}

func (d *distant) Sync(context.Context, SyncOptions) (Report, error) {
	s, err := d.do(order{Verb: "sync"})
	return s.Report, err
}

func (d *distant) Status(context.Context) (Status, error) {
	s, err := d.look(order{Verb: "status"})
	return s.Status, err
}

func (d *distant) Vanished(context.Context) ([]Vanished, error) {
	s, err := d.look(order{Verb: "vanished"})
	return s.Vanished, err
}

func (d *distant) Parked(context.Context) ([]Pending, error) {
	s, err := d.look(order{Verb: "parked"})
	return s.Parked, err
}

func (d *distant) Restore(_ context.Context, id uuid.UUID) error {
	_, err := d.do(order{Verb: "restore", ID: id})
	return err
}

func (d *distant) Retry(_ context.Context, id uuid.UUID) error {
	_, err := d.do(order{Verb: "retry", ID: id})
	return err
}

func (d *distant) Discard(_ context.Context, id uuid.UUID) error {
	_, err := d.do(order{Verb: "discard", ID: id})
	return err
}

func (d *distant) audit(context.Context) error {
	_, err := d.look(order{Verb: "audit"})
	return err
}

func (d *distant) rev(context.Context) (Rev, error) {
	s, err := d.look(order{Verb: "rev"})
	return s.Rev, err
}

func (d *distant) Close() error { d.kill(); return nil }

// look has something read, and kills nobody meanwhile.
func (d *distant) look(o order) (said, error) { return d.converse(o, cut{}) }
