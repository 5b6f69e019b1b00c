package demodb

import (
	"regexp"
	"slices"
	"strings"
)

// truth is SQL's: a comparison with NULL is neither true nor false.
type truth int8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// predicate is a filter, made once and asked for each row.
type predicate func(*row) truth

func not(p predicate) predicate { return func(r *row) truth { return yes - p(r) } }

func all(ps []predicate) predicate {
	return func(r *row) truth {
		worst := yes
		for _, p := range ps {
			worst = min(worst, p(r))
		}
		return worst
	}
}

func some(ps []predicate) predicate {
	return func(r *row) truth {
		best := no
		for _, p := range ps {
			best = max(best, p(r))
		}
		return best
	}
}

// columnFilter reads "not.eq.value" for a column.
func columnFilter(name, text string) (predicate, *fault) {
	if rest, ok := strings.CutPrefix(text, "not."); ok {
		p, f := columnFilter(name, rest)
		if f != nil {
			return nil, f
		}
		return not(p), nil
	}
	op, arg, ok := strings.Cut(text, ".")
	build := operators[op]
	if !ok || build == nil {
		return nil, unparsed("filter", text)
	}
	c, ok := columnOf(name)
	if !ok {
		return nil, postgres("42703", "column todos."+name+" does not exist")
	}
	return build(c, arg)
}

var operators = map[string]func(c int, arg string) (predicate, *fault){
	"eq":     compared(func(n int) bool { return n == 0 }),
	"neq":    compared(func(n int) bool { return n != 0 }),
	"gt":     compared(func(n int) bool { return n > 0 }),
	"gte":    compared(func(n int) bool { return n >= 0 }),
	"lt":     compared(func(n int) bool { return n < 0 }),
	"lte":    compared(func(n int) bool { return n <= 0 }),
	"in":     among,
	"is":     is,
	"like":   like(""),
	"ilike":  like("(?i)"),
	"match":  matching(""),
	"imatch": matching("(?i)"),
}

func compared(holds func(int) bool) func(int, string) (predicate, *fault) {
	return func(c int, arg string) (predicate, *fault) {
		want, f := columns[c].read(arg)
		if f != nil {
			return nil, f
		}
		return func(r *row) truth {
			if r[c].null {
				return unknown
			}
			return truthOf(holds(r[c].compare(want)))
		}, nil
	}
}

func among(c int, arg string) (predicate, *fault) {
	inner, ok := strings.CutPrefix(arg, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed {
		return nil, unparsed("filter", "in."+arg)
	}
	var wanted []value
	for _, item := range listItems(inner) {
		v, f := columns[c].read(item)
		if f != nil {
			return nil, f
		}
		wanted = append(wanted, v)
	}
	return func(r *row) truth {
		if r[c].null {
			return unknown
		}
		return truthOf(slices.ContainsFunc(wanted, func(v value) bool { return r[c].compare(v) == 0 }))
	}, nil
}

func is(c int, arg string) (predicate, *fault) {
	want := strings.ToLower(arg)
	if !slices.Contains([]string{"null", "true", "false", "unknown"}, want) {
		return nil, unparsed("filter", "is."+arg)
	}
	if want != "null" && c != isComplete {
		return nil, postgres("42804", "argument of IS "+strings.ToUpper(want)+" must be type boolean, not type "+columns[c].typeName)
	}
	return func(r *row) truth {
		if r[c].null {
			return truthOf(want == "null" || want == "unknown")
		}
		return truthOf(want == "true" && r[c].number == 1 || want == "false" && r[c].number == 0)
	}, nil
}

// like takes * for %, as PostgREST does.
func like(flags string) func(int, string) (predicate, *fault) {
	return func(c int, arg string) (predicate, *fault) {
		return searched(c, "~~", flags+"(?s)^"+likeAsRegexp(strings.ReplaceAll(arg, "*", "%"))+"$")
	}
}

func likeAsRegexp(pattern string) string {
	var b strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

func matching(flags string) func(int, string) (predicate, *fault) {
	return func(c int, arg string) (predicate, *fault) { return searched(c, "~", flags+"(?s)"+arg) }
}

func searched(c int, operator, pattern string) (predicate, *fault) {
	if columns[c].typeName != "text" {
		f := postgres("42883", "operator does not exist: "+columns[c].typeName+" "+operator+" unknown")
		f.hint = "No operator matches the given name and argument types. You might need to add explicit type casts."
		return nil, f
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, postgres("2201B", "invalid regular expression: "+err.Error())
	}
	return func(r *row) truth {
		if r[c].null {
			return unknown
		}
		return truthOf(re.MatchString(r[c].text))
	}, nil
}

// logicFilter reads "(a.eq.1,or(b.is.null,…))", the value of and= and or=.
func logicFilter(op, text string) (predicate, *fault) {
	inner, ok := strings.CutPrefix(text, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed || inner == "" {
		return nil, unparsed("logic tree", text)
	}
	var ps []predicate
	for _, term := range topLevel(inner) {
		p, f := logicTerm(term)
		if f != nil {
			return nil, f
		}
		ps = append(ps, p)
	}
	if op == "or" {
		return some(ps), nil
	}
	return all(ps), nil
}

func logicTerm(term string) (predicate, *fault) {
	rest, negated := strings.CutPrefix(term, "not.")
	for _, op := range []string{"and", "or"} {
		if tree, ok := strings.CutPrefix(rest, op); ok && strings.HasPrefix(tree, "(") {
			p, f := logicFilter(op, tree)
			if f == nil && negated {
				p = not(p)
			}
			return p, f
		}
	}
	name, filter, ok := strings.Cut(term, ".")
	if !ok {
		return nil, unparsed("logic tree", term)
	}
	return columnFilter(name, unquoteArg(filter))
}

// unquoteArg takes the quotes off the value of a term inside and= or or=.
func unquoteArg(filter string) string {
	i := strings.IndexByte(filter, '"')
	if i > 0 && filter[i-1] == '.' && strings.HasSuffix(filter, `"`) && len(filter) > i+1 {
		return filter[:i] + unquote(filter[i:])
	}
	return filter
}

// topLevel splits at commas that stand in no parentheses and no quotes.
func topLevel(s string) []string {
	var parts []string
	depth, start, quoted := 0, 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case s[i] == ')':
			depth--
		case s[i] == ',' && depth == 0:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// listItems splits the inside of in.(…).
func listItems(inner string) []string {
	if inner == "" {
		return nil
	}
	items := topLevel(inner)
	for i, item := range items {
		if len(item) > 1 && item[0] == '"' && item[len(item)-1] == '"' {
			items[i] = unquote(item)
		}
	}
	return items
}

// unquote drops the quotes around s and the backslashes in it.
func unquote(s string) string {
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i < len(s)-2 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
