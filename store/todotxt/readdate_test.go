package todotxt_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"kindling/store/todotxt"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t *testing.T, day string) time.Time {
	t.Helper()
	now, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return now.Add(17 * time.Hour)
}

func TestReadDate(t *testing.T) {
	const monday, friday, sunday, eve, leap = "2026-11-23", "2026-11-27", "2026-11-29", "2026-12-31", "2028-01-31"
	for _, c := range []struct{ now, words, want string }{
		{monday, "today", "2026-11-23"},
		{monday, "Tomorrow", "2026-11-24"},
		{monday, "tmr", "2026-11-24"},
		{monday, "yesterday", "2026-11-22"},
		{monday, " fri ", "2026-11-27"},
		{monday, "Friday", "2026-11-27"},
		{monday, "mon", "2026-11-30"},
		{monday, "this sun", "2026-11-29"},
		{monday, "thurs", "2026-11-26"},
		{monday, "tues", "2026-11-24"},
		{friday, "fri", "2026-12-04"},
		{friday, "thu", "2026-12-03"},
		{sunday, "sun", "2026-12-06"},
		{monday, "next fri", "2026-12-04"},
		{monday, "next mon", "2026-11-30"},
		{sunday, "next mon", "2026-11-30"},
		{sunday, "next sun", "2026-12-06"},
		{monday, "next week", "2026-11-30"},
		{sunday, "next week", "2026-11-30"},
		{monday, "next month", "2026-12-01"},
		{eve, "next month", "2027-01-01"},
		{leap, "next month", "2028-02-01"},
		{monday, "next year", "2027-01-01"},
		{monday, "in 3 days", "2026-11-26"},
		{monday, "in 1 day", "2026-11-24"},
		{monday, "in a week", "2026-11-30"},
		{monday, "in two weeks", "2026-12-07"},
		{eve, "in 2 months", "2027-02-28"},
		{leap, "in 1 month", "2028-02-29"},
		{"2028-02-29", "in a year", "2029-02-28"},
		{monday, "in 3d", "2026-11-26"},
		{monday, "+3d", "2026-11-26"},
		{monday, "+2w", "2026-12-07"},
		{monday, "+1m", "2026-12-23"},
		{monday, "+1y", "2027-11-23"},
		{friday, "+1b", "2026-11-30"},
		{monday, "2026-12-24", "2026-12-24"},
		{monday, "1999-01-01", "1999-01-01"},
		{monday, "24 dec", "2026-12-24"},
		{monday, "Dec 24", "2026-12-24"},
		{monday, "24th December", "2026-12-24"},
		{monday, "1st may", "2027-05-01"},
		{monday, "2 sept", "2027-09-02"},
		{monday, "23 nov", "2026-11-23"},
		{monday, "22 nov", "2027-11-22"},
		{monday, "29 feb", "2028-02-29"},
		{"2096-03-01", "29 feb", "2104-02-29"},
		{monday, "24 dec 2027", "2027-12-24"},
		{monday, "dec 24, 2025", "2025-12-24"},
		{monday, "eow", "2026-11-29"},
		{sunday, "end of week", "2026-11-29"},
		{monday, "eom", "2026-11-30"},
		{monday, "end of the month", "2026-11-30"},
		{"2027-02-10", "end of month", "2027-02-28"},
		{eve, "eom", "2026-12-31"},
		{monday, "end of year", "2026-12-31"},
	} {
		got, ok := todotxt.ReadDate(c.words, at(t, c.now))
		if !ok || got.Format("2006-01-02T15:04:05") != c.want+"T00:00:00" {
			t.Errorf("on %s %q is %v, %v, want %s", c.now, c.words, got, ok, c.want)
		}
	}
	for _, words := range []string{
		"", "milk", "31 feb", "30 feb 2028", "0 dec", "32 dec", "dec", "24", "24 24", "dec dec", "in 0 days", "in -1 days", "in 3", "in days",
		"in 99999 days", "+3", "+d", "3d", "+0d", "next", "next day", "this week", "end of", "end of day", "2026-13-01", "2026-1-1", "+9999y",
		"24 dec 27", "29 feb 2027", "tomorrow morning", "11:00", "noon", "next next week", "24 dec 0000",
	} {
		if got, ok := todotxt.ReadDate(words, at(t, monday)); ok {
			t.Errorf("%q is read as %v", words, got)
		}
	}
}

