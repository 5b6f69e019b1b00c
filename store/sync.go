package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstBackOff = 2 * time.Second
	longBackOff  = 2 * time.Minute
)

// Sync sends what waits and pulls what changed. It returns ErrBusy where
// another process syncs, ErrOffline, ErrSignIn, ErrNoToken, ErrRefused, ErrNoTable or ErrForeign (each
// wrapped with its cause).
func (s *Store) Sync(ctx context.Context, o SyncOptions) (Report, error) {
	if s.api == nil {
		return Report{}, fmt.Errorf("%w: this process has no connection to the project", ErrOffline)
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	lock, err := s.lockSync(ctx, o.Wait)
	if err != nil {
		return Report{}, err
	}
	defer lock.Close()
	var r Report
	pulled, err := s.syncLocked(ctx, o, &r)
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrOffline) {
		err = fmt.Errorf("%w: no answer in time: %w", ErrOffline, err)
	}
	err = inTime(ctx, err)
	concluded := s.conclude(context.WithoutCancel(ctx), &r, pulled, err)
	if err == nil {
		err = concluded // else what failed first is told, once
	}
	return r, err
}

// overdue is an error of a request that whoever asked for it had no more time for.
type overdue struct{ error }

func (overdue) Error() string {
	return "the time given was over before the answer came; the next sync asks again"
}

func (o overdue) Unwrap() error { return o.error }

// inTime marks err as overdue where it is that the time of ctx is over.
func inTime(ctx context.Context, err error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[unsent](err); ok {
		return err
	}
	return overdue{err}
}

// syncLocked pushes, then pulls, and reports whether a pull was complete. Row-level
// security that takes no change of ours may still show us all that is ours.
func (s *Store) syncLocked(ctx context.Context, o SyncOptions, r *Report) (pulled bool, err error) {
	if err := s.adopt(ctx); err != nil {
		return false, err
	}
	if err := s.verify(ctx); err != nil {
		return false, err
	}
	refused := s.push(ctx, o, r)
	if refused != nil && fateOf(refused) != denied || o.PushOnly {
		return false, refused
	}
	err = s.pull(ctx, o, r)
	return err == nil, cmp.Or(err, refused)
}

// verify asks the project whom it takes us for.
func (s *Store) verify(ctx context.Context) error {
	sub, err := s.api.identity(ctx)
	switch {
	case err != nil:
		return err
	case sub == "":
		return fmt.Errorf("%w: the project took the request for nobody's; nothing was believed, try again", ErrOffline)
	case sub != s.o.Sub:
		return fmt.Errorf("%w: it takes us for somebody else", ErrRefused)
	}
	return nil
}

// adopt takes over ops that a dead process left in flight: only the holder of
// the sync lock sends, so nobody is sending them now. Their answer can have been
// due half a minute after their mark.
func (s *Store) adopt(ctx context.Context) error {
	n := int64(0)
	err := s.db.read(ctx, func(c *conn) (err error) {
		n, err = c.integer("SELECT count(*) FROM ops WHERE state = ?", int(inFlight))
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	return s.change(ctx, func(l *ledger) error {
		return l.exec("UPDATE ops SET state = ?, doubt = max(doubt, tried + ?), reason = ? WHERE state = ?",
			int(unknown), requestDeadline.Microseconds(), "the program ended while it was being sent", int(inFlight))
	})
}

// conclude writes down how a sync ended, and when to try again. One that found all
// as it was leaves the cache alone.
func (s *Store) conclude(ctx context.Context, r *Report, pulled bool, failed error) error {
	if pulled {
		at, err := s.asBefore(ctx, r)
		if err == nil && !at.noted.IsZero() {
			return s.stamp(at)
		}
	}
	return s.note(ctx, r, pulled, failed)
}

func (s *Store) note(ctx context.Context, r *Report, pulled bool, failed error) error {
	return s.db.write(ctx, func(c *conn) error {
		l := &ledger{conn: c, now: s.o.Now()}
		st, err := l.status(l.now)
		if err != nil {
			return err
		}
		r.Waiting, r.Parked, r.Conflicts = st.Waiting, st.Parked, st.Conflicts
		if pulled {
			if err := l.setMeta("last_sync", l.now); err != nil {
				return err
			}
		}
		if errors.Is(failed, context.Canceled) {
			return nil // the person's own wish is no failure
		}
		if err := l.setMeta("last_error", oneLine(failed)); err != nil {
			return err
		}
		if failed == nil {
			r.NextTry, err = l.concludeWell()
			return err
		}
		if err := l.setMeta("last_error_at", l.now); err != nil {
			return err
		}
		r.NextTry, err = l.backOff(failed)
		return err
	})
}

// asBefore tells of which sync one that went well has nothing new to write down: nothing
// waits, failed or is doubted since. Where there is something, it is of none.
func (s *Store) asBefore(ctx context.Context, r *Report) (at calm, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		st, err := c.status(s.o.Now())
		if err != nil {
			return err
		}
		failures, err := c.meta("failures")
		if err != nil {
			return err
		}
		next, err := (&ledger{conn: c, now: s.o.Now()}).nextDue()
		r.Waiting, r.Parked, r.Conflicts = st.Waiting, st.Parked, st.Conflicts
		if st.LastError == "" && failures == 0 && st.Waiting == 0 && st.NextTry.IsZero() && next.IsZero() {
			at.noted = st.LastSync
		}
		if err == nil {
			at.rev, err = c.meta("rev")
		}
		return err
	})
	return at, err
}

func oneLine(err error) string {
	if err == nil {
		return ""
	}
	return plain(err.Error(), longestMessage)
}

// concludeWell ends the back-off, and schedules what has to wait of itself.
func (l *ledger) concludeWell() (next time.Time, err error) {
	if err := l.setMeta("failures", 0); err != nil {
		return next, err
	}
	if next, err = l.nextDue(); err != nil {
		return next, err
	}
	return next, l.setMeta("next_try", next)
}

// nextDue is when the first op may go that has to wait for its time, the zero time when
// none has: what may go already, and did not, waits for the next sync as ever.
func (l *ledger) nextDue() (next time.Time, err error) {
	earlier := func(t time.Time) {
		if t.After(l.now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	doubted, err := l.meta("doubted")
	if err != nil {
		return next, err
	}
	if doubted != believed {
		at, err := l.meta("doubted_at")
		if err != nil {
			return next, err
		}
		earlier(moment(at).Add(betweenDoubts))
	}
	holds, err := l.holds()
	if err != nil {
		return next, err
	}
	ops, err := l.opsWhere("WHERE state IN (?, ?) ORDER BY seq LIMIT 1000", int(waiting), int(unknown))
	for _, o := range ops {
		earlier(later(o.next, holds[o.ID]))
	}
	return next, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// backOff doubles the wait with each failure, by a random half more or less,
// and never tries before the project's Retry-After.
func (l *ledger) backOff(failed error) (next time.Time, err error) {
	if errors.Is(failed, ErrSignIn) { // only a person can help
		return next, l.setMeta("next_try", next)
	}
	n, err := l.meta("failures")
	if err != nil {
		return next, err
	}
	if err := l.setMeta("failures", n+1); err != nil {
		return next, err
	}
	wait := min(firstBackOff<<min(n, 20), longBackOff)
	wait = wait/2 + rand.N(wait)
	if api, ok := errors.AsType[*APIError](failed); ok {
		wait = max(wait, api.RetryAfter)
	}
	next = l.now.Add(wait)
	return next, l.setMeta("next_try", next)
}
