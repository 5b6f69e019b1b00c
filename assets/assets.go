// Package assets holds what the binary hands out.
package assets

import _ "embed"

// Schema is the SQL that makes, or upgrades, a project's todos table.
//
//go:embed schema.sql
var Schema string
