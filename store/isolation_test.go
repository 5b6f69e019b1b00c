package store_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/assets"
	"kindling/store"
	"kindling/store/demodb/realdb"
)

// probe is Alice attacking Bob's rows.
func (b *backend) probe(t testing.TB, plant bool) store.Probe {
	return store.Probe{
		BaseURL: b.url, As: signer{t, b, "alice"}, Other: signer{t, b, "bob"}, AsSub: "kp_alice", OtherSub: "kp_bob",
		AnonKey: anonKey, KindeToken: "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJrcF9hbGljZSJ9.c2ln", Plant: plant,
		Mint: func(sub string, ends time.Time) (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": sub, "role": "authenticated", "exp": ends.Unix()}).SignedString(b.secret)
		},
	}
}

// run makes every attack, and returns what came of each by name.
func run(t *testing.T, p store.Probe) map[string]store.Attack {
	t.Helper()
	attacks := map[string]store.Attack{}
	for a, err := range p.Run(t.Context()) {
		if err != nil {
			t.Error(err)
			continue
		}
		if _, twice := attacks[a.Name]; twice {
			t.Errorf("%s came twice", a.Name)
		}
		attacks[a.Name] = a
	}
	return attacks
}

func named(attacks map[string]store.Attack, verdict string) []string {
	var names []string
	for name, a := range attacks {
		if a.Verdict == verdict {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// settle puts rows of three people into the table, for the probe to leave alone.
func settle(t *testing.T, b *backend) string {
	t.Helper()
	body := `[{"id":"a0000000-0000-4000-8000-000000000001","user_id":"kp_alice","title":"hers","is_complete":false,"created_at":"2026-01-02T03:04:05Z"},
		{"id":"b0000000-0000-4000-8000-000000000001","user_id":"kp_bob","title":"his","is_complete":null,"created_at":null},
		{"id":"c0000000-0000-4000-8000-000000000001","user_id":"kp_carol","title":"a third one's","is_complete":true,"created_at":"2026-01-02T03:04:05Z"}]`
	if res, text := b.do(t, "admin", "POST", "/api/database/records/todos", nil, body); res.StatusCode != 201 {
		t.Fatalf("settle: %d %s", res.StatusCode, text)
	}
	return b.table()
}

func TestIsolationIsSilentWhereRowsAreIsolated(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) { wantSilence(t, b) })
	t.Run("the guide's own schema", func(t *testing.T) {
		s := realdb.Get(t)
		s.Apply(t, guideSchema)
		wantSilence(t, real(t, s))
	})
}

func wantSilence(t *testing.T, b *backend) {
	t.Helper()
	before := settle(t, b)
	attacks := run(t, b.probe(t, true))
	if leaks := named(attacks, "leak"); leaks != nil {
		for _, name := range leaks {
			t.Errorf("%+v", attacks[name])
		}
	}
	if got := named(attacks, "untested"); !slices.Equal(got, []string{"anon-write-blind", "delete-blind", "read-realtime"}) {
		t.Errorf("untested: %v", got)
	}
	guessed := func(name string) bool { return name == "read-count-planned" } // as the statistics have it
	if got := slices.DeleteFunc(named(attacks, "known"), guessed); !slices.Equal(got, []string{"insert-duplicate-id", "update-to-taken-id"}) {
		t.Errorf("known: %v", got)
	}
	for name, a := range attacks {
		if prefix, _, _ := strings.Cut(name, "-"); !slices.Contains([]string{"read", "insert", "update", "delete", "anon"}, prefix) {
			t.Errorf("%s begins with nothing known", name)
		}
		if strings.Contains(a.Sent+a.Answer+a.Why, "eyJ") || strings.Contains(a.Sent, anonKey) {
			t.Errorf("%s shows a token: %+v", name, a)
		}
		if a.Verdict != "untested" && (a.Sent == "" || a.Answer == "") {
			t.Errorf("%+v", a)
		}
	}
	if after := b.table(); after != before {
		t.Errorf("the table was\n%s\nand is\n%s", before, after)
	}
}

const policy = `drop policy "Users can manage own todos" on public.todos;
create policy reads on public.todos for select to authenticated using (user_id = (select public.requesting_user_id()));
create policy adds on public.todos for insert to authenticated with check (user_id = (select public.requesting_user_id()));
create policy changes on public.todos for update to authenticated using (user_id = (select public.requesting_user_id()));
create policy deletes on public.todos for delete to authenticated using (user_id = (select public.requesting_user_id()));
`

// broken are the classic ways to get a policy wrong, and what must be named.
var broken = []struct {
	name, sql string
	leaks     []string
	silent    []string // prefixes that this break leaves closed
}{
	{"no row-level security", `alter table public.todos disable row level security`,
		[]string{"read-list", "read-by-id", "read-count-exact", "insert-as-other", "update-by-id", "update-take-over", "delete-by-id", "delete-without-id", "anon-read", "anon-insert", "anon-update", "anon-delete", "insert-over-merge"}, nil},
	{"USING (true)", `alter policy "Users can manage own todos" on public.todos using (true) with check (true)`,
		[]string{"read-list", "read-by-id", "read-count-head", "update-by-id", "update-without-id", "delete-by-id", "insert-as-other"}, []string{"anon-"}},
	{"SELECT open", policy + `alter policy reads on public.todos using (true)`,
		[]string{"read-list", "read-by-id", "read-by-title"}, []string{"update-", "delete-", "anon-"}},
	{"missing WITH CHECK on INSERT", policy + `alter policy adds on public.todos with check (true)`,
		[]string{"insert-as-other"}, []string{"read-", "update-", "delete-", "anon-"}},
	{"WITH CHECK (true) on UPDATE", policy + `alter policy changes on public.todos with check (true); alter policy reads on public.todos using (true)`,
		[]string{"update-give-away", "read-list"}, []string{"delete-", "anon-"}},
	{"UPDATE open behind a private SELECT", policy + `alter policy changes on public.todos using (true)`,
		[]string{"update-blind"}, []string{"read-", "delete-", "anon-", "insert-as"}},
	{"UPDATE open to all that stays one's own behind a private SELECT", policy + `alter policy changes on public.todos using (true) with check (user_id = (select public.requesting_user_id()))`,
		[]string{"update-blind"}, []string{"read-", "delete-", "anon-", "insert-"}},
	{"UPDATE and its check open behind a private SELECT", policy + `alter policy changes on public.todos using (true) with check (true)`,
		[]string{"update-blind"}, []string{"read-", "delete-", "anon-"}},
	{"a policy for public", `create policy everyone on public.todos for select to public using (true)`,
		[]string{"read-list", "anon-read", "anon-count"}, []string{"update-", "delete-", "insert-"}},
	{"the owner bypasses", `reset role; alter table public.todos owner to authenticated; grant all on public.todos to project_admin`,
		[]string{"read-list", "update-by-id", "delete-by-id", "insert-as-other"}, []string{"anon-"}},
	{"a view with its owner's rights", `reset role; create view public.todos_view as select * from public.todos; grant select on public.todos_view to authenticated`,
		[]string{"read-through-view"}, []string{"read-list", "read-by", "update-", "delete-", "anon-", "insert-"}},
	{"a view of titles alone", `reset role; create view public.todo_list as select title from public.todos; grant select on public.todo_list to authenticated`,
		[]string{"read-through-view"}, []string{"read-list", "read-by", "update-", "delete-", "anon-", "insert-"}},
	{"a SECURITY DEFINER function with names of its own", `reset role; create function public.list_todos() returns table (owner text, what text) language sql security definer as 'select user_id, title from public.todos'`,
		[]string{"read-through-function"}, []string{"read-list", "read-by", "update-", "delete-", "anon-"}},
	{"a SECURITY DEFINER function without arguments", `reset role; create function public.get_todos() returns setof public.todos language sql stable security definer as 'select * from public.todos'`,
		[]string{"read-through-function"}, []string{"read-list", "read-by", "update-", "delete-", "anon-"}},
	{"a SECURITY DEFINER function that takes the user", `reset role; create function public.get_todos_of(uid text) returns json language sql stable security definer as 'select json_agg(t) from public.todos t where user_id = uid'`,
		[]string{"read-through-function"}, []string{"read-list", "read-by", "update-", "delete-", "anon-"}},
	{"no default for user_id", `alter table public.todos alter user_id drop default`,
		[]string{"insert-default-owner"}, []string{"read-", "update-", "delete-", "anon-"}},
	{"no default, NULL allowed, check open", policy + `alter table public.todos alter user_id drop default, alter user_id drop not null; alter policy adds on public.todos with check (true)`,
		[]string{"insert-default-owner", "insert-as-nobody", "insert-as-other"}, []string{"read-", "update-", "delete-", "anon-"}},
	{"a policy that compares a column to itself", `alter policy "Users can manage own todos" on public.todos using (user_id = user_id) with check (user_id = user_id)`,
		[]string{"read-list", "update-by-id", "delete-by-id", "insert-as-other"}, []string{"anon-"}},
	{"a policy on the wrong column", `alter policy "Users can manage own todos" on public.todos using (is_complete is not true) with check (is_complete is not true)`,
		[]string{"read-list", "update-by-id", "delete-by-id"}, []string{"anon-"}},
	{"anon reads", `create policy anon_reads on public.todos for select to anon using (true)`,
		[]string{"anon-read", "anon-count"}, []string{"read-by", "update-", "delete-", "insert-"}},
	{"anon adds", `create policy anon_adds on public.todos for insert to anon with check (true)`,
		[]string{"anon-insert"}, []string{"read-", "update-", "delete-", "insert-"}},
	{"anon changes and deletes", `create policy anon_all on public.todos for all to anon using (true) with check (true)`,
		[]string{"anon-read", "anon-update", "anon-delete", "anon-insert"}, []string{"read-by", "update-", "delete-", "insert-"}},
	{"a second, permissive policy", `create policy admins on public.todos for all to authenticated using (public.requesting_user_id() like 'kp_%')`,
		[]string{"read-list", "update-by-id", "delete-by-id", "insert-as-other"}, []string{"anon-"}},
	{"DELETE open to all that can be seen", policy + `alter policy deletes on public.todos using (true); alter policy reads on public.todos using (true)`,
		[]string{"read-list", "delete-by-id", "delete-without-id"}, []string{"update-", "insert-", "anon-"}},
	{"a function that believes a header", `create or replace function public.requesting_user_id(sub text default null) returns text as $$ select coalesce(sub, nullif(current_setting('request.jwt.claims', true)::json->>'sub', '')) $$ language sql stable; drop policy "Users can manage own todos" on public.todos; alter table public.todos alter user_id drop default; drop function public.requesting_user_id(); create policy p on public.todos for all to authenticated using (user_id = public.requesting_user_id()) with check (user_id = public.requesting_user_id()); alter table public.todos alter user_id set default public.requesting_user_id()`,
		[]string{"read-rpc"}, []string{"update-", "delete-", "anon-", "insert-"}},
}

// On tables that really are broken the probe names the leak, leaves nothing
// behind, and does not touch a row that it did not plant.
func TestIsolationNamesEveryClassicLeak(t *testing.T) {
	s := realdb.Get(t)
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			s.Apply(t, assets.Schema)
			if strings.Contains(c.sql, "create view") || strings.Contains(c.sql, "function") {
				s.Upgrade(t, c.sql)
			} else {
				s.Alter(t, c.sql)
			}
			b := real(t, s)
			before := settle(t, b)
			attacks := run(t, b.probe(t, true))
			leaks := named(attacks, "leak")
			for _, want := range c.leaks {
				if !slices.Contains(leaks, want) {
					t.Errorf("%s is not named: %+v", want, attacks[want])
				}
			}
			for _, name := range leaks {
				if slices.ContainsFunc(c.silent, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) && !slices.Contains(c.leaks, name) {
					t.Errorf("%s is named without reason: %+v", name, attacks[name])
				}
			}
			if after := b.table(); after != before {
				t.Errorf("the table was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// Without --plant nothing is written, not even on a table that is open to all.
func TestIsolationOnlyReadsUnlessItMayPlant(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		before := settle(t, b)
		var written atomic.Int64
		p := b.probe(t, false)
		p.HTTP = &http.Client{Transport: watch(func(r *http.Request) {
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				written.Add(1)
			}
		})}
		attacks := run(t, p)
		if leaks := named(attacks, "leak"); leaks != nil || written.Load() > 0 || b.table() != before {
			t.Errorf("leaks %v, %d writes", leaks, written.Load())
		}
		if a := attacks["update-by-id"]; a.Verdict != "untested" || a.Why == "" {
			t.Errorf("%+v", a)
		}
		if a := attacks["read-by-id"]; a.Verdict != "safe" {
			t.Errorf("%+v", a)
		}
	})
}

// watch is a transport that tells of each request.
type watch func(*http.Request)

func (w watch) RoundTrip(r *http.Request) (*http.Response, error) {
	w(r)
	return http.DefaultTransport.RoundTrip(r)
}

// Every PATCH and DELETE asks for the run's marker, but for one that cannot change a row.
func TestEveryDangerousRequestCarriesTheMarker(t *testing.T) {
	b := pretend(t)
	settle(t, b)
	unmarked, runs := map[string]int{}, map[string]bool{}
	ofARun := regexp.MustCompile(`^like\.kindling-isolation-[0-9a-f]{32}\*$`)
	p := b.probe(t, true)
	p.HTTP = &http.Client{Transport: watch(func(r *http.Request) {
		if r.Method != http.MethodPatch && r.Method != http.MethodDelete && r.Method != http.MethodPut {
			return
		}
		filter := r.URL.Query().Get("title")
		if ofARun.MatchString(filter) {
			runs[filter] = true
		} else {
			body := make([]byte, r.ContentLength)
			reader, _ := r.GetBody()
			_, _ = reader.Read(body)
			unmarked[r.Method+" "+r.URL.RawQuery+" "+string(body)]++
		}
	})}
	run(t, p)
	if want := map[string]int{`PATCH  {"id":null}`: 1}; !maps.Equal(unmarked, want) {
		t.Errorf("without a marker: %v", unmarked)
	}
	if len(runs) != 1 {
		t.Errorf("one run, and the markers %v", runs)
	}
}

func TestAnInterruptedRunCleansUp(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		before := settle(t, b)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var failed error
		for a, err := range b.probe(t, true).Run(ctx) {
			failed = errors.Join(failed, err)
			if a.Name == "update-by-id" {
				stop()
			}
		}
		if !errors.Is(failed, context.Canceled) {
			t.Errorf("the run ended with %v", failed)
		}
		for a := range b.probe(t, true).Run(t.Context()) {
			if a.Name == "delete-by-id" {
				break
			}
		}
		if after := b.table(); after != before {
			t.Errorf("left behind: %s", after)
		}
	})
}

