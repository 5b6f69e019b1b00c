package store

import (
	"math"
	"testing"
	"time"
)

func TestParseInstantReadsWhatPostgreSQLPrints(t *testing.T) {
	utc := func(year, month, day, hour, minute, second, nano int) Instant {
		return InstantOf(time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC))
	}
	for text, want := range map[string]Instant{
		"":                                 NoInstant,
		"infinity":                         PosInfinity,
		"-infinity":                        NegInfinity,
		"2026-01-02T03:04:05+00:00":        utc(2026, 1, 2, 3, 4, 5, 0),
		"2026-01-02T03:04:05.1+00:00":      utc(2026, 1, 2, 3, 4, 5, 100_000_000),
		"2026-01-02T03:04:05.123456+00:00": utc(2026, 1, 2, 3, 4, 5, 123_456_000),
		"2026-01-02T03:04:05.000001+05:30": utc(2026, 1, 1, 21, 34, 5, 1000),
		"2026-01-02T03:04:05-03:30":        utc(2026, 1, 2, 6, 34, 5, 0),
		"2026-01-02T03:04:05+00":           utc(2026, 1, 2, 3, 4, 5, 0),
		"2026-01-02T03:04:05Z":             utc(2026, 1, 2, 3, 4, 5, 0),
		"1890-01-02T00:00:00-00:01:15":     utc(1890, 1, 2, 0, 1, 15, 0),
		"2024-02-29T23:59:59.999999+00:00": utc(2024, 2, 29, 23, 59, 59, 999_999_000),
		"0044-03-15T00:00:00+00:00 BC":     utc(-43, 3, 15, 0, 0, 0, 0),
		"0001-01-01T00:00:00+00:00":        utc(1, 1, 1, 0, 0, 0, 0),
		"0001-12-31T00:00:00.5+00:00 BC":   utc(0, 12, 31, 0, 0, 0, 500_000_000),
		"12026-01-01T00:00:00+00:00":       utc(12026, 1, 1, 0, 0, 0, 0),
		"1969-12-31T23:59:59.999999+00:00": -1,
		"294276-12-31T23:59:59+00:00":      lastMoment,
		"294246-12-31T23:59:59.25+00:00":   utc(294246, 12, 31, 23, 59, 59, 250_000_000),
		"4713-11-24T00:00:00.000001+00 BC": utc(-4712, 11, 24, 0, 0, 0, 1000),
	} {
		if got, err := ParseInstant(text); err != nil || got != want {
			t.Errorf("ParseInstant(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseInstantRefusesTheRest(t *testing.T) {
	for _, text := range []string{
		"now", "Infinity", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.+00:00",
		"2026-01-02T03:04:05.1234567+00:00", "2026-13-02T03:04:05+00:00", "2026-02-30T03:04:05+00:00",
		"2026-00-10T03:04:05+00:00", "2026-01-00T03:04:05+00:00", "2026-01-02T24:00:00+00:00",
		"2026-01-02T03:60:05+00:00", "2026-01-02T03:04:05+00:00 AD", "2026-01-02T03:04:05+00:00 BC ",
		"226-01-02T03:04:05+00:00", "1234567-01-02T03:04:05+00:00", "2026-01-02T03:04:05+0:00",
		"-2026-01-02T03:04:05+00:00", "２026-01-02T03:04:05+00:00",
	} {
		if got, err := ParseInstant(text); err == nil {
			t.Errorf("ParseInstant(%q) = %d, want an error", text, got)
		}
	}
}

func TestInstantPrintsAsPostgreSQLDoes(t *testing.T) {
	for _, text := range []string{
		"", "infinity", "-infinity", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.1+00:00",
		"2026-01-02T03:04:05.123457+00:00", "0044-03-15T00:00:00+00:00 BC", "12026-01-01T00:00:00+00:00",
		"1969-12-31T23:59:59.999999+00:00",
	} {
		i, err := ParseInstant(text)
		if err != nil || i.String() != text {
			t.Errorf("ParseInstant(%q).String() = %q, %v", text, i.String(), err)
		}
	}
}

func FuzzInstant(f *testing.F) {
	for _, s := range []string{"2026-01-02T03:04:05.1+05:30", "0044-03-15T00:00:00+00:00 BC", "294276-12-31T23:59:59+00", "infinity", "x"} {
		f.Add(s, int64(0))
	}
	for _, i := range []int64{0, -1, 1, math.MinInt64, math.MinInt64 + 1, math.MinInt64 + 2, math.MaxInt64, math.MaxInt64 - 1, -62135596800000001} {
		f.Add("", i)
	}
	f.Fuzz(func(t *testing.T, s string, n int64) {
		if i, err := ParseInstant(s); err == nil {
			again, err := ParseInstant(i.String())
			if err != nil || again != i && i < lastMoment-1_000_000 && i > firstMoment+1_000_000 {
				t.Fatalf("%q is %d, prints %q, reads %d, %v", s, i, i, again, err)
			}
		}
		i := Instant(n)
		if again, err := ParseInstant(i.String()); err != nil || again != i && i < lastMoment-2_000_000 && i > firstMoment+2_000_000 {
			t.Fatalf("%d prints %q, reads %d, %v", n, i, again, err)
		}
	})
}
