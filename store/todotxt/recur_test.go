package todotxt_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"kindling/store"
	"kindling/store/todotxt"
)

func TestDay(t *testing.T) {
	for d := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 10000; d = d.AddDate(0, 0, 13) {
		day := todotxt.DayOf(d)
		if int64(day) != d.Unix()/86400 || day.String() != d.Format(time.DateOnly) || day.Weekday() != d.Weekday() || !day.In(time.UTC).Equal(d) {
			t.Fatalf("%s became %d, %s, %s", d, day, day, day.Weekday())
		}
		if back, ok := todotxt.ParseDay(day.String()); back != day || !ok {
			t.Fatalf("%s reads as %s", day, back)
		}
	}
}

func TestDayWhereMidnightIsSkipped(t *testing.T) {
	for _, c := range []struct{ zone, date, want string }{
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"},
		{"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"}, // a day that Samoa never had
	} {
		loc := zone(t, c.zone)
		d, _ := todotxt.ParseDay(c.date)
		if got := d.In(loc).Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s begins at %s, want %s", c.date, c.zone, got, c.want)
		}
	}
}

var parent = uuid.MustParse("11111111-2222-4333-8444-555555555555")

func next(t *testing.T, title, today string) (store.Op, bool) {
	t.Helper()
	now, err := time.Parse(time.DateOnly, today)
	if err != nil {
		t.Fatal(err)
	}
	return todotxt.Next(store.Todo{ID: parent, Title: title, Done: store.False}, now.Add(15*time.Hour+123*time.Nanosecond))
}

func TestNext(t *testing.T) {
	const today = "2026-11-23" // a Monday
	for _, c := range []struct{ title, want string }{
		{"rent rec:+1m due:2026-01-31", "rent rec:+1m due:2026-02-28"},
		{"rent rec:+1m due:2028-01-31", "rent rec:+1m due:2028-02-29"},
		{"rent rec:+12m due:2028-02-29 +home", "rent rec:+12m due:2029-02-28 +home"},
		{"rent rec:+y due:2026-12-31", "rent rec:+y due:2027-12-31"},
		{"water rec:3d due:2026-11-01", "water rec:3d due:2026-11-26"},
		{"water rec:d", "water rec:d due:2026-11-24"},
		{"water rec:+2w", "water rec:+2w due:2026-12-07"},
		{"standup rec:+b due:2026-11-20", "standup rec:+b due:2026-11-23"},
		{"standup rec:5b", "standup rec:5b due:2026-11-30"},
		{"standup rec:+b due:2026-11-21", "standup rec:+b due:2026-11-23"},
		{"tax rec:+1y due:2026-05-31 t:2026-05-01", "tax rec:+1y due:2027-05-31 t:2027-05-01"},
		{"tax rec:1w t:2026-11-20 due:2026-11-22", "tax rec:1w t:2026-11-28 due:2026-11-30"},
		{"look rec:+1w t:2026-11-20", "look rec:+1w t:2026-11-27"},
		{"(A) 2026-01-01 pay  rec:+1d due:2026-01-02", "(A) pay  rec:+1d due:2026-01-03"},
		{"2026-01-02 2026-01-01 pay rec:+1d due:2026-01-02", "pay rec:+1d due:2026-01-03"},
	} {
		op, ok := next(t, c.title, today)
		if !ok || op.Want.Title != c.want || op.Kind != store.Add || op.Want.Done != store.False || op.ID != op.Want.ID {
			t.Errorf("Next(%q)\n got %q, %v\nwant %q", c.title, op.Want.Title, ok, c.want)
		}
		if at, _ := op.Want.Created.Time(); at.Format(time.RFC3339Nano) != "2026-11-23T15:00:00Z" {
			t.Errorf("created %s", at)
		}
	}
	for _, title := range []string{"plain", "rec:9999y", "x rec:+1d due:9999-12-31", "rec:0d", "due:2026-01-01"} {
		if op, ok := next(t, title, today); ok {
			t.Errorf("Next(%q) = %q", title, op.Want.Title)
		}
	}
}

func TestNextIsOneOnEveryDevice(t *testing.T) {
	a, _ := next(t, "rent rec:+1m due:2026-01-31", "2026-02-01")
	b, _ := next(t, "rent rec:+1m due:2026-01-31", "2026-02-03")
	if a.ID != b.ID || a.Want.Title != b.Want.Title {
		t.Errorf("two devices make %v %q and %v %q", a.ID, a.Want.Title, b.ID, b.Want.Title)
	}
	if want := "97c82e58-935f-575a-b9ae-030587d24a1b"; a.ID.String() != want {
		t.Errorf("the derived id is %s, want %s: it must never change", a.ID, want)
	}
	c, _ := next(t, "rent rec:+1m due:2026-02-28", "2026-02-03")
	if a.ID == c.ID {
		t.Error("another due date gives the same id")
	}
}

func TestCompleteStep(t *testing.T) {
	todo := func(title string, done store.Bool) store.Todo {
		return store.Todo{ID: uuid.New(), Title: title, Done: done}
	}
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	items := []store.Todo{todo("a", store.False), todo("b rec:d", store.Null), todo("c", store.True)}
	step := todotxt.CompleteStep(items, true, now)
	if step.Name != "complete 2 todos" || len(step.Ops) != 3 || step.Ops[2].Want.Title != "b rec:d due:2026-11-24" {
		t.Errorf("step = %+v", step)
	}
	step = todotxt.CompleteStep(items, false, now)
	if step.Name != `reopen "c"` || len(step.Ops) != 1 || step.Ops[0].Want.Done != store.False {
		t.Errorf("step = %+v", step)
	}
	if step = todotxt.CompleteStep(items[2:], true, now); len(step.Ops) != 0 {
		t.Errorf("completing a done todo does %+v", step)
	}
}
