package ui

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"kindling/store/todotxt"
)

// The names of groupings, sortings and what is shown, as the settings keep them.
const (
	groupNone, groupDue, groupProject, groupPriority, groupContext = "none", "due", "project", "priority", "context"

	sortCreated, sortTitle, sortDue, sortPriority = "created", "title", "due", "priority"

	showOpen, showAll, showDone = "open", "all", "done"
)

var (
	groupings = []string{groupNone, groupDue, groupProject, groupContext, groupPriority}
	sortings  = []string{sortCreated, sortTitle, sortDue, sortPriority}
	showings  = []string{showOpen, showAll, showDone}
)

// spec is what a list shows, and in which order: open todos by group, then the done.
type spec struct {
	show, group, sort string
	today             todotxt.Day
}

// shows reports whether a row belongs in the list at all.
func (s spec) shows(r *row) bool {
	switch {
	case r.gone:
		return false
	case s.show == showOpen:
		return !r.Done.Bool()
	case s.show == showDone:
		return r.Done.Bool()
	}
	return true
}

// groupKey is the group a row stands in: by rank, then by name.
type groupKey struct {
	rank int32
	name string // folded; of a project or context
}

func (a groupKey) compare(b groupKey) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name))
}

// The ranks of due groups; the done come last in every grouping.
const (
	late = iota
	dueToday
	dueTomorrow
	dueWeek
	dueLater
	dueNever
	unnamed  = 1
	rankDone = math.MaxInt32
)

func (s spec) groupOf(r *row) groupKey {
	if r.Done.Bool() {
		return groupKey{rank: rankDone}
	}
	switch s.group {
	case groupDue:
		return groupKey{rank: s.dueRank(r.due)}
	case groupPriority:
		return groupKey{rank: int32(r.priority)}
	case groupProject, groupContext:
		if name := firstName(r.Title, s.group); name != "" {
			return groupKey{name: strings.ToLower(name)}
		}
		return groupKey{rank: unnamed}
	}
	return groupKey{}
}

func (s spec) dueRank(due todotxt.Day) int32 {
	switch {
	case due == noDue:
		return dueNever
	case due < s.today:
		return late
	case due == s.today:
		return dueToday
	case due == s.today+1:
		return dueTomorrow
	case due <= s.today+7:
		return dueWeek
	}
	return dueLater
}

// firstName is the first project or context of a title.
func firstName(title, group string) string {
	sign := byte('+')
	if group == groupContext {
		sign = '@'
	}
	if strings.IndexByte(title, sign) < 0 {
		return ""
	}
	names := todotxt.Parse(title).Projects
	if group == groupContext {
		names = todotxt.Parse(title).Contexts
	}
	if all := names(); len(all) > 0 {
		return all[0]
	}
	return ""
}

// label is a group's heading, from its first row.
func (s spec) label(r *row) string {
	k := s.groupOf(r)
	switch {
	case k.rank == rankDone:
		return "Done"
	case s.group == groupDue:
		return [...]string{"Late", "Today", "Tomorrow", "Next 7 days", "Later", "No date"}[k.rank]
	case s.group == groupPriority && k.rank == noPriority:
		return "No priority"
	case s.group == groupPriority:
		return "Priority " + string(rune(k.rank))
	case k.rank == unnamed:
		return "No " + s.group
	}
	sign := map[string]string{groupProject: "+", groupContext: "@"}[s.group]
	return sign + clean(firstName(r.Title, s.group))
}

// sortable is a row with everything that sorting compares.
type sortable struct {
	slot  int32
	row   *row
	key   groupKey
	title string // folded, where titles are compared
}

func (s spec) sortable(slot int32, r *row) sortable {
	x := sortable{slot: slot, row: r, key: s.groupOf(r)}
	if s.sort == sortTitle {
		x.title = strings.ToLower(r.Title)
	}
	return x
}

func (s spec) compare(a, b sortable) int {
	if c := a.key.compare(b.key); c != 0 {
		return c
	}
	if c := s.compareIn(a, b); c != 0 {
		return c
	}
	if c := cmp.Compare(b.row.Created, a.row.Created); c != 0 {
		return c
	}
	return slices.Compare(a.row.ID[:], b.row.ID[:])
}

// compareIn compares two rows of one group. A group of several days is in their order,
// unless a person chose another.
func (s spec) compareIn(a, b sortable) int {
	switch {
	case s.sort == sortTitle:
		return strings.Compare(a.title, b.title)
	case s.sort == sortDue, s.group == groupDue && s.sort == sortCreated && a.key.rank != rankDone:
		return cmp.Compare(a.row.due, b.row.due)
	case s.sort == sortPriority:
		return cmp.Compare(a.row.priority, b.row.priority)
	}
	return 0
}

// group is a run of slots under one heading.
type group struct {
	start int
	key   groupKey
	label string
}

