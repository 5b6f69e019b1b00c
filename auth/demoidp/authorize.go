package demoidp

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const codeLife = 10 * time.Minute

// knownScopes are the only ones with an effect; any other is dropped without
// a word. "offline" is the one that gives a refresh token.
var knownScopes = []string{"openid", "profile", "email", "offline"}

// authRequest is one visit to the authorize endpoint, taken from its query.
type authRequest struct {
	query     url.Values
	client    string
	redirect  string
	state     string
	challenge string
	prompt    string
}

// readAuthRequest returns the request, or what is wrong with it in a way that
// must not be sent to its callback: the client or the callback itself.
func (p *Provider) readAuthRequest(query url.Values) (authRequest, string) {
	q := authRequest{query: query, client: query.Get("client_id"), redirect: query.Get("redirect_uri"),
		state: query.Get("state"), challenge: query.Get("code_challenge"), prompt: query.Get("prompt")}
	if !slices.Contains(p.config.Clients, q.client) {
		return q, "No application has the client id " + quoted(q.client) + "."
	}
	if !p.registered(q.redirect) {
		return q, "Invalid callback URL: " + quoted(q.redirect) + " is not one of this application's allowed callback URLs."
	}
	return q, ""
}

// takeAuthRequest returns a request that is in order; one that is not is answered.
func (p *Provider) takeAuthRequest(w http.ResponseWriter, r *http.Request, query url.Values) (q authRequest, ok bool) {
	q, problem := p.readAuthRequest(query)
	if problem != "" {
		p.showMessage(w, http.StatusBadRequest, "Something is not right", problem)
		return q, false
	}
	if f := q.fault(); f != nil {
		p.sendBack(w, r, q, f.params())
		return q, false
	}
	return q, true
}

// quoted keeps an outside value short on an error page.
func quoted(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return "“" + s + "”"
}

// fault is what the callback has to be told about a request, if anything.
func (q authRequest) fault() *oauthError {
	switch {
	case len(q.state) < 8:
		return fail("invalid_state", "The state is missing or has less than 8 characters")
	case q.query.Get("response_type") != "code":
		return fail("unsupported_response_type", "Only response_type=code is supported")
	case q.query.Get("code_challenge_method") != "S256" || len(q.challenge) != 43:
		return fail("invalid_request", "PKCE with the S256 method is required")
	case q.prompt != "" && !slices.Contains([]string{"none", "login", "create"}, q.prompt):
		return fail("invalid_request", "The prompt is not supported")
	}
	return nil
}

// authorize shows the sign-in page.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q, ok := p.takeAuthRequest(w, r, r.URL.Query())
	if !ok {
		return
	}
	if q.prompt == "none" {
		p.authorizeSilently(w, r, q)
		return
	}
	p.showSignIn(w, http.StatusOK, q, "")
}

// authorizeSilently is prompt=none: a session in this browser, or an error.
func (p *Provider) authorizeSilently(w http.ResponseWriter, r *http.Request, q authRequest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	who, ok := p.session(r)
	if !ok {
		p.sendBack(w, r, q, fail("login_required", "Nobody is signed in in this browser").params())
		return
	}
	p.grantCode(w, r, q, who)
}

// chosen takes the sign-in form. It stands both at the page's own address and
// below it with the request packed into one path element, so that the form's
// action needs no escaping for whoever drives it with a script.
func (p *Provider) chosen(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if packed := r.PathValue("request"); packed != "" {
		raw, _ := base64.RawURLEncoding.DecodeString(packed)
		query, _ = url.ParseQuery(string(raw)) // what is unreadable is refused below for what is missing
	}
	q, ok := p.takeAuthRequest(w, r, query)
	if !ok {
		return
	}
	p.decide(w, r, q)
}

func (p *Provider) decide(w http.ResponseWriter, r *http.Request, q authRequest) {
	choice := r.PostFormValue("who")
	if choice == "cancel" {
		p.sendBack(w, r, q, fail("access_denied", "The person cancelled the sign-in").params())
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who, problem := p.choose(choice, r.PostFormValue("email"))
	if problem != "" {
		p.showSignIn(w, http.StatusBadRequest, q, problem)
		return
	}
	p.startSession(w, who)
	p.grantCode(w, r, q, who)
}

// choose finds the person behind a button, or signs up a new one.
func (p *Provider) choose(choice, email string) (Person, string) {
	if choice == "new" {
		who, ok := p.state.signUp(email)
		if !ok {
			return who, "That is not an e-mail address."
		}
		return who, ""
	}
	who, ok := p.state.find(choice)
	if !ok {
		return who, "Choose who to sign in as."
	}
	return who, ""
}

// grantCode sends a fresh code to the callback. The caller holds the lock.
func (p *Provider) grantCode(w http.ResponseWriter, r *http.Request, q authRequest, who Person) {
	now := p.config.Now()
	secret := randomToken()
	f := family{Sub: who.Sub, Client: q.client, Scopes: granted(q.query.Get("scope")), Audience: q.query.Get("audience"),
		Org: q.query.Get("org_code"), SignedIn: now}
	p.state.Codes[digest(secret)] = &code{Family: f, Redirect: q.redirect, Challenge: q.challenge,
		Nonce: q.query.Get("nonce"), Until: now.Add(codeLife)}
	if err := p.save(); err != nil {
		p.sendBack(w, r, q, fail("server_error", "The state could not be saved").params())
		return
	}
	p.sendBack(w, r, q, url.Values{"code": {secret}, "scope": {strings.Join(f.Scopes, " ")}})
}

func granted(scope string) []string {
	scopes := []string{}
	for _, s := range strings.Fields(scope) {
		if slices.Contains(knownScopes, s) && !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// sendBack redirects to the callback with an answer and the request's state.
func (p *Provider) sendBack(w http.ResponseWriter, r *http.Request, q authRequest, answer url.Values) {
	u, err := url.Parse(q.redirect)
	if err != nil {
		p.showMessage(w, http.StatusBadRequest, "Something is not right", "The callback URL cannot be read.")
		return
	}
	values := u.Query()
	for k, v := range answer {
		values[k] = v
	}
	values.Set("state", q.state)
	if p.config.CallbackIssuer {
		values.Set("iss", p.config.Issuer)
	}
	u.RawQuery = values.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}
