package store

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// A program is what two devices, a web client without guards and the clock do,
// one act after the other. An act draws whatever it needs, the faults it meets
// too, from its own seed: an act can be left out of a program and the others
// stay as they are.
type act struct {
	who  string // a, a2, b, web or clock
	verb string
	seed uint64
}

func (a act) String() string { return fmt.Sprintf("%s %s %d", a.who, a.verb, a.seed) }

var deviceVerbs = []string{
	"add", "add", "add", "edit", "edit", "edit", "toggle", "toggle", "delete", "undo", "redo",
	"sync", "sync", "sync", "sync", "crash", "resolve", "dither", "dither",
	"bulk", "stale", "retry", "discard", "restore",
}

func program(seed uint64) (acts []act) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 15 + rng.IntN(45) {
		a := act{seed: uint64(rng.Uint32())}
		switch rng.IntN(10) {
		case 0:
			a.who, a.verb = "clock", "wait"
		case 1, 2:
			a.who, a.verb = "web", []string{"add", "edit", "toggle", "toggle", "delete"}[rng.IntN(5)]
		default:
			a.who, a.verb = []string{"a", "a", "a2", "b", "b"}[rng.IntN(5)], deviceVerbs[rng.IntN(len(deviceVerbs))]
		}
		acts = append(acts, a)
	}
	return acts
}

func printProgram(acts []act) string {
	var b strings.Builder
	for _, a := range acts {
		fmt.Fprintln(&b, a)
	}
	return b.String()
}

func readProgram(path string) (acts []act, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		var a act
		if _, err := fmt.Sscan(lines.Text(), &a.who, &a.verb, &a.seed); err != nil {
			return nil, fmt.Errorf("read program: %q: %w", lines.Text(), err)
		}
		acts = append(acts, a)
	}
	return acts, nil
}

// fastDir is a directory in memory, where the system has one: syncing to disk
// is most of what a program would take.
func fastDir() string {
	const shm = "/dev/shm"
	if f, err := os.CreateTemp(shm, "kindling"); err == nil {
		f.Close()
		os.Remove(f.Name())
		return shm
	}
	return ""
}

// runProgram runs acts in a world of their own and returns its log.
func runProgram(t *testing.T, acts []act, back backend) (log string, err error) {
	dir, err := os.MkdirTemp(fastDir(), "model")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	uuid.SetRand(rand.NewChaCha8([32]byte{1}))
	defer uuid.SetRand(nil)
	w := newWorld(t.Context(), dir, back)
	if back.proxied {
		defer w.net.listen(w)()
	}
	defer func() {
		for _, m := range w.devices {
			if m.process != nil {
				_ = m.Close()
			}
		}
	}()
	err = w.run(acts)
	for _, row := range w.all() {
		w.say("row %s %v", row.ID, row)
	}
	return w.log.String(), err
}

// shrink leaves out acts as long as the program still fails, and returns what
// the shortest one did.
func shrink(t *testing.T, acts []act, log string, err error, back func() backend) ([]act, string, error) {
	for size := len(acts) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(acts); {
			less := append(append([]act(nil), acts[:i]...), acts[i+size:]...)
			if l, e := fails(t, less, back); e != nil {
				acts, log, err = less, l, e
			} else {
				i += size
			}
		}
	}
	return acts, log, err
}

// fails runs acts, more than once where a kill by real time may fall elsewhere.
func fails(t *testing.T, acts []act, back func() backend) (log string, err error) {
	for n := 0; err == nil && n < 3; n++ {
		b := back()
		if log, err = runProgram(t, acts, b); !b.killing {
			break
		}
	}
	return log, err
}

// TestModel runs random programs; KINDLING_MODEL_SEEDS says how many, and
// KINDLING_MODEL_FIRST from which seed. A program that failed is made as short
// as it can be and printed: KINDLING_MODEL_PROGRAM runs it from a file.
func TestModel(t *testing.T) { model(t, pretendBackend, number("KINDLING_MODEL_SEEDS", 200)) }

func model(t *testing.T, back func() backend, seeds uint64) {
	if path := os.Getenv("KINDLING_MODEL_PROGRAM"); path != "" {
		acts, err := readProgram(path)
		if err != nil {
			t.Fatal(err)
		}
		log, err := fails(t, acts, back)
		t.Logf("%s%v", log, err)
		if err != nil {
			t.Fail()
		}
		return
	}
	first := number("KINDLING_MODEL_FIRST", 0)
	for seed := first; seed < first+seeds; seed++ {
		acts := program(seed)
		if log, err := runProgram(t, acts, back()); err != nil {
			acts, log, short := shrink(t, acts, log, err, back)
			t.Fatalf("seed %d: %v\nshort program (%v):\n%s\nwhat it did:\n%s", seed, err, short, printProgram(acts), log)
		}
	}
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		return n
	}
	return otherwise
}
