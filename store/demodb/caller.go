package demodb

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Caller is whom a request acts as. The role (authenticated, anon or
// project_admin) decides what row-level security lets it see; only
// authenticated has a subject.
type Caller struct{ Role, Sub string }

// owns is the policy's USING and WITH CHECK in one: they are the same expression.
func (c Caller) owns(r *row) bool {
	switch c.Role {
	case "project_admin":
		return true
	case "authenticated":
		return !r[userID].null && r[userID].text == c.Sub
	}
	return false
}

// caller reads the credentials as InsForge does: an API key wins over a token,
// and there is no leeway on a token's end.
func (c Config) caller(r *http.Request) (Caller, *fault) {
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.Header.Get("X-Api-Key") != "" || strings.HasPrefix(token, "ik_"):
		return Caller{}, insforge(http.StatusUnauthorized, "AUTH_INVALID_API_KEY", "Invalid API key")
	case !bearer || token == "":
		f := insforge(http.StatusUnauthorized, "AUTH_INVALID_CREDENTIALS", "No token provided")
		f.nextActions = "Check the token is valid or login to get a new token."
		return Caller{}, f
	case strings.HasPrefix(token, "anon_"):
		return c.anonymous(token)
	}
	return c.authenticated(token)
}

func (c Config) anonymous(key string) (Caller, *fault) {
	known := c.AnonKey
	if known == "" || subtle.ConstantTimeCompare([]byte(known), []byte(key)) == 0 {
		return Caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid anon key")
	}
	return Caller{Role: "anon"}, nil
}

func (c Config) authenticated(token string) (Caller, *fault) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return c.Secret, nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(c.Now))
	if err != nil {
		return Caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid token")
	}
	sub, isText := claims["sub"].(string)
	if claims["sub"] == nil || isText && sub == "" {
		return Caller{}, insforge(http.StatusUnauthorized, "AUTH_UNAUTHORIZED", "Invalid token subject")
	}
	if !isText {
		return Caller{}, &fault{status: http.StatusUnauthorized, code: "PGRST301", message: "JWTClaimsSetDecodeError"}
	}
	switch role := claims["role"]; role {
	case nil, "authenticated":
		return Caller{Role: "authenticated", Sub: sub}, nil
	case "anon", "project_admin":
		return Caller{Role: role.(string)}, nil // InsForge hands no subject on for these
	}
	return Caller{}, insforge(http.StatusForbidden, "AUTH_UNAUTHORIZED", "Invalid user role claim")
}
