package companion

import (
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const maxToken = 8 << 10

// parsed is a JWT taken apart; nothing in it is to be believed yet.
type parsed struct {
	signed    string // the bytes under the signature
	signature []byte
	kid       string
	claims    map[string]any
}

// strict refuses set bits after the last byte: one token has one spelling.
var strict = base64.RawURLEncoding.Strict()

// parse takes a token apart and refuses every way of signing but the one we
// expect. golang-jwt's own parser is not used: it reads JSON with encoding/json,
// which takes "AZP" for "azp" and repairs broken text, while the edge function's
// JSON.parse does neither, and the two have to accept the same tokens.
func parse(token string) (*parsed, *refusal) {
	if len(token) > maxToken {
		return nil, errTooLong
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errUnreadable
	}
	header, ok := decodeObject(parts[0])
	claims, ok2 := decodeObject(parts[1])
	signature, ok3 := decodePart(parts[2])
	if !ok || !ok2 || !ok3 {
		return nil, errUnreadable
	}
	kid, ok := keyID(header)
	if !ok {
		return nil, errHeader
	}
	return &parsed{token[:len(parts[0])+1+len(parts[1])], signature, kid, claims}, nil
}

// keyID returns the kid of a header that names RS256 and nothing that could
// change where the key comes from or what has to be understood.
func keyID(header map[string]any) (string, bool) {
	for _, name := range []string{"jku", "jwk", "x5u", "crit"} {
		if _, there := header[name]; there {
			return "", false
		}
	}
	kid, _ := header["kid"].(string)
	return kid, kid != "" && header["alg"] == "RS256"
}

func decodeObject(part string) (map[string]any, bool) {
	data, ok := decodePart(part)
	if !ok {
		return nil, false
	}
	return object(data)
}

// decodePart is base64url as RFC 7515 has it. Go's decoder skips line breaks,
// which would be a second spelling of the same token.
func decodePart(part string) ([]byte, bool) {
	if strings.ContainsAny(part, "\r\n") {
		return nil, false
	}
	data, err := strict.DecodeString(part)
	return data, err == nil
}

// object reads one JSON object. Of a name given twice the last counts, as in
// JSON.parse; text that is not Unicode and numbers without a value are refused.
func object(data []byte) (map[string]any, bool) {
	var o map[string]any
	err := json.Unmarshal(data, &o, jsontext.AllowDuplicateNames(true))
	return o, err == nil && o != nil
}
