package ui

import (
	"image/color"
	"math"
	"strings"
	"testing"

	"kindling/assets"
)

// TestThemesAreReadable checks every colour of every theme against each
// background it stands on, by WCAG's contrast ratio.
func TestThemesAreReadable(t *testing.T) {
	themes, err := readThemes(assets.Themes())
	if err != nil {
		t.Fatal(err)
	}
	if len(themes) < 6 || themes[0].Key != "default" {
		t.Fatalf("%d themes, the first is %q", len(themes), themes[0].Key)
	}
	for _, th := range themes {
		for name, r := range map[string]*ramp{"dark": th.Dark, "light": th.Light} {
			if r == nil {
				t.Errorf("%s has no %s variant", th.Key, name)
				continue
			}
			t.Run(th.Key+"/"+name, func(t *testing.T) { readable(t, *r) })
		}
	}
}

// ordinary are the terminal's own colours that are readable on light and dark in
// the palettes terminals ship: no black, no white, no bright ones.
const ordinary = "123456"

func readable(t *testing.T, r ramp) {
	for _, role := range r.roles() {
		switch role[0] {
		case "background", "cursor", "selection":
			continue
		}
		if r.Background == "" {
			if role[1] != "" && (len(role[1]) != 1 || !strings.Contains(ordinary, role[1])) {
				t.Errorf("%s = %q is not readable on every terminal", role[0], role[1])
			}
			continue
		}
		for _, back := range []string{r.Background, r.Cursor, r.Selection} {
			if c := contrast(role[1], back); !(c >= 4.5) { // NaN, of what is no true colour, is not enough
				t.Errorf("%s %q on %q has contrast %.2f, less than 4.5", role[0], role[1], back, c)
			}
		}
	}
}

// contrast is WCAG's ratio of two colours, 1 to 21.
func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(text string) float64 {
	c, ok := trueColor(text).(color.RGBA)
	if !ok {
		return math.NaN()
	}
	channel := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
}

func TestThemeFilesThatAreWrongAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"[dark]\ntext = \"red\"":           `text: "red" is no colour`,
		"[dark]\ntextt = \"1\"":            `"dark.textt" is no role`,
		"name = \"x\"":                     "neither [dark] nor [light]",
		"[dark":                            "read theme mine",
		"[light]\ncursor = \"16\"":         `"16" is no colour`,
		"[light]\nbackground = \"#12345\"": `"#12345" is no colour`,
	} {
		all := assets.Themes()
		all["mine"] = []byte(text)
		themes, err := readThemes(all)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
		if len(themes) != len(all)-1 {
			t.Errorf("%q: the other themes are not read", text)
		}
	}
}

func TestPlainLooksHaveNoColour(t *testing.T) {
	themes, _ := readThemes(assets.Themes())
	for _, th := range themes {
		s := newStyles(th, true, true)
		for _, k := range []ink{s.Text, s.Accent, s.Bad, s.Cursor.Text, s.Selection.Text, s.Title, s.Error, s.Link} {
			for _, code := range strings.FieldsFunc(k.start, func(r rune) bool { return !(r >= '0' && r <= '9') }) {
				if code != "1" && code != "2" && code != "4" && code != "9" {
					t.Errorf("%s: %q has colour", th.Key, k.start)
				}
			}
		}
		if s.Background != nil || s.Foreground != nil {
			t.Errorf("%s paints the terminal", th.Key)
		}
	}
}

// Without colours the keys of the footer are told from their words by weight.
func TestKeysStandOutWithoutColours(t *testing.T) {
	playWith(t, newFakeBackend(t, "Buy milk"), Options{Env: []string{"NO_COLOR=1"}}, func(d *driver) {
		lines := strings.Split(d.styled(), "\n")
		if footer := lines[len(lines)-1]; !strings.Contains(footer, "\x1b[1mspace") {
			t.Errorf("the footer is %q", footer)
		}
	})
}
