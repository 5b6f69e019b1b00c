package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// peer is another program, its data on the same lines as a home's.
type peer struct {
	name            string
	add, done, list []string
	env             []string
}

// peers makes the data of every peer that is installed; the others are left out, and said.
func (b *bench) peers(h *home) (all []peer) {
	for _, p := range []struct {
		name string
		make func(dir string, h *home) peer
	}{{"task", taskwarrior}, {"todo-txt", todoTxt}, {"calcurse", calcurse}, {"dstask", dstask}} {
		if _, err := exec.LookPath(p.name); err != nil {
			fmt.Fprintf(os.Stderr, "%s is not installed: left out\n", p.name)
			continue
		}
		dir := filepath.Join(h.dir, p.name)
		must(os.MkdirAll(dir, 0o700))
		all = append(all, p.make(dir, h))
	}
	return all
}

// doneNext completes another task with each run: ID stands for its number.
func (p peer) doneNext() command {
	argv, n := append([]string{}, p.done...), 0
	return command{name: p.name, argv: argv, env: p.env, prep: func() { n++; argv[slices.Index(p.done, "ID")] = strconv.Itoa(n) }}
}

// split cuts a todo.txt line into whether it is done, and its title.
func split(line string) (done bool, title string) {
	title, done = strings.CutPrefix(line, "x ")
	return done, title
}

func taskwarrior(dir string, h *home) peer {
	rc := filepath.Join(dir, "rc")
	must(os.WriteFile(rc, []byte("data.location="+dir+"\nconfirmation=no\nverbose=nothing\nhooks=0\ndefaultwidth=120\ndefaultheight=0\n"), 0o600))
	type task struct {
		UUID        string `json:"uuid"`
		Description string `json:"description"`
		Status      string `json:"status"`
		Entry       string `json:"entry"`
		End         string `json:"end,omitempty"`
	}
	tasks := make([]task, len(h.lines))
	for i, line := range h.lines {
		done, title := split(line)
		t := task{fmt.Sprintf("00000000-0000-4000-8000-%012d", i), title, "pending", "20260101T000000Z", ""}
		if done {
			t.Status, t.End = "completed", "20260102T000000Z"
		}
		tasks[i] = t
	}
	data, err := json.Marshal(tasks)
	must(err)
	env := append(os.Environ(), "TASKRC="+rc, "TASKDATA="+dir)
	command{argv: []string{"task", "import", "-"}, env: env, in: data}.run()
	return peer{"taskwarrior", []string{"task", "add", "one more thing"}, []string{"task", "rc.gc=off", "ID", "done"}, []string{"task", "list"}, env}
}

func todoTxt(dir string, h *home) peer {
	must(os.WriteFile(filepath.Join(dir, "todo.txt"), []byte(strings.Join(h.lines, "\n")+"\n"), 0o600))
	cfg := filepath.Join(dir, "config")
	must(os.WriteFile(cfg, []byte("export TODO_DIR="+dir+"\nexport TODO_FILE=$TODO_DIR/todo.txt\nexport DONE_FILE=$TODO_DIR/done.txt\nexport REPORT_FILE=$TODO_DIR/report.txt\nexport TODOTXT_AUTO_ARCHIVE=0\n"), 0o600))
	run := func(args ...string) []string { return append([]string{"todo-txt", "-d", cfg}, args...) }
	return peer{"todo.txt-cli", run("add", "one more thing"), nil, run("ls"), os.Environ()}
}

func calcurse(dir string, h *home) peer {
	var b strings.Builder
	for _, line := range h.lines {
		done, title := split(line)
		if done {
			title = "[-0] " + title
		} else {
			title = "[0] " + title
		}
		b.WriteString(title + "\n")
	}
	must(os.WriteFile(filepath.Join(dir, "todo"), []byte(b.String()), 0o600))
	must(os.WriteFile(filepath.Join(dir, "apts"), nil, 0o600))
	return peer{"calcurse", nil, nil, []string{"calcurse", "-D", dir, "-C", dir, "-t"}, os.Environ()}
}

