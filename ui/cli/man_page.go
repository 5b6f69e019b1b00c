package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// entry is something and what it means.
type entry struct{ name, means string }

var outputs = []entry{
	{"--json", "one value: a list, or an object where there is one answer; nothing is [], what is missing is null"},
	{"--ndjson", "one line of JSON for each of a list; one line where there is one answer"},
	{"--plain", "for a todo its whole id, x or -, its state and its title, with tabs between; for each of another list the fields of --json in their order; for one answer a line for each field: name, tab, value. A list in a field stays JSON"},
}

var exitStatus = []entry{
	{"0", "done; a change that is saved here is done, and what waits is told on stderr"},
	{"1", "an error"},
	{"2", "the command was typed wrong"},
	{"3", "a sign-in is required, or the keyring is locked"},
	{"4", "not found, or ambiguous"},
	{"5", "a conflict is to be decided"},
}

// environment are the settings that most people set; the example of config.toml
// explains every one.
var environment = []entry{
	{"KINDE_ISSUER_URL, KINDE_CLIENT_ID", "the Kinde application"},
	{"KINDE_CLIENT_SECRET", "its secret, only where it is a \"Back-end web\" one"},
	{"KINDE_REDIRECT_URL", "the callback that is registered there"},
	{"KINDE_SITE_URL", "of a web application's settings: sign-in then names the callback to register"},
	{"KINDE_AUDIENCE, KINDE_ORG_CODE", "what to ask Kinde for, where the application needs it"},
	{"KINDE_DEVICE_CLIENT_ID", "a \"Device and IoT\" application, for login --device"},
	{"INSFORGE_URL, NEXT_PUBLIC_INSFORGE_URL", "the base address of the InsForge project"},
	{"NEXT_PUBLIC_INSFORGE_ANON_KEY", "its public key: setup and doctor check the table with it, isolation attacks as nobody"},
	{"KINDLING_COMPANION_URL", "the token endpoint"},
	{"INSFORGE_JWT_SECRET", "development only: signs here, and is the keys to the whole database; and the companion's own secret"},
	{"KINDLING_ALLOWED_CLIENTS", "further client ids that the companion takes, with commas"},
	{"KINDLING_ENV_FILE", "a file to read such settings from"},
	{"KINDLING_KEYRING, KINDLING_KEYRING_PASSPHRASE", "where secrets live: os, file or memory"},
	{"KINDLING_ACCOUNT", "the account to act as"},
	{"KINDLING_THEME, KINDLING_ACCESSIBLE", "the colours, and plain lines instead of drawn screens"},
	{"KINDLING_LOG", "debug, info, warn or error: write a log, without secrets or titles"},
	{"BROWSER", "the command that opens the sign-in page, given as its one argument"},
	{"VISUAL, EDITOR, NO_COLOR, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE", "as everywhere"},
	{"XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME", "where files go"},
}

// page is a manual page as it is written.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { _, _ = fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(title string, lines ...string) {
	p.line(`.SH "%s"`, title)
	for _, l := range lines {
		p.line("%s", l)
	}
}

// synopsis writes a line for each way that a command is used.
func (p *page) synopsis(c *cobra.Command) {
	p.section("SYNOPSIS")
	for i, use := range strings.Split(c.Use, " | ") {
		if i > 0 {
			p.line(".br")
		}
		_, rest, _ := strings.Cut(use, " ")
		if c.HasAvailableSubCommands() {
			rest = "[command]"
		}
		p.line(".B %s", roffText(c.CommandPath()))
		p.text(strings.TrimSpace(rest + " [options]"))
	}
}

// text writes paragraphs, whose lines are filled anew unless they are indented.
func (p *page) text(text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			p.line(".PP")
		}
		if code, ok := strings.CutPrefix(paragraph, "\t"); ok {
			p.verbatim("    " + code)
			continue
		}
		for line := range strings.Lines(paragraph) {
			p.line("%s", roffText(strings.TrimSpace(line)))
		}
	}
}

// verbatim keeps lines as they are.
func (p *page) verbatim(text string) {
	p.line(".nf")
	for line := range strings.Lines(text) {
		p.line("%s", roffText(strings.TrimRight(line, "\n")))
	}
	p.line(".fi")
}

func (p *page) list(title string, terms []entry) {
	p.section(title)
	for _, t := range terms {
		p.line(".TP\n.B %s", roffText(t.name))
		p.text(t.means)
	}
}

// commands lists those below a command, in their groups.
func (p *page) commands(c *cobra.Command) {
	groups := append([]*cobra.Group{{Title: "commands"}}, c.Groups()...)
	for _, g := range groups {
		var terms []entry
		for _, sub := range c.Commands() {
			if hasPage(sub) && sub.GroupID == g.ID {
				terms = append(terms, entry{sub.Use, sub.Short})
			}
		}
		if len(terms) > 0 {
			p.list(strings.ToUpper(g.Title), terms)
		}
	}
}

func (p *page) flags(title string, flags *pflag.FlagSet) {
	var terms []entry
	flags.VisitAll(func(f *pflag.Flag) {
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if kind, usage := pflag.UnquoteUsage(f); !f.Hidden {
			terms = append(terms, entry{strings.TrimSpace(name + " " + kind), usage})
		}
	})
	if len(terms) > 0 {
		p.list(title, terms)
	}
}

// roffText is a line of text that no macro and no escape is read from.
func roffText(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(line)
	if strings.HasPrefix(line, ".") {
		line = `\&` + line
	}
	return line
}
