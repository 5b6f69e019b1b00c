package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
)

const (
	markerBegins = "kindling-isolation-"
	prober       = "kindling_isolation_nobody" // the minted third party, who owns no rows
	cleaningTime = 20 * time.Second
)

var markerForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^` + markerBegins + `[0-9a-f]{32}`)
})

// marked is the filter that every PATCH and DELETE carries.
func (a *attacker) marked() string { return "title=like." + a.marker + "*" }

// newRow is the text of a marked row for a person; "" leaves the owner out.
func (a *attacker) newRow(owner string) (id, body string) {
	a.planted++
	row := map[string]string{"id": uuid.NewString(), "title": fmt.Sprintf("%s %d", a.marker, a.planted)}
	if owner != "" {
		row["user_id"] = owner
	}
	return row["id"], jsonText(row)
}

// jsonText writes a JSON object with its keys in order.
func jsonText(v any) string {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return "{}" // strings and booleans always encode
	}
	return string(b)
}

// plant makes a marked row as who, for who, and returns it as it was stored.
func (a *attacker) plant(ctx context.Context, who party) (planted, error) {
	id, body := a.newRow(who.sub)
	r := a.sendAs(ctx, who, request{method: http.MethodPost, path: todosPath + columns, body: body,
		headers: map[string]string{"Prefer": "return=representation"}})
	if err := r.failure(); err != nil {
		return planted{}, fmt.Errorf("plant a row: %w", err)
	}
	var rows []planted
	if json.Unmarshal([]byte(r.body), &rows) != nil || len(rows) != 1 || rows[0].ID != id {
		return planted{}, errors.New("plant a row: the project does not show what it stored")
	}
	return rows[0], nil
}

// tryPlanting plants one row for each account and removes it: where that does not
// work, nothing more is planted.
func (a *attacker) tryPlanting(ctx context.Context) error {
	for _, who := range []party{a.as, a.other} {
		if _, err := a.plant(ctx, who); err != nil {
			return err
		}
		if err := a.removePlanted(ctx, who, a.marker); err != nil {
			return err
		}
	}
	return nil
}

// removePlanted removes a marker's rows as who, and checks that who's own are gone.
func (a *attacker) removePlanted(ctx context.Context, who party, marker string) error {
	filter := "title=like." + marker + "*"
	r := a.sendAs(ctx, who, request{method: http.MethodDelete, path: todosPath + filter})
	if err := r.failure(); err != nil {
		return fmt.Errorf("remove planted rows: %w", err)
	}
	left, err := a.rowsOf(ctx, who, filter+"&limit=1&user_id=eq."+escape(who.sub))
	if err != nil {
		return fmt.Errorf("remove planted rows: %w", err)
	}
	if len(left) > 0 {
		return keepsPlanted(marker)
	}
	return nil
}

func keepsPlanted(marker string) error {
	return fmt.Errorf("remove planted rows: the project keeps them: delete those whose title begins with %s by hand", marker)
}

// sweep removes what runs that were killed left behind, each by its own marker.
func (a *attacker) sweep(ctx context.Context) error {
	for _, who := range a.everyone() {
		rows, err := a.rowsOf(ctx, who, "title=like."+markerBegins+"*&limit=1000")
		if err != nil {
			return fmt.Errorf("prove isolation: %w", err)
		}
		markers := map[string]bool{}
		for _, r := range rows {
			if m := markerForm().FindString(r.Title); m != "" {
				markers[m] = true
			}
		}
		for _, m := range slices.Sorted(maps.Keys(markers)) {
			if err := a.removePlanted(ctx, who, m); err != nil {
				return fmt.Errorf("prove isolation: %w", err)
			}
		}
	}
	return nil
}

// cleanUp removes this run's rows, also when ctx has ended.
func (a *attacker) cleanUp(ctx context.Context) error {
	if a.planted == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaningTime)
	defer cancel()
	var errs []error
	for _, who := range a.everyone() {
		errs = append(errs, a.removePlanted(ctx, who, a.marker))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return a.checkNoneIsSeen(ctx)
}

// checkNoneIsSeen looks for rows that a broken table gave to somebody who is not here.
func (a *attacker) checkNoneIsSeen(ctx context.Context) error {
	for _, who := range []party{a.as, a.other} {
		left, err := a.rowsOf(ctx, who, a.marked()+"&limit=1")
		if err != nil {
			return fmt.Errorf("remove planted rows: %w", err)
		}
		if len(left) > 0 {
			return keepsPlanted(a.marker)
		}
	}
	return nil
}

// everyone is who may own a planted row.
func (a *attacker) everyone() []party {
	all := []party{a.as, a.other}
	if a.Mint != nil {
		all = append(all, a.third())
	}
	return all
}

func (a *attacker) third() party { return party{prober, mintedTokens{a.Mint, prober}} }

// mintedTokens signs for one person.
type mintedTokens struct {
	mint func(string, time.Time) (string, error)
	sub  string
}

// Token implements TokenSource.
func (m mintedTokens) Token(context.Context, string) (string, error) {
	return m.mint(m.sub, time.Now().Add(5*time.Minute))
}
