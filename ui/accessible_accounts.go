package ui

import (
	"context"
	"errors"
	"strings"
	"time"

	"kindling/auth"
	"kindling/store"
)

func accountPhrases() []phrase {
	return []phrase{
		{[]string{"accounts"}, "", "who is signed in here", true, func(l *linear, _ string) { l.accounts() }},
		{[]string{"switch"}, "N", "go to another account; N as in accounts", true, (*linear).switchTo},
		{[]string{"sign in", "login"}, "", "sign in, or renew the sign-in", true, func(l *linear, _ string) { l.signIn(auth.LoginOptions{Hint: l.account.Email}, l.account.Name) }},
		{[]string{"sign in by code"}, "", "sign in with a code, in a browser on any machine", true, func(l *linear, _ string) { l.signInByCode() }},
		{[]string{"sign in another"}, "", "sign in one more account", true, func(l *linear, _ string) { l.signIn(auth.LoginOptions{AsOther: true}, "") }},
		{[]string{"create an account", "create account"}, "", "make a new account", true, func(l *linear, _ string) { l.signIn(auth.LoginOptions{Create: true}, "") }},
		{[]string{"sign out", "logout"}, "N", "sign an account out; N as in accounts", true, (*linear).signOut},
		{[]string{"try"}, "N", "let another account try to reach a todo", false, (*linear).tryOne},
		{[]string{"isolation"}, "[N]", "let another account try every attack there is; N as in accounts", false, (*linear).isolation},
		{[]string{"screens"}, "", "go back to drawn screens, from the next start", true, func(l *linear, _ string) { l.screens() }},
	}
}

func (l *linear) known() []auth.Account {
	known, _, err := l.o.Backend.Accounts(l.ctx)
	if err != nil {
		l.fail(err)
	}
	return known
}

func (l *linear) accounts() {
	known := l.known()
	if len(known) == 0 {
		l.say("Nobody is signed in. Say: sign in")
	}
	for i, a := range known {
		line := who(a)
		if a.Name != a.Email {
			line += ", kept as " + a.Name
		}
		if a.Name == l.account.Name && l.todos != nil {
			line += ", open now"
		}
		l.say("%d. %s.", i+1, line)
	}
}

// chosenAccount is the account that a number means.
func (l *linear) chosenAccount(which string) (auth.Account, bool) {
	known := l.known()
	n := numbers(which, len(known))
	if len(n) != 1 {
		l.say("Say which account by its number. Say accounts to hear them.")
		return auth.Account{}, false
	}
	return known[n[0]-1], true
}

func (l *linear) switchTo(which string) {
	a, ok := l.chosenAccount(which)
	if !ok {
		return
	}
	if err := l.o.Backend.Switch(l.ctx, a.Name); err != nil {
		l.fail(err)
	}
	if err := l.open(a.Name); err != nil {
		l.fail(err)
	}
}

// signOut asks where changes would be lost.
func (l *linear) signOut(which string) {
	a, ok := l.chosenAccount(which)
	if !ok {
		return
	}
	wasOpen := l.todos != nil && a.Name == l.account.Name
	if wasOpen {
		l.close()
	}
	err := l.o.Backend.LogOut(l.ctx, a.Name, false)
	var unsent Unsent
	if errors.As(err, &unsent) && l.sure(upper(unsent.Error())+".") {
		err = l.o.Backend.LogOut(l.ctx, a.Name, true)
	}
	switch {
	case err == nil:
		l.say("Signed out %s. Its todos stay at the project.", who(a))
	case errors.Is(err, store.ErrInUse):
		l.say("Another kindling uses %s. Close that one, then sign out.", who(a))
	case errors.As(err, &unsent):
		l.say("%s stays signed in.", who(a))
	default:
		l.fail(err)
	}
	if wasOpen {
		l.reopen(a.Name, err != nil)
	}
}

// reopen opens the account that stayed, else the first that is left.
func (l *linear) reopen(name string, stayed bool) {
	known := l.known()
	switch {
	case stayed:
	case len(known) == 0:
		l.say("Nobody is signed in. Say: sign in")
		return
	default:
		name = known[0].Name
	}
	if err := l.open(name); err != nil {
		l.fail(err)
	}
}

// signIn signs in by a code where no browser can be shown, else in a browser;
// in the demo by a choice right here.
func (l *linear) signIn(o auth.LoginOptions, name string) {
	if l.o.Facts.Headless != "" && l.o.Backend.PretendUsers() == nil && l.byCode(name) {
		return
	}
	login, err := l.o.Backend.BeginLogin(l.ctx, o)
	if err != nil {
		l.fail(err)
		return
	}
	defer login.Close()
	l.say("Sign in at this address: %s", login.URL())
	if l.o.Facts.Headless == "" && l.o.Backend.OpenBrowser(login.URL()) == nil {
		l.say("Your browser is open with it.")
	}
	l.say("It waits until %s. To cancel, say cancel. From a browser elsewhere, paste the address it ends at.", login.Deadline().In(l.o.Location).Format("15:04"))
	for i, person := range l.o.Backend.PretendUsers() {
		l.say("Or say %d to be %s.", i+1, person)
	}
	l.wait(name, login.Wait, func(line string) heard { return l.answerLogin(login, line) }, login.Advice())
}

func (l *linear) signInByCode() {
	if !l.byCode(l.account.Name) {
		l.say("No code can be had here. Say: sign in")
	}
}

