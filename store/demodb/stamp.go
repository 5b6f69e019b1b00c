package demodb

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stampForm is compiled at first use: every command of the program would wait for it.
var stampForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{4,6})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(\.\d+)?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?( BC)?$`)
})

// parseStamp reads a timestamptz in ISO form; one without an offset is UTC.
func parseStamp(s string) (value, bool) {
	switch s = strings.TrimSpace(s); strings.ToLower(s) {
	case "infinity":
		return value{number: math.MaxInt64}, true
	case "-infinity":
		return value{number: math.MinInt64}, true
	}
	m := stampForm().FindStringSubmatch(s)
	if m == nil {
		return value{}, false
	}
	n := numbers(m[1:7])
	if m[9] != "" {
		n[0] = 1 - n[0]
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, time.UTC)
	if int(t.Month()) != n[1] || n[3] > 23 || n[4] > 59 || n[5] > 59 {
		return value{}, false
	}
	return value{number: (t.Unix()-east(m[8]))*1_000_000 + micros(m[7])}, true
}

func numbers(texts []string) []int {
	n := make([]int, len(texts))
	for i, s := range texts {
		n[i], _ = strconv.Atoi(s) // "" is 0: the part was left out
	}
	return n
}

// micros rounds a fraction to six digits, as PostgreSQL does.
func micros(fraction string) int64 {
	f, _ := strconv.ParseFloat("0"+fraction, 64)
	return int64(math.Round(f * 1e6))
}

// east reads an offset in seconds.
func east(offset string) int64 {
	if offset == "" || offset == "Z" {
		return 0
	}
	digits := strings.ReplaceAll(offset[1:], ":", "") + "00"
	n := numbers([]string{digits[:2], digits[2:4]})
	seconds := int64(n[0]*3600 + n[1]*60)
	if offset[0] == '-' {
		return -seconds
	}
	return seconds
}

// printStamp is how PostgreSQL prints a timestamptz in JSON, in UTC.
func printStamp(micros int64) string {
	switch micros {
	case math.MaxInt64:
		return "infinity"
	case math.MinInt64:
		return "-infinity"
	}
	t := time.UnixMicro(micros).UTC()
	year, era := t.Year(), ""
	if year < 1 {
		year, era = 1-year, " BC"
	}
	clock := t.Format("01-02T15:04:05.999999")
	return fmt.Sprintf("%04d-%s+00:00%s", year, clock, era)
}
