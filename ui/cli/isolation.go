package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"

	"kindling/store"
)

type isolationFlags struct {
	as, other, junit string
	plant, mint      bool
}

func newIsolationCmd(a *app) *cobra.Command {
	var f isolationFlags
	c := &cobra.Command{
		Use:   "isolation",
		Short: "Prove that one account cannot reach another's todos",
		Long: "Attack the rows of one signed-in account as another one, through the public API alone, and\n" +
			"say what came of each attack. It only reads, unless --plant lets it put marked rows of its\n" +
			"own there, which it removes again. A leak makes it exit with 1.",
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.isolation(cmd.Context(), f) },
	}
	c.Flags().StringVar(&f.as, "as", "", "attack as this account (default: the current one)")
	c.Flags().StringVar(&f.other, "other", "", "attack the rows of this account (default: the other one)")
	c.Flags().BoolVar(&f.plant, "plant", false, "plant marked rows, for the attacks that write")
	c.Flags().BoolVar(&f.mint, "mint", false, "use two made-up people; needs INSFORGE_JWT_SECRET, and plants")
	c.Flags().StringVar(&f.junit, "junit", "", "also write the results to this file as JUnit XML")
	_ = c.RegisterFlagCompletionFunc("as", a.completeAccounts)
	_ = c.RegisterFlagCompletionFunc("other", a.completeAccounts)
	return c
}

// isolationJSON is what the probe found.
type isolationJSON struct {
	Attacks []store.Attack `json:"attacks"`
	Leaks   []string       `json:"leaks"`
}

func (a *app) isolation(ctx context.Context, f isolationFlags) error {
	probe, err := a.chooseProbe(ctx, f)
	if err != nil {
		return err
	}
	probe.Plant = f.plant || f.mint
	out := isolationJSON{Attacks: []store.Attack{}, Leaks: []string{}}
	failed := a.attack(probe.Run(ctx), &out)
	if f.junit != "" {
		if err := writeJUnit(f.junit, out.Attacks, failed); err != nil {
			return err
		}
	}
	if len(out.Attacks) > 0 {
		a.note("%s", tally(out.Attacks))
	}
	if errors.Is(failed, context.Canceled) {
		a.note("interrupted: what was planted is removed, and attacks that are not listed were not made")
	}
	if a.flags.json {
		if err := a.printJSON(out); err != nil {
			return err
		}
	}
	switch {
	case failed != nil:
		return failed
	case len(out.Leaks) > 0:
		return errors.New(count(len(out.Leaks), "leak") + ": " + strings.Join(out.Leaks, ", ") + ": apply kindling schema, and look at the table's policies")
	case len(out.Attacks) == 0:
		return errors.New("no attack was made")
	}
	return nil
}

// attack runs the probe and prints each attack as it is answered.
func (a *app) attack(run iter.Seq2[store.Attack, error], out *isolationJSON) error {
	p := a.palette()
	var failed error
	for attack, err := range run {
		switch {
		case errors.Is(failed, context.Canceled) && err != nil:
			failed = err // what went wrong in cleaning up is worth more than that it was stopped
			continue
		case err != nil:
			failed = errors.Join(failed, err)
			continue
		}
		out.Attacks = append(out.Attacks, attack)
		if attack.Verdict == leakVerdict {
			out.Leaks = append(out.Leaks, attack.Name)
		}
		switch {
		case a.forPeople():
			_, _ = fmt.Fprintln(a.Stdout, attackLine(p, attack))
		case !a.flags.json: // as it is answered; JSON comes whole, at the end
			failed = errors.Join(failed, a.printValue([]store.Attack{attack}))
		}
	}
	return failed
}

