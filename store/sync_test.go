package store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

// fixed is a token source that never renews.
type fixed string

func (f fixed) Token(context.Context, string) (string, error) { return string(f), nil }

var cacheKey = []byte("0123456789abcdef0123456789abcdef")

// device opens a cache of Alice's in front of rt.
func device(t testing.TB, rt http.RoundTripper, now func() time.Time) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{
		Dir: t.TempDir(), Key: cacheKey, Sub: "kp_alice", BaseURL: "http://127.0.0.1:1",
		Tokens: fixed(tokenAlice), HTTP: &http.Client{Transport: rt}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func synced(t testing.TB, s *Store) Report {
	t.Helper()
	r, err := s.Sync(t.Context(), SyncOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func did(t testing.TB, s *Store, ops ...Op) {
	t.Helper()
	if err := s.Save(t.Context(), Step{Name: "test", Ops: ops}); err != nil {
		t.Fatal(err)
	}
}

func items(t testing.TB, s *Store) (all []Item) {
	t.Helper()
	for it, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, it)
	}
	checkReplay(t, s, all)
	return all
}

// only returns the one shown todo.
func only(t testing.TB, s *Store) Item {
	t.Helper()
	all := items(t, s)
	if len(all) != 1 {
		t.Fatalf("shown: %v, want one todo", all)
	}
	return all[0]
}

func checkReplay(t testing.TB, s *Store, shown []Item) {
	t.Helper()
	if err := sameAsReplay(t.Context(), s, shown); err != nil {
		t.Fatal(err)
	}
}

// sameAsReplay holds what the cache shows against Replay from scratch.
func sameAsReplay(ctx context.Context, s *Store, shown []Item) error {
	var rows []Todo
	var ops []Op
	special := map[uuid.UUID]bool{} // shown for a conflict, or for its reason
	err := s.db.write(ctx, func(c *conn) error {
		l := &ledger{conn: c}
		ids, err := c.items("SELECT id, 0, '', 0, 0, '' FROM todos UNION SELECT id, 0, '', 0, 0, '' FROM base")
		for _, it := range ids {
			e, err := l.load(it.ID)
			if err != nil {
				return err
			}
			if e.row != nil {
				rows = append(rows, *e.row)
			} else if c, ok := e.letGo(); ok {
				rows = append(rows, *c.mine)
			}
			for _, o := range e.ops {
				ops = append(ops, o.Op)
				special[e.id] = special[e.id] || o.state == parked
			}
			special[e.id] = special[e.id] || len(e.conflicts) > 0
		}
		return err
	})
	if err != nil {
		return err
	}
	scratch := Replay(rows, ops)
	if len(scratch) != len(shown) {
		return fmt.Errorf("the cache shows %d todos, Replay %d", len(shown), len(scratch))
	}
	open := 0
	for i, it := range scratch {
		if it.Todo != shown[i].Todo || !special[it.ID] && it.State != shown[i].State {
			return fmt.Errorf("the cache shows %+v, Replay %+v", shown[i], it)
		}
		open += b2i(!it.Done.Bool())
	}
	st, err := s.Status(ctx)
	if err != nil || st.Open != open || st.Completed != len(scratch)-open {
		return fmt.Errorf("status %+v %w, want %d open of %d", st, err, open, len(scratch))
	}
	return nil
}

func TestSyncSendsAndPulls(t *testing.T) {
	p, h := newProject(), newManualClock()
	a, b := device(t, transport{p}, h.Now), device(t, transport{p}, h.Now)
	var ops []Op
	for i := range 1200 {
		ops = append(ops, NewAdd(fmt.Sprintf("todo %04d", i), h.Now().Add(time.Duration(i)*time.Second)))
	}
	did(t, a, ops...)
	if r := synced(t, a); r.Sent != 1200 || r.Waiting != 0 {
		t.Fatalf("report %+v", r)
	}
	if n := p.count(http.MethodPost); n != 3 {
		t.Errorf("%d requests for 1200 adds", n)
	}
	if r := synced(t, b); r.Pulled != 1200 {
		t.Fatalf("report %+v", r)
	}
	first := items(t, b)[0]
	did(t, b, Complete(first.Todo, true))
	did(t, b, Retitle(items(t, b)[5].Todo, "another"))
	did(t, b, Remove(items(t, b)[7].Todo))
	if r := synced(t, b); r.Sent != 3 {
		t.Fatalf("report %+v", r)
	}
	if r := synced(t, a); r.Pulled != 2 || r.Gone != 1 {
		t.Fatalf("report %+v", r)
	}
	sameLists(t, p, a, b)
	synced(t, a) // keeps the page again that lost a row
	before := p.count(http.MethodGet)
	rev := revOf(t, a)
	synced(t, a)
	if n := p.count(http.MethodGet) - before; n != 4 || revOf(t, a) != rev {
		t.Errorf("an idle sync took %d requests and moved the revision by %d", n, revOf(t, a)-rev)
	}
}

func revOf(t testing.TB, s *Store) Rev {
	t.Helper()
	d, err := s.Changes(t.Context(), 1<<62)
	if err != nil {
		t.Fatal(err)
	}
	return d.Rev
}

// sameLists holds that every device shows just what the project holds.
func sameLists(t testing.TB, p *project, devices ...*Store) {
	t.Helper()
	rows := p.all()
	for i, s := range devices {
		shown := items(t, s)
		if len(shown) != len(rows) {
			t.Fatalf("device %d shows %d todos, the project holds %d", i, len(shown), len(rows))
		}
		for j := range rows {
			if shown[j].Todo != rows[j] || shown[j].State != Synced {
				t.Fatalf("device %d shows %+v, the project holds %+v", i, shown[j], rows[j])
			}
		}
	}
}

func TestConflictOnTitle(t *testing.T) {
	for _, c := range []struct {
		choice Choice
		titles []string
	}{{Mine, []string{"mine"}}, {Theirs, []string{"theirs"}}, {Both, []string{"mine", "theirs"}}} {
		p, h := newProject(), newManualClock()
		a, b := device(t, transport{p}, h.Now), device(t, transport{p}, h.Now)
		did(t, a, NewAdd("base", h.Now()))
		synced(t, a)
		synced(t, b)
		did(t, a, Retitle(only(t, a).Todo, "theirs"))
		synced(t, a)
		did(t, b, Retitle(only(t, b).Todo, "mine"))
		synced(t, b)
		it := only(t, b)
		if it.State != Conflicted || it.Title != "theirs" {
			t.Fatalf("shown: %+v", it)
		}
		all, err := b.Conflicts(t.Context())
		if err != nil || len(all) != 1 || all[0].Base != "base" || all[0].Mine != "mine" || all[0].Theirs != "theirs" {
			t.Fatalf("conflicts: %+v, %v", all, err)
		}
		if err := b.Resolve(t.Context(), it.ID, c.choice); err != nil {
			t.Fatal(err)
		}
		synced(t, b)
		var got []string
		for _, row := range sortTodos(p.all()) {
			got = append(got, row.Title)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.titles) {
			t.Errorf("choice %d: the project holds %q", c.choice, got)
		}
	}
}

func TestEditMeetsDelete(t *testing.T) {
	p, h := newProject(), newManualClock()
	a, b := device(t, transport{p}, h.Now), device(t, transport{p}, h.Now)
	did(t, a, NewAdd("keep", h.Now()), NewAdd("base", h.Now().Add(time.Second)))
	synced(t, a)
	synced(t, b)
	did(t, a, Remove(items(t, a)[0].Todo))
	synced(t, a)
	did(t, b, Retitle(items(t, b)[0].Todo, "mine"))
	synced(t, b)
	it := items(t, b)[0]
	if it.State != Conflicted || it.Title != "mine" {
		t.Fatalf("shown: %+v", it)
	}
	if err := b.Resolve(t.Context(), it.ID, Mine); err != nil {
		t.Fatal(err)
	}
	synced(t, b)
	synced(t, a)
	sameLists(t, p, a, b)
	if found, err := b.Find(t.Context(), it.ID.String()); err != nil || len(found) != 1 || found[0].Title != "mine" || found[0].ID == it.ID {
		t.Errorf("the old id finds %+v, %v", found, err)
	}
}

func TestSyncWithoutConnection(t *testing.T) {
	down := errors.New("no route")
	s := device(t, failing{unsent{down}}, newManualClock().Now)
	did(t, s, NewAdd("a", time.Unix(1, 0)))
	_, err := s.Sync(t.Context(), SyncOptions{})
	if !errors.Is(err, ErrOffline) {
		t.Fatalf("sync: %v", err)
	}
	st, err := s.Status(t.Context())
	if err != nil || st.Waiting != 1 || st.Unknown != 0 || st.NextTry.IsZero() || st.LastError == "" {
		t.Fatalf("status: %+v, %v", st, err)
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestPushOnlyAndProgress(t *testing.T) {
	b := newBench(t, "one", "two")
	row, _ := b.row("two")
	b.web(row, func(t *Todo) { t.Title = "zwei" })
	did(t, b.store, Complete(b.item("one").Todo, true))
	var told []Progress
	r, err := b.store.Sync(t.Context(), SyncOptions{PushOnly: true, Progress: func(p Progress) { told = append(told, p) }})
	if err != nil || r.Sent != 1 || r.Pulled != 0 {
		t.Fatalf("report %+v, %v", r, err)
	}
	if len(told) != 1 || told[0] != (Progress{Phase: "sending", Done: 1, Total: 1}) {
		t.Errorf("progress %+v", told)
	}
	b.item("two")
	if _, err := b.store.Sync(t.Context(), SyncOptions{Progress: func(p Progress) { told = append(told, p) }}); err != nil {
		t.Fatal(err)
	}
	if last := told[len(told)-1]; last.Phase != "fetching" || last.Done != 2 {
		t.Errorf("progress %+v", told)
	}
	b.item("zwei")
}

// A long first pull asks how many todos there are; later ones know about as many as
// are held. What turns out wrong is not told.
func TestProgressKnowsItsEnd(t *testing.T) {
	b := newBench(t, "a", "b", "c", "d", "e")
	other, counted := device(t, b.net, b.clock.Now), 0
	other.pageRows = 2
	other.api.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Prefer") == "count=exact" {
			counted++
			return answered(r, 206, "[]", http.Header{"Content-Range": {"0-0/5"}}), nil
		}
		return b.net.RoundTrip(r)
	})
	pull := func() (told []Progress) {
		if _, err := other.Sync(t.Context(), SyncOptions{Progress: func(p Progress) { told = append(told, p) }}); err != nil {
			t.Fatal(err)
		}
		return told
	}
	want := []Progress{{"fetching", 2, 0}, {"fetching", 3, 5}, {"fetching", 4, 5}, {"fetching", 5, 5}, {"fetching", 5, 5}}
	if told := pull(); !slices.Equal(told, want) || counted != 1 {
		t.Errorf("first pull: %v, counted %d times", told, counted)
	}
	want[0].Total = 5
	if told := pull(); !slices.Equal(told, want) || counted != 1 {
		t.Errorf("second pull: %v, counted %d times", told, counted)
	}
	did(t, b.store, NewAdd("f", b.clock.Now()))
	b.sync()
	if told := pull(); told[len(told)-1].Done != 6 || told[len(told)-1].Total != 0 {
		t.Errorf("of a longer list: %v", told)
	}
}

