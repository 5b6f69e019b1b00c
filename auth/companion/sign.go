package companion

import (
	"encoding/base64"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

const maxLife = 15 * time.Minute

// minted is an InsForge JWT and how long it is good for.
type minted struct {
	token    string
	lifetime int // seconds
}

// insforgeClaims is exactly what we sign, in this order. The role is a
// constant: nothing that a token says can make another one.
type insforgeClaims struct {
	Sub   string `json:"sub"`
	Role  string `json:"role"`
	Aud   string `json:"aud"`
	Email string `json:"email,omitempty"`
	Iat   int64  `json:"iat"`
	Exp   int64  `json:"exp"`
}

// hs256 is the encoded header {"alg":"HS256","typ":"JWT"}.
var hs256 = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "."

// sign is the one way from a person to an InsForge JWT: 15 minutes at most and
// never past the Kinde token's own end. golang-jwt makes the HMAC; the JSON is
// ours, since encoding/json escapes what JSON.stringify does not.
func sign(p person, secret []byte, now time.Time) (minted, error) {
	iat := now.Unix()
	exp := int64(math.Min(float64(iat+int64(maxLife.Seconds())), math.Floor(p.expires)))
	payload, err := json.Marshal(insforgeClaims{p.sub, "authenticated", "insforge-api", p.email, iat, exp})
	if err != nil {
		return minted{}, err
	}
	signed := string(base64.RawURLEncoding.AppendEncode([]byte(hs256), payload))
	mac, err := jwt.SigningMethodHS256.Sign(signed, secret)
	if err != nil {
		return minted{}, err
	}
	return minted{signed + "." + base64.RawURLEncoding.EncodeToString(mac), int(exp - iat)}, nil
}
