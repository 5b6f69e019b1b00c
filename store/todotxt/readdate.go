package todotxt

import (
	"slices"
	"strings"
	"time"
)

// ReadDate reads a natural date as seen from now, and returns the beginning of
// that day in now's zone. Upper and lower case are the same. It reads
//
//   - today, tomorrow (tmr, tmrw), yesterday;
//   - mon … sun, monday … sunday, with or without this: the next such day after today;
//   - next fri: that day of the next week, which begins on Monday;
//   - next week, next month, next year: its first day;
//   - in 3 days, in a week, in two months, in 1 year: counted from today;
//   - +3d, +2w, +1m, +1y, and +5b for business days; a month that has no such day gives its last;
//   - 2026-12-24;
//   - 24 dec, dec 24, 24th december, dec 24 2027: without a year, the next one, today included;
//   - eow, eom, eoy, end of week, end of the month: the last day of the one we are in.
func ReadDate(words string, now time.Time) (time.Time, bool) {
	d, ok := readDay(strings.Fields(strings.ToLower(words)), DayOf(now))
	if !ok {
		return time.Time{}, false
	}
	return d.In(now.Location()), true
}

func readDay(w []string, today Day) (d Day, ok bool) {
	switch len(w) {
	case 1:
		d, ok = readWord(w[0], today)
	case 2:
		switch w[0] {
		case "this":
			d, ok = readWeekday(w[1], today)
		case "next":
			d, ok = readNext(w[1], today)
		case "in":
			d, ok = readSteps("+"+w[1], today)
		default:
			d, ok = readMonthDay(w[0], w[1], today)
		}
	case 3:
		switch {
		case w[0] == "in":
			d, ok = readIn(w[1], w[2], today)
		case w[0] == "end" && w[1] == "of":
			d, ok = readEnd(w[2], today)
		default:
			d, ok = readFull(w[0], w[1], w[2])
		}
	case 4:
		if w[0] == "end" && w[1] == "of" && w[2] == "the" {
			d, ok = readEnd(w[3], today)
		}
	}
	return d, ok && d.valid()
}

func readWord(w string, today Day) (Day, bool) {
	switch w {
	case "today":
		return today, true
	case "tomorrow", "tmr", "tmrw":
		return today + 1, true
	case "yesterday":
		return today - 1, true
	case "eow":
		return readEnd("week", today)
	case "eom":
		return readEnd("month", today)
	case "eoy":
		return readEnd("year", today)
	}
	if d, ok := readSteps(w, today); ok {
		return d, true
	}
	if d, ok := ParseDay(w); ok {
		return d, true
	}
	return readWeekday(w, today)
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func weekdayOf(w string) (time.Weekday, bool) {
	i := slices.IndexFunc(weekdays, func(name string) bool {
		return w == name || w == name[:3] || w == "tues" && name == "tuesday" || len(w) >= 4 && name == "thursday" && strings.HasPrefix("thurs", w)
	})
	return time.Weekday(i), i >= 0
}

func readWeekday(w string, today Day) (Day, bool) {
	wd, ok := weekdayOf(w)
	if !ok {
		return 0, false
	}
	ahead := (wd - today.Weekday() + 7) % 7
	if ahead == 0 {
		ahead = 7
	}
	return today + Day(ahead), true
}

// monday returns the first day of d's week.
func monday(d Day) Day { return d - Day((d.Weekday()+6)%7) }

func readNext(unit string, today Day) (Day, bool) {
	y, m, _ := today.date()
	switch unit {
	case "week":
		return monday(today) + 7, true
	case "month":
		return civil(y, m, 1).addMonths(1), true
	case "year":
		return civil(y+1, 1, 1), true
	}
	wd, ok := weekdayOf(unit)
	return monday(today) + 7 + Day((wd+6)%7), ok
}

func readEnd(unit string, today Day) (Day, bool) {
	y, m, _ := today.date()
	switch unit {
	case "week":
		return monday(today) + 6, true
	case "month":
		return civil(y, m, monthDays(y, m)), true
	case "year":
		return civil(y, 12, 31), true
	}
	return 0, false
}

// readSteps reads +3d.
func readSteps(w string, today Day) (Day, bool) {
	rest, ok := strings.CutPrefix(w, "+")
	if !ok || rest == "" || rest[0] < '0' || rest[0] > '9' {
		return 0, false
	}
	r, ok := parseRecurrence(rest)
	if !ok {
		return 0, false
	}
	return r.After(today), true
}

var numbers = []string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}

func readIn(count, unit string, today Day) (Day, bool) {
	n, ok := digits(count)
	if i := slices.Index(numbers, count); i > 0 {
		n, ok = i, true
	} else if count == "a" || count == "an" {
		n, ok = 1, true
	}
	if !ok || len(count) > 5 || n < 1 || n > 9999 {
		return 0, false
	}
	switch strings.TrimSuffix(unit, "s") {
	case "day", "week", "month", "year":
		return Recurrence{N: n, Unit: unit[0]}.After(today), true
	}
	return 0, false
}

var months = []string{
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december",
}

func monthOf(w string) int {
	return 1 + slices.IndexFunc(months, func(name string) bool {
		return w == name || w == name[:3] || w == "sept" && name == "september"
	})
}

func readMonthDay(a, b string, today Day) (Day, bool) {
	m, d := monthAndDay(a, b)
	if m == 0 {
		return 0, false
	}
	y, _, _ := today.date()
	for ; ; y++ { // 29 February may be eight years away
		if d <= monthDays(y, m) && civil(y, m, d) >= today {
			return civil(y, m, d), true
		}
	}
}

func readFull(a, b, year string) (Day, bool) {
	m, d := monthAndDay(a, strings.TrimSuffix(b, ","))
	y, ok := digits(year)
	if !ok || len(year) != 4 || y == 0 || m == 0 || d > monthDays(y, m) {
		return 0, false
	}
	return civil(y, m, d), true
}

// monthAndDay reads a month and one of its days in either order; 0, 0 when they
// are not that in any year.
func monthAndDay(a, b string) (month, day int) {
	if monthOf(a) == 0 {
		a, b = b, a
	}
	month = monthOf(a)
	for _, suffix := range []string{"st", "nd", "rd", "th"} {
		b = strings.TrimSuffix(b, suffix)
	}
	day, ok := digits(b)
	if month == 0 || !ok || len(b) > 2 || day < 1 || day > monthDays(2000, month) {
		return 0, 0
	}
	return month, day
}
