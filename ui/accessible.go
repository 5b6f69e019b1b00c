package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kindling/auth"
	"kindling/store"
)

// linear is the program as a conversation in lines: for screen readers, and for
// terminals that can do nothing else. It draws no boxes, moves no cursor, and
// says every state in words. What it does goes through the same backend and the
// same steps as the screens.
type linear struct {
	ctx     context.Context
	o       Options
	lines   <-chan string // what the person types; closed at the end of input
	out     io.Writer
	todos   Todos // nil until an account is open
	account auth.Account
	shown   []store.Item // what the numbers of the last list mean
	said    int          // how many of them were said
	groups  []group      // the headings among them
	chosen  []store.Todo // what select took; the next action is about it
	query   string
	themes  []theme
	warned  string // what the session said last
	left    bool
}

// runAccessible talks until the person quits or the input ends; the summary is
// the same as Run's.
func runAccessible(ctx context.Context, o Options, in io.Reader, out io.Writer) (summary string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wholeCharacters.Store(true) // nothing stands in columns
	themes, _ := readThemes(o.Themes)
	l := &linear{ctx: ctx, o: o, lines: readLines(ctx, in), out: out, themes: themes}
	l.say("Kindling. Say help for what can be said, quit to leave.")
	for _, w := range append(o.Facts.Warnings, l.dangers()...) {
		l.say("Warning: " + w)
	}
	if o.Welcome {
		l.welcome()
		return "", nil
	}
	l.begin()
	for !l.left {
		line, ok := l.ask("> ")
		if !ok {
			break
		}
		l.take(line)
	}
	return l.leave(), nil
}

// readLines reads lines until the input or the context ends.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			select {
			case lines <- scan.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// say prints one clean line.
func (l *linear) say(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	_, _ = fmt.Fprintln(l.out, oneLine(format))
}

// ask waits for a line; false at the end of input.
func (l *linear) ask(prompt string) (string, bool) {
	_, _ = fmt.Fprint(l.out, prompt)
	select {
	case line, ok := <-l.lines:
		return strings.TrimSpace(line), ok
	case <-l.ctx.Done():
		return "", false
	}
}

// sure asks before something that cannot be undone; only yes is yes.
func (l *linear) sure(question string) bool {
	answer, _ := l.ask(oneLine(question) + " Type yes to go on, anything else to stay: ")
	return strings.EqualFold(answer, "yes")
}

func (l *linear) dangers() []string {
	var all []string
	if l.o.Facts.DevMode {
		all = append(all, "dev mode: this runs on the database's own key")
	}
	if l.o.Facts.Insecure {
		all = append(all, "insecure http: what is sent can be read on the way")
	}
	return all
}

func (l *linear) welcome() {
	l.say("Nothing is set up yet. There are two ways to begin:")
	for _, b := range beginnings {
		l.say("%s: run %s. %s", b.what, b.command(), b.why)
	}
}

// begin opens the account, or signs somebody in.
func (l *linear) begin() {
	if known := l.known(); len(known) == 0 {
		l.say("Nobody is signed in yet.")
		l.signIn(auth.LoginOptions{}, "")
		return
	}
	if err := l.open(l.o.Account); err != nil {
		l.fail(err)
	}
}

// open takes an account into use, and brings its list up to date.
func (l *linear) open(name string) error {
	todos, err := l.o.Backend.Open(l.ctx, name)
	if err != nil {
		return err
	}
	l.close()
	l.todos, l.account, l.shown, l.chosen, l.query = todos, accountOf(l.ctx, l.o.Backend, name), nil, nil, ""
	l.say("%s, %s.", who(l.account), l.o.Facts.Project)
	if text := asideText(todos); text != "" {
		l.say("Warning: %s", text)
	}
	l.sync("")
	l.list("")
	if n := len(l.drafts()); n > 0 {
		l.say("%s not saved. Say unsaved to hear them.", count(n, "text is", "texts are"))
	}
	return nil
}

func (l *linear) close() {
	if l.todos != nil {
		_ = l.todos.Close()
	}
	l.todos, l.account = nil, auth.Account{}
}

