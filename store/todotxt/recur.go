package todotxt

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"kindling/store"
)

// Recurrence is rec:[+]N{d,b,w,m,y}; Strict counts from the old due date.
type Recurrence struct {
	Strict bool
	N      int  // 1 to 9999; not written, it is 1
	Unit   byte // d days, b business days, w weeks, m months, y years
}

func parseRecurrence(v string) (r Recurrence, ok bool) {
	v, r.Strict = strings.CutPrefix(v, "+")
	if v == "" || len(v) > 5 || strings.IndexByte("dbwmy", v[len(v)-1]) < 0 {
		return Recurrence{}, false
	}
	r.Unit, r.N = v[len(v)-1], 1
	if n := v[:len(v)-1]; n != "" {
		if r.N, ok = digits(n); !ok || r.N == 0 {
			return Recurrence{}, false
		}
	}
	return r, true
}

// After returns the day one period behind d. A month's day that the new month
// does not have becomes its last.
func (r Recurrence) After(d Day) Day {
	switch r.Unit {
	case 'd':
		return d + Day(r.N)
	case 'b':
		return d.addBusinessDays(r.N)
	case 'w':
		return d + Day(7*r.N)
	case 'm':
		return d.addMonths(r.N)
	}
	return d.addMonths(12 * r.N)
}

// nextSpace is the namespace of the ids that Next derives. It must never change.
var nextSpace = uuid.MustParse("f664ec9d-893d-42a5-8f2b-3921aa0e467d")

// Next returns the op that adds the next occurrence of a completed rec: todo,
// under an id derived from the parent's id and the parent's due date (UUIDv5), so that two
// devices make one; false when the title does not recur.
//
// rec:+1w counts from the old date, rec:1w from today; a title without a date
// counts from today. t: keeps its distance from due:; where t: stands alone, it
// is the date that moves. Leading dates tell of the parent and are left out:
// the new todo is open, with today, cut to microseconds, as its creation.
func Next(parent store.Todo, today time.Time) (store.Op, bool) {
	t := Parse(parent.Title)
	r, ok := t.Recurrence()
	if !ok {
		return store.Op{}, false
	}
	key, old, dated := t.recurs()
	base := DayOf(today)
	if r.Strict && dated {
		base = old
	}
	next := r.After(base)
	if !next.valid() {
		return store.Op{}, false
	}
	title := Parse(t.withoutDates()).WithTag(key, next.String())
	if from, ok := t.ThresholdDay(); ok && dated && key == "due" {
		title = Parse(title).WithTag("t", (next - old + from).String())
	}
	return store.AddTodo(store.Todo{
		ID: nextID(parent.ID, old, dated), Title: title, Done: store.False, Created: store.InstantOf(today),
	}), true
}

// recurs returns which date moves, and where it stands now.
func (t Title) recurs() (key string, d Day, dated bool) {
	if d, ok := t.DueDay(); ok {
		return "due", d, true
	}
	if d, ok := t.ThresholdDay(); ok {
		return "t", d, true
	}
	return "due", 0, false
}

func nextID(parent uuid.UUID, d Day, dated bool) uuid.UUID {
	name := parent.String()
	if dated {
		name += " " + d.String()
	}
	return uuid.NewSHA1(nextSpace, []byte(name))
}

func (t Title) withoutDates() string {
	var b strings.Builder
	skip := 0
	for _, s := range t.Spans {
		if s.Class == Date {
			skip = s.End + spaceAt(t.text, s.End)
			continue
		}
		b.WriteString(t.text[max(s.Start, min(skip, s.End)):s.End])
	}
	return b.String()
}

// CompleteStep returns the step that marks shown todos done, or open again, and
// adds the next occurrence of each that recurs. Todos that are so already are left out.
func CompleteStep(items []store.Todo, done bool, today time.Time) store.Step {
	var step store.Step
	var changed []store.Todo
	for _, it := range items {
		if it.Done.Bool() == done {
			continue
		}
		changed = append(changed, it)
		step.Ops = append(step.Ops, store.Complete(it, done))
		if next, ok := Next(it, today); ok && done {
			step.Ops = append(step.Ops, next)
		}
	}
	verb := "reopen"
	if done {
		verb = "complete"
	}
	step.Name = StepName(verb, changed)
	return step
}
