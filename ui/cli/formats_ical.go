package cli

import (
	"bufio"
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kindling/store"
	"kindling/store/todotxt"
)

// writeCalendar writes an iCalendar file (RFC 5545) with a VTODO for each todo.
// What a property tells (priority, due, t) leaves the summary; the further lines of a
// title are its description. A rule of recurrence stays text: the next
// occurrence is made here when one is completed, and not by a calendar.
func writeCalendar(out *bufio.Writer, items iter.Seq2[store.Item, error], o writeOptions, _ *remarks) error {
	c := calendar{out: out, stamp: o.now.UTC().Format(calendarTime)}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//Kindling//Kindling//EN")
	for it, err := range items {
		if err != nil {
			return err
		}
		c.todo(it.Todo)
		if c.err != nil {
			return c.err
		}
	}
	c.line("END", "VCALENDAR")
	return c.err
}

const calendarTime = "20060102T150405Z"

type calendar struct {
	out   *bufio.Writer
	stamp string
	err   error
}

func (c *calendar) todo(t store.Todo) {
	title := todotxt.Parse(t.Title)
	c.line("BEGIN", "VTODO")
	c.line("UID", t.ID.String())
	c.line("DTSTAMP", c.stamp)
	if at, ok := t.Created.Time(); ok && at.Year() > 0 && at.Year() < 10000 {
		c.line("CREATED", at.Format(calendarTime))
	}
	summary, description := summaryOf(title)
	c.line("SUMMARY", calendarText(summary))
	if description != "" {
		c.line("DESCRIPTION", calendarText(description))
	}
	c.dates(title)
	if p, ok := title.Priority(); ok {
		c.line("PRIORITY", strconv.Itoa(min(int(p-'A')+1, 9)))
	}
	if names := append(title.Projects(), title.Contexts()...); len(names) > 0 {
		for i := range names {
			names[i] = calendarText(names[i])
		}
		c.line("CATEGORIES", strings.Join(names, ","))
	}
	if t.Done.Bool() {
		c.line("STATUS", "COMPLETED")
		c.line("PERCENT-COMPLETE", "100")
	} else {
		c.line("STATUS", "NEEDS-ACTION")
	}
	c.line("END", "VTODO")
}

// dates writes due: and t: as days without a clock.
func (c *calendar) dates(t todotxt.Title) {
	if from, ok := begins(t); ok {
		c.line("DTSTART;VALUE=DATE", strings.ReplaceAll(from.String(), "-", ""))
	}
	if due, ok := t.DueDay(); ok {
		c.line("DUE;VALUE=DATE", strings.ReplaceAll(due.String(), "-", ""))
	}
}

// begins returns t: where a VTODO may hold it: before it is due.
func begins(t todotxt.Title) (todotxt.Day, bool) {
	from, ok := t.ThresholdDay()
	due, isDue := t.DueDay()
	return from, ok && (!isDue || from < due)
}

var plainBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// summaryOf returns the first line without what properties tell, unless nothing
// else is in it, and the lines below.
func summaryOf(t todotxt.Title) (summary, description string) {
	text := todotxt.Parse(t.WithPriority(0)).WithTag("due", "")
	if _, ok := begins(t); ok {
		text = todotxt.Parse(text).WithTag("t", "")
	}
	if strings.TrimSpace(text) == "" {
		text = t.String()
	}
	summary, description, _ = strings.Cut(strings.TrimSpace(plainBreaks.Replace(text)), "\n")
	return summary, description
}

var calendarEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// calendarText escapes a text value, and drops the control characters that the format forbids.
func calendarText(s string) string {
	return calendarEscapes.Replace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// line writes a property, folded where it is longer than 75 bytes, between
// characters.
func (c *calendar) line(name, value string) {
	line := name + ":" + value
	for room := 75; len(line) > room && c.err == nil; room = 74 {
		end := room
		for end > 1 && !utf8.RuneStart(line[end]) {
			end--
		}
		_, c.err = c.out.WriteString(line[:end] + "\r\n ")
		line = line[end:]
	}
	if c.err == nil {
		_, c.err = c.out.WriteString(line + "\r\n")
	}
}
