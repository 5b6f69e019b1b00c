package companion

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// refusal is any answer but a token: RFC 6750's errors, and a few of HTTP's own.
// Its text is fixed, so it says nothing of the token that it refuses.
type refusal struct {
	status      int
	code        string // "" where the request did not try to authenticate
	description string
	retry       time.Duration
	cause       error // for the log alone; why keys could not be had
}

func (r *refusal) Error() string { return r.description }

func (r *refusal) Unwrap() error { return r.cause }

func refuse(description string) *refusal {
	return &refusal{status: http.StatusUnauthorized, code: "invalid_token", description: description}
}

func malformed(status int, description string) *refusal {
	return &refusal{status: status, code: "invalid_request", description: description}
}

// What a token is refused for. All are 401 invalid_token.
var (
	errTooLong    = refuse("The access token is longer than 8 KiB")
	errUnreadable = refuse("The access token is not a readable JWT")
	errHeader     = refuse("The access token is not signed in the expected way")
	errUnknownKey = refuse("The access token is signed by an unknown key")
	errSignature  = refuse("The access token has a wrong signature")
	errIssuer     = refuse("The access token is from another issuer")
	errExpired    = refuse("The access token expired")
	errEarly      = refuse("The access token is not valid yet")
	errClient     = refuse("The access token is for another application")
	errIDToken    = refuse("An ID token is not an access token")
	errAudience   = refuse("The access token is for another audience")
	errNobody     = refuse("The access token names nobody")
)

// What a request is refused for.
var (
	errAnonymous    = &refusal{status: http.StatusUnauthorized, description: "Send the Kinde access token as a Bearer token"}
	errCredentials  = malformed(http.StatusBadRequest, "The Authorization header must hold one Bearer token")
	errBody         = malformed(http.StatusBadRequest, "The body must be a JSON object")
	errMethod       = malformed(http.StatusMethodNotAllowed, "Only POST is allowed")
	errBodyTooBig   = malformed(http.StatusRequestEntityTooLarge, "The body is larger than 8 KiB")
	errHeaderTooBig = malformed(http.StatusRequestHeaderFieldsTooLarge, "The header is larger than 16 KiB")
	errNoSuchPath   = &refusal{status: http.StatusNotFound, code: "not_found", description: "There is nothing at this address"}
	errBusy         = &refusal{status: http.StatusServiceUnavailable, code: "temporarily_unavailable", description: "Too many requests at once", retry: time.Second}
)

// keysUnavailable is a 503, never a 401: a 401 would sign people out for Kinde's outage.
func keysUnavailable(cause error) *refusal {
	return &refusal{http.StatusServiceUnavailable, "temporarily_unavailable", "The keys of the Kinde issuer cannot be had", 5 * time.Second, cause}
}

func tooMany(wait time.Duration) *refusal {
	return &refusal{status: http.StatusTooManyRequests, code: "too_many_requests", description: "Too many requests", retry: wait}
}

// write sends the refusal. Statuses 400 and 401 carry the challenge of RFC 6750.
func (r *refusal) write(w http.ResponseWriter) {
	h := w.Header()
	switch r.status {
	case http.StatusUnauthorized, http.StatusBadRequest:
		h["WWW-Authenticate"] = []string{r.challenge()}
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodPost)
	}
	if r.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int((r.retry+time.Second-1)/time.Second)))
	}
	writeJSON(w, r.status, struct {
		Code        string `json:"error,omitempty"`
		Description string `json:"error_description"`
	}{r.code, r.description})
}

func (r *refusal) challenge() string {
	if r.code == "" {
		return `Bearer realm="kindling"`
	}
	return `Bearer realm="kindling", error="` + r.code + `", error_description="` + r.description + `"`
}

// writeJSON sends an answer that nothing on its way may keep.
func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Cache-Control"] = []string{"no-store"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Content-Length"] = []string{strconv.Itoa(len(data))}
	w.WriteHeader(status)
	_, _ = w.Write(data) // a client that went away is no fault of ours
}
