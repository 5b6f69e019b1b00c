package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindling/assets"
	"kindling/store"
	"kindling/store/demodb/realdb"
)

// client is Kindling's own client as somebody of this backend.
func (b *backend) client(t testing.TB, who string) store.Records {
	return store.NewRecords(b.url, "kp_"+who, nil, signer{t, b, who})
}

func todo(title string) store.Todo {
	return store.Todo{ID: uuid.New(), Title: title, Done: store.False, Created: store.InstantOf(time.Date(2026, 11, 23, 4, 19, 46, 532171000, time.UTC))}
}

func put(t *testing.T, r store.Records, todos ...store.Todo) {
	t.Helper()
	made, err := r.Insert(t.Context(), todos...)
	if err != nil || len(made) != len(todos) {
		t.Fatalf("insert made %d of %d: %v", len(made), len(todos), err)
	}
	for _, want := range todos {
		if made[want.ID] != want {
			t.Fatalf("made %+v of %+v", made[want.ID], want)
		}
	}
}

// nasty are titles that some layer between here and the table might read as its own.
var nasty = []string{
	"", " ", "  leading and trailing  ", "a,b", `"quoted"`, `\`, `\\"`, "(a)", "in.(a,b)", "eq.x", "null", "not.is.null", "%", "%41", "%2541", "a%b_c*d",
	"*", "**", "_", "&x=y", "a=b", "1+1=2", "#tag", "?q", "a;b", "[a]", "{a}", "'; drop table todos; --", "$1", "${x}", "<b>", "/../", ":", "\t", "\n", "a\r\nb",
	"\u0001", "\ufeffbom", "a\u200bb", "e\u0301", "\u00e9", "👩‍👩‍👧", "עברית", "\u202ex\u202c", "\U0010ffff", "\ufffd", "true", "0", "{}", "[]", "^a$", `a\.b`,
	strings.Repeat("x", 1000), strings.Repeat("é", 600),
}

func TestEveryTitleSurvivesAndGuards(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		for _, title := range nasty {
			was := todo(title)
			put(t, r, was)
			other, want := was, was
			other.Title, want.Title = title+"x", "next"
			if _, hit, err := r.Update(t.Context(), other, want); err != nil || hit {
				t.Errorf("%.40q: a guard of another title hit (%v), %v", title, hit, err)
			}
			if got, hit, err := r.Update(t.Context(), was, want); err != nil || !hit || got != want {
				t.Errorf("%.40q: its own guard: %+v, %v, %v", title, got, hit, err)
			}
			if got, hit, err := r.Update(t.Context(), want, was); err != nil || !hit || got != was {
				t.Errorf("%.40q: back again: %+v, %v, %v", title, got, hit, err)
			}
			if hit, err := r.Remove(t.Context(), other); err != nil || hit {
				t.Errorf("%.40q: another title's guard deleted (%v), %v", title, hit, err)
			}
			if hit, err := r.Remove(t.Context(), was); err != nil || !hit {
				t.Errorf("%.40q: its own guard did not delete: %v, %v", title, hit, err)
			}
		}
		if left := b.table(); left != "[]" {
			t.Errorf("left over: %.300s", left)
		}
	})
}