func TestDraftsOutliveTheProgram(t *testing.T) {
	b := newBench(t, "one")
	id := b.item("one").ID
	for _, text := range []string{"half", "half a thought"} {
		if err := b.store.SaveDraft(t.Context(), id, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b.store = reopen(t, b.store.o.Dir, b.net, b.clock.Now)
	if all, err := b.store.Drafts(t.Context()); all[id] != "half a thought" || len(all) != 1 || err != nil {
		t.Errorf("drafts %q, %v", all, err)
	}
	if st := b.status(); st.Drafts != 1 || st.Unsent() != 1 {
		t.Errorf("status %+v", st)
	}
	if err := b.store.SaveDraft(t.Context(), id, ""); err != nil {
		t.Fatal(err)
	}
	if all, err := b.store.Drafts(t.Context()); len(all) != 0 || err != nil {
		t.Errorf("a dropped draft: %q, %v", all, err)
	}
}

func TestShortIDsAreUnique(t *testing.T) {
	b := newBench(t)
	var ops []Op
	for i := range 3000 {
		ops = append(ops, NewAdd(fmt.Sprint("todo ", i), b.clock.Now()))
	}
	did(t, b.store, ops...)
	for _, op := range ops[:200] {
		short, err := b.store.Short(t.Context(), op.ID)
		if err != nil || len(short) < 3 {
			t.Fatalf("%q, %v", short, err)
		}
		if found, err := b.store.Find(t.Context(), short); err != nil || len(found) != 1 || found[0].ID != op.ID {
			t.Errorf("%q finds %d, %v", short, len(found), err)
		}
		if len(short) > 3 {
			if found, err := b.store.Find(t.Context(), short[:len(short)-1]); err != nil || len(found) < 2 {
				t.Errorf("%q is longer than it must be: %v", short, err)
			}
		}
	}
	if found, err := b.store.Find(t.Context(), "no hex"); err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}
