package auth_test

import (
	"encoding/json"
	"testing"
	"time"
	"unsafe"

	"kindling/auth"
)

// twoClocks are a computer's: the one on its wall, which a person or a time server
// sets, and the one that only counts, which stands still while it sleeps.
type twoClocks struct {
	start         time.Time
	wall, counted time.Duration // since start
}

func newTwoClocks() *twoClocks { return &twoClocks{start: time.Now()} }

// Now reads both, as time.Now does.
func (c *twoClocks) Now() time.Time { return counting(c.start.Add(c.wall), c.counted-c.wall) }

// pass lets time go by on both.
func (c *twoClocks) pass(d time.Duration) { c.wall, c.counted = c.wall+d, c.counted+d }

// counting moves the monotonic reading of a time and leaves its wall clock. No
// function of package time does: the reading is the second word of a Time.
func counting(t time.Time, by time.Duration) time.Time {
	moved := t
	(*struct {
		wall uint64
		ext  int64
	})(unsafe.Pointer(&moved)).ext += int64(by)
	if !moved.Round(0).Equal(t.Round(0)) || moved.Sub(t) != by {
		panic("a time.Time does not look as this test thinks")
	}
	return moved
}

// A life is counted by the clock that counted more: whatever happens to one of
// them, no token is taken for younger than it is, nor for older while both agree.
func TestLivesAreCountedByTheLargerClock(t *testing.T) {
	const life = 10 * time.Hour
	for name, c := range map[string]struct {
		wall, counted time.Duration
		left          time.Duration
		due           bool
	}{
		"fresh":                            {0, 0, life, false},
		"both went on":                     {3 * time.Hour, 3 * time.Hour, 7 * time.Hour, false},
		"four fifths":                      {8 * time.Hour, 8 * time.Hour, 2 * time.Hour, true},
		"wall set back, young":             {-40 * time.Hour, time.Hour, 9 * time.Hour, false},
		"wall set back, old":               {-40 * time.Hour, 9 * time.Hour, time.Hour, true},
		"wall set back, over":              {-40 * time.Hour, 11 * time.Hour, -time.Hour, true},
		"asleep for a night":               {9 * time.Hour, time.Minute, time.Hour, true},
		"asleep too long":                  {70 * time.Hour, time.Minute, -60 * time.Hour, true},
		"wall set ahead":                   {9 * time.Hour, time.Hour, time.Hour, true},
		"asleep, and the wall set back":    {2 * time.Hour, 3 * time.Hour, 7 * time.Hour, false},
		"a time server's second backwards": {-time.Second, 0, life, false},
	} {
		clocks := newTwoClocks()
		received := clocks.Now()
		clocks.wall, clocks.counted = c.wall, c.counted
		if left, due := auth.Lease(received, life, clocks.Now()); left != c.left || due != c.due {
			t.Errorf("%s: %v left, due %v; want %v, %v", name, left, due, c.left, c.due)
		}
	}
}

// Another process, or the next start of this one, has the wall clock alone.
func TestLivesOfAnotherProcessAreCountedByTheWallClock(t *testing.T) {
	for wall, want := range map[time.Duration]struct {
		left time.Duration
		due  bool
	}{
		time.Hour:        {9 * time.Hour, false},
		9 * time.Hour:    {time.Hour, true},
		-time.Minute:     {10 * time.Hour, false}, // within what clocks are apart
		-2 * time.Minute: {10 * time.Hour, true},  // it says nothing: renew
	} {
		clocks := newTwoClocks()
		text, err := json.Marshal(clocks.Now())
		if err != nil {
			t.Fatal(err)
		}
		var stored time.Time
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		clocks.wall, clocks.counted = wall, 5*time.Hour
		if left, due := auth.Lease(stored, 10*time.Hour, clocks.Now()); left != want.left || due != want.due {
			t.Errorf("%v: %v left, due %v; want %v, %v", wall, left, due, want.left, want.due)
		}
	}
}

// A program that stays open renews in time when its wall clock is set back, and when
// the computer slept; and asks nobody while neither happened.
func TestAProgramThatStaysOpenRenewsByEitherClock(t *testing.T) {
	w := newWorld(t, nil)
	clocks := newTwoClocks()
	client := auth.NewClient(w.config)
	client.SetClock(clocks.Now)
	accounts := w.newAccounts(auth.NewMemoryVault())
	accounts.SetClock(clocks.Now, clocks.pass)
	acc, m := w.keep(accounts, "alice"), &mint{}
	s := accounts.Session(acc, client, project, m)
	step := func(name string, minted, exchanged int, change func()) {
		t.Helper()
		mints, exchanges := m.Made(), w.idp.Exchanges("refresh_token")
		change()
		if _, err := s.Token(ctx, ""); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mints, exchanges = m.Made()-mints, w.idp.Exchanges("refresh_token")-exchanges
		if mints != minted || exchanges != exchanged {
			t.Errorf("%s: %d minted, %d exchanged; want %d, %d", name, mints, exchanges, minted, exchanged)
		}
	}
	both := func(d time.Duration) func() {
		return func() { clocks.pass(d); w.clock.Advance(d) }
	}
	asleep := func(d time.Duration) func() {
		return func() { clocks.wall += d; w.clock.Advance(d) }
	}
	back := func() { clocks.wall -= 30 * 24 * time.Hour }
	step("the first", 1, 0, func() {})
	step("a minute later", 0, 0, both(time.Minute))
	step("the wall set back", 0, 0, back)
	step("still young", 0, 0, both(time.Minute))
	step("old by the count alone", 1, 1, both(11*time.Minute)) // how old the sign-in is only the wall clock knew
	step("asleep", 1, 0, asleep(13*time.Minute))
	step("asleep for a day and a half", 1, 1, asleep(36*time.Hour))
	step("the wall set back once more", 0, 0, back)
	step("hours on", 1, 0, both(10*time.Hour))
	step("old by the count alone, Kinde's tokens too", 1, 1, both(10*time.Hour))
}
