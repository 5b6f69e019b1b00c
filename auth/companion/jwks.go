package companion

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/MicahParks/jwkset"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const maxDocument = 1 << 20

// source is where an issuer's keys are published.
type source struct {
	issuer string
	client *http.Client
}

// fetch reads the issuer's discovery document, and the keys where it says.
func (s source) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	address, err := s.discover(ctx)
	if err != nil {
		return nil, err
	}
	data, err := s.get(ctx, address)
	if err != nil {
		return nil, err
	}
	byID := readKeys(data)
	if len(byID) == 0 {
		return nil, errors.New("read keys: no usable RSA key is published")
	}
	return byID, nil
}

// discover returns the address of the keys, which must be the issuer's own.
func (s source) discover(ctx context.Context) (string, error) {
	data, err := s.get(ctx, s.issuer+"/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	document, ok := object(data)
	if !ok || document["issuer"] != s.issuer {
		return "", errors.New("read discovery: it is not this issuer's")
	}
	text, _ := document["jwks_uri"].(string)
	keys, err := url.Parse(text)
	own, _ := url.Parse(s.issuer) // checked with the configuration
	if err != nil || keys.Scheme != own.Scheme || keys.Host != own.Host || keys.User != nil {
		return "", errors.New("read discovery: the keys are not on the issuer's host")
	}
	return text, nil
}

// get asks without any credential: Kinde refuses its keys to a request with an
// Authorization header.
func (s source) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask issuer: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask issuer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask issuer: %s answered %d", req.URL.Path, resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	if err != nil || len(data) > maxDocument {
		return nil, fmt.Errorf("ask issuer: %s is unreadable or over 1 MiB: %w", req.URL.Path, err)
	}
	return data, nil
}

// readKeys takes the keys that can verify RS256 and leaves all others: one odd
// key must not cost the good ones.
func readKeys(data []byte) map[string]*rsa.PublicKey {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	_ = json.Unmarshal(data, &set, jsontext.AllowDuplicateNames(true)) // unreadable: no keys
	byID := map[string]*rsa.PublicKey{}
	for _, raw := range set.Keys {
		if kid, key := readKey(raw); key != nil {
			byID[kid] = key
		}
	}
	return byID
}

func readKey(raw []byte) (string, *rsa.PublicKey) {
	var m jwkset.JWKMarshal
	if json.Unmarshal(raw, &m, jsontext.AllowDuplicateNames(true)) != nil {
		return "", nil
	}
	if m.KTY != jwkset.KtyRSA || m.KID == "" || m.USE != "" && m.USE != jwkset.UseSig || m.ALG != "" && m.ALG != jwkset.AlgRS256 {
		return "", nil
	}
	bare := jwkset.JWKMarshal{KTY: m.KTY, N: m.N, E: m.E} // certificates and key_ops decide nothing here
	parsed, err := jwkset.NewJWKFromMarshal(bare, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return "", nil
	}
	key, ok := parsed.Key().(*rsa.PublicKey)
	if !ok || key.N.BitLen() < 2048 {
		return "", nil
	}
	return m.KID, key
}
