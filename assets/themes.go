package assets

import (
	"embed"
	"path"
	"strings"
)

//go:embed themes/*.toml
var themes embed.FS

// Themes returns the built-in themes by name, each a TOML file.
func Themes() map[string][]byte {
	files, _ := themes.ReadDir("themes") // embedded: it is there
	all := make(map[string][]byte, len(files))
	for _, f := range files {
		text, _ := themes.ReadFile(path.Join("themes", f.Name()))
		all[strings.TrimSuffix(f.Name(), ".toml")] = text
	}
	return all
}