func dstask(dir string, h *home) peer {
	env := append(os.Environ(), "DSTASK_GIT_REPO="+dir, "DSTASK_NO_GIT=1")
	for _, status := range []string{"pending", "resolved"} {
		must(os.MkdirAll(filepath.Join(dir, status), 0o700))
	}
	for i, line := range h.lines {
		done, title := split(line)
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
		status, resolved := "pending", "0001-01-01T00:00:00Z"
		if done {
			status, resolved = "resolved", "2026-01-02T00:00:00Z"
		}
		yml := fmt.Sprintf("summary: %q\npriority: P2\ncreated: 2026-01-01T00:00:00Z\nresolved: %s\n", title, resolved)
		must(os.WriteFile(filepath.Join(dir, status, id+".yml"), []byte(yml), 0o600))
	}
	_ = exec.Command("git", "-C", dir, "init", "-q").Run()
	return peer{"dstask", nil, nil, []string{"dstask", "show-open"}, env}
}

// ids gives n ids of open todos of a home, so that done never meets one twice.
func (b *bench) ids(h *home, n int) []string {
	var items []struct {
		ID string `json:"id"`
	}
	must(json.Unmarshal(command{argv: []string{b.program, "ls", "--json"}, env: h.env}.run().out, &items))
	ids := make([]string, 0, n)
	for _, it := range items[:n] {
		ids = append(ids, it.ID)
	}
	return ids
}

// done is a command whose id changes with each run.
func (b *bench) done(name string, h *home) command {
	ids, argv := b.ids(h, *runs+1), []string{b.program, "done", "--sync=no", ""}
	next := 0
	return command{name: name, argv: argv, env: h.env, prep: func() { argv[3] = ids[next]; next++ }}
}

func (b *bench) add(name string, h *home) command {
	return command{name: name, argv: []string{b.program, "add", "--sync=no", "one more thing"}, env: h.env}
}

// commands measures add and done: against their own time at 1,000, and against the peers.
func (b *bench) commands() {
	heading("add and done, whole process, encrypted cache, real keyring, --sync=no")
	long, small := fmt.Sprintf("kindling, %d", *big), "kindling, 1000"
	against("add", alternate(*runs, b.add(long, b.long), b.add(small, b.small)), "≤ 1.3 × itself at 1,000")
	against("done", alternate(*runs, b.done(long, b.long), b.done(small, b.small)), "≤ 1.3 × itself at 1,000")
	for _, data := range []struct {
		name, goal string
		home       *home
	}{{"60 % done", "≥ 12 × faster", b.long}, {"all pending", "≥ 20 × faster", b.pending}} {
		adds, dones := []command{b.add("kindling", data.home)}, []command{b.done("kindling", data.home)}
		for _, p := range b.peers(data.home) {
			if p.add != nil {
				adds = append(adds, command{name: p.name, argv: p.add, env: p.env})
			}
			if p.done != nil {
				dones = append(dones, p.doneNext())
			}
		}
		against("add, "+data.name, alternate(*runs, adds...), data.goal)
		against("done, "+data.name, alternate(*runs, dones...), data.goal)
	}
}

func (b *bench) lists() {
	heading(fmt.Sprintf("The list of %d, printed", *big))
	all := []command{
		{name: "kindling ls --all", argv: []string{b.program, "ls", "--all"}, env: b.pending.env},
		{name: "kindling ls --all --json", argv: []string{b.program, "ls", "--all", "--json"}, env: b.pending.env},
	}
	for _, p := range b.peers(b.pending) {
		all = append(all, command{name: p.name, argv: p.list, env: p.env})
	}
	against("list", alternate(max(3, *runs/3), all...), "≥ 3 × faster than taskwarrior")
}
