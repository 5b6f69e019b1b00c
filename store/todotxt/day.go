package todotxt

import "time"

// Day is a calendar date without a clock or a zone: days since 1970-01-01.
// Days are compared and counted as plain numbers, so no clock change can move one.
type Day int32

// The days that YYYY-MM-DD can name.
const (
	firstDay Day = -719162 // 0001-01-01
	lastDay  Day = 2932896 // 9999-12-31
)

// DayOf returns the date that t's own zone shows.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return civil(y, int(m), d)
}

// In returns the first moment of the day in loc: midnight, or a little later
// where the clocks skip midnight.
func (d Day) In(loc *time.Location) time.Time {
	y, m, dd := d.date()
	t := time.Date(y, time.Month(m), dd, 0, 0, 0, 0, loc)
	for DayOf(t) < d {
		t = t.Add(30 * time.Minute)
	}
	return t
}

// String writes the day as YYYY-MM-DD.
func (d Day) String() string {
	y, m, dd := d.date()
	b := [10]byte{
		byte('0' + y/1000%10), byte('0' + y/100%10), byte('0' + y/10%10), byte('0' + y%10), '-',
		byte('0' + m/10), byte('0' + m%10), '-', byte('0' + dd/10), byte('0' + dd%10),
	}
	return string(b[:])
}

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) }

// valid reports whether YYYY-MM-DD can name the day.
func (d Day) valid() bool { return firstDay <= d && d <= lastDay }

// addMonths moves the day by n months; a day that the month does not have
// becomes the month's last.
func (d Day) addMonths(n int) Day {
	y, m, dd := d.date()
	months := y*12 + m - 1 + n
	y, m = months/12, months%12+1
	return civil(y, m, min(dd, monthDays(y, m)))
}

// addBusinessDays moves the day by n days, counting Monday to Friday only.
func (d Day) addBusinessDays(n int) Day {
	for n > 0 {
		d++
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return d
}

// ParseDay reads YYYY-MM-DD; false when it is no date of the calendar.
func ParseDay(s string) (Day, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return civil(y, m, d), true
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0
}

func monthDays(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// civil counts days by eras of 400 years that begin on the first of March, so
// that the leap day is the last of its year.
func civil(y, m, d int) Day {
	if m <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	doy := (153*((m+9)%12)+2)/5 + d - 1
	return Day(era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468)
}

func (d Day) date() (year, month, day int) {
	z := int(d) + 719468
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, day = yoe+era*400, (mp+2)%12+1, doy-(153*mp+2)/5+1
	if month <= 2 {
		year++
	}
	return year, month, day
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
