package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"kindling/ui"
)

// file is config.toml. Its keys are the environment's names in small letters,
// without "kindling_" and the guide's "next_public_".
type file struct {
	Issuer         string      `toml:"kinde_issuer_url"`
	ClientID       string      `toml:"kinde_client_id"`
	ClientSecret   string      `toml:"kinde_client_secret"`
	RedirectURL    string      `toml:"kinde_redirect_url"`
	Audience       string      `toml:"kinde_audience"`
	OrgCode        string      `toml:"kinde_org_code"`
	DeviceClientID string      `toml:"kinde_device_client_id"`
	InsForgeURL    string      `toml:"insforge_url"`
	AnonKey        string      `toml:"insforge_anon_key"`
	JWTSecret      string      `toml:"insforge_jwt_secret"`
	CompanionURL   string      `toml:"companion_url"`
	AllowedClients []string    `toml:"allowed_clients"`
	Keyring        string      `toml:"keyring"`
	Account        string      `toml:"account"`
	Browser        string      `toml:"browser"`
	Log            string      `toml:"log"`
	InsecureHTTP   bool        `toml:"insecure_http"`
	UI             ui.Settings `toml:"ui"`
}

// readFile reads config.toml; a file that is not there has every default.
func readFile(path string) (file, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return file{UI: ui.DefaultSettings()}, nil
	}
	if err != nil {
		return file{}, fmt.Errorf("read the configuration: %w", err)
	}
	f, err := decode(data)
	if err != nil {
		return file{}, fmt.Errorf("%s %w", path, err)
	}
	return f, checkMode(path, f)
}

// decode reads the text strictly; an error names the line.
func decode(data []byte) (file, error) {
	f := file{UI: ui.DefaultSettings()}
	d := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err := d.Decode(&f)
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := &unknown.Errors[0]
		line, _ := first.Position()
		return f, fmt.Errorf("line %d: unknown setting %q: kindling setup --example lists all", line, strings.Join(first.Key(), "."))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return f, fmt.Errorf("line %d: %s", line, strings.TrimPrefix(bad.Error(), "toml: "))
	}
	return f, err
}

// checkMode refuses a file with a secret in it that other people can read.
// Windows keeps no such bits: its profile directory is private.
func checkMode(path string, f file) error {
	if f.ClientSecret == "" && f.JWTSecret == "" || runtime.GOOS == "windows" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s holds a secret that others can read: run chmod 600 %s", path, path)
	}
	return nil
}
