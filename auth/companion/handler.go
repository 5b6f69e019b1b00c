package companion

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxBody      = 8 << 10
	maxHeader    = 16 << 10
	maxAtOnce    = 1024
	functionPath = "/functions/kindling-token" // where InsForge serves the edge function
)

// handler is the endpoint over HTTP. It keeps nothing but keys and limits, so
// any number of them may stand behind a load balancer.
type handler struct {
	verifier    *verifier
	keys        *keys
	secret      []byte
	behindProxy bool
	now         func() time.Time
	log         *slog.Logger
	subs        *limiter
	addresses   *limiter
	atOnce      atomic.Int32
}

func newHandler(c Config) (*handler, error) {
	c, err := prepare(c)
	if err != nil {
		return nil, err
	}
	v := newVerifier(c)
	return &handler{verifier: v, keys: v.keys.(*keys), secret: []byte(c.Secret.Reveal()), behindProxy: c.BehindProxy,
		now: c.Now, log: c.Log, subs: newLimiter(c.PerSub), addresses: newLimiter(c.PerAddress)}, nil
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/", functionPath:
		h.token(w, r)
	case "/healthz":
		writeStatus(w, true)
	case "/readyz":
		writeStatus(w, h.keys.ready(r.Context()))
	default:
		errNoSuchPath.write(w)
	}
}

// writeStatus answers a probe: healthz is "the process answers", readyz "it has keys".
func writeStatus(w http.ResponseWriter, ok bool) {
	if !ok {
		writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "no keys"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// token answers one request, and logs it.
func (h *handler) token(w http.ResponseWriter, r *http.Request) {
	p, m, refused := h.exchange(w, r)
	h.note(r, p, refused)
	if refused != nil {
		refused.write(w)
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Token     string `json:"access_token"`
		Type      string `json:"token_type"`
		ExpiresIn int    `json:"expires_in"`
	}{m.token, "Bearer", m.lifetime})
}

// exchange is the whole way from a request to a token; the cheap checks first.
func (h *handler) exchange(w http.ResponseWriter, r *http.Request) (p person, m minted, refused *refusal) {
	defer h.atOnce.Add(-1)
	if h.atOnce.Add(1) > maxAtOnce {
		return p, m, errBusy
	}
	token, refused := h.admit(w, r)
	if refused != nil {
		return p, m, refused
	}
	if p, refused = h.verifier.verify(r.Context(), token); refused != nil {
		return p, m, refused
	}
	if wait := h.subs.wait(p.sub, h.now()); wait > 0 {
		return p, m, tooMany(wait)
	}
	m, err := sign(p, h.secret, h.now())
	if err != nil {
		return p, m, &refusal{status: http.StatusInternalServerError, code: "server_error", description: "The token could not be signed", cause: err}
	}
	return p, m, nil
}

// admit checks what needs no key: form, sizes, and the address's limit.
func (h *handler) admit(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	if r.Method != http.MethodPost {
		return "", errMethod
	}
	if headerSize(r.Header) > maxHeader {
		return "", errHeaderTooBig
	}
	if from := address(r, h.behindProxy); from != "" {
		if wait := h.addresses.wait(from, h.now()); wait > 0 {
			return "", tooMany(wait)
		}
	}
	token, refused := bearer(r.Header["Authorization"])
	if refused != nil {
		return "", refused
	}
	return token, checkBody(w, r)
}

func headerSize(header http.Header) int {
	n := 0
	for name, values := range header {
		n += len(name) + 4
		for _, v := range values {
			n += len(v)
		}
	}
	return n
}

// bearer takes the token out of the Authorization header. No header, or another
// scheme, is an anonymous request; a Bearer header without exactly one token is
// a malformed one. Two headers count as one joined by a comma, as HTTP has it.
func bearer(headers []string) (string, *refusal) {
	value := strings.Trim(strings.Join(headers, ", "), " \t")
	scheme, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return "", errAnonymous
	}
	token := strings.TrimLeft(rest, " ")
	if token == "" || strings.ContainsAny(token, " \t,") {
		return "", errCredentials
	}
	return token, nil
}

// checkBody wants a JSON object, or nothing. What is in it does not matter: an
// edge function's proxy passes no other body on.
func checkBody(w http.ResponseWriter, r *http.Request) *refusal {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return errBodyTooBig
	}
	if err != nil {
		return errBody
	}
	if _, ok := object(data); len(data) > 0 && !ok {
		return errBody
	}
	return nil
}

// note logs the outcome. The sub is hashed, so that a log can be searched for
// somebody who asks about their own; a token never comes near it.
func (h *handler) note(r *http.Request, p person, refused *refusal) {
	level, outcome := slog.LevelInfo, "minted"
	if refused != nil {
		outcome = "refused"
		if refused.status >= http.StatusInternalServerError {
			level, outcome = slog.LevelWarn, "failed"
		}
	}
	if !h.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("outcome", outcome)}
	if p.sub != "" {
		attrs = append(attrs, slog.String("sub", hashSub(p.sub)))
	}
	if refused != nil {
		attrs = append(attrs, slog.Int("status", refused.status), slog.String("reason", refused.description))
		if refused.cause != nil {
			attrs = append(attrs, slog.Any("cause", refused.cause))
		}
	}
	h.log.LogAttrs(context.WithoutCancel(r.Context()), level, "token", attrs...)
}

// hashSub is the first twelve hex digits of the sub's SHA-256.
func hashSub(sub string) string {
	sum := sha256.Sum256([]byte(sub))
	return hex.EncodeToString(sum[:6])
}
