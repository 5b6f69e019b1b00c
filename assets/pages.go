package assets

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
	"sync"
)

//go:embed pages/page.html
var layoutText string

// layout is parsed at first use: every command of the program would wait for it.
var layout = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(layoutText))
})

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
		"Links in an e-mail work only for a short time. Go back to your terminal and press enter to get a new one."},
	PageWrong: {"mark", "Nothing to do here", "This page is not part of a sign-in",
		"If you were signing in, go back to your terminal and open the address it shows. It still waits for you."},
	PageAlready: {"check", "Already done", "This sign-in already has its answer",
		"Go back to your terminal. You can close this page."},
}

// HTML is the page's text.
func (p Page) HTML() []byte {
	var text bytes.Buffer
	if err := layout().Execute(&text, contents[p]); err != nil {
		panic(err) // texts into memory: there is nothing to fail
	}
	return text.Bytes()
}

// Policy is the page's Content-Security-Policy: its own style, by hash, and nothing else.
func (p Page) Policy() string {
	_, rest, _ := strings.Cut(string(p.HTML()), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
