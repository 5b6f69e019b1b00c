// Package config makes flags, environment, env file and config.toml into one value.
package config

import (
	"cmp"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"kindling/auth"
	"kindling/ui"
)

// Config is everything Kindling was told; kindling(1) explains each name.
type Config struct {
	Issuer, ClientID, RedirectURL, Audience, OrgCode, DeviceClientID string
	ClientSecret                                                     auth.Secret
	SiteURL                                                          string // the guide's KINDE_SITE_URL, to explain callbacks
	InsForgeURL                                                      string
	AnonKey                                                          string
	CompanionURL                                                     string
	JWTSecret                                                        auth.Secret // dev mode
	AllowedClients                                                   []string
	Keyring                                                          string // os, file, memory
	KeyringPassphrase                                                auth.Secret
	Account                                                          string
	Browser                                                          string
	Log                                                              string
	InsecureHTTP                                                     bool
	UI                                                               ui.Settings
	ConfigDir, DataDir, StateDir                                     string // Kindling's own, under XDG

	origins map[string]string // where each setting came from, by its environment name
}

// Input is what a process was given.
type Input struct {
	Getenv       func(string) string
	EnvFile      string            // --env-file; "" leaves it to KINDLING_ENV_FILE
	Flags        map[string]string // flags that were set, by the environment name they stand for
	InsecureHTTP bool              // --insecure-http
}

// Path is where config.toml stands.
func (c Config) Path() string { return filepath.Join(c.ConfigDir, "config.toml") }

// Configured reports whether a project to talk to is known.
func (c Config) Configured() bool {
	return c.Issuer != "" && c.ClientID != "" && c.InsForgeURL != ""
}

// Missing names what has to be set before Kindling can sign in.
func (c Config) Missing() []string {
	var names []string
	for _, need := range []struct{ name, value string }{
		{"KINDE_ISSUER_URL", c.Issuer}, {"KINDE_CLIENT_ID", c.ClientID}, {"INSFORGE_URL", c.InsForgeURL},
	} {
		if need.value == "" {
			names = append(names, need.name)
		}
	}
	return names
}

// Origin says where a setting came from: a flag, the environment or a file;
// "" where it has its default.
func (c Config) Origin(name string) string { return c.origins[name] }

// RedirectGuessed reports that the callback is our default although a web
// application's settings are used: it may not be registered in Kinde yet.
func (c Config) RedirectGuessed() bool {
	return c.SiteURL != "" && c.origins["KINDE_REDIRECT_URL"] == ""
}

// setting is one name in the environment, in an env file and in config.toml.
type setting struct {
	names  []string // the first is the one we speak of
	secret bool
	file   func(*file) string // nil: never in config.toml
	put    func(*Config, string)
}

func (s setting) name() string { return s.names[0] }

var settings = []setting{
	{names: []string{"KINDE_ISSUER_URL"}, file: func(f *file) string { return f.Issuer }, put: func(c *Config, v string) { c.Issuer = v }},
	{names: []string{"KINDE_CLIENT_ID"}, file: func(f *file) string { return f.ClientID }, put: func(c *Config, v string) { c.ClientID = v }},
	{names: []string{"KINDE_CLIENT_SECRET"}, secret: true, file: func(f *file) string { return f.ClientSecret }, put: func(c *Config, v string) { c.ClientSecret = auth.NewSecret(v) }},
	{names: []string{"KINDE_REDIRECT_URL"}, file: func(f *file) string { return f.RedirectURL }, put: func(c *Config, v string) { c.RedirectURL = v }},
	{names: []string{"KINDE_AUDIENCE"}, file: func(f *file) string { return f.Audience }, put: func(c *Config, v string) { c.Audience = v }},
	{names: []string{"KINDE_ORG_CODE"}, file: func(f *file) string { return f.OrgCode }, put: func(c *Config, v string) { c.OrgCode = v }},
	{names: []string{"KINDE_DEVICE_CLIENT_ID"}, file: func(f *file) string { return f.DeviceClientID }, put: func(c *Config, v string) { c.DeviceClientID = v }},
	{names: []string{"KINDE_SITE_URL"}, put: func(c *Config, v string) { c.SiteURL = v }},
	{names: []string{"INSFORGE_URL", "NEXT_PUBLIC_INSFORGE_URL"}, file: func(f *file) string { return f.InsForgeURL }, put: func(c *Config, v string) { c.InsForgeURL = v }},
	{names: []string{"NEXT_PUBLIC_INSFORGE_ANON_KEY"}, file: func(f *file) string { return f.AnonKey }, put: func(c *Config, v string) { c.AnonKey = v }},
	{names: []string{"KINDLING_COMPANION_URL"}, file: func(f *file) string { return f.CompanionURL }, put: func(c *Config, v string) { c.CompanionURL = v }},
	{names: []string{"INSFORGE_JWT_SECRET"}, secret: true, file: func(f *file) string { return f.JWTSecret }, put: func(c *Config, v string) { c.JWTSecret = auth.NewSecret(v) }},
	{names: []string{"KINDLING_ALLOWED_CLIENTS"}, file: func(f *file) string { return strings.Join(f.AllowedClients, ",") }, put: func(c *Config, v string) { c.AllowedClients = splitList(v) }},
	{names: []string{"KINDLING_KEYRING"}, file: func(f *file) string { return f.Keyring }, put: func(c *Config, v string) { c.Keyring = v }},
	{names: []string{"KINDLING_KEYRING_PASSPHRASE"}, secret: true, put: func(c *Config, v string) { c.KeyringPassphrase = auth.NewSecret(v) }},
	{names: []string{"KINDLING_ACCOUNT"}, file: func(f *file) string { return f.Account }, put: func(c *Config, v string) { c.Account = v }},
	{names: []string{"BROWSER"}, file: func(f *file) string { return f.Browser }, put: func(c *Config, v string) { c.Browser = v }},
	{names: []string{"KINDLING_LOG"}, file: func(f *file) string { return f.Log }, put: func(c *Config, v string) { c.Log = v }},
	{names: []string{"KINDLING_THEME"}, put: func(c *Config, v string) { c.UI.Theme = v }},
	{names: []string{"KINDLING_ACCESSIBLE"}, put: func(c *Config, v string) { c.UI.Accessible = v != "0" && v != "false" }},
}

