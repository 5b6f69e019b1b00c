package assets

import _ "embed"

// ConfigExample is a config.toml with every setting in a comment.
//
//go:embed config.example.toml
var ConfigExample string
