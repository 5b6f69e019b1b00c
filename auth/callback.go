package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"kindling/assets"
)

// maxCallback is the longest query read: Kinde's codes are far shorter.
const maxCallback = 8 << 10

// errMalformed is an answer with the right state that says nothing usable.
var errMalformed = problemf(ErrState, "this address is not complete: copy all of it, from http to its end")

// callback is what an issuer's answer says. Exactly one of code and refused is set.
type callback struct {
	code, issuer         string
	refused, description string
	browser
}

// browser is the one that brought an answer, and waits for its page. It is
// zero for an answer that was pasted.
type browser struct {
	page  chan assets.Page
	shown chan struct{} // closed when the page was sent
}

// parseCallback reads the query of a redirect. The state is compared before
// anything else is looked at, whether the answer is a code or an error.
func parseCallback(rawQuery, state string) (callback, error) {
	if len(rawQuery) > maxCallback {
		return callback{}, ErrState
	}
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return callback{}, ErrState
	}
	if got := q["state"]; len(got) != 1 || subtle.ConstantTimeCompare([]byte(got[0]), []byte(state)) != 1 {
		return callback{}, ErrState
	}
	for _, once := range []string{"code", "error", "iss", "error_description"} {
		if len(q[once]) > 1 {
			return callback{}, errMalformed
		}
	}
	c := callback{code: q.Get("code"), issuer: q.Get("iss"), refused: q.Get("error"), description: q.Get("error_description")}
	if (c.code == "") == (c.refused == "") {
		return callback{}, errMalformed
	}
	return c, nil
}

// refusal is the error an answer stands for, nil for a code.
func (c callback) refusal(issuer string) error {
	switch c.refused {
	case "":
		return nil
	case "access_denied":
		return problemf(ErrDenied, "%v: try again, or sign in as somebody else", ErrDenied)
	case "login_link_expired":
		return problemf(ErrLinkStale, "the e-mail link expired: sign in again for a new one")
	case "wrong_issuer":
		return problemf(ErrDenied, "the answer came from another issuer than %s: nothing was sent to it; try again", issuer)
	case "invalid_request", "unauthorized_client", "invalid_scope", "unsupported_response_type":
		return fmt.Errorf("the issuer %s refuses this application (%s): check KINDE_CLIENT_ID and the application's settings in Kinde", issuer, serverSays(c.refused, c.description))
	}
	return fmt.Errorf("the issuer %s could not sign you in (%s): try again", issuer, serverSays(c.refused, c.description))
}

// pastedQuery takes the query out of what a person copied from a browser's
// address bar, whole or from the question mark on. A terminal may have broken it
// into lines.
func pastedQuery(pasted string, redirect *url.URL) (string, error) {
	pasted = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, pasted)
	address, query, found := strings.Cut(pasted, "?")
	if !found {
		address, query = "", pasted
	}
	query, _, _ = strings.Cut(query, "#")
	whole := *redirect
	whole.RawQuery, whole.Fragment = "", ""
	if address != "" && !strings.EqualFold(address, whole.String()) {
		return "", problemf(ErrState, "this address is not from this sign-in: paste the one the browser ended at, it begins with %s", redirect)
	}
	return query, nil
}

// ParseRedirect reads the address of a callback: on loopback, since nothing else may
// receive a code, and with its port.
func ParseRedirect(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	loopback := []string{"127.0.0.1", "::1", "localhost"}
	if err != nil || u.Scheme != "http" || !slices.Contains(loopback, u.Hostname()) || u.Port() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("KINDE_REDIRECT_URL must be http on 127.0.0.1 or localhost with a port, like " + DefaultRedirectURL)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u, nil
}