func splitList(v string) []string {
	parts := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

// layer is one source of settings, strongest first in Load.
type layer struct {
	name string // as Origin tells it
	get  settingOf
}

// Load reads every source and checks the result. Its errors are one line that
// says what to do.
func Load(in Input) (Config, error) {
	c := Config{UI: ui.DefaultSettings(), origins: map[string]string{}}
	if err := c.findDirs(in.Getenv); err != nil {
		return c, err
	}
	f, err := readFile(c.Path())
	if err != nil {
		return c, err
	}
	c.UI, c.InsecureHTTP = f.UI, f.InsecureHTTP || in.InsecureHTTP
	vars, envFile, err := readEnvFile(cmp.Or(in.EnvFile, in.Getenv("KINDLING_ENV_FILE")))
	if err != nil {
		return c, err
	}
	c.apply([]layer{
		{"a flag", byName(func(name string) string { return in.Flags[name] })},
		{"the environment", byName(in.Getenv)},
		{envFile, byName(func(name string) string { return vars[name] }).but("BROWSER")}, // a project's file names no program to run
		{c.Path(), func(s setting) string {
			if s.file == nil {
				return ""
			}
			return s.file(&f)
		}},
	})
	return c, c.check()
}

// settingOf reads a setting from one source.
type settingOf func(setting) string

// but is the source without a setting that it may not make.
func (get settingOf) but(name string) settingOf {
	return func(s setting) string {
		if s.name() == name {
			return ""
		}
		return get(s)
	}
}

func byName(get func(string) string) settingOf {
	return func(s setting) string {
		for _, name := range s.names {
			if v := get(name); v != "" {
				return v
			}
		}
		return ""
	}
}

// apply takes each setting from the strongest layer that has it.
func (c *Config) apply(layers []layer) {
	for _, s := range settings {
		for _, l := range layers {
			v := l.get(s)
			if v == "" {
				continue
			}
			s.put(c, strings.TrimSpace(v))
			c.origins[s.name()] = l.name
			break
		}
	}
}

// check normalises the addresses and refuses what cannot work.
func (c *Config) check() error {
	c.RedirectURL = cmp.Or(c.RedirectURL, auth.DefaultRedirectURL)
	c.Keyring = cmp.Or(c.Keyring, "os")
	if !slices.Contains([]string{"os", "file", "memory"}, c.Keyring) {
		return fmt.Errorf("KINDLING_KEYRING is %q: use os, file or memory", c.Keyring)
	}
	if _, err := auth.ParseRedirect(c.RedirectURL); err != nil {
		return err
	}
	for _, u := range []struct {
		name string
		at   *string
	}{{"KINDE_ISSUER_URL", &c.Issuer}, {"INSFORGE_URL", &c.InsForgeURL}, {"KINDLING_COMPANION_URL", &c.CompanionURL}} {
		if err := normalise(u.name, u.at, c.InsecureHTTP); err != nil {
			return err
		}
	}
	if c.CompanionURL == "" && c.InsForgeURL != "" {
		c.CompanionURL = c.InsForgeURL + "/functions/kindling-token"
	}
	return c.checkUI()
}

func (c *Config) checkUI() error {
	for _, s := range []struct {
		name, value string
		allowed     []string
	}{
		{"group", c.UI.Group, []string{"none", "due", "project", "priority", "context"}},
		{"sort", c.UI.Sort, []string{"created", "title", "due", "priority"}},
		{"show", c.UI.Show, []string{"open", "all", "done"}},
	} {
		if s.value != "" && !slices.Contains(s.allowed, s.value) {
			return fmt.Errorf("ui.%s in %s is %q: use %s", s.name, c.Path(), s.value, strings.Join(s.allowed, ", "))
		}
	}
	return nil
}

// ProjectHost is the project as people know it: the host of its address.
func (c Config) ProjectHost() string {
	u, err := url.Parse(c.InsForgeURL)
	if err != nil {
		return c.InsForgeURL
	}
	return u.Host
}
