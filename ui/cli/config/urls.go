package config

import (
	"fmt"
	"net/url"

	"kindling/auth"
)

// normalise gives an address its one spelling: a project's address names its
// cache, so that two spellings would be two lists.
func normalise(name string, at *string, insecure bool) error {
	if *at == "" {
		return nil
	}
	u, err := url.Parse(*at)
	if err != nil || u.Hostname() == "" {
		return fmt.Errorf("%s is not a web address: write it like https://example.com", name)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%s must not hold a user name, a query or a #fragment: keep the plain address", name)
	}
	if err := checkScheme(name, u, insecure); err != nil {
		return err
	}
	*at = auth.NormalURL(*at)
	return nil
}

func checkScheme(name string, u *url.URL, insecure bool) error {
	switch {
	case u.Scheme == "https", u.Scheme == "http" && (insecure || auth.IsLoopback(u.Hostname())):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("%s is http, and %s is another machine: use https, or --insecure-http if you must", name, u.Hostname())
	}
	return fmt.Errorf("%s begins with %q: use https", name, u.Scheme+":")
}

// Insecure reports whether an address in use is http to another machine.
func (c Config) Insecure() bool {
	for _, address := range []string{c.Issuer, c.InsForgeURL, c.CompanionURL} {
		u, err := url.Parse(address)
		if err == nil && u.Scheme == "http" && !auth.IsLoopback(u.Hostname()) {
			return true
		}
	}
	return false
}
