package demoidp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Choose signs in on an authorize page without a browser: it makes the request
// that the form's button makes, and returns the callback address it is sent
// to, unvisited. who is "alice", "bob", an e-mail, "new" or "cancel".
func Choose(ctx context.Context, client *http.Client, authorizeURL, who string) (string, error) {
	form := strings.NewReader(url.Values{"who": {who}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, authorizeURL, form)
	if err != nil {
		return "", fmt.Errorf("choose %s: %w", who, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := still.Do(req)
	if err != nil {
		return "", fmt.Errorf("choose %s: %w", who, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("choose %s: the sign-in page answered %s", who, resp.Status)
	}
	return resp.Header.Get("Location"), nil
}
