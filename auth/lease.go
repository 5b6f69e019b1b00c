package auth

import "time"

// spare is how much of a life must be left for a token to be worth sending: the
// companion refuses those with less.
const spare = 5 * time.Second

// lease is a life counted from receipt, so that a wrong clock ends nothing.
type lease struct {
	Received time.Time     `json:"received"`
	Lifetime time.Duration `json:"lifetime"`
}

// age is the larger of the wall clock's and the monotonic clock's elapsed time:
// the one may be set back, the other stops in suspend and means nothing in
// another process.
func (l lease) age(now time.Time) time.Duration {
	return max(now.Round(0).Sub(l.Received.Round(0)), now.Sub(l.Received))
}

// due reports that a renewal should be tried: after four fifths of the life, or
// when the clock stands before the receipt and so tells nothing.
func (l lease) due(now time.Time) bool {
	age := l.age(now)
	return age >= l.Lifetime/5*4 || age < -toleratedSkew
}

// left is the rest of the life, at most all of it.
func (l lease) left(now time.Time) time.Duration {
	return l.Lifetime - max(0, l.age(now))
}

// alive reports whether the token is still worth sending.
func (l lease) alive(now time.Time) bool { return l.left(now) > spare }
