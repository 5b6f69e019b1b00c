package assets

import _ "embed"

// Companion is the token endpoint as an InsForge edge function.
//
//go:embed companion.js
var Companion string
