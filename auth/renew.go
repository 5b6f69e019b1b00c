package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// kinde returns Kinde's tokens, renewed when they are due or when refused is the
// access token that is kept. The order is lock, read again, decide, exchange,
// save, unlock: of all processes one exchanges and the others adopt.
func (s *Session) kinde(ctx context.Context, refused string) (kept, error) {
	if err := s.client.serves(s.account); err != nil {
		return kept{}, err
	}
	s.learnClient()
	k, err := s.load(ctx)
	if err != nil || !s.mustRenew(k, refused) {
		return k, err
	}
	unlock, err := s.accounts.lock(ctx, tokensName(s.account))
	if err != nil {
		return s.orLiving(k, refused, err)
	}
	defer unlock()
	if k, err = s.load(ctx); err != nil || !s.mustRenew(k, refused) {
		return k, err
	}
	next, err := s.renew(ctx, k, refused)
	if err != nil {
		return s.orLiving(k, refused, err)
	}
	return next, nil
}

// orLiving is the token that there is, where it lives and only its renewal failed.
func (s *Session) orLiving(k kept, refused string, err error) (kept, error) {
	if !isSignInRequired(err) && k.Access != refused && k.alive(s.now()) {
		return k, nil
	}
	return kept{}, err
}

// mustRenew also comes true where tokens wait to be stored.
func (s *Session) mustRenew(k kept, refused string) bool {
	return s.unsaved != nil || s.needsRenewal(k, refused)
}

func (s *Session) needsRenewal(k kept, refused string) bool {
	return k.Access == refused || k.due(s.now())
}

// learnClient takes over the client id of a newer sign-in of the same person, who may
// have used a browser first and a code later.
func (s *Session) learnClient() {
	if book, err := s.accounts.read(); err == nil {
		if e := book.person(s.account); e != nil {
			s.account.ClientID = e.ClientID
		}
	}
}

// load reads the vault, unless it still holds what an unsaved renewal replaced.
func (s *Session) load(ctx context.Context) (kept, error) {
	k, err := s.accounts.loadTokens(ctx, s.account)
	if u := s.unsaved; u != nil {
		if isSignInRequired(err) || err == nil && k.Refresh != u.instead {
			s.saved() // signed out, or signed in anew
		} else {
			return u.kept, nil
		}
	}
	if err == nil && k.Access == s.latest.Access {
		k.lease = s.latest.lease
	}
	if err == nil {
		w := k.warning(s.now())
		s.ending.Store(&w)
	}
	return k, err
}

func isSignInRequired(err error) bool {
	_, ok := errors.AsType[deadSession](err)
	return ok
}

// renew stores what waits to be stored, and renews where that is needed.
func (s *Session) renew(ctx context.Context, k kept, refused string) (kept, error) {
	if s.unsaved != nil {
		s.save(ctx, k, s.unsaved.instead)
	}
	living := k.Access != refused && k.alive(s.now())
	if !s.needsRenewal(k, refused) || k.Refresh == "" && living {
		return k, nil
	}
	if k.Refresh == "" {
		return kept{}, signInAgain("the sign-in of " + s.account.Name + " ended, and Kinde gave no token to renew it (allow the scope offline)")
	}
	next, err := s.spend(ctx, k)
	if err == nil && !next.alive(s.now()) {
		next, err = s.spendAtEnd(ctx, next)
	}
	return next, err
}

// spendAtEnd waits out the last seconds of an access token that a renewal did
// not move, and renews again.
func (s *Session) spendAtEnd(ctx context.Context, k kept) (kept, error) {
	if err := s.accounts.wait(ctx, max(0, k.left(s.now()))+time.Second); err != nil {
		return kept{}, err
	}
	next, err := s.spend(ctx, k)
	if err == nil && !next.alive(s.now()) {
		err = &transient{errors.New("the issuer renews with tokens that are over: try again later"), time.Minute}
		err = s.kindePause.note(err, s.now())
	}
	return next, err
}

func wait(ctx context.Context, d time.Duration) error {
	end := time.NewTimer(d)
	defer end.Stop()
	select {
	case <-end.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// spend sends the refresh token and writes what came back before anything else.
// Cancelling the caller does not come between: the token sent is used up, so none is
// sent where the vault takes nothing, as on a full disk.
func (s *Session) spend(ctx context.Context, k kept) (kept, error) {
	if err := s.kindePause.holds(s.now()); err != nil {
		return kept{}, err
	}
	p, err := s.client.discover(ctx)
	if err != nil {
		return kept{}, s.kindePause.note(err, s.now())
	}
	if err := Probe(ctx, s.accounts.vault); err != nil {
		return kept{}, fmt.Errorf("renew the sign-in: %w", err)
	}
	if ctx.Err() != nil || !s.accounts.spending.TryRLock() {
		return kept{}, context.Canceled
	}
	defer s.accounts.spending.RUnlock()
	ctx = context.WithoutCancel(ctx)
	t, err := s.client.refresh(ctx, p, k.ClientID, NewSecret(k.Refresh))
	if errors.Is(err, errInvalidGrant) {
		return s.adoptNewer(ctx, k)
	}
	if err != nil {
		return kept{}, s.kindePause.note(err, s.now())
	}
	if err := s.checkPerson(k.ClientID, t); err != nil {
		return kept{}, err
	}
	next := k.follow(t, s.client.clock.now())
	s.save(ctx, next, k.Refresh)
	s.latest = next
	return next, nil
}

// adoptNewer looks once more after the issuer refused the refresh token: another
// process that does not know the lock may have been faster.
func (s *Session) adoptNewer(ctx context.Context, spent kept) (kept, error) {
	k, err := s.load(ctx)
	if err == nil && k.Refresh != spent.Refresh && k.alive(s.now()) {
		return k, nil
	}
	return kept{}, signInAgain("the sign-in of " + s.account.Name + " ended")
}

// checkPerson refuses a renewal for anybody but the session's own account. The
// answer came from the issuer itself, and whom it names is all that is taken from
// it (the companion verifies the access token), so that no key has to be fetched
// between the exchange and the save.
func (s *Session) checkPerson(clientID string, t Tokens) error {
	if sub := subOf(t.Access); sub != "" && sub != s.account.Sub {
		return errChanged
	}
	if t.ID.IsZero() {
		return nil
	}
	id, err := readClaims(t.ID.Reveal())
	if err != nil || id.Subject != s.account.Sub || id.Issuer != s.account.Issuer || !slices.Contains(id.Audience, clientID) {
		return errChanged
	}
	return nil
}

var errChanged = signInAgain("the issuer renewed the sign-in for somebody else")

// save writes the renewed tokens; where the vault does not take them they stay
// in memory, and the next use tries again.
func (s *Session) save(ctx context.Context, k kept, instead string) {
	if err := s.accounts.saveTokens(ctx, s.account, k); err != nil {
		s.unsaved = &unsaved{k, instead}
		w := "the renewed sign-in could not be stored (" + err.Error() + "): keep this program open until it is"
		s.warning.Store(&w)
		return
	}
	s.saved()
}

func (s *Session) saved() {
	s.unsaved = nil
	s.warning.Store(nil)
}
