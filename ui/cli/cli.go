// Package cli is the command line: every command, and the wiring behind it.
//
// Run makes an app, which is one run of the program, and lets cobra find the command.
// Each command has a file of its own name; change.go has those that change todos, and
// history.go undo and redo. Shared by them: open.go opens the todos of an account, changes
// and sends them; find.go reads titles and ids from arguments and standard input; print.go
// and output.go write for people and for programs; exit.go makes exit codes of errors.
// formats*.go read and write files of todos, check*.go are doctor's and schema's looks at a
// project, demo_servers.go is the pretend world. tui.go starts package ui, for which
// backend.go is the app.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"kindling/auth"
	"kindling/store"
)

// Process is what the program was started with, and where its parts meet.
type Process struct {
	Args           []string // without the program's name
	Getenv         func(string) string
	Environ        []string // for child processes, which get it without our secrets
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Build          Build
	Now            func() time.Time // nil: time.Now
	// Connect makes a signed-in session the store's source of tokens.
	Connect func(*auth.Session) store.TokenSource
}

// Build says which program this is.
type Build struct{ Version, Commit, Date string }

// Run runs one command and returns the process's exit code.
func Run(ctx context.Context, p Process) int {
	a := newApp(ctx, p)
	defer a.close()
	root := newRoot(a)
	if needsCommands(p.Args) {
		a.addCommands(root)
	}
	a.markStart(root)
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	a.typedAs = root.CommandPath()
	if c, _, err := root.Find(p.Args); err == nil {
		a.typedAs = c.CommandPath()
	}
	err := a.typed(fang.Execute(ctx, root,
		fang.WithVersion(a.Build.text()),
		fang.WithoutManpage(), // fang's writes to the process's stdout, and is hidden
		fang.WithErrorHandler(func(_ io.Writer, _ fang.Styles, err error) { a.tell(a.typed(err)) }),
	))
	a.settle()
	a.noteWarnings()
	if a.failed != nil {
		err = a.failed
		a.tell(err)
	}
	a.logEnd(err)
	return exitCode(err)
}

// typed makes an error from before the command's work a usage error, unless it
// is about where something is written.
func (a *app) typed(err error) error {
	_, writing := errors.AsType[*fs.PathError](err)
	if err != nil && !a.started && !writing {
		return usageError{err}
	}
	return err
}

// tell prints an error as people read it: one line.
func (a *app) tell(err error) {
	if errors.Is(err, context.Canceled) { // whoever stopped it knows
		return
	}
	_, _ = fmt.Fprintf(a.Stderr, "kindling: %s\n", printable(err.Error()+nextStep(err)))
	if exitCode(err) == exitUsage {
		_, _ = fmt.Fprintln(a.Stderr, "Try: "+a.typedAs+" --help")
	}
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "kindling",
		Short: "A terminal todo client for Kinde and InsForge, offline first",
		Long: "Kindling keeps your todos in InsForge and signs you in with Kinde.\n" +
			"Without a command it opens the program; with one it does that and returns.",
		Example: "kindling demo                        # try it, with nothing set up\n" +
			"kindling add buy milk due:tomorrow\n" +
			"kindling ls +home --json",
		Args:        noCommand,
		RunE:        a.runTUI,
		Annotations: map[string]string{ownOutput: "it opens the program; give it to a command, such as kindling ls"},

		PersistentPreRunE: a.checkFormat,

		SilenceUsage:  true,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,
	}
	a.globalFlags(root)
	return root
}

// needsCommands reports whether a line has a word, which may name a command, or asks
// for help, which lists them. The program itself and --version need none of the thirty.
func needsCommands(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return !strings.HasPrefix(arg, "-") || strings.Contains(arg, "h") // --help, by any of its spellings
	})
}

func (a *app) addCommands(root *cobra.Command) {
	for _, group := range commandGroups(a) {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, c := range group.commands {
			c.GroupID = group.id
			root.AddCommand(c)
		}
	}
	root.SetCompletionCommandGroupID("project")
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = noWords, func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	}
	root.SetHelpCommand(newHelpCmd())
}

// newHelpCmd is cobra's, but that it tells a command that there is none from one that there is.
func newHelpCmd() *cobra.Command {
	return &cobra.Command{
		Use:               "help [COMMAND…]",
		Short:             "Help about a command",
		GroupID:           "project",
		ValidArgsFunction: completeCommands,
		Annotations:       map[string]string{ownOutput: "it prints a page"},
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q", strings.Join(args, " "))
			}
			return of.Help()
		},
	}
}

// markStart notes when a command's own work begins: an error before that is
// about how the command was typed. An error of the work is kept from fang, which
// would ask the terminal for its colours first, and wait where none answers.
func (a *app) markStart(c *cobra.Command) {
	if work := c.RunE; work != nil {
		c.RunE = func(cmd *cobra.Command, args []string) error {
			a.started = true
			a.failed = work(cmd, args)
			return nil
		}
	}
	for _, sub := range c.Commands() {
		a.markStart(sub)
	}
}

func (a *app) globalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&a.flags.account, "account", "", "act as the account kept under this name")
	f.StringVar(&a.flags.envFile, "env-file", "", "read settings from this file, such as a guide's .env.local")
	f.Var(&a.flags.sync, "sync", "wait for the server, try it for 3 seconds, or no network at all")
	f.BoolVar(&a.flags.json, "json", false, "print JSON on stdout, and everything for people on stderr")
	f.BoolVar(&a.flags.ndjson, "ndjson", false, "the same with one line of JSON for each of a list")
	f.BoolVar(&a.flags.plain, "plain", false, "the same with tabs between fields, and no colours")
	f.BoolVar(&a.flags.accessible, "accessible", false, "plain lines instead of drawn screens, for screen readers")
	f.BoolVar(&a.flags.insecure, "insecure-http", false, "allow http to another machine")
	_ = root.RegisterFlagCompletionFunc("sync", cobra.FixedCompletions([]string{"wait", "try", "no"}, cobra.ShellCompDirectiveNoFileComp))
	_ = root.RegisterFlagCompletionFunc("account", a.completeAccounts)
}

// noCommand refuses words that name no command.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return usagef("unknown command %q%s", args[0], hint)
}

// syncMode is the value of --sync.
type syncMode string

func (m *syncMode) String() string { return string(*m) }

// Type implements pflag.Value.
func (m *syncMode) Type() string { return "wait|try|no" }

// Set implements pflag.Value.
func (m *syncMode) Set(s string) error {
	if s != "wait" && s != "try" && s != "no" {
		return fmt.Errorf("use wait, try or no")
	}
	*m = syncMode(s)
	return nil
}
