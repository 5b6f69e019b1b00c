// An empty main that imports what Kindling imports, to tell what the imports cost at start.
package main

import (
	_ "charm.land/bubbletea/v2"
	_ "charm.land/fang/v2"
	_ "charm.land/lipgloss/v2"
	_ "filippo.io/age"
	_ "github.com/MicahParks/keyfunc/v3"
	_ "github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum"
	_ "github.com/spf13/cobra"
	_ "github.com/zalando/go-keyring"
	_ "golang.org/x/oauth2"
)

func main() {}
