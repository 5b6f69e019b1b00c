package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Minter turns a Kinde access token into an InsForge JWT: the companion's
// client, or the dev signer. A refusal of the Kinde token itself is ErrRejected.
type Minter interface {
	Mint(ctx context.Context, access Secret) (jwt Secret, lifetime time.Duration, err error)
}

// companion is the client of a token endpoint.
type companion struct {
	url  string
	http *http.Client
}

// NewCompanion makes a Minter that asks the companion at url. hc may be nil;
// its redirects are never followed.
func NewCompanion(url string, hc *http.Client) Minter {
	return &companion{url, bareHTTP(hc, nil)}
}

// Mint implements Minter.
func (c *companion) Mint(ctx context.Context, access Secret) (Secret, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader("{}"))
	if err != nil {
		return Secret{}, 0, fmt.Errorf("the companion's address is not a URL: check KINDLING_COMPANION_URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+access.Reveal())
	res, err := c.http.Do(req)
	if err != nil {
		return Secret{}, 0, unreachable(c.where(), err)
	}
	return c.read(res)
}

// longestLife, in seconds, is far more than a companion gives.
const longestLife = 24 * 3600

func (c *companion) read(res *http.Response) (Secret, time.Duration, error) {
	var body struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	err := json.NewDecoder(res.Body).Decode(&body)
	switch {
	case res.StatusCode == http.StatusOK && err == nil && body.AccessToken != "":
		said := time.Duration(min(body.ExpiresIn, longestLife)) * time.Second
		return NewSecret(body.AccessToken), lifetime(body.AccessToken, said), nil
	case res.StatusCode == http.StatusOK:
		return Secret{}, 0, &transient{error: fmt.Errorf("%s gave an answer that cannot be read: check KINDLING_COMPANION_URL", c.where())}
	case res.StatusCode == http.StatusUnauthorized && body.Error == "invalid_token":
		return Secret{}, 0, ErrRejected
	case res.StatusCode == http.StatusNotFound:
		return Secret{}, 0, fmt.Errorf("%s is not there: deploy it, or set KINDLING_COMPANION_URL", c.where())
	}
	return Secret{}, 0, failedAnswer(c.where(), res)
}

// where names the companion in messages, without a query that may hold a key.
func (c *companion) where() string {
	u, err := url.Parse(c.url)
	if err != nil {
		return "the companion"
	}
	return "the companion " + plain(u.Host+u.Path)
}
