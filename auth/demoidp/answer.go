package demoidp

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// oauthError is an error of RFC 6749, as JSON or on a callback.
type oauthError struct {
	status            int
	code, description string
}

func fail(code, description string) *oauthError {
	return &oauthError{http.StatusBadRequest, code, description}
}

func (e *oauthError) Error() string { return e.code + ": " + e.description }

func (e *oauthError) write(w http.ResponseWriter) {
	writeJSON(w, e.status, map[string]string{"error": e.code, "error_description": e.description})
}

func (e *oauthError) params() url.Values {
	return url.Values{"error": {e.code}, "error_description": {e.description}}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away is no fault of ours
}