// leave closes what is open and says what is not sent.
func (l *linear) leave() string {
	if l.todos == nil {
		return ""
	}
	s, err := l.todos.Status(context.WithoutCancel(l.ctx))
	l.close()
	if err != nil || s.Unsent() == 0 {
		return ""
	}
	return unsentText(s.Waiting, s.Conflicts, s.Parked, s.Drafts)
}

// fail tells an error and the next step.
func (l *linear) fail(err error) {
	switch {
	case needsSignIn(err):
		l.say("You are not signed in any more. Nothing is lost. Say: sign in")
	case errors.Is(err, store.ErrOffline):
		l.say("Offline. Changes wait here and are sent later.")
	case errors.Is(err, store.ErrForeign):
		l.say("The project sent rows of somebody else. Say: isolation")
	case errors.Is(err, store.ErrNoToken):
		l.say("There is no token for the project. Run: kindling doctor")
	case errors.Is(err, store.ErrNoTable):
		l.say("The project has no todos table. Run: kindling schema")
	case errors.Is(err, store.ErrRefused):
		l.say("The project refuses this sign-in's key. Run: kindling doctor")
	case errors.Is(err, store.ErrBusy):
		l.say("Another kindling is syncing already.")
	default:
		l.say("That did not work: %s", err.Error())
	}
}

// phrase is something that can be said.
type phrase struct {
	words []string // the first is how help calls it
	args  string
	help  string
	alone bool // works without an open account
	do    func(l *linear, rest string)
}

// phrases are all that can be said, in the order of help.
func phrases() []phrase {
	return slices.Concat(todoPhrases(), listPhrases(), syncPhrases(), unsavedPhrases(), accountPhrases(), settingPhrases(), []phrase{
		{[]string{"help", "?"}, "[WORD]", "what can be said; with a word only what is about it", true, (*linear).help},
		{[]string{"quit", "q", "exit"}, "", "leave", true, func(l *linear, _ string) { l.quit() }},
	})
}

// take does what a line says.
func (l *linear) take(line string) {
	if line == "" {
		return
	}
	p, rest, ok := understand(line)
	switch {
	case !ok:
		l.say("%s is not understood. %s", inQuotes(line), instead(line))
	case l.todos == nil && !p.alone:
		l.say("Nobody is signed in. Say: sign in")
	default:
		p.do(l, rest)
	}
}

// understand finds the phrase that a line begins with, the longest first. What
// follows it is kept as it was typed.
func understand(line string) (p phrase, rest string, ok bool) {
	longest := 0
	for _, one := range phrases() {
		for _, words := range one.words {
			if after, begins := cutWords(line, words); begins && len(words) > longest {
				p, rest, ok, longest = one, after, true, len(words)
			}
		}
	}
	return p, rest, ok
}

// cutWords takes words off the beginning of a line, without regard to case or to
// how many spaces stand between them.
func cutWords(line, words string) (rest string, ok bool) {
	for _, word := range strings.Fields(words) {
		line = strings.TrimLeft(line, " \t")
		if len(line) < len(word) || !strings.EqualFold(line[:len(word)], word) {
			return "", false
		}
		line = line[len(word):]
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			return "", false
		}
	}
	return strings.TrimSpace(line), true
}

// help says the phrases, or those that are about a word.
func (l *linear) help(word string) {
	for _, p := range phrases() {
		line := strings.TrimSpace(p.words[0]+" "+p.args) + ": " + p.help + "."
		if strings.Contains(strings.ToLower(line), strings.ToLower(word)) {
			l.say(line)
		}
	}
	l.say("N is a number of the last list, or several: 1 3 5-7, or all; without N it is what was selected.")
}

func (l *linear) quit() {
	if l.todos != nil && l.o.Facts.Vault == "memory" {
		if s, err := l.todos.Status(l.ctx); err == nil && s.Unsent() > 0 &&
			!l.sure(Unsent(s.Unsent()).Error()+": this sign-in is kept in memory only.") {
			return
		}
	}
	l.left = true
}

func (l *linear) local() time.Time { return l.o.Now().In(l.o.Location) }
