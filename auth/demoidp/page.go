package demoidp

import (
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"strings"
)

//go:embed page.html
var pageText string

// page is what is drawn. Choose is false on a page that only tells something.
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
	text := strings.NewReplacer("%TITLE%", html.EscapeString(v.Title), "%LEAD%", html.EscapeString(v.Lead), "%FORM%", v.form())
	_, _ = text.WriteString(w, pageText) // the status is out; nothing more can be told
}

// markup is HTML. What varies goes in as an argument of add alone, between tags or
// inside double quotes, and is escaped there. A template of the standard library
// would do the same; but where one runs, the linker keeps every method of every
// type, and the whole program would be a fifth larger.
type markup struct{ strings.Builder }

func (m *markup) add(format string, args ...string) {
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = html.EscapeString(a)
	}
	fmt.Fprintf(m, format, safe...)
}

// form is what stands below the lead.
func (v page) form() string {
	var m markup
	if v.Problem != "" {
		m.add("<p class=\"problem\" role=\"alert\">%s</p>\n", v.Problem)
	}
	if !v.Choose {
		return m.String()
	}
	m.add("<form method=\"post\" action=\"%s\">\n", v.Action)
	v.fields(&m)
	for _, p := range v.People {
		m.person(p, v.Hint)
	}
	refuse := "Refuse"
	if !v.Device {
		refuse = "Cancel"
		if !v.SignUpFirst {
			m.join(v.Hint)
		}
	}
	m.add("<button type=\"submit\" name=\"who\" value=\"cancel\" class=\"quiet\">%s</button>\n</form>\n", refuse)
	return m.String()
}

// fields are what stands above the people. Enter in a text field presses a form's
// first submit button: that must not be somebody's account.
func (v page) fields(m *markup) {
	first := "new"
	if v.Device {
		first = ""
	}
	m.add("<button type=\"submit\" name=\"who\" value=\"%s\" class=\"enter\" tabindex=\"-1\" aria-hidden=\"true\">Go on</button>\n", first)
	if v.Device {
		m.add("<label class=\"code\">Code<input type=\"text\" name=\"user_code\" value=\"%s\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"12\" required></label>\n", v.UserCode)
	}
	if v.SignUpFirst {
		m.join(v.Hint)
	}
}

func (m *markup) person(p Person, hint string) {
	focus := ""
	if p.Email == hint {
		focus = " autofocus"
	}
	m.add("<button type=\"submit\" name=\"who\" value=\"%s\" class=\"who\"%s><span class=\"face\" aria-hidden=\"true\">%s</span><span><b>%s</b><small>%s</small></span></button>\n",
		p.Email, focus, p.Initial(), p.Name(), p.Email)
}

func (m *markup) join(hint string) {
	m.add("<div class=\"join\">\n<label>E-mail of a new account (or leave it empty)<input type=\"text\" inputmode=\"email\" name=\"email\" value=\"%s\" autocomplete=\"off\" maxlength=\"254\"></label>\n"+
		"<button type=\"submit\" name=\"who\" value=\"new\">Sign up</button>\n</div>\n", hint)
}