// A guard over 4 kB is compared by reading, and by the title's beginning.
func TestTitlesTooLongForAURLAreGuardedToo(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		for _, title := range []string{strings.Repeat("é*^.", 3000), `^$.|?*+()[]{}\` + strings.Repeat("long ", 2000), strings.Repeat("x", 1<<20)} {
			was := todo(title)
			put(t, r, was)
			elsewhere, want := was, was
			elsewhere.Title += "!"
			want.Title, want.Done = title+" and more", store.True
			if _, hit, err := r.Update(t.Context(), elsewhere, want); err != nil || hit {
				t.Errorf("a guard that differs at its end hit (%v), %v", hit, err)
			}
			if got, hit, err := r.Update(t.Context(), was, want); err != nil || !hit || got != want {
				t.Errorf("its own guard missed (%v), %v", hit, err)
			}
			if hit, err := r.Remove(t.Context(), was); err != nil || hit {
				t.Errorf("the guard of before deleted (%v), %v", hit, err)
			}
			if hit, err := r.Remove(t.Context(), want); err != nil || !hit {
				t.Errorf("its own guard did not delete (%v), %v", hit, err)
			}
		}
	})
}

func TestNULLAndEveryInstantSurviveAndGuard(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		for _, created := range []string{"", "infinity", "-infinity", "0044-03-15T00:00:00.000001+00:00 BC", "12026-01-01T00:00:00+00:00", "2026-01-02T03:04:05.1+00:00"} {
			for _, done := range []store.Bool{store.Null, store.False, store.True} {
				was := todo("when")
				was.Done = done
				was.Created, _ = store.ParseInstant(created)
				put(t, r, was)
				want := was
				want.Done, want.Created = (done+1)%3, store.InstantOf(time.Unix(1, 1000))
				wrong := was
				wrong.Done = (done + 2) % 3
				if _, hit, err := r.Update(t.Context(), wrong, want); err != nil || hit {
					t.Errorf("%q %d: a guard of another state hit (%v), %v", created, done, hit, err)
				}
				if got, hit, err := r.Update(t.Context(), was, want); err != nil || !hit || got != want {
					t.Errorf("%q %d: %+v, %v, %v", created, done, got, hit, err)
				}
			}
		}
	})
}

func TestPagesOverlapByTheLastId(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		alice, bob := b.client(t, "alice"), b.client(t, "bob")
		var all []store.Todo
		for i := range 25 {
			all = append(all, todo(fmt.Sprint(i)))
		}
		put(t, alice, all...)
		put(t, bob, todo("bob's"))
		if n := alice.Count(t.Context()); n != len(all) {
			t.Errorf("%d todos are counted, want %d", n, len(all))
		}
		slices.SortFunc(all, func(a, b store.Todo) int { return strings.Compare(a.ID.String(), b.ID.String()) })
		var pulled []store.Todo
		from := uuid.Nil
		for {
			rows, _, _, err := alice.Page(t.Context(), from, 10, "")
			if err != nil {
				t.Fatal(err)
			}
			if len(pulled) > 0 && rows[0] != pulled[len(pulled)-1] {
				t.Fatalf("a page begins with %v", rows[0].ID)
			}
			pulled = append(pulled, rows[min(len(pulled), 1):]...)
			if len(rows) < 10 {
				break
			}
			from = rows[len(rows)-1].ID
		}
		if !slices.Equal(pulled, all) {
			t.Fatalf("pulled %d of %d", len(pulled), len(all))
		}
	})
}

func TestAnUnchangedPageIsNotSentAgain(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		put(t, r, todo("one"))
		_, tag, _, err := r.Page(t.Context(), uuid.Nil, 10, "")
		if err != nil || tag == "" {
			t.Fatalf("etag %q, %v", tag, err)
		}
		if rows, _, same, err := r.Page(t.Context(), uuid.Nil, 10, tag); err != nil || !same || rows != nil {
			t.Fatalf("again: %d rows, %v, %v", len(rows), same, err)
		}
		put(t, r, todo("two"))
		if rows, _, same, err := r.Page(t.Context(), uuid.Nil, 10, tag); err != nil || same || len(rows) != 2 {
			t.Fatalf("after a change: %d rows, %v, %v", len(rows), same, err)
		}
	})
}

func TestInsertIsIdempotent(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		one := todo("once")
		var mu sync.Mutex
		made := 0
		var tries sync.WaitGroup
		for range 10 {
			tries.Go(func() {
				got, err := r.Insert(context.Background(), one)
				mu.Lock()
				defer mu.Unlock()
				made += len(got)
				if err != nil {
					t.Error(err)
				}
			})
		}
		tries.Wait()
		if made != 1 {
			t.Fatalf("made %d times", made)
		}
	})
}

func TestOneOfManyGuardedWritersWins(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		was := todo("start")
		put(t, r, was)
		var mu sync.Mutex
		wins := 0
		var tries sync.WaitGroup
		for i := range 10 {
			tries.Go(func() {
				want := was
				want.Title = fmt.Sprint("by ", i)
				_, hit, err := r.Update(context.Background(), was, want)
				mu.Lock()
				defer mu.Unlock()
				if hit {
					wins++
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		tries.Wait()
		if wins != 1 {
			t.Fatalf("%d writers won", wins)
		}
	})
}

func TestNobodyReachesAnothersRow(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		alice, bob := b.client(t, "alice"), b.client(t, "bob")
		hers := todo("hers")
		put(t, alice, hers)
		before := b.table()
		want := hers
		want.Title = "his"
		if _, hit, err := bob.Update(t.Context(), hers, want); err != nil || hit {
			t.Errorf("update: %v, %v", hit, err)
		}
		if hit, err := bob.Remove(t.Context(), hers); err != nil || hit {
			t.Errorf("remove: %v, %v", hit, err)
		}
		if made, err := bob.Insert(t.Context(), want); err != nil || len(made) != 0 {
			t.Errorf("insert over her id: %d, %v", len(made), err)
		}
		if seen, err := bob.Look(t.Context(), hers.ID); err != nil || len(seen) != 0 {
			t.Errorf("look: %d, %v", len(seen), err)
		}
		if after := b.table(); after != before {
			t.Errorf("the table changed to %s", after)
		}
	})
}

// A request that lands as somebody else than we think must not make their row.
func TestALandingAsSomebodyElseIsRefused(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		mixed := store.NewRecords(b.url, "kp_alice", nil, signer{t, b, "bob"})
		if _, err := mixed.Insert(t.Context(), todo("whose?")); !errors.Is(err, store.ErrRefused) || !store.Refused(err) {
			t.Errorf("insert: %v", err)
		}
		anon := store.NewRecords(b.url, "kp_alice", nil, signer{t, b, "anon"})
		if _, err := anon.Insert(t.Context(), todo("whose?")); !errors.Is(err, store.ErrRefused) || !store.Refused(err) {
			t.Errorf("insert as anon: %v", err)
		}
		if sub, err := anon.Identity(t.Context()); err != nil || sub != "" {
			t.Errorf("anon is %q, %v", sub, err)
		}
		put(t, b.client(t, "bob"), todo("bob's"))
		if _, _, _, err := mixed.Page(t.Context(), uuid.Nil, 10, ""); !errors.Is(err, store.ErrForeign) {
			t.Errorf("page: %v", err)
		}
		if left := strings.Count(b.table(), "user_id"); left != 1 {
			t.Errorf("%d rows", left)
		}
	})
}

func TestABatchIsAllOrNothing(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		if _, err := r.Insert(t.Context(), todo("good"), todo("bad\x00")); !errors.Is(err, store.ErrTitle) {
			t.Error(err)
		}
		if left := b.table(); left != "[]" {
			t.Error(left)
		}
	})
}

func TestManyLooksFitTheirURLs(t *testing.T) {
	eachBackend(t, func(t *testing.T, b *backend) {
		r := b.client(t, "alice")
		var all []store.Todo
		var ids []uuid.UUID
		for range 250 {
			one := todo("x")
			all, ids = append(all, one), append(ids, one.ID, uuid.New())
		}
		put(t, r, all...)
		if seen, err := r.Look(t.Context(), ids...); err != nil || len(seen) != 250 {
			t.Fatalf("saw %d, %v", len(seen), err)
		}
	})
}

// A statement that waits for a lock is answered 500 when InsForge has waited long
// enough, and is carried out afterwards all the same.
func TestAWriteMayLandAfterItsError(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	b := real(t, s)
	r := b.client(t, "alice")
	was := todo("before")
	put(t, r, was)
	want := was
	want.Title = "after"

	locked := make(chan struct{})
	go func() {
		defer close(locked)
		s.PSQL(t, "select from public.todos for update; select pg_sleep(1)")
	}()
	s.Impatient(t, 80*time.Millisecond)
	var err error
	for err == nil && was != want { // until the lock is held
		var row store.Todo
		if row, _, err = r.Update(t.Context(), was, want); err == nil {
			was, want.Title = row, want.Title+"!"
		}
	}
	if !errors.Is(err, store.ErrOffline) || store.Refused(err) {
		t.Fatalf("the write that waits: %v", err)
	}
	<-locked
	for range 6000 { // a minute: only a write that is lost takes it
		if strings.Contains(b.table(), want.Title+`"`) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it never landed: %s", b.table())
}

// What InsForge's server refuses for its length is a definite no.
func TestATooLongRequestIsRefused(t *testing.T) {
	b := pretend(t)
	res, body := b.do(t, "alice", "GET", "/api/database/records/todos?title=eq."+strings.Repeat("x", 17_000), nil, "")
	if res.StatusCode != 431 || body != "" {
		t.Fatalf("%d %s", res.StatusCode, body)
	}
}