// attackLine is an attack as people read it: what was tried, and what came back or
// what that means. A leak tells all three, and so does JSON of every attack.
func attackLine(p palette, a store.Attack) string {
	const tried, came = 42, 49 // runes
	code := map[string]string{safeVerdict: "32", leakVerdict: "1;31", "known": "33"}[a.Verdict]
	told := shorten(a.Why, tried+came)
	if a.Sent != "" && a.Verdict != leakVerdict {
		sent := strings.NewReplacer("/api/database/records/", "", "/api/database/", "").Replace(a.Sent)
		told = fmt.Sprintf("%-*s → %s", tried, shorten(sent, tried), shorten(cmp.Or(a.Why, strings.TrimSpace(a.Answer)), came))
	}
	line := fmt.Sprintf("%s  %-24s %s", p.paint(cmp.Or(code, "2"), fmt.Sprintf("%-8s", a.Verdict)), printable(a.Name), p.faint(told))
	if a.Verdict == leakVerdict {
		line += "\n          sent      " + printable(a.Sent) + "\n          answered  " + printable(a.Answer)
	}
	return line
}

const (
	safeVerdict = "safe"
	leakVerdict = "leak"
)

// shorten keeps the beginning of a text, so that a line stays a line.
func shorten(text string, room int) string {
	if runes := []rune(printable(text)); len(runes) > room {
		return string(runes[:room-1]) + "…"
	}
	return printable(text)
}

// tally counts the verdicts, in one line.
func tally(attacks []store.Attack) string {
	n := map[string]int{}
	for _, at := range attacks {
		n[at.Verdict]++
	}
	return fmt.Sprintf("%d safe, %d known, %d untested, %s", n[safeVerdict], n["known"], n["untested"], count(n[leakVerdict], "leak"))
}

// chooseProbe is between two signed-in accounts, or two made-up people.
func (a *app) chooseProbe(ctx context.Context, f isolationFlags) (store.Probe, error) {
	if f.mint {
		if f.as != "" || f.other != "" {
			return store.Probe{}, usagef("--mint makes up its two people: leave --as and --other out")
		}
		return a.mintedProbe()
	}
	other := f.other
	if other == "" {
		var err error
		if other, err = a.theOther(f.as); err != nil {
			return store.Probe{}, err
		}
	}
	return a.probe(ctx, f.as, other)
}

// theOther is the one account beside the attacker, where there is just one.
func (a *app) theOther(as string) (string, error) {
	attacker, err := a.account()
	if as != "" {
		attacker, err = a.accountNamed(as)
	}
	if err != nil {
		return "", err
	}
	accounts, err := a.accounts()
	if err != nil {
		return "", err
	}
	all, _, err := accounts.List()
	if err != nil {
		return "", err
	}
	var others []string
	for _, acc := range all {
		if acc.Sub != attacker.Sub {
			others = append(others, acc.Name)
		}
	}
	switch len(others) {
	case 1:
		return others[0], nil
	case 0:
		return "", signInf("the probe needs a second account: run kindling login --as-other")
	}
	return "", usagef("say whose rows to attack: --other %s", strings.Join(others, ", or --other "))
}

// mintedProbe signs tokens for two people that nobody is.
func (a *app) mintedProbe() (store.Probe, error) {
	c, err := a.project()
	if err != nil {
		return store.Probe{}, err
	}
	if c.JWTSecret.IsZero() {
		return store.Probe{}, usagef("--mint needs INSFORGE_JWT_SECRET, and so works in development only")
	}
	const first, second = "kindling_probe_a", "kindling_probe_b"
	mint := mintWith([]byte(c.JWTSecret.Reveal()), a.Now)
	return store.Probe{
		BaseURL: c.InsForgeURL, As: minted{mint, first, a.Now}, Other: minted{mint, second, a.Now},
		AsSub: first, OtherSub: second, AnonKey: c.AnonKey, Mint: mint,
	}, nil
}

// mintWith signs tokens as the companion does, for a sub and until a time.
func mintWith(secret []byte, now func() time.Time) func(sub string, ends time.Time) (string, error) {
	return func(sub string, ends time.Time) (string, error) {
		return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
			"sub": sub, "role": "authenticated", "aud": "insforge-api", "iat": now().Unix(), "exp": ends.Unix(),
		}).SignedString(secret)
	}
}

// minted gives tokens for a made-up person.
type minted struct {
	mint func(sub string, ends time.Time) (string, error)
	sub  string
	now  func() time.Time
}

// Token implements store.TokenSource.
func (m minted) Token(context.Context, string) (string, error) {
	return m.mint(m.sub, m.now().Add(15*time.Minute))
}
