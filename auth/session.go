package auth

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Session gives tokens for one account and one project. It is bound to its
// account for its life. Safe for concurrent use.
type Session struct {
	accounts *Accounts
	client   *Client
	minter   Minter
	account  Account
	project  string

	jwt  atomic.Pointer[keptJWT] // the one in use, for answers without a lock
	turn chan struct{}           // the right to renew: one at a time in this process

	// What follows belongs to who holds the turn.
	renewed               string   // the JWT that replaced a refused one
	refused               string   // the Kinde token that was renewed and refused all the same
	latest                kept     // as last seen, with the monotonic time of its receipt
	unsaved               *unsaved // tokens the vault did not take
	kindePause, mintPause pause
	warning, ending       atomic.Pointer[string]
}

// unsaved is a renewal that could not be written: instead is the refresh token
// it replaced, which the vault still holds.
type unsaved struct {
	kept
	instead string
}

// Session opens the account for its life: it never adopts another's tokens.
func (a *Accounts) Session(acc Account, c *Client, project string, m Minter) *Session {
	return &Session{accounts: a, client: c, minter: m, account: acc, project: project, turn: make(chan struct{}, 1)}
}

// Token returns an InsForge JWT: the kept one while it is good, else a minted
// one, after a refresh of Kinde's tokens where needed. rejected is a JWT that
// InsForge just refused. It comes back itself when it was minted to replace a
// refused one and has over a minute left: then the project refuses this key, and
// more tokens would not help. Safe for concurrent use; one exchange across processes.
func (s *Session) Token(ctx context.Context, rejected string) (string, error) {
	if k := s.jwt.Load(); k != nil && s.usable(*k, rejected) {
		return k.JWT, nil
	}
	leave, err := s.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	k, err := s.renewJWT(ctx, rejected)
	if err != nil {
		return "", err
	}
	s.jwt.Store(&k)
	return k.JWT, nil
}

// KindeToken returns the Kinde access token, refreshed when due.
func (s *Session) KindeToken(ctx context.Context) (Secret, error) {
	leave, err := s.enter(ctx)
	if err != nil {
		return Secret{}, err
	}
	defer leave()
	k, err := s.kinde(ctx, "")
	return NewSecret(k.Access), err
}

// Warning is one line about something that works but will not last, or "".
func (s *Session) Warning() string {
	for _, w := range []*string{s.warning.Load(), s.ending.Load()} {
		if w != nil && *w != "" {
			return *w
		}
	}
	return s.client.ClockWarning()
}

func (s *Session) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Session) now() time.Time { return s.accounts.now() }

// answers reports that a JWT is what to give out: a good one, or the refused one
// where no other would do better.
func (s *Session) answers(k keptJWT, rejected string) bool {
	return s.usable(k, rejected) || s.final(k, rejected)
}

func (s *Session) usable(k keptJWT, rejected string) bool {
	return k.JWT != rejected && !k.due(s.now())
}

// renewJWT adopts what another process minted, or mints, under a lock that all
// processes share.
func (s *Session) renewJWT(ctx context.Context, rejected string) (keptJWT, error) {
	if k, ok := s.presentJWT(ctx); ok && s.answers(k, rejected) {
		return k, nil
	}
	unlock, err := s.accounts.lock(ctx, jwtName(s.account, s.project))
	if err != nil {
		return keptJWT{}, err
	}
	defer unlock()
	old, ok := s.presentJWT(ctx)
	if ok && s.answers(old, rejected) {
		return old, nil
	}
	k, err := s.mint(ctx)
	if err != nil && !isSignInRequired(err) && ok && old.JWT != rejected && old.alive(s.now()) {
		return old, nil
	}
	if err != nil {
		return keptJWT{}, err
	}
	if rejected != "" {
		s.renewed = k.JWT
	}
	return k, s.keepJWT(ctx, k)
}

// presentJWT is the newest one known: the vault's, or ours where the vault has
// the same or none.
func (s *Session) presentJWT(ctx context.Context) (keptJWT, bool) {
	stored, ok := s.accounts.loadJWT(ctx, s.account, s.project)
	if ours := s.jwt.Load(); ours != nil && (!ok || stored.JWT == ours.JWT || stored.Received.Before(ours.Received)) {
		return *ours, true
	}
	return stored, ok
}

// final reports that the refused JWT is the one that already replaced another,
// and that its age is no reason to refuse it.
func (s *Session) final(k keptJWT, rejected string) bool {
	return rejected != "" && k.JWT == rejected && rejected == s.renewed && k.left(s.now()) > time.Minute
}

// keepJWT stores a JWT for the next command, unless the account was signed out
// meanwhile. Where it cannot be stored the next command mints another, and nobody
// has to hear of that.
func (s *Session) keepJWT(ctx context.Context, k keptJWT) error {
	err := s.accounts.remember(ctx, s.account, s.project)
	if err == nil {
		_ = s.accounts.saveJWT(ctx, s.account, s.project, k)
	}
	if isSignInRequired(err) {
		return err
	}
	return nil
}

// mint asks for a JWT, and once more with a renewed Kinde token where the
// companion refused the present one.
func (s *Session) mint(ctx context.Context) (keptJWT, error) {
	k, err := s.kinde(ctx, "")
	if err != nil {
		return keptJWT{}, err
	}
	jwt, err := s.mintWith(ctx, k)
	if !errors.Is(err, ErrRejected) || k.Access == s.refused {
		return jwt, err
	}
	fresh, err := s.kinde(ctx, k.Access)
	if err != nil {
		return keptJWT{}, err
	}
	if fresh.Access != k.Access {
		jwt, err = s.mintWith(ctx, fresh)
	}
	if errors.Is(err, ErrRejected) {
		s.refused = fresh.Access
	}
	return jwt, err
}

var errRefusedFresh = problemf(ErrRejected, "%v although it is fresh: run `kindling doctor` (does the companion allow this client id?)", ErrRejected)

func (s *Session) mintWith(ctx context.Context, k kept) (keptJWT, error) {
	if err := s.mintPause.holds(s.now()); err != nil {
		return keptJWT{}, err
	}
	jwt, life, err := s.minter.Mint(ctx, NewSecret(k.Access))
	switch {
	case errors.Is(err, ErrRejected):
		return keptJWT{}, errRefusedFresh
	case err != nil:
		return keptJWT{}, s.mintPause.note(err, s.now())
	case subOf(jwt) != s.account.Sub:
		return keptJWT{}, errors.New("the companion made a token for somebody else: nothing was sent with it; run `kindling doctor`")
	}
	return keptJWT{jwt.Reveal(), s.account.Sub, lease{s.now(), life}}, nil
}
