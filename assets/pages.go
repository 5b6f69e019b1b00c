package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"strings"
)

//go:embed pages/*.html
var pages embed.FS

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

// HTML is the page's text.
func (p Page) HTML() []byte {
	text, err := pages.ReadFile("pages/" + string(p) + ".html")
	if err != nil {
		panic(err) // a name that is not one of the constants above
	}
	return text
}

// Policy is the page's Content-Security-Policy: its own style, by hash, and nothing else.
func (p Page) Policy() string {
	_, rest, _ := strings.Cut(string(p.HTML()), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
