package ui

import (
	"slices"
	"strings"

	"kindling/store/todotxt"
)

// field is one part of a title that can be edited by itself.
type field struct {
	name  string
	sign  string // of the names in it, "" where they are none
	input line
	read  func(t todotxt.Title) string
	write func(sh *shared, text, value string) (now string, ok bool) // not ok: the value cannot be read, and changes nothing
	hint  func(sh *shared, value string) string
}

// titleFields are the parts that the edit screen shows.
func titleFields() []field {
	all := []field{
		{name: "priority", read: readPriority, write: writePriority, hint: priorityHint},
		{name: "due", read: readDue, write: writeDue, hint: dueHint},
		{name: "projects", sign: "+", read: func(t todotxt.Title) string { return strings.Join(t.Projects(), " ") },
			write: func(_ *shared, text, value string) (string, bool) {
				return todotxt.Parse(text).WithProjects(names(value, "+")), true
			},
			hint: func(*shared, string) string { return "" }},
		{name: "contexts", sign: "@", read: func(t todotxt.Title) string { return strings.Join(t.Contexts(), " ") },
			write: func(_ *shared, text, value string) (string, bool) {
				return todotxt.Parse(text).WithContexts(names(value, "@")), true
			},
			hint: func(*shared, string) string { return "" }},
	}
	for i := range all {
		all[i].input = newLine("")
	}
	return all
}

// names are the words of a field, without the sign a person may type before them.
func names(value, sign string) []string {
	words := strings.Fields(value)
	for i, w := range words {
		words[i] = strings.TrimPrefix(w, sign)
	}
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

func readPriority(t todotxt.Title) string {
	if p, ok := t.Priority(); ok {
		return string(p)
	}
	return ""
}

func writePriority(_ *shared, text, value string) (string, bool) {
	value = strings.ToUpper(strings.TrimSpace(value))
	switch {
	case value == "":
		return todotxt.Parse(text).WithPriority(0), true
	case len(value) == 1 && value[0] >= 'A' && value[0] <= 'Z':
		return todotxt.Parse(text).WithPriority(value[0]), true
	}
	return text, false
}

func priorityHint(_ *shared, value string) string {
	if v := strings.TrimSpace(value); len(v) > 1 || v != "" && !strings.ContainsAny(strings.ToUpper(v), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return "one letter, A to Z"
	}
	return ""
}

func readDue(t todotxt.Title) string {
	if d, ok := t.DueDay(); ok {
		return d.String()
	}
	return ""
}

func writeDue(sh *shared, text, value string) (string, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return todotxt.Parse(text).WithTag("due", ""), true
	}
	if at, ok := todotxt.ReadDate(value, sh.local()); ok {
		return todotxt.Parse(text).WithTag("due", todotxt.DayOf(at).String()), true
	}
	return text, false
}

func dueHint(sh *shared, value string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		return ""
	}
	at, ok := todotxt.ReadDate(value, sh.local())
	if !ok {
		return "not a date yet: tomorrow, fri, 24 dec, 2026-12-24"
	}
	day := todotxt.DayOf(at)
	if day.String() == value {
		return day.Words(sh.today())
	}
	return "→ " + day.String() + " · " + day.Words(sh.today())
}
