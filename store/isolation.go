package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"
)

// Attack is one attempt of the isolation probe and what came of it.
type Attack struct {
	Name    string `json:"name"`    // begins with read-, insert-, update-, delete- or anon-
	Sent    string `json:"sent"`    // method, path and headers, no token
	Answer  string `json:"answer"`  // status and the body's beginning
	Verdict string `json:"verdict"` // safe, leak, known or untested
	Why     string `json:"why,omitempty"`
}

// What an Attack came to.
const (
	safe     = "safe"
	leak     = "leak"
	known    = "known"    // a leak of no more than that something exists, and not to be helped
	untested = "untested" // and Why says why
)

// Probe attacks the rows of Other as As through the public API.
type Probe struct {
	BaseURL         string
	HTTP            *http.Client
	As, Other       TokenSource
	AsSub, OtherSub string
	AnonKey         string
	KindeToken      string // of As, "" when there is none
	Plant           bool   // may plant marked rows; else it only reads
	// Mint signs a token as the project would, in development; nil: the attacks
	// that need a token of nobody, or one that has ended, stay untested.
	Mint func(sub string, ends time.Time) (string, error)
}

// party is one of the accounts that a probe acts as.
type party struct {
	sub    string
	tokens TokenSource
}

// attacker is one run of a probe. Every row that it makes has a title that begins
// with its marker, and every PATCH and DELETE that it sends asks for that
// marker, so that not even a table without a policy loses a row that was not
// planted here. The one exception is updateBlind, which cannot change a row.
type attacker struct {
	Probe
	http      *http.Client
	marker    string
	as, other party
	target    planted // a row of other
	readOnly  string  // why nothing is planted; "" when it may be
	planted   int
}

// Run yields each attack when it was answered, and removes what it planted,
// whatever happens.
func (p Probe) Run(ctx context.Context) iter.Seq2[Attack, error] {
	return func(yield func(Attack, error) bool) {
		a := p.begin()
		goOn := true
		defer func() {
			if err := a.cleanUp(ctx); err != nil && goOn {
				yield(Attack{}, err)
			}
		}()
		if err := a.prepare(ctx); err != nil {
			goOn = yield(Attack{}, err)
			return
		}
		for _, t := range a.attempts() {
			if ctx.Err() != nil {
				goOn = yield(Attack{}, fmt.Errorf("prove isolation: %w", ctx.Err()))
				return
			}
			if goOn = yield(a.attack(ctx, t), nil); !goOn {
				return
			}
		}
	}
}

func (p Probe) begin() *attacker {
	p.BaseURL = strings.TrimRight(p.BaseURL, "/")
	a := &attacker{
		Probe: p, http: straight(p.HTTP), marker: markerBegins + randomHex(),
		as: party{p.AsSub, p.As}, other: party{p.OtherSub, p.Other},
	}
	if !p.Plant {
		a.readOnly = "it writes: allow planted rows with kindling isolation --plant"
	}
	return a
}

func randomHex() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// attempt is an attack before it is made. needs says why it cannot be, or "".
type attempt struct {
	name  string
	needs string
	try   func(context.Context) finding
}

// finding is what came of an attempt.
type finding struct {
	sent    request
	got     response
	verdict string
	why     string
}

func (a *attacker) attack(ctx context.Context, t attempt) Attack {
	if t.needs != "" {
		return Attack{Name: t.name, Verdict: untested, Why: t.needs}
	}
	f := t.try(ctx)
	return Attack{Name: t.name, Sent: f.sent.line(), Answer: f.got.line(), Verdict: f.verdict, Why: f.why}
}

// attempts lists all attacks; those on other's rows want one to be there.
func (a *attacker) attempts() []attempt {
	var all []attempt
	for _, list := range [][]attempt{a.reads(), a.detours(), a.tokenForgeries(), a.asAnon(), a.writes(), a.beyond()} {
		all = append(all, list...)
	}
	return all
}

// prepare checks who is who and finds, or plants, the row to go for.
func (a *attacker) prepare(ctx context.Context) error {
	if a.as.sub == a.other.sub {
		return errors.New("prove isolation: both accounts are the same person")
	}
	for _, who := range []party{a.as, a.other} {
		if err := a.checkIdentity(ctx, who); err != nil {
			return err
		}
	}
	if a.readOnly != "" {
		return a.findTarget(ctx)
	}
	if err := a.sweep(ctx); err != nil {
		return err
	}
	var err error
	if err = a.tryPlanting(ctx); err == nil {
		a.target, err = a.plant(ctx, a.other)
	}
	if err != nil { // the attacks that read are worth making all the same
		a.readOnly = "no row could be planted: " + plain(err.Error(), longestMessage)
		return a.findTarget(ctx)
	}
	return nil
}

func (a *attacker) checkIdentity(ctx context.Context, who party) error {
	sub, err := newRecords(a.BaseURL, who.sub, a.http, who.tokens).identity(ctx)
	if api, ok := errors.AsType[*APIError](err); ok && api.Status == http.StatusNotFound {
		return nil // a table that is not the guide's need not have its function
	}
	if err != nil {
		return fmt.Errorf("prove isolation: %w", err)
	}
	if sub != who.sub {
		return fmt.Errorf("prove isolation: the project takes %s for %s: run kindling doctor", who.sub, cmp.Or(sub, "nobody"))
	}
	return nil
}

// findTarget picks a row that other has anyway.
func (a *attacker) findTarget(ctx context.Context) error {
	rows, err := a.rowsOf(ctx, a.other, "user_id=eq."+escape(a.other.sub)+"&order=id&limit=1")
	if err != nil {
		return fmt.Errorf("prove isolation: %w", err)
	}
	if len(rows) > 0 {
		a.target = rows[0]
	}
	return nil
}