// byCode signs in with a code; false where the issuer knows none.
func (l *linear) byCode(name string) bool {
	device, err := l.o.Backend.BeginDevice(l.ctx)
	if err != nil {
		return false
	}
	if l.o.Facts.Headless != "" {
		l.say("No browser can be shown here: %s.", l.o.Facts.Headless)
	}
	l.say("On any machine open %s", device.VerificationURL())
	l.say("and enter the code %s", Spaced(device.Code()))
	l.say("It waits until %s. To cancel, say cancel.", device.Deadline().In(l.o.Location).Format("15:04"))
	l.wait(name, device.Wait, func(line string) heard {
		if strings.EqualFold(line, "cancel") {
			return heardCancel
		}
		return heardOther
	}, "")
	return true
}

// heard is what a line means to a sign-in that waits.
type heard uint8

const (
	heardOther  heard = iota // the wait goes on
	heardAnswer              // it is about to end: no more lines are for it
	heardCancel
)

// answerLogin takes what is typed while a browser is waited for.
func (l *linear) answerLogin(login Login, line string) heard {
	people := l.o.Backend.PretendUsers()
	if n := numbers(line, len(people)); len(n) == 1 {
		if err := l.o.Backend.Pretend(l.ctx, login.URL(), people[n[0]-1]); err != nil {
			l.fail(err)
			return heardOther
		}
		return heardAnswer
	}
	if strings.EqualFold(line, "cancel") {
		return heardCancel
	}
	if line == "" {
		return heardOther
	}
	if err := login.Paste(line); err != nil {
		l.say("%s. Still waiting.", err.Error())
		return heardOther
	}
	return heardAnswer
}

// wait waits for a sign-in to end, and meanwhile takes lines, and gives the advice
// there is for an error that only the browser shows.
func (l *linear) wait(name string, end func(context.Context) (auth.Grant, error), hear func(line string) heard, advice string) {
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	type ended struct {
		grant auth.Grant
		err   error
	}
	done := make(chan ended, 1)
	go func() {
		g, err := end(ctx)
		done <- ended{g, err}
	}()
	lines := l.lines
	var late <-chan time.Time
	if advice != "" {
		late = time.After(AdviceAfter)
	}
	for {
		select {
		case <-late:
			l.say("%s%s.", errorInBrowser, advice)
		case e := <-done:
			l.signedIn(name, e.grant, e.err)
			return
		case line, ok := <-lines:
			what := heardCancel
			if ok {
				what = hear(strings.TrimSpace(line))
			}
			switch what {
			case heardAnswer:
				lines = nil
			case heardCancel:
				l.say("Cancelled.")
				return
			}
		}
	}
}

func (l *linear) signedIn(name string, g auth.Grant, err error) {
	if err == nil {
		var a auth.Account
		if a, err = l.o.Backend.Keep(l.ctx, name, g); err == nil {
			l.say("Signed in as %s.", who(a))
			if g.Tokens.Refresh.IsZero() {
				l.say("Kinde gave no refresh token: it ends in %s.", span(max(g.Tokens.Lifetime, time.Minute)))
			}
			err = l.open(a.Name)
		}
	}
	if err != nil {
		l.say("%s", upper(oneLine(err.Error()))+". Say sign in to try again.")
	}
}

// opponent is the account that tries to reach the open one's todos: the one that a
// number means, else the first other one.
func (l *linear) opponent(which string) (auth.Account, bool) {
	if which != "" {
		a, ok := l.chosenAccount(which)
		if ok && a.Sub == l.account.Sub {
			l.say("That is the account whose todos are to be kept apart. Say another.")
			ok = false
		}
		return a, ok
	}
	for _, a := range l.known() {
		if a.Sub != l.account.Sub {
			return a, true
		}
	}
	l.say("That takes a second account. Say: sign in another")
	return auth.Account{}, false
}

func (l *linear) tryOne(which string) {
	items, ok := l.picked(which)
	if !ok || len(items) != 1 {
		return
	}
	other, ok := l.opponent("")
	if !ok {
		return
	}
	for a, err := range l.o.Backend.TryOne(l.ctx, other.Name, l.account.Name, items[0]) {
		if err != nil {
			l.fail(err)
			return
		}
		actor := other
		if a.Name == "read-as-owner" {
			actor = l.account
		}
		method, path, _ := strings.Cut(a.Sent, " ")
		l.say("%s asks: %s %s. The answer: %s. That is %s: %s.", person(actor), method, shortPath(path), a.Answer, a.Verdict, a.Why)
	}
}

func (l *linear) isolation(which string) {
	other, ok := l.opponent(which)
	if !ok {
		return
	}
	n := map[string]int{}
	for a, err := range l.o.Backend.Isolation(l.ctx, other.Name, l.account.Name, l.o.Facts.Demo) {
		if err != nil {
			l.fail(err)
			return
		}
		n[a.Verdict]++
		l.say("%s: %s. %s", a.Name, a.Verdict, a.Why)
	}
	l.say("%s, %d safe, %d known, %d untested.", count(n["leak"], "leak", "leaks"), n["safe"], n["known"], n["untested"])
}

func (l *linear) screens() {
	s := l.o.Settings
	s.Accessible = false
	if l.keep(s) {
		l.say("The next start draws screens.")
	}
}
