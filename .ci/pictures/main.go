// Takes the README's pictures: the real program, on a pty, in its own demo, drawn as SVG.
//
//	go run ./.ci/pictures [-size 100x28] [-out assets/docs] [-only list-dark]
package main

import (
	"flag"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

var (
	out  = flag.String("out", "assets/docs", "where the pictures go")
	only = flag.String("only", "", "take only this picture")
	size = flag.String("size", "", "WIDTHxHEIGHT of every picture, instead of its own")
)

// look is a terminal's colours.
type look struct {
	name   string
	fg, bg color.RGBA
	ansi   [16]string
}

var looks = []look{
	{"dark", color.RGBA{0xd8, 0xde, 0xe9, 255}, color.RGBA{0x1b, 0x1f, 0x27, 255}, [16]string{
		"#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
		"#7b8494", "#ff7a85", "#a9d68a", "#f2cf8d", "#7cc0ff", "#d68bf0", "#6fd0dc", "#ffffff"}},
	{"light", color.RGBA{0x2b, 0x30, 0x3b, 255}, color.RGBA{0xfb, 0xfb, 0xf9, 255}, [16]string{
		"#2b303b", "#b3261e", "#2e7d32", "#8a5a00", "#1a5fb4", "#8e24aa", "#00707a", "#5f6673",
		"#6b7280", "#c62828", "#388e3c", "#9a6700", "#1c71d8", "#9c27b0", "#00838f", "#111318"}},
}

// shot is one picture: its size, and what is typed before it is taken.
type shot struct {
	name string
	w, h int
	keys []string // "~" waits a second
}

var shots = []shot{
	{"list", 100, 26, nil},
	{"wide", 140, 32, []string{"j", "j"}},
	{"add", 100, 26, []string{"a", "Call the dentist next friday +health @phone"}},
	{"edit", 100, 26, []string{"j", "e"}},
	{"filter", 100, 26, []string{"/", "+work"}},
	{"palette", 100, 26, []string{":", "sort"}},
	{"help", 100, 26, []string{"?"}},
	{"isolation", 120, 32, []string{"I", "~", "~", "\r", "~", "\r", "~"}},
}

func main() {
	flag.Parse()
	program := build()
	defer func() { _ = os.RemoveAll(filepath.Dir(program)) }()
	must(os.MkdirAll(*out, 0o755))
	for _, l := range looks {
		for _, s := range shots {
			name := s.name + "-" + l.name
			if *only == "" || *only == name || *only == s.name {
				take(program, l, s, filepath.Join(*out, name+".svg"))
			}
		}
	}
}

func build() string {
	dir, err := os.MkdirTemp("", "kindling-pictures-")
	must(err)
	program := filepath.Join(dir, "kindling")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Stderr = os.Stderr
	must(cmd.Run())
	return program
}

// take runs a fresh demo as Alice, types, waits and draws.
func take(program string, l look, s shot, file string) {
	if *size != "" {
		_, err := fmt.Sscanf(*size, "%dx%d", &s.w, &s.h)
		must(err)
	}
	home, err := os.MkdirTemp("", "kindling-home-")
	must(err)
	defer func() { _ = os.RemoveAll(home) }()
	t := open(program, home, l, s.w, s.h)
	defer t.close()
	t.wait("Alice")
	t.keys("1")
	t.wait("Signed in")
	time.Sleep(6 * time.Second) // the toast goes
	for _, k := range s.keys {
		if k == "~" {
			time.Sleep(time.Second)
			continue
		}
		t.keys(k)
		time.Sleep(400 * time.Millisecond)
	}
	must(os.WriteFile(file, []byte(t.svg(l)), 0o644))
	fmt.Println(file)
}

// terminal is the program on a pty, read by an emulator.
type terminal struct {
	cmd    *exec.Cmd
	tty    *os.File
	screen *vt.SafeEmulator
}

func open(program, home string, l look, w, h int) *terminal {
	t := &terminal{cmd: exec.Command(program, "demo"), screen: vt.NewSafeEmulator(w, h)}
	t.screen.SetDefaultBackgroundColor(l.bg)
	t.screen.SetDefaultForegroundColor(l.fg)
	t.cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home, "XDG_STATE_HOME="+home,
		"TERM=xterm-256color", "COLORTERM=truecolor", "SSH_CONNECTION=pictures")
	tty, err := pty.StartWithSize(t.cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	must(err)
	t.tty = tty
	go pipe(tty, t.screen)
	go pipe(t.screen, tty) // the emulator's answers to the program's questions
	return t
}

func pipe(from interface{ Read([]byte) (int, error) }, to interface{ Write([]byte) (int, error) }) {
	chunk := make([]byte, 32<<10)
	for {
		n, err := from.Read(chunk)
		if err != nil {
			return
		}
		_, _ = to.Write(chunk[:n])
	}
}

func (t *terminal) keys(text string) { _, _ = t.tty.WriteString(text) }

func (t *terminal) wait(text string) {
	for range 300 {
		if strings.Contains(t.screen.String(), text) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Fprintf(os.Stderr, "%q never came:\n%s\n", text, t.screen.String())
	os.Exit(1)
}

func (t *terminal) close() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
	_ = t.tty.Close()
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