// A row that is on its way when the run is interrupted must not arrive after the cleaning.
func TestAnInterruptedRunWaitsForTheRowOnItsWay(t *testing.T) {
	b := pretend(t)
	before := settle(t, b)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p := b.probe(t, true)
	p.HTTP = &http.Client{Transport: watch(func(r *http.Request) {
		if r.Method != http.MethodPost || ctx.Err() != nil {
			return
		}
		if stop(); r.Context().Err() != nil {
			t.Error("the interruption took back a request that may have landed")
		}
	})}
	for range p.Run(ctx) {
	}
	if ctx.Err() == nil || b.table() != before {
		t.Errorf("the table is now %s", b.table())
	}
}

// What cannot be removed, as it is nobody's who is here, is said.
func TestIsolationTellsOfRowsThatItCannotRemove(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	s.Alter(t, policy+`alter table public.todos alter user_id set default 'kp_carol'; alter policy adds on public.todos with check (true); alter policy reads on public.todos using (true)`)
	b := real(t, s)
	settle(t, b)
	var failed error
	for _, err := range b.probe(t, true).Run(t.Context()) {
		failed = errors.Join(failed, err)
	}
	if failed == nil || !strings.Contains(failed.Error(), "by hand") {
		t.Errorf("the run ended with %v", failed)
	}
}

