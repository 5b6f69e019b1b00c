package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// screen is a program on a pty of 120×40.
type screen struct {
	cmd   *exec.Cmd
	tty   *os.File
	start time.Time

	mu   sync.Mutex
	buf  bytes.Buffer
	last time.Time // of the last output
}

func openScreen(argv, env []string, in *os.File) *screen {
	s := &screen{cmd: exec.Command(argv[0], argv[1:]...)}
	s.cmd.Env = append(env, "TERM=xterm-256color", "COLORTERM=truecolor")
	if in != nil {
		s.cmd.Stdin = in
	}
	s.start = time.Now()
	// Ctty 1: standard input may be a file, as fzf's is.
	attr := &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1, Pdeathsig: syscall.SIGKILL}
	tty, err := pty.StartWithAttrs(s.cmd, &pty.Winsize{Rows: 40, Cols: 120}, attr)
	if err != nil {
		fatal("start %s: %v", argv[0], err)
	}
	s.tty = tty
	go s.read()
	return s
}

func (s *screen) read() {
	chunk := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(chunk)
		s.mu.Lock()
		s.buf.Write(chunk[:n])
		s.last = time.Now()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// painted waits for the pattern and returns when it was on the wire, since start.
func (s *screen) painted(pattern *regexp.Regexp) time.Duration {
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Microsecond) {
		s.mu.Lock()
		ok, at := pattern.Match(s.buf.Bytes()), s.last
		s.mu.Unlock()
		if ok {
			return at.Sub(s.start)
		}
	}
	s.close()
	fatal("%v: nothing like %v was painted:\n%q", s.cmd.Args, pattern, s.buf.String())
	return 0
}

// settle waits until nothing was drawn for quiet.
func (s *screen) settle(quiet time.Duration) {
	for {
		s.mu.Lock()
		idle := time.Since(s.last)
		s.mu.Unlock()
		if idle >= quiet {
			return
		}
		time.Sleep(quiet - idle)
	}
}

// key types text and returns how long the answer to it took, to its last byte; the
// answer is over when nothing came for 60 ms.
func (s *screen) key(text string) time.Duration {
	s.mu.Lock()
	before := s.last
	s.mu.Unlock()
	start := time.Now()
	_, _ = s.tty.WriteString(text)
	for deadline := start.Add(3 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Microsecond) {
		s.mu.Lock()
		last := s.last
		s.mu.Unlock()
		if last != before && time.Since(last) > 60*time.Millisecond {
			return last.Sub(start)
		}
	}
	return 3 * time.Second
}

// memory is what a process has in memory, in bytes: the peak of its resident set,
// and what of that is its own now, the rest being pages of its file that the system
// shares and can take back.
type memory struct{ peak, own int64 }

func (s *screen) memory() memory {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	kept := map[string]int64{}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		if kb, ok := strings.CutSuffix(strings.TrimSpace(value), " kB"); ok {
			kept[name], _ = strconv.ParseInt(kb, 10, 64)
		}
	}
	return memory{kept["VmHWM"] << 10, kept["RssAnon"] << 10}
}

// cpu is the processor time used so far.
func (s *screen) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

func (s *screen) close() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	_ = s.tty.Close()
}
