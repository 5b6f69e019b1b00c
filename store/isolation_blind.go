package store

import (
	"context"
	"fmt"
	"net/http"
)

// nullID cannot change a row: id is the primary key, and never NULL.
const nullID = `{"id":null}`

// updateBlind looks for an UPDATE that is open behind a SELECT that is not: such
// a table hides its rows from every filtered write. It is the one PATCH without
// a marker, sent by an account that was shown to own no row, after the same body
// was seen refused on a planted row: where any row is reachable, the statement
// fails at that row and changes nothing; where none is, there is nothing to change.
func (a *attacker) updateBlind() attempt {
	t := attempt{name: "update-blind", try: func(ctx context.Context) finding {
		who, why := a.ownerOfNothing(ctx)
		if why != "" {
			return finding{verdict: untested, why: why}
		}
		s := minimal(http.MethodPatch, "records/todos", nullID)
		r := a.sendAs(ctx, who, s)
		f := finding{sent: s, got: r, verdict: safe}
		switch code, _ := describe([]byte(r.body)); {
		case code == "23502" || code == "42501" && r.status != http.StatusUnauthorized:
			f.verdict, f.why = leak, "an UPDATE reaches rows that a SELECT does not show"
		case r.status != http.StatusNoContent && r.status != http.StatusOK:
			f.verdict, f.why = untested, "the answer decides nothing"
		}
		return f
	}}
	t.needs = a.readOnly
	return t
}

// ownerOfNothing finds an account for updateBlind that meets its conditions, or
// says why none does.
func (a *attacker) ownerOfNothing(ctx context.Context) (who party, why string) {
	candidates := []party{a.as, a.other}
	if a.Mint != nil {
		candidates = []party{a.third()}
	}
	for _, who := range candidates {
		ready, err := a.emptyHanded(ctx, who)
		if err != nil {
			return who, plain(err.Error(), longestMessage)
		}
		if ready {
			return who, ""
		}
	}
	return who, "both accounts may own todos: attack as one that has none, or with --mint"
}

// emptyHanded shows that nullID is refused with 23502 on a row of who's own, and
// that who sees no row at all once its marked ones are removed, though
// somebody else's planted row is there.
func (a *attacker) emptyHanded(ctx context.Context, who party) (bool, error) {
	theirs, err := a.rowsOf(ctx, who, "limit=1&title=not.like."+a.marker+"*")
	if err != nil || len(theirs) > 0 {
		return false, err
	}
	own, err := a.plant(ctx, who)
	if err != nil {
		return false, err
	}
	seen, err := a.rowsOf(ctx, who, "id=eq."+own.ID)
	if err != nil || len(seen) != 1 {
		return false, err
	}
	r := a.sendAs(ctx, who, minimal(http.MethodPatch, todosPath+"id=eq."+own.ID+"&"+a.marked(), nullID))
	if code, _ := describe([]byte(r.body)); code != "23502" {
		return false, fmt.Errorf("a NULL id is not refused as it must be (%d %s)", r.status, code)
	}
	if err := a.removePlanted(ctx, who, a.marker); err != nil {
		return false, err
	}
	victim := a.other
	if who.sub == a.other.sub {
		victim = a.as
	}
	if _, err := a.plant(ctx, victim); err != nil {
		return false, err
	}
	left, err := a.rowsOf(ctx, who, "limit=1")
	return err == nil && len(left) == 0, err
}
