package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"kindling/store"
)

// What each screen's keys do just now, in words: footer, help and palette offer no
// key that would do nothing.

// moves reports a verb that moves a cursor over rows.
func moves(v verb) bool {
	return slices.Contains([]verb{verbDown, verbUp, verbPageDown, verbPageUp, verbFoundDown, verbFoundUp, verbTop, verbBottom}, v)
}

// shown is a binding as footer, help and palette show it on a screen: in the words
// of that screen, and disabled where it has nothing to do now.
func (sh *shared) shown(b binding, s screen) binding {
	does, ok := sh.offered(&b, s)
	if b.SetEnabled(ok); ok {
		b.SetHelp(b.Help().Key, cmp.Or(clean(does), b.Help().Desc))
	}
	return b
}

// offered is offer for any binding.
func (sh *shared) offered(b *binding, s screen) (does string, ok bool) {
	if b.in&global != 0 {
		return "", sh.can(b.verb)
	}
	return s.offer(b.verb)
}

// can reports whether a global verb has something to do now.
func (sh *shared) can(v verb) bool {
	switch v {
	case verbUndo:
		return sh.status.CanUndo != ""
	case verbRedo:
		return sh.status.CanRedo != ""
	}
	return true
}

func (l *list) offer(v verb) (does string, ok bool) {
	n := len(l.arr.shown.slots)
	switch v {
	case verbToggle:
		return l.toggles(), n > 0
	case verbEdit, verbEditor, verbDelete, verbCopy, verbSelectAll:
		return "", n > 0
	case verbSelect:
		return either(l.anchor != uuid.Nil, "end the stretch here", ""), n > 0
	case verbSelectDown, verbSelectUp:
		return "", n > 1 || n > 0 && !l.selecting()
	case verbAdd:
		return "", l.shared.todos != nil
	case verbClear:
		return "", l.shared.status.Completed > 0
	case verbFilter:
		return "", n > 0 || l.text != ""
	case verbSort, verbGroup:
		return "", n > 1
	case verbSaveFilter:
		return "", l.text != ""
	case verbBack:
		return l.leaves()
	}
	if nth, is := strings.CutPrefix(string(v), "filter-"); is {
		return l.offerSaved(int(nth[0] - '0'))
	}
	return "", !moves(v) || n > 1
}

// toggles says what becomes of the todo under the cursor.
func (l *list) toggles() string {
	it, ok := l.current()
	switch {
	case !ok || l.selecting():
		return ""
	case it.Done.Bool():
		return "reopen"
	}
	return "done"
}

// leaves says what esc leaves.
func (l *list) leaves() (string, bool) {
	if l.selecting() {
		return "end the selection", true
	}
	return "lift the filter", l.text != ""
}

// offerSaved says what the filter on a number key is.
func (l *list) offerSaved(n int) (string, bool) {
	saved := l.shared.settings.saved(n)
	return fmt.Sprintf("saved filter %d: %s", n, saved), saved != ""
}

func (a *add) offer(v verb) (does string, ok bool) {
	some := strings.TrimSpace(a.input.text()) != ""
	switch v {
	case verbAccept:
		return "add", some
	case verbAnother:
		return "add another", some
	case verbComplete:
		return "", len(a.matches()) > 0
	case verbLiteral:
		if a.typed {
			return "read dates", true
		}
		return "as typed", a.reading().Words != ""
	case verbBack:
		return a.leaves(some), true
	}
	return "", true
}

func (a *add) leaves(some bool) string {
	switch {
	case a.restart:
		return "drop it"
	case some:
		return "keep it for later"
	}
	return ""
}

func (p *paste) offer(v verb) (does string, ok bool) {
	switch {
	case v == verbAccept:
		return "add " + either(len(p.todos) == 1, "it", "them"), len(p.todos) > 0
	case v == verbBack:
		return "add nothing", true
	}
	return "", p.last() > 0
}

func (e *edit) offer(v verb) (does string, ok bool) {
	switch {
	case v == verbNewline:
		return "", e.focus == atText
	case v == verbNext && len(e.matches()) > 0:
		return "complete", true
	}
	return "", true
}

func (f *filter) offer(v verb) (does string, ok bool) {
	switch v {
	case verbAccept:
		return "keep the filter", true
	case verbBack:
		return "as it was", true
	}
	return "", len(f.list.arr.shown.slots) > 1
}

func (p *palette) offer(v verb) (does string, ok bool) {
	switch v {
	case verbAccept:
		return "run it", len(p.found) > 0
	case verbBack:
		return "", true
	}
	return "", len(p.found) > 1
}

func (p *helpPage) offer(v verb) (does string, ok bool) {
	return "", !moves(v) || p.port.TotalLineCount() > p.port.Height()
}

func (c *choice) offer(v verb) (does string, ok bool) {
	return map[verb]string{verbAccept: cmp.Or(c.does, c.options[c.at].label)}[v], true
}

