package assets

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
)

//go:embed pages/page.html
var layout string

// Page is one of the static pages that a browser sees when it comes back from
// the sign-in. They echo nothing of the request.
type Page string

// The pages, by what happened.
const (
	PageSuccess Page = "success" // signed in: back to the terminal
	PageRefused Page = "refused" // refused, cancelled or failed: the terminal says more
	PageExpired Page = "expired" // an e-mail link that was too old
	PageWrong   Page = "wrong"   // not an address of this sign-in
	PageAlready Page = "already" // this sign-in has its answer
)

// content is all that tells one page from another.
type content struct{ Sign, Title, Heading, Text string }

var contents = map[Page]content{
	PageSuccess: {"check", "Signed in", "You are signed in",
		"Go back to your terminal. You can close this page."},
	PageRefused: {"cross", "Not signed in", "You are not signed in",
		"The sign-in was refused or did not work out. Your terminal says more, and lets you try again."},
	PageExpired: {"clock", "The link expired", "The link expired",
		"Links in an e-mail work only for a short time. Go back to your terminal to get a new one."},
	PageWrong: {"mark", "Nothing to do here", "This page is not part of a sign-in",
		"If you were signing in, go back to your terminal and open the address it shows. It still waits for you."},
	PageAlready: {"check", "Already done", "This sign-in already has its answer",
		"Go back to your terminal. You can close this page."},
}

// marks are drawn in the circle above a page's heading.
var marks = map[string]string{
	"check": `<path d="M7.5 12.4l3 3 6-6.3"/>`,
	"cross": `<path d="M9 9l6 6m0-6l-6 6"/>`,
	"clock": `<path d="M12 7.5V12l3 2"/>`,
	"mark":  `<path d="M12 7.5v5.5m0 3v.1"/>`,
}

// HTML is the page's text: all of it our own, so nothing has to be escaped.
func (p Page) HTML() []byte {
	c := contents[p]
	return []byte(strings.NewReplacer("%TITLE%", c.Title, "%SIGN%", c.Sign, "%MARK%", marks[c.Sign],
		"%HEADING%", c.Heading, "%TEXT%", c.Text).Replace(layout))
}

// Policy is the page's Content-Security-Policy: its own style, by hash, and nothing else.
func (p Page) Policy() string {
	_, rest, _ := strings.Cut(string(p.HTML()), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
