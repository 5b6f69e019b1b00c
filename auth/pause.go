package auth

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// pause is how long a server asked to be left alone, and what it said.
type pause struct {
	until time.Time
	err   error
}

// note remembers such a request, with jitter so that not everybody comes back
// at once, and gives the error back.
func (p *pause) note(err error, now time.Time) error {
	if t, ok := errors.AsType[*transient](err); ok && t.after > 0 {
		jitter := time.Duration(rand.Int64N(int64(t.after)/4 + 1))
		*p = pause{now.Add(t.after + jitter), err}
	}
	return err
}

// holds is the error to give instead of asking, nil when asking is fine.
func (p *pause) holds(now time.Time) error {
	if p.err == nil || !now.Before(p.until) {
		return nil
	}
	return fmt.Errorf("%w (it asked to wait until %s)", p.err, p.until.Local().Format(time.TimeOnly))
}
