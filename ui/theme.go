package ui

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// theme is one file of colours, with a variant for each kind of background.
type theme struct {
	Key   string `toml:"-"` // the file's name without its ending: what the settings keep
	Name  string `toml:"name"`
	Dark  *ramp  `toml:"dark"`
	Light *ramp  `toml:"light"`
}

// ramp gives each role its colour: "#rrggbb", "0" to "15" for the terminal's own
// palette, or "" for the terminal's default.
type ramp struct {
	Background string `toml:"background"` // "": the terminal keeps its own
	Text       string `toml:"text"`
	Faint      string `toml:"faint"` // "": the terminal's faint attribute
	Accent     string `toml:"accent"`
	Good       string `toml:"good"`
	Warn       string `toml:"warn"`
	Bad        string `toml:"bad"`
	Project    string `toml:"project"`
	Context    string `toml:"context"`
	Link       string `toml:"link"`
	Cursor     string `toml:"cursor"`    // background of the row under the cursor
	Selection  string `toml:"selection"` // background of selected rows
}

// readThemes reads theme files by key, in the order they are cycled through:
// default first, then by name. A file that cannot be read is left out and named.
func readThemes(files map[string][]byte) (themes []theme, err error) {
	var bad []error
	for key, text := range files {
		t, e := readTheme(key, text)
		if e != nil {
			bad = append(bad, e)
			continue
		}
		themes = append(themes, t)
	}
	slices.SortFunc(themes, func(a, b theme) int {
		return cmp.Or(boolOrder(a.Key == "default", b.Key == "default"), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(bad, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return themes, errors.Join(bad...)
}

// boolOrder sorts true before false.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func readTheme(key string, text []byte) (theme, error) {
	t := theme{Key: key, Name: key}
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&t)
	var extra *toml.StrictMissingError
	if errors.As(err, &extra) && len(extra.Errors) > 0 {
		return theme{}, fmt.Errorf("read theme %s: %q is no role of a theme", key, strings.Join(extra.Errors[0].Key(), "."))
	}
	if err != nil {
		return theme{}, fmt.Errorf("read theme %s: %w", key, err)
	}
	if t.Dark == nil && t.Light == nil {
		return theme{}, fmt.Errorf("read theme %s: it has neither [dark] nor [light]", key)
	}
	for _, r := range []*ramp{t.Dark, t.Light} {
		if err := r.check(); err != nil {
			return theme{}, fmt.Errorf("read theme %s: %w", key, err)
		}
	}
	return t, nil
}

// on returns the variant for a background; where a theme has one only, that one.
func (t theme) on(dark bool) ramp {
	if t.Light == nil || dark && t.Dark != nil {
		return *t.Dark
	}
	return *t.Light
}

// roles lists the ramp's colours by name.
func (r *ramp) roles() [][2]string {
	return [][2]string{{"background", r.Background}, {"text", r.Text}, {"faint", r.Faint}, {"accent", r.Accent},
		{"good", r.Good}, {"warn", r.Warn}, {"bad", r.Bad}, {"project", r.Project}, {"context", r.Context},
		{"link", r.Link}, {"cursor", r.Cursor}, {"selection", r.Selection}}
}

func (r *ramp) check() error {
	if r == nil {
		return nil
	}
	for _, role := range r.roles() {
		if _, err := readColor(role[1]); err != nil {
			return fmt.Errorf("%s: %w", role[0], err)
		}
	}
	return nil
}

// indexed is one of the terminal's own 16 colours.
type indexed uint8

// readColor reads a colour of a theme file: nil for the default, an indexed, or
// a color.RGBA.
func readColor(text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	if hex, ok := strings.CutPrefix(text, "#"); ok && len(hex) == 6 {
		if n, err := strconv.ParseUint(hex, 16, 32); err == nil {
			return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}, nil
		}
	}
	if n, err := strconv.ParseUint(text, 10, 8); err == nil && n < 16 {
		return indexed(n), nil
	}
	return nil, fmt.Errorf("%q is no colour: use \"#rrggbb\", \"0\" to \"15\", or \"\"", text)
}