func TestAKilledRunIsCleanedUpByTheNext(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		before := settle(t, b)
		marker := "kindling-isolation-" + strings.Repeat("0a", 16)
		for _, who := range []string{"alice", "bob"} {
			put(t, b.client(t, who), todo(marker+" 1"), todo(marker+" 2"))
		}
		kept := todo("kindling-isolation-is a title of my own")
		put(t, b.client(t, "alice"), kept)
		run(t, b.probe(t, true))
		after := b.table()
		if strings.Contains(after, marker) || !strings.Contains(after, kept.ID.String()) || strings.Count(after, "user_id") != strings.Count(before, "user_id")+1 {
			t.Errorf("after the next run: %s", after)
		}
	})
}

func TestIsolationNeedsTwoPeopleWhoAreWhoTheySay(t *testing.T) {
	b := pretend(t)
	same := b.probe(t, true)
	same.OtherSub = same.AsSub
	mixed := b.probe(t, true)
	mixed.Other = signer{t, b, "carol"}
	dead := b.probe(t, true)
	dead.BaseURL = unreachable(t)
	for name, p := range map[string]store.Probe{"the same person": same, "somebody else's token": mixed, "nobody there": dead} {
		var failed error
		attacks := 0
		for _, err := range p.Run(t.Context()) {
			failed = errors.Join(failed, err)
			attacks++
		}
		if failed == nil || attacks != 1 {
			t.Errorf("%s: %d attacks, %v", name, attacks, failed)
		}
	}
	if left := b.table(); left != "[]" {
		t.Error(left)
	}
}

func unreachable(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	return srv.URL
}
