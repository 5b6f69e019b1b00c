package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is one measured process. Its peak of memory is not told: what the system
// counts for a child begins with what its parent held.
type sample struct {
	wall time.Duration
	out  []byte
}

// command is a process to measure, named as the table names it.
type command struct {
	name string
	argv []string
	env  []string
	in   []byte
	prep func() // before each run, outside the clock
}

func (c command) run() sample {
	if c.prep != nil {
		c.prep()
	}
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Env = c.env
	cmd.Stdin = bytes.NewReader(c.in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		fatal("%s: %v\n%s", strings.Join(c.argv, " "), err, errs.String())
	}
	return sample{wall, out.Bytes()}
}

// series are the samples of one command.
type series struct {
	name  string
	walls []time.Duration
	mems  []memory // of a screen
}

// alternate runs the commands in turn, A B A B …, so that a slow moment of the
// machine meets them all; the first round is a warm-up and is not counted.
func alternate(n int, commands ...command) []series {
	all := make([]series, len(commands))
	for round := range n + 1 {
		for i, c := range commands {
			s := c.run()
			all[i].name = c.name
			if round > 0 {
				all[i].walls = append(all[i].walls, s.wall)
			}
		}
	}
	return all
}

func median[T int64 | time.Duration | float64](v []T) T {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func quantile[T int64 | time.Duration | float64](v []T, q float64) T {
	s := slices.Sorted(slices.Values(v))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000) }

// row prints one line of the table: what, ours, the other's, the ratio, the goal.
func row(what string, cells ...string) {
	fmt.Printf("| %s | %s |\n", what, strings.Join(cells, " | "))
}

// against prints the series beside the first one.
func against(what string, all []series, goal string) {
	ours := median(all[0].walls)
	for i, s := range all {
		if len(s.walls) == 0 {
			continue
		}
		m := median(s.walls)
		spread := ms(quantile(s.walls, 0.25)) + "–" + ms(quantile(s.walls, 0.75))
		ratio := ""
		if i > 0 {
			ratio = fmt.Sprintf("%.2f ×", float64(m)/float64(ours))
		}
		row(what, s.name, ms(m)+" ms", spread, ratio, mib(s.mems), goal)
		goal = ""
	}
}

// mib tells the median peak of memory, and of what is the process's own.
func mib(mems []memory) string {
	if len(mems) == 0 {
		return ""
	}
	var peaks, own []float64
	for _, m := range mems {
		peaks, own = append(peaks, float64(m.peak)/(1<<20)), append(own, float64(m.own)/(1<<20))
	}
	return fmt.Sprintf("%.1f MiB, own %.1f", median(peaks), median(own))
}

func heading(title string) {
	fmt.Printf("\n### %s\n\n| what | program | median | middle half | times ours | peak | goal |\n|---|---|---|---|---|---|---|\n", title)
}

// cleanUp ends and deletes what the run made.
var cleanUp = func() {}

func fatal(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	cleanUp()
	os.Exit(1)
}
