package demodb

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// caller is whom a request acts as. The role decides what row-level security
// lets it see; only authenticated has a subject.
type caller struct{ role, sub string }

// owns is the policy's USING and WITH CHECK in one: they are the same expression.
func (c caller) owns(r *row) bool {
	switch c.role {
	case "project_admin":
		return true
	case "authenticated":
		return !r[userID].null && r[userID].text == c.sub
	}
	return false
}

// caller reads the credentials as InsForge does: an API key wins over a token,
// and there is no leeway on a token's end.
func (d *DB) caller(r *http.Request) (caller, *fault) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.Header.Get("X-Api-Key") != "" || strings.HasPrefix(token, "ik_"):
		return caller{}, insforge(http.StatusUnauthorized, "AUTH_INVALID_API_KEY", "Invalid API key")
	case !bearer || token == "":
		f := insforge(http.StatusUnauthorized, "AUTH_INVALID_CREDENTIALS", "No token provided")
		f.nextActions = "Check the token is valid or login to get a new token."
		return caller{}, f
	case strings.HasPrefix(token, "anon_"):
		return d.anonymous(token)
	}
	return d.authenticated(token)
}

func (d *DB) anonymous(key string) (caller, *fault) {
	known := d.config.AnonKey
	if known == "" || subtle.ConstantTimeCompare([]byte(known), []byte(key)) == 0 {
		return caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid anon key")
	}
	return caller{role: "anon"}, nil
}

func (d *DB) authenticated(token string) (caller, *fault) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return d.config.Secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(d.config.Now))
	if err != nil {
		return caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid token")
	}
	sub, isText := claims["sub"].(string)
	if claims["sub"] == nil || isText && sub == "" {
		return caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid token subject")
	}
	if !isText {
		return caller{}, &fault{status: http.StatusUnauthorized, code: "PGRST301", message: "JWTClaimsSetDecodeError"}
	}
	switch role := claims["role"]; role {
	case nil, "authenticated":
		return caller{role: "authenticated", sub: sub}, nil
	case "anon", "project_admin":
		return caller{role: role.(string)}, nil // InsForge hands no subject on for these
	}
	return caller{}, insforge(http.StatusForbidden, "AUTH_UNAUTHORIZED", "Invalid user role claim")
}
