package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// home is one person's machine: folders of its own, a demo of its own, and an
// account that holds a list of todos.
type home struct {
	dir   string
	lines []string // todo.txt, as imported
	env   []string
	serve *exec.Cmd
}

var homes []*home

// stopAll ends every server that was started.
func stopAll() {
	for _, h := range homes {
		h.stop()
	}
}

// titles makes n todo.txt lines of 20 to 80 characters, a tenth of them not
// ASCII; a share of done is complete. The mark makes each findable on a screen.
func titles(n int, done float64) []string {
	words := strings.Fields("call write send ask mend plan book order clean read pack renew the letter report kitchen garden train ticket invoice passport garage window bicycle dentist before after with for next spring meeting")
	odd := strings.Fields("naïve café Straße 日本語 später über 東京 señor")
	r := rand.New(rand.NewPCG(1, uint64(n)))
	lines := make([]string, n)
	for i := range lines {
		var b strings.Builder
		if r.Float64() < done {
			b.WriteString("x ")
		}
		fmt.Fprintf(&b, "zq%06d", i)
		for size := 20 + r.IntN(60); b.Len() < size; {
			b.WriteByte(' ')
			b.WriteString(words[r.IntN(len(words))])
		}
		if r.IntN(10) == 0 {
			b.WriteByte(' ')
			b.WriteString(odd[r.IntN(len(odd))])
		}
		lines[i] = b.String()
	}
	return lines
}

// newHome starts a demo, signs Alice in and fills her list.
func newHome(dir, program string, lines []string) *home {
	h := &home{dir: dir, lines: lines}
	homes = append(homes, h)
	for _, sub := range []string{"config", "data", "state"} {
		must(os.MkdirAll(filepath.Join(dir, sub), 0o700))
	}
	h.env = append(os.Environ(),
		"XDG_CONFIG_HOME="+filepath.Join(dir, "config"),
		"XDG_DATA_HOME="+filepath.Join(dir, "data"),
		"XDG_STATE_HOME="+filepath.Join(dir, "state"))
	h.start(program)
	h.must(program, "login")
	file := filepath.Join(dir, "todo.txt")
	must(os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	h.must(program, "import", "--sync=wait", file)
	return h
}

var export = regexp.MustCompile(`^export ([A-Z_0-9]+)=(.*)$`)

// start serves the home's demo and takes its environment.
func (h *home) start(program string) {
	h.serve = exec.Command(program, "demo", "--serve")
	h.serve.Env = h.env
	out, err := h.serve.StdoutPipe()
	must(err)
	h.serve.Stderr = os.Stderr
	h.serve.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	must(h.serve.Start())
	lines := make(chan string)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
	}()
	h.take(lines)
	h.env = append(h.env, "BROWSER="+browser(h.dir))
}

// take reads the exports, which come all at once.
func (h *home) take(lines <-chan string) {
	wait := 30 * time.Second
	for {
		select {
		case line := <-lines:
			if m := export.FindStringSubmatch(line); m != nil {
				h.env = append(h.env, m[1]+"="+strings.Trim(m[2], `'"`))
				wait = 300 * time.Millisecond
			}
		case <-time.After(wait):
			if wait > time.Second {
				fatal("the demo printed no environment in 30 s")
			}
			return
		}
	}
}

// browser writes a script that signs in as Alice by curl: the first form button that says so.
func browser(dir string) string {
	path := filepath.Join(dir, "browser")
	script := `#!/usr/bin/env bash
set -e
jar=$(mktemp)
page=$(curl -sS -L -c "$jar" -b "$jar" -w '\n%{url_effective}' "$1")
url=${page##*$'\n'}
tags=$(printf '%s' "$page" | tr '\n' ' ' | grep -oE '<(form|input|button)[^>]*>')
action=$(printf '%s\n' "$tags" | grep -i '^<form' | head -1 | sed -nE 's/.*action="([^"]*)".*/\1/p')
args=()
while read -r tag; do
  n=$(sed -nE 's/.* name="([^"]*)".*/\1/p' <<<"$tag"); v=$(sed -nE 's/.* value="([^"]*)".*/\1/p' <<<"$tag")
  case $tag in
    *'type="hidden"'*) args+=(--data-urlencode "$n=$v");;
    *[Aa]lice*) [ -n "$picked" ] || { args+=(--data-urlencode "$n=$v"); picked=1; };;
  esac
done <<<"$(printf '%s\n' "$tags" | sed 's/&amp;/\&/g')"
case $action in http*) ;; /*) action=$(sed -E 's#^(https?://[^/]*).*#\1#' <<<"$url")$action;; *) action=$url;; esac
curl -sS -L -o /dev/null -c "$jar" -b "$jar" "${args[@]}" "$action"
rm -f "$jar"
`
	must(os.WriteFile(path, []byte(script), 0o700))
	return path
}

func (h *home) must(argv ...string) { command{argv: argv, env: h.env}.run() }

func (h *home) stop() {
	if h.serve != nil && h.serve.Process != nil {
		_ = h.serve.Process.Signal(os.Interrupt)
		_ = h.serve.Wait()
		h.serve = nil
	}
}

func must(err error) {
	if err != nil {
		fatal("%v", err)
	}
}
