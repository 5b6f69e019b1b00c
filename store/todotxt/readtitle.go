package todotxt

import (
	"slices"
	"strings"
	"time"
)

// Reading is a title with its natural dates made into due:, and where they stood.
type Reading struct {
	Text  string // as it would be saved
	Words string // the words that were read, "" when none
	Date  time.Time
}

// ReadDates reads due:WORDS and t:WORDS as ReadDate does (also due:3d), where
// WORDS is quoted, or the longest run of words that is a date: due:next month.
//
// bare (the TUI) also reads words that stand alone: at the end of the text,
// before any projects, contexts and tags, with or without on, by or due; or at
// its beginning, where short weekdays are left alone (sun cream). They are read
// where the title has one line and no due date yet, text remains without them,
// and the date is not past; +3d stays a project, and a leading 2026-12-24 a
// creation date. Otherwise (the command line) only values are read.
func ReadDates(text string, now time.Time, bare bool) Reading {
	today := DayOf(now)
	text, words, day := readValues(text, today)
	if words == "" && bare {
		text, words, day = readBare(text, today)
	}
	r := Reading{Text: text, Words: words}
	if words != "" {
		r.Date = day.In(now.Location())
	}
	return r
}

// UnreadDate is the first due: or t: of a title whose value is no date, and so stays text; "" for none.
func UnreadDate(title string) string {
	for _, word := range strings.Fields(title) {
		key, value, tagged := strings.Cut(word, ":")
		if !tagged || value == "" || key != "due" && key != "t" {
			continue
		}
		if _, ok := ParseDay(value); !ok {
			return word
		}
	}
	return ""
}

// longest is the number of words in the longest date: end of the month.
const longest = 4

// piece is a word of a text and where it stands.
type piece struct {
	start, end int
	text       string
}

// pieces returns the words of text[from:to], at most so many.
func pieces(text string, from, to, most int) (all []piece) {
	for i := from; i < to && len(all) < most; {
		i += spaces(text[i:to])
		w, n := word(text[i:to])
		if n > 0 {
			all = append(all, piece{i, i + n, w})
		}
		i += n
	}
	return all
}

// readValues reads every due: and t:, and tells of the first due:, or else the
// first t:.
func readValues(text string, today Day) (out, words string, day Day) {
	var b strings.Builder
	told, last := "", 0
	ps := pieces(text, 0, len(text), len(text))
	for i, p := range ps {
		key, value, ok := strings.Cut(p.text, ":")
		if p.start < last || !ok || key != "due" && key != "t" || value == "" || validTag(key, value) {
			continue
		}
		end, d, ok := readValue(text, ps[i:], len(key)+1, today)
		if !ok {
			continue
		}
		b.WriteString(text[last:p.start] + key + ":" + d.String())
		last = end
		if told == "" || told == "t" && key == "due" {
			told, words, day = key, text[p.start:end], d
		}
	}
	return b.String() + text[last:], words, day
}

// readValue reads the date that begins skip bytes into the first piece.
func readValue(text string, ps []piece, skip int, today Day) (end int, d Day, ok bool) {
	start := ps[0].start + skip
	if q := text[start]; q == '"' || q == '\'' {
		n := strings.IndexByte(text[start+1:], q)
		if n < 0 {
			return 0, 0, false
		}
		end = start + n + 2
		d, ok = readOne(text[start+1:end-1], today)
		return end, d, ok && (end == len(text) || spaceAt(text, end) > 0)
	}
	for n := min(longest, len(ps)); n > 0; n-- {
		end = ps[n-1].end
		if d, ok = readOne(text[start:end], today); ok && !strings.ContainsAny(text[start:end], "\r\n") {
			return end, d, true
		}
	}
	return 0, 0, false
}

func readOne(words string, today Day) (Day, bool) {
	w := strings.Fields(strings.ToLower(words))
	if d, ok := readDay(w, today); ok {
		return d, true
	}
	if len(w) != 1 {
		return 0, false
	}
	return readDay([]string{"+" + w[0]}, today)
}

func readBare(text string, today Day) (out, words string, day Day) {
	t := Parse(text)
	if _, due := t.DueDay(); due || strings.ContainsAny(text, "\r\n") {
		return text, "", 0
	}
	ps := pieces(text, t.lead(), t.textEnd(), len(text))
	if from, d, ok := readTail(ps, today); ok {
		start, end := ps[from].start, ps[len(ps)-1].end
		head := strings.TrimRight(text[:start], " \t")
		if Parse(head).textEnd() == 0 {
			return text, "", 0
		}
		return Parse(head+text[end:]).WithTag("due", d.String()), text[start:end], d
	}
	if n, d, ok := readHead(ps, today); ok {
		start, end := ps[0].start, ps[n-1].end
		return Parse(text[:start]+text[ps[n].start:]).WithTag("due", d.String()), text[start:end], d
	}
	return text, "", 0
}

// textEnd returns where the last text ends, before projects, contexts and tags.
func (t Title) textEnd() int {
	for _, s := range slices.Backward(t.Spans) {
		if s.Class == Text || s.Class == URL {
			return s.End
		}
	}
	return 0
}

// readTail reads a date at the end of the pieces, some of which remain.
func readTail(ps []piece, today Day) (from int, d Day, ok bool) {
	for n := min(longest, len(ps)-1); n > 0; n-- {
		from = len(ps) - n
		if d, ok = readBareDay(ps[from:], today); ok {
			break
		}
	}
	if !ok {
		return 0, 0, false
	}
	if from > 1 && slices.Contains([]string{"on", "by", "due", "due:"}, strings.ToLower(ps[from-1].text)) {
		from--
	}
	return from, d, true
}

// readHead reads a date at the beginning of the pieces, some of which remain.
func readHead(ps []piece, today Day) (n int, d Day, ok bool) {
	for n = min(longest, len(ps)-1); n > 0; n-- {
		run := slices.Clone(ps[:n])
		run[n-1].text = strings.TrimRight(run[n-1].text, ":,")
		_, weekday := weekdayOf(strings.ToLower(run[0].text))
		if n == 1 && (weekday && len(run[0].text) < 6 || strings.ContainsAny(run[0].text, "0123456789")) {
			continue
		}
		if d, ok = readBareDay(run, today); ok {
			return n, d, true
		}
	}
	return 0, 0, false
}

func readBareDay(ps []piece, today Day) (Day, bool) {
	var words []string
	for _, p := range ps {
		words = append(words, strings.ToLower(p.text))
	}
	d, ok := readDay(words, today)
	return d, ok && d >= today && words[0][0] != '+'
}