// listing is slots in order, in groups; groups are nil where there are no headings.
type listing struct {
	slots  []int32
	groups []group
}

// sorted arranges all rows of a snapshot. It takes its time: it belongs in a command.
func (s spec) sorted(r *rows) listing {
	all := make([]sortable, 0, len(r.pages)*pageSize)
	for n, p := range r.pages {
		for i := range p.rows {
			if w := &p.rows[i]; w.ID != uuid.Nil && s.shows(w) {
				all = append(all, s.sortable(int32(n*pageSize+i), w))
			}
		}
	}
	slices.SortFunc(all, s.compare)
	l := listing{slots: make([]int32, len(all))}
	for i, x := range all {
		l.slots[i] = x.slot
		if s.group != groupNone && (i == 0 || x.key != all[i-1].key) {
			l.groups = append(l.groups, group{i, x.key, s.label(x.row)})
		}
	}
	return l
}

// insert puts a slot in its place.
func (l *listing) insert(s spec, r *rows, slot int32) {
	x := s.sortable(slot, r.at(slot))
	i, _ := slices.BinarySearchFunc(l.slots, x, func(other int32, x sortable) int {
		return s.compare(s.sortable(other, r.at(other)), x)
	})
	l.slots = slices.Insert(l.slots, i, slot)
	if s.group == groupNone {
		return
	}
	g, ok := slices.BinarySearchFunc(l.groups, x.key, func(g group, k groupKey) int { return g.key.compare(k) })
	if !ok {
		l.groups = slices.Insert(l.groups, g, group{i, x.key, s.label(x.row)})
	}
	l.shift(g+1, 1)
}

// find is the index of a slot, -1 when it is not listed; at gives rows as they
// were when the listing was ordered.
func (l *listing) find(s spec, at func(int32) *row, slot int32) int {
	x := s.sortable(slot, at(slot))
	i, ok := slices.BinarySearchFunc(l.slots, x, func(other int32, x sortable) int {
		return s.compare(s.sortable(other, at(other)), x)
	})
	if !ok {
		return -1
	}
	return i
}

// remove takes the slot at an index out; -1 is none.
func (l *listing) remove(i int) {
	if i < 0 {
		return
	}
	if len(l.groups) > 0 {
		l.shift(l.groupAt(i)+1, -1)
	}
	l.slots = slices.Delete(l.slots, i, i+1)
	l.dropEmptyGroups()
}

// drop takes slots out, in one pass.
func (l *listing) drop(gone func(int32) bool) {
	kept, g := l.slots[:0], 0
	for i, slot := range l.slots {
		for g < len(l.groups) && l.groups[g].start == i {
			l.groups[g].start = len(kept)
			g++
		}
		if !gone(slot) {
			kept = append(kept, slot)
		}
	}
	l.slots = kept
	l.dropEmptyGroups()
}

func (l *listing) dropEmptyGroups() {
	kept := l.groups[:0]
	for i, g := range l.groups {
		end := len(l.slots)
		if i+1 < len(l.groups) {
			end = l.groups[i+1].start
		}
		if g.start < end {
			kept = append(kept, g)
		}
	}
	l.groups = kept
}

func (l *listing) shift(from, by int) {
	for i := from; i < len(l.groups); i++ {
		l.groups[i].start += by
	}
}

// groupAt is the group that index i stands in.
func (l *listing) groupAt(i int) int {
	g, ok := slices.BinarySearchFunc(l.groups, i, func(g group, i int) int { return cmp.Compare(g.start, i) })
	if ok {
		return g
	}
	return g - 1
}

// movedOver is the listing by slots of other rows, without what those lack.
func (l listing) movedOver(from, to *rows) listing {
	l = l.clone()
	for i, slot := range l.slots {
		other, ok := to.slot(from.at(slot).ID)
		if !ok {
			other = -1
		}
		l.slots[i] = other
	}
	l.drop(func(slot int32) bool { return slot < 0 })
	return l
}

// clone copies what a running command still reads.
func (l listing) clone() listing {
	return listing{slices.Clone(l.slots), slices.Clone(l.groups)}
}

// height is the number of lines, headings included.
func (l *listing) height() int { return len(l.slots) + len(l.groups) }

// lineOf is the line of index i, below the headings before it.
func (l *listing) lineOf(i int) int {
	if len(l.groups) == 0 {
		return i
	}
	return i + l.groupAt(i) + 1
}

// indexAt is what stands on a line: an index, or a group's heading.
func (l *listing) indexAt(line int) (index, heading int) {
	if len(l.groups) == 0 {
		return line, -1
	}
	g, ok := slices.BinarySearchFunc(l.groups, line, func(g group, line int) int {
		return cmp.Compare(g.start+l.groupNumber(g), line)
	})
	if ok {
		return -1, g
	}
	return line - g, -1
}

func (l *listing) groupNumber(of group) int { return l.groupAt(of.start) }
