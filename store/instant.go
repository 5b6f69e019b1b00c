package store

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The moments an Instant can hold; PostgreSQL's last 29 years (after 294247)
// do not fit and are read as the last moment.
const (
	firstMoment = Instant(math.MinInt64 + 2)
	lastMoment  = Instant(math.MaxInt64 - 1)
)

// String prints i in UTC as PostgreSQL does in JSON; "" when it is NULL.
// ParseInstant reads it back.
func (i Instant) String() string {
	switch i {
	case NoInstant:
		return ""
	case PosInfinity:
		return "infinity"
	case NegInfinity:
		return "-infinity"
	}
	t, _ := i.Time()
	year, era := t.Year(), ""
	if year < 1 {
		year, era = 1-year, " BC"
	}
	return fmt.Sprintf("%04d-%s%s+00:00%s", year, t.Format("01-02T15:04:05"), fraction(t), era)
}

func fraction(t time.Time) string {
	micros := t.Nanosecond() / 1000
	if micros == 0 {
		return ""
	}
	return strings.TrimRight(fmt.Sprintf(".%06d", micros), "0")
}

// ParseInstant reads a timestamptz as PostgreSQL prints it in JSON: years of
// four or more digits, up to six digits of fraction or none, an offset, BC, and
// the infinities. "" is NULL.
func ParseInstant(s string) (Instant, error) {
	switch s {
	case "":
		return NoInstant, nil
	case "infinity":
		return PosInfinity, nil
	case "-infinity":
		return NegInfinity, nil
	}
	p := clock{text: s}
	i := p.instant()
	if p.bad || p.text != "" {
		return NoInstant, fmt.Errorf("parse time %.40q: not a PostgreSQL timestamp", s)
	}
	return i, nil
}

// clock reads a timestamp from the front of text; bad stays set once something did not fit.
type clock struct {
	text string
	bad  bool
}

func (c *clock) instant() Instant {
	year := c.number(4, 6)
	month, day := c.after("-", 12), c.after("-", 31)
	if !c.take("T") && !c.take(" ") {
		c.bad = true
	}
	hour, minute, second := c.number(2, 2), c.after(":", 59), c.after(":", 59)
	micros := c.micros()
	offset := c.offset()
	if c.take(" BC") {
		year = 1 - year
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day || month == 0 || hour > 23 {
		c.bad = true
	}
	return instantAt(t.Unix()-int64(offset), micros)
}

// instantAt joins seconds and microseconds, and stops at the ends of what fits.
func instantAt(seconds int64, micros int) Instant {
	const most = math.MaxInt64/1_000_000 - 1
	if seconds > most {
		return lastMoment
	}
	if seconds < -most {
		return firstMoment
	}
	return Instant(seconds*1_000_000 + int64(micros))
}

func (c *clock) take(s string) bool {
	rest, ok := strings.CutPrefix(c.text, s)
	c.text = rest
	return ok
}

// number reads from least to most digits.
func (c *clock) number(least, most int) int {
	n := 0
	for n < len(c.text) && c.text[n] >= '0' && c.text[n] <= '9' {
		n++
	}
	if n < least || n > most {
		c.bad = true
		return 0
	}
	v, _ := strconv.Atoi(c.text[:n])
	c.text = c.text[n:]
	return v
}

// after reads two digits, up to most, behind a separator.
func (c *clock) after(sep string, most int) int {
	if !c.take(sep) {
		c.bad = true
	}
	v := c.number(2, 2)
	if v > most {
		c.bad = true
	}
	return v
}

func (c *clock) micros() int {
	if !c.take(".") {
		return 0
	}
	before := len(c.text)
	v := c.number(1, 6)
	for range 6 - (before - len(c.text)) {
		v *= 10
	}
	return v
}

// offset reads Z, or ±hh with optional minutes and seconds, in seconds east.
func (c *clock) offset() int {
	sign := 1
	switch {
	case c.take("Z"):
		return 0
	case c.take("-"):
		sign = -1
	case !c.take("+"):
		c.bad = true
	}
	v := c.number(2, 2) * 3600
	if strings.HasPrefix(c.text, ":") {
		v += c.after(":", 59) * 60
	}
	if strings.HasPrefix(c.text, ":") {
		v += c.after(":", 59)
	}
	return sign * v
}
