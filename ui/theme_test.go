package ui

import (
	"image/color"
	"math"
	"strconv"
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
			t.Run(th.Key+"/"+name, func(t *testing.T) { readable(t, *r, name) })
		}
	}
}

// palettes are what well-known terminals make of colours 1 to 15, after the background that they
// begin with. Solarized stands for those that give the bright ones other hues.
var palettes = map[string][]string{
	"dark": {
		"#000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff", // Linux console
		"#000000 800000 008000 808000 000080 800080 008080 c0c0c0 808080 ff0000 00ff00 ffff00 0000ff ff00ff 00ffff ffffff", // Windows console
		"#0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2", // Windows Terminal
		"#000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5", // macOS Terminal
		"#000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff", // xterm
		"#000000 bb0000 00bb00 bbbb00 0000bb bb00bb 00bbbb bbbbbb 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff", // PuTTY
		"#1e1e1e cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db e5e5e5", // VS Code
		"#300a24 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec", // Ubuntu
		"#1e1e1e c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff", // GNOME
		"#000000 cc0403 19cb00 cecb00 0d73cc cb1ed1 0dcdcd dddddd 767676 f2201f 23fd00 fffd00 1a8fff fd28ff 14ffff ffffff", // kitty
		"#232627 ed1515 11d116 f67400 1d99f3 9b59b6 1abc9c fcfcfc 7f8c8d c0392b 1cdc9a fdbc4b 3daee9 8e44ad 16a085 ffffff", // Konsole
		"#002b36 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3", // Solarized
	},
	"light": {
		"#ffffff 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5", // macOS Terminal
		"#ffffff cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff", // xterm
		"#ffffff c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2", // Windows Terminal
		"#ffffff cd3131 00bc00 949800 0451a5 bc05bc 0598bc 555555 666666 cd3131 14ce14 b5ba00 0451a5 bc05bc 0598bc a5a5a5", // VS Code
		"#ffffff c01c28 26a269 a2734c 12488b a347ba 2aa1b3 d0cfcc 5e5c64 f66151 33da7a e9ad0c 2a7bde c061cb 33c7de ffffff", // GNOME
		"#fcfcfc ed1515 11d116 f67400 1d99f3 9b59b6 1abc9c fcfcfc 7f8c8d c0392b 1cdc9a fdbc4b 3daee9 8e44ad 16a085 ffffff", // Konsole
		"#fdf6e3 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3", // Solarized
	},
}

// least is the contrast that each role of a theme has at the very least. A theme without a background
// stands on palettes of others, where no choice of hues reaches what ours must.
const (
	least        = 4.5
	leastOfOther = 2.5
)

func readable(t *testing.T, r ramp, variant string) {
	for _, role := range r.roles() {
		switch {
		case role[0] == "background" || role[0] == "cursor" || role[0] == "selection":
		case r.Background != "":
			for _, back := range []string{r.Background, r.Cursor, r.Selection} {
				holds(t, role[0], role[1], back, least)
			}
		case role[1] != "":
			n, err := strconv.Atoi(role[1])
			if err != nil {
				t.Fatalf("%s = %q needs a background to stand on", role[0], role[1])
			}
			for _, p := range palettes[variant] {
				colours := strings.Fields(p)
				holds(t, role[0], "#"+colours[n], colours[0], leastOfOther)
			}
		}
	}
}

func holds(t *testing.T, role, colour, back string, least float64) {
	t.Helper()
	if c := contrast(colour, back); !(c >= least) { // NaN, of what is no true colour, is not enough
		t.Errorf("%s %q on %q has contrast %.2f, less than %.1f", role, colour, back, c, least)
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
