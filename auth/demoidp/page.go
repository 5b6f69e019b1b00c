package demoidp

import (
	"embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"sync"
)

//go:embed pages
var pageFiles embed.FS

// pages are parsed at first use: every command of the program would wait for them.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(pageFiles, "pages/*.html"))
})

// page is what the templates draw. Choose is false on a page that only tells something.
type page struct {
	Title, Lead, Problem string
	Choose               bool
	Action               string // where the form goes
	Device               bool   // ask for a user code
	UserCode, Hint       string
	People               []Person
	SignUpFirst          bool
}

func (p *Provider) showSignIn(w http.ResponseWriter, status int, q authRequest, problem string) {
	v := page{Title: "Sign in", Lead: "A pretend Kinde. There is no password: choose who you are.", Problem: problem, Choose: true,
		Action: AuthorizePath + "/" + base64.RawURLEncoding.EncodeToString([]byte(q.query.Encode())),
		Hint:   q.query.Get("login_hint"), People: []Person{Alice, Bob}, SignUpFirst: q.prompt == "create"}
	if v.SignUpFirst {
		v.Title = "Create an account"
	}
	show(w, status, v)
}

func (p *Provider) showDevice(w http.ResponseWriter, status int, userCode, problem string) {
	show(w, status, page{Title: "Sign in a device", Lead: "Check that this is the code your terminal shows, then choose who you are.",
		Problem: problem, Choose: true, Action: VerifyPath, Device: true, UserCode: userCode, People: []Person{Alice, Bob}})
}

func (p *Provider) showMessage(w http.ResponseWriter, status int, title, text string) {
	show(w, status, page{Title: title, Lead: text})
}

// show draws a page. form-action is left out of the policy on purpose: browsers
// apply it to the redirect that answers the form, and that goes to another port.
func show(w http.ResponseWriter, status int, v page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_ = pages().ExecuteTemplate(w, "page.html", v) // the status is out; nothing more can be told
}
