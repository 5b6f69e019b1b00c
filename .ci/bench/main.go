// Measures Kindling beside other programs on this machine, alternately, and
// prints tables: medians, spread, and ratios. Run it by .ci/bench/run.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

var (
	runs  = flag.Int("n", 9, "counted runs of each command")
	big   = flag.Int("big", 100_000, "todos in the long list")
	idle  = flag.Duration("idle", 2*time.Minute, "how long an idle program is watched")
	parts = flag.String("parts", "start,keys,filter,idle,commands,list,sync,size", "what to measure")
)

// bench is one run's places.
type bench struct {
	dir, program, minimal, empty string
	small, long, pending         *home
}

func main() {
	flag.Parse()
	runtime.LockOSThread() // what we start ends with the thread that started it
	dir, err := os.MkdirTemp("", "kindling-bench-")
	must(err)
	cleanUp = func() { stopAll(); _ = os.RemoveAll(dir) }
	defer cleanUp()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() { <-interrupted; fatal("interrupted") }()
	b := bench{dir: dir}
	b.build()
	b.fill()
	fmt.Printf("%s, %d cores, %s/%s, %s, %d runs each\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), *runs)
	for _, p := range []struct {
		name string
		run  func()
	}{
		{"sync", b.sync}, {"start", b.opening}, {"keys", b.keys}, {"filter", b.filter},
		{"commands", b.commands}, {"list", b.lists}, {"size", b.size}, {"idle", b.idle},
	} {
		if strings.Contains(","+*parts+",", ","+p.name+",") {
			p.run()
		}
	}
}

// build makes the programs as a release does, and installs them by copying: the file
// that a linker leaves lies in the page cache in such pieces that it starts a third slower.
func (b *bench) build() {
	for target, out := range map[string]*string{".": &b.program, "./.ci/bench/minimal": &b.minimal, "./.ci/bench/empty": &b.empty} {
		*out = filepath.Join(b.dir, filepath.Base(target)+"-bin")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", *out+".linked", target)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		cmd.Stderr = os.Stderr
		must(cmd.Run())
		program, err := os.ReadFile(*out + ".linked")
		must(err)
		must(os.WriteFile(*out, program, 0o755))
	}
}

func (b *bench) fill() {
	b.small = newHome(filepath.Join(b.dir, "small"), b.program, titles(1000, 0.6))
	b.long = newHome(filepath.Join(b.dir, "long"), b.program, titles(*big, 0.6))
	b.pending = newHome(filepath.Join(b.dir, "pending"), b.program, titles(*big, 0))
	for _, h := range homes {
		h.stop() // from here on there is no network
	}
}

var mark = regexp.MustCompile(`zq\d{6}`)

// opening measures process start to the first known todo on the wire.
func (b *bench) opening() {
	heading("Opening: process start to the first todo on screen, cached, no network")
	first := map[string][]time.Duration{}
	mems := map[string][]memory{}
	programs := b.screens()
	for round := range *runs + 1 {
		for _, p := range programs {
			s := openScreen(p.argv, p.env, nil)
			at := s.painted(mark)
			time.Sleep(1500 * time.Millisecond)
			if round > 0 {
				first[p.name] = append(first[p.name], at)
				mems[p.name] = append(mems[p.name], s.memory())
			}
			s.close()
		}
	}
	var all []series
	for _, p := range programs {
		all = append(all, series{p.name, first[p.name], mems[p.name]})
	}
	against("first todo", all, "≤ 1.3 × minimal; ≤ 80 and 25 MiB")
}

// screens are the full-screen programs that are compared: ours first.
func (b *bench) screens() []command {
	return []command{
		{name: fmt.Sprintf("kindling, %d", *big), argv: []string{b.program}, env: b.long.env},
		{name: "kindling, 1000", argv: []string{b.program}, env: b.small.env},
		{name: "minimal Bubble Tea", argv: []string{b.minimal, filepath.Join(b.small.dir, "todo.txt")}, env: os.Environ()},
	}
}

func (b *bench) keys() {
	heading("A key to the last byte of its frame")
	var all []series
	for _, p := range b.screens() {
		all = append(all, series{p.name, typed(p, nil, "", strings.Repeat("j", 10*(*runs))), nil})
	}
	against("j, median", all, "= minimal")
}

// typed opens the program, types the opener, then each key of text, and times those.
func typed(p command, in *os.File, opener, text string) (took []time.Duration) {
	s := openScreen(p.argv, p.env, in)
	defer s.close()
	s.painted(mark)
	time.Sleep(2 * time.Second)
	s.settle(200 * time.Millisecond)
	if opener != "" {
		s.key(opener)
	}
	for _, k := range text {
		took = append(took, s.key(string(k)))
	}
	return took
}

func (b *bench) filter() {
	heading(fmt.Sprintf("A filter keystroke at %d titles", *big))
	var ours, theirs []time.Duration
	for range max(3, *runs/3) {
		ours = append(ours, typed(b.screens()[0], nil, "/", "kitchen")...)
		if fzf, err := exec.LookPath("fzf"); err == nil {
			in, err := os.Open(filepath.Join(b.long.dir, "todo.txt"))
			must(err)
			theirs = append(theirs, typed(command{argv: []string{fzf}, env: os.Environ()}, in, "", "kitchen")...)
			_ = in.Close()
		}
	}
	against("keystroke", []series{{"kindling", ours, nil}, {"fzf", theirs, nil}}, "≤ 16 ms, ≤ fzf")
}

// idle watches all programs at the same time, focused, and then not; ours are in
// touch with their projects and sync by themselves.
func (b *bench) idle() {
	heading(fmt.Sprintf("Idle for %v, automatic sync included: share of one core", *idle))
	for _, h := range []*home{b.small, b.long} {
		h.start(b.program)
		defer h.stop()
	}
	var open []*screen
	for _, p := range b.screens() {
		s := openScreen(p.argv, p.env, nil)
		defer s.close()
		s.painted(mark)
		open = append(open, s)
	}
	for _, focus := range []struct{ name, report string }{{"focused", "\x1b[I"}, {"unfocused", "\x1b[O"}} {
		before := make([]time.Duration, len(open))
		for _, s := range open {
			_, _ = s.tty.WriteString(focus.report)
		}
		time.Sleep(5 * time.Second)
		for i, s := range open {
			before[i] = s.cpu()
		}
		time.Sleep(*idle)
		for i, s := range open {
			share := float64(s.cpu()-before[i]) / float64(*idle) * 100
			row("idle, "+focus.name, b.screens()[i].name, fmt.Sprintf("%.2f %%", share), "", "", mib([]memory{s.memory()}), "≤ minimal + 0.2")
		}
	}
}

func (b *bench) size() {
	info, err := os.Stat(b.program)
	must(err)
	heading("The program")
	row("binary, stripped", "kindling", fmt.Sprintf("%.1f MB", float64(info.Size())/1e6), "", "", "", "< 25 MB")
	against("--version", alternate(3*(*runs),
		command{name: "kindling", argv: []string{b.program, "--version"}, env: b.small.env},
		command{name: "empty main, same imports", argv: []string{b.empty}, env: os.Environ()}), "≤ 1.2 ×")
}
