package cli

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"kindling/store"
	"kindling/store/todotxt"
)

// warriorTask is what is read of a task that Taskwarrior exports.
type warriorTask struct {
	UUID        string   `json:"uuid"`
	Description *string  `json:"description"`
	Status      string   `json:"status"`
	Entry       string   `json:"entry"`
	End         string   `json:"end"`
	Until       string   `json:"until"`
	Due         string   `json:"due"`
	Wait        string   `json:"wait"`
	Scheduled   string   `json:"scheduled"`
	Priority    string   `json:"priority"`
	Project     string   `json:"project"`
	Tags        []string `json:"tags"`
	Recur       string   `json:"recur"`
	Annotations []struct {
		Description string `json:"description"`
	} `json:"annotations"`
	Depends jsontext.Value `json:"depends"`
}

// record reads a task: its properties go into the title as todo.txt, its
// annotations into further lines. Deleted tasks and the templates of recurring
// ones are left out; each recurring task itself is there beside its template.
func (w *warriorTask) record(zone *time.Location, r *remarks) (rec record, ok bool, err error) {
	switch {
	case w.Status == "deleted":
		r.add("left out: deleted in Taskwarrior")
		return rec, false, nil
	case w.Status == "recurring":
		r.add("left out: a template of Taskwarrior's for recurring ones")
		return rec, false, nil
	case strings.TrimSpace(*w.Description) == "":
		r.add("left out: no description")
		return rec, false, nil
	}
	w.remark(r)
	rec = record{done: w.Status == "completed", source: w.UUID, created: store.NoInstant}
	if rec.title, err = w.title(zone, r); err != nil {
		return rec, false, err
	}
	if w.Entry != "" {
		at, err := warriorTime("entry", w.Entry)
		if err != nil {
			return rec, false, err
		}
		rec.created = store.InstantOf(at)
	}
	return rec, true, nil
}

// remark tells what of a task a todo cannot hold.
func (w *warriorTask) remark(r *remarks) {
	for _, lost := range []struct {
		has  bool
		what string
	}{
		{len(w.Depends) > 0 && w.Depends.Kind() != 'n', "its dependencies: Kindling has none"},
		{w.Until != "", "the date until which it holds: Kindling has none"},
		{w.Wait != "" && w.Scheduled != "", "its scheduled date: t: holds the one until which it waits"},
		{w.Status == "completed" && w.End != "", "the time of its completion: the table has none"},
	} {
		if lost.has {
			r.add("without " + lost.what)
		}
	}
}

func (w *warriorTask) title(zone *time.Location, r *remarks) (string, error) {
	t := *w.Description
	if w.Project != "" {
		t = todotxt.Parse(t).WithProjects(append(todotxt.Parse(t).Projects(), asName(w.Project)))
	}
	for _, tag := range w.Tags {
		t = todotxt.Parse(t).WithContexts(append(todotxt.Parse(t).Contexts(), asName(tag)))
	}
	for _, d := range []struct{ field, value, key string }{{"due", w.Due, "due"}, {"scheduled", w.Scheduled, "t"}, {"wait", w.Wait, "t"}} {
		if d.value == "" {
			continue
		}
		at, err := warriorTime(d.field, d.value)
		if err != nil {
			return "", err
		}
		t = todotxt.Parse(t).WithTag(d.key, todotxt.DayOf(at.In(zone)).String())
	}
	if w.Recur != "" {
		rule, ok := warriorRecur(w.Recur)
		if !ok {
			r.add("without its recurrence: rec: cannot say it")
		}
		t = todotxt.Parse(t).WithTag("rec", rule)
	}
	if at := strings.Index("HML", w.Priority); len(w.Priority) == 1 && at >= 0 {
		t = todotxt.Parse(t).WithPriority(byte('A' + at))
	}
	for _, a := range w.Annotations {
		t += "\n" + a.Description
	}
	return t, nil
}

// asName makes a project or tag of another program one word.
func asName(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), "_") }

// warriorTime reads 20261224T230000Z.
func warriorTime(field, value string) (time.Time, error) {
	at, err := time.Parse("20060102T150405Z", value)
	if err != nil {
		return at, fmt.Errorf("%s %.40q is no time of Taskwarrior's", field, value)
	}
	return at, nil
}

var warriorWords = map[string]string{
	"daily": "+1d", "day": "+1d", "weekdays": "+1b", "weekly": "+1w", "week": "+1w", "biweekly": "+2w", "fortnight": "+2w",
	"monthly": "+1m", "month": "+1m", "bimonthly": "+2m", "quarterly": "+3m", "semiannual": "+6m",
	"yearly": "+1y", "annual": "+1y", "year": "+1y", "biyearly": "+2y", "biannual": "+2y",
}

var warriorUnits = map[string]string{
	"d": "d", "day": "d", "days": "d", "w": "w", "wk": "w", "wks": "w", "week": "w", "weeks": "w",
	"mo": "m", "mos": "m", "mth": "m", "month": "m", "months": "m",
	"y": "y", "yr": "y", "yrs": "y", "year": "y", "years": "y",
}

// warriorRecur reads "weekly", "3days", "2wks" and ISO's P1M as a rule of rec:,
// which counts from the old date, as Taskwarrior does.
func warriorRecur(s string) (rule string, ok bool) {
	s = strings.ToLower(s)
	if rule, ok = warriorWords[s]; ok {
		return rule, true
	}
	if iso, ok := strings.CutPrefix(s, "p"); ok {
		s = strings.Replace(iso, "m", "mo", 1)
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	unit, ok := warriorUnits[s[digits:]]
	if !ok {
		return "", false
	}
	rule = "+" + s[:digits] + unit
	if _, ok := todotxt.Parse("rec:" + rule).Recurrence(); !ok {
		return "", false
	}
	return rule, true
}
