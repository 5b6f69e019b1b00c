package store

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// columns names all five, so that one more column in a project costs nothing.
const columns = "select=id,user_id,title,is_complete,created_at"

// longestGuard is how long a guard may be once encoded: InsForge takes 16 kB of
// request line and headers, what stands in front of it often 8.
const longestGuard = 4096

// query is a list of ready-encoded parameters.
type query []string

func (q query) on(endpoint string) string { return endpoint + "?" + strings.Join(q, "&") }

func idIn(ids []uuid.UUID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return "id=in.(" + strings.Join(texts, ",") + ")"
}

// column is one that a write may change.
type column uint8

const (
	titleCol column = iota
	isComplete
	createdAt
)

var columnNames = [...]string{titleCol: "title", isComplete: "is_complete", createdAt: "created_at"}

// changed lists the columns in which want differs from base.
func changed(base, want Todo) []column {
	return changedOf(base, want, []column{titleCol, isComplete, createdAt})
}

func changedOf(a, b Todo, among []column) []column {
	differs := map[column]bool{
		titleCol: a.Title != b.Title, isComplete: a.Done != b.Done, createdAt: a.Created != b.Created,
	}
	var cols []column
	for _, c := range among {
		if differs[c] {
			cols = append(cols, c)
		}
	}
	return cols
}

// weakGuard reports whether base's values of cols are too long for a URL: the
// write is then guarded by the title's beginning and a look just before, and a
// change of its end in the moment between would be overwritten.
func weakGuard(base Todo, cols []column) bool {
	return len(strings.Join(guards(base, cols, false), "&")) > longestGuard
}

// guards are filters that hold only while the row's columns are as in base.
func guards(base Todo, cols []column, weak bool) []string {
	var filters []string
	for _, c := range cols {
		switch {
		case c == titleCol && weak:
			filters = append(filters, "title=match."+url.QueryEscape("^"+literal(beginning(base.Title))))
		case c == titleCol:
			filters = append(filters, "title=eq."+url.QueryEscape(base.Title))
		case c == isComplete:
			filters = append(filters, "is_complete="+isBool(base.Done))
		case base.Created == NoInstant:
			filters = append(filters, "created_at=is.null")
		default:
			filters = append(filters, "created_at=eq."+url.QueryEscape(base.Created.String()))
		}
	}
	return filters
}

// isBool is the filter that holds for just one of the three values: eq.false
// would not hold for NULL, and nothing equals NULL.
func isBool(b Bool) string {
	return map[Bool]string{Null: "is.null", False: "is.false", True: "is.true"}[b]
}

// beginning cuts a title to what a guard may take, at a rune's end.
func beginning(s string) string {
	n, room := 0, longestGuard/4
	for n < len(s) && room > 0 {
		_, size := utf8.DecodeRuneInString(s[n:])
		n += size
		room -= size
	}
	return s[:n]
}

// literal escapes what PostgreSQL's regular expressions treat as special. like
// would not do: PostgREST turns every * into %, and knows no escape for it.
func literal(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(`\^$.|?*+()[]{}`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
