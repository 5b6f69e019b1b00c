// Package config makes flags, environment, env file and config.toml into one value.
package config

import (
	"kindling/auth"
	"kindling/ui"
)

// Config is everything Kindling was told. See the README for each name.
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
}