func (s *accounts) offer(v verb) (does string, ok bool) {
	n := len(s.known)
	if i, pick := pickedBy(v); pick {
		return "", i < n
	}
	switch v {
	case verbAccept:
		return s.enters(), s.loaded && s.leaving == nil
	case verbRenew, verbSignOut:
		return "", n > 0 && s.leaving == nil
	}
	return "", !moves(v) || n > 1
}

// enters says what enter does.
func (s *accounts) enters() string {
	switch {
	case len(s.known) == 0:
		return "sign in"
	case s.open(s.known[s.at]):
		return "back to the list"
	}
	return "switch to " + person(s.known[s.at])
}

func (s *signIn) offer(v verb) (does string, ok bool) {
	if i, pick := pickedBy(v); pick {
		return "", i < len(s.people)
	}
	waits := s.stage == stageWaiting
	switch v {
	case verbAccept:
		does = s.enters(waits)
		return does, does != ""
	case verbCopyShown:
		return "", s.attempt != nil && s.attempt.url != ""
	case verbPasteAddress:
		return either(waits && s.attempt.byCode, useBrowser, ""), waits
	case verbByCode, verbCreate, verbOther:
		return "", s.stage != stageKeeping
	case verbBack:
		return either(waits && s.field == nil, "cancel", ""), true
	}
	return "", len(s.people) > 1
}

// enters says what enter does, "" for nothing.
func (s *signIn) enters(waits bool) string {
	switch {
	case s.field != nil:
		return "go on"
	case s.stage == stageFailed || s.stage == stageUnkept:
		return "try again"
	case s.people != nil:
		return "be " + s.people[s.at]
	case !waits:
		return ""
	case s.shared.facts.Headless == "":
		return "open the browser again"
	case s.attempt.byCode:
		return ""
	}
	return "paste the browser's address"
}

func (s *conflicts) offer(v verb) (does string, ok bool) {
	n := len(s.all)
	switch v {
	case verbMine, verbTheirs, verbBoth:
		if n == 0 {
			return "", false
		}
		does, ok = s.all[s.at].choices()[v]
		return does, ok
	case verbAccept:
		return "next", n > 1
	case verbBack:
		return either(n > 0, "decide later", ""), true
	}
	return "", n > 1
}

func (s *details) offer(v verb) (does string, ok bool) {
	p, gone := s.here()
	switch v {
	case verbAccept:
		return s.enters(p, gone), s.rows() > 0
	case verbRetry:
		return s.retries(p), len(s.pending) > 0
	case verbDiscard:
		return "", p != nil && p.State == "parked"
	case verbRestore:
		return "", gone != nil
	case verbBack:
		return "", true
	}
	return "", s.rows() > 1
}

// enters says what enter does with the row under the cursor.
func (s *details) enters(p *store.Pending, gone *store.Vanished) string {
	switch {
	case s.draft() != nil:
		return "go on with it"
	case gone != nil:
		return "bring it back"
	case p != nil && p.State == "conflict":
		return "decide"
	}
	return s.retries(p)
}

func (s *details) retries(p *store.Pending) string {
	if p != nil && p.State == "parked" {
		return "send it again"
	}
	return "try now"
}

func (s *settings) offer(v verb) (does string, ok bool) {
	return map[verb]string{verbAccept: "next value"}[v], true
}

func (s *isolation) offer(v verb) (does string, ok bool) {
	calm := s.state == pairReady && s.suite == nil
	switch v {
	case verbAccept:
		return s.enters()
	case verbSwap, verbRunAll:
		return "", calm
	case verbOtherPerson:
		return "", calm && len(s.others) > 1
	case verbBack:
		return either(s.suite != nil || s.trial != nil, "to both lists", ""), true
	}
	if s.suite != nil {
		return "", len(s.suite.answers) > 1
	}
	return "", s.state == pairReady && len(s.victim().items) > 1
}

// enters says what enter does.
func (s *isolation) enters() (does string, ok bool) {
	switch {
	case s.state == pairAlone && s.stranger() != "":
		return oneLine(s.stranger()) + " signs in too", true
	case s.state == pairAlone && s.shared.todos == nil:
		return "back to the sign-in", true
	case s.state == pairAlone:
		return "sign another in", true
	case s.state != pairReady || s.suite != nil || len(s.victim().items) == 0:
		return "", false
	case s.trial != nil && !s.trial.over():
		return "show the rest", true
	}
	return person(s.attacker().account) + " tries this todo", true
}

func (s *welcome) offer(v verb) (does string, ok bool) {
	if i, pick := pickedBy(v); pick {
		return "", i < len(beginnings)
	}
	return map[verb]string{verbAccept: "begin", verbCopyShown: "copy the command", verbBack: "leave"}[v], true
}