func TestReadDateAcrossClockChanges(t *testing.T) {
	for _, c := range []struct{ zone, now, words, want string }{
		{"Europe/Berlin", "2026-03-28 23:30", "tomorrow", "2026-03-29T00:00:00+01:00"},
		{"Europe/Berlin", "2026-03-29 00:30", "tomorrow", "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", "2026-10-24 23:59", "in 2 days", "2026-10-26T00:00:00+01:00"},
		{"America/New_York", "2026-03-07 22:00", "in a week", "2026-03-14T00:00:00-04:00"},
		{"America/Sao_Paulo", "2018-11-03 12:00", "tomorrow", "2018-11-04T01:00:00-02:00"},
		{"Pacific/Kiritimati", "2026-12-31 23:59", "today", "2026-12-31T00:00:00+14:00"},
	} {
		loc := zone(t, c.zone)
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, loc)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := todotxt.ReadDate(c.words, now); !ok || got.Format(time.RFC3339) != c.want {
			t.Errorf("%s %s: %q is %v, %v, want %s", c.zone, c.now, c.words, got, ok, c.want)
		}
	}
}

func TestReadDates(t *testing.T) {
	for _, c := range []struct {
		text        string
		bare        bool
		want, words string
	}{
		{"pay rent due:tomorrow", false, "pay rent due:2026-11-24", "due:tomorrow"},
		{"pay rent due:next month +home", false, "pay rent due:2026-12-01 +home", "due:next month"},
		{"pay rent due:'next month' +home", false, "pay rent due:2026-12-01 +home", "due:'next month'"},
		{`pay due:"end of the month"`, false, "pay due:2026-11-30", `due:"end of the month"`},
		{"pay due:24 dec 2027 or so", false, "pay due:2027-12-24 or so", "due:24 dec 2027"},
		{"pay due:3d", false, "pay due:2026-11-26", "due:3d"},
		{"pay due:+1w", false, "pay due:2026-11-30", "due:+1w"},
		{"pay t:fri due:mon", false, "pay t:2026-11-27 due:2026-11-30", "due:mon"},
		{"pay t:fri", false, "pay t:2026-11-27", "t:fri"},
		{"pay due:yesterday", false, "pay due:2026-11-22", "due:yesterday"},
		{"pay due:2026-12-24", false, "pay due:2026-12-24", ""},
		{"pay due:soon", false, "pay due:soon", ""},
		{"pay due:'next month", false, "pay due:'next month", ""},
		{"pay due:'fri'x", false, "pay due:'fri'x", ""},
		{"pay due:next\nmonth", false, "pay due:next\nmonth", ""},
		{"pay Due:fri", false, "pay Due:fri", ""},
		{"buy milk tomorrow", false, "buy milk tomorrow", ""},

		{"buy milk tomorrow", true, "buy milk due:2026-11-24", "tomorrow"},
		{"buy milk on Friday", true, "buy milk due:2026-11-27", "on Friday"},
		{"buy milk by next month", true, "buy milk due:2026-12-01", "by next month"},
		{"buy milk in 3 days +home @shop", true, "buy milk +home @shop due:2026-11-26", "in 3 days"},
		{"(A) tomorrow: buy milk", true, "(A) buy milk due:2026-11-24", "tomorrow:"},
		{"next week buy milk", true, "buy milk due:2026-11-30", "next week"},
		{"monday buy milk", true, "buy milk due:2026-11-30", "monday"},
		{"24 dec presents", true, "presents due:2026-12-24", "24 dec"},
		{"report due: 24 dec", true, "report due:2026-12-24", "due: 24 dec"},
		{"call due:fri tomorrow", true, "call due:2026-11-27 tomorrow", "due:fri"},
		{"sun cream", true, "sun cream", ""},
		{"tomorrow", true, "tomorrow", ""},
		{"tomorrow +home", true, "tomorrow +home", ""},
		{"+home tomorrow", true, "+home tomorrow", ""},
		{"on tomorrow", true, "on due:2026-11-24", "tomorrow"},
		{"undo what I did yesterday", true, "undo what I did yesterday", ""},
		{"read tomorrow's news", true, "read tomorrow's news", ""},
		{"milk due:2026-12-01 tomorrow", true, "milk due:2026-12-01 tomorrow", ""},
		{"2026-12-24 milk", true, "2026-12-24 milk", ""},
		{"milk 2026-12-24", true, "milk due:2026-12-24", "2026-12-24"},
		{"backup of 2025-12-24", true, "backup of 2025-12-24", ""},
		{"print a vase +3d", true, "print a vase +3d", ""},
		{"two\nlines tomorrow", true, "two\nlines tomorrow", ""},
		{"", true, "", ""},
	} {
		got := todotxt.ReadDates(c.text, at(t, "2026-11-23"), c.bare)
		if got.Text != c.want || got.Words != c.words {
			t.Errorf("ReadDates(%q, bare %v) = %q (%q)\nwant %q (%q)", c.text, c.bare, got.Text, got.Words, c.want, c.words)
		}
		if got.Date.IsZero() != (c.words == "") {
			t.Errorf("ReadDates(%q) says %v", c.text, got.Date)
		}
	}
}

func TestDayWords(t *testing.T) {
	for _, c := range []struct{ today, due, want string }{
		{"2026-12-28", "2026-12-28", "today"},
		{"2026-12-28", "2026-12-29", "tomorrow"},
		{"2026-12-28", "2026-12-27", "1 day late"},
		{"2026-12-28", "2026-12-25", "3 days late"},
		{"2026-12-28", "2025-12-28", "365 days late"},
		{"2026-12-28", "2026-12-30", "wed"},
		{"2026-12-28", "2027-01-03", "sun"},
		{"2026-12-28", "2027-01-04", "4 jan 2027"},
		{"2026-02-01", "2026-12-24", "24 dec"},
	} {
		due, ok1 := todotxt.ParseDay(c.due)
		today, ok2 := todotxt.ParseDay(c.today)
		if got := due.Words(today); got != c.want || !ok1 || !ok2 {
			t.Errorf("on %s, %s is %q, want %q", c.today, c.due, got, c.want)
		}
	}
}

func FuzzReadDate(f *testing.F) {
	for _, s := range []string{"tomorrow", "next fri", "in 3 days", "29 feb", "dec 24, 2027", "end of the month", "+9999y", "a due:'next month' t:3d", "x on fri +y"} {
		f.Add(s, int64(1795000000))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		now := time.Unix(unix%(1<<37), 0).UTC()
		if d, ok := todotxt.ReadDate(text, now); ok {
			again, ok := todotxt.ReadDate(d.Format(time.DateOnly), now)
			if !ok || !again.Equal(d) {
				t.Fatalf("%q is %v, which reads as %v, %v", text, d, again, ok)
			}
		}
		for _, bare := range []bool{false, true} {
			r := todotxt.ReadDates(text, now, bare)
			if r.Words == "" && r.Text != text {
				t.Fatalf("nothing read, but %q became %q", text, r.Text)
			}
			if r.Words != "" && (!strings.Contains(text, r.Words) || !strings.Contains(r.Text, r.Date.Format(time.DateOnly))) {
				t.Fatalf("%q became %q by %q, %v", text, r.Text, r.Words, r.Date)
			}
		}
	})
}
