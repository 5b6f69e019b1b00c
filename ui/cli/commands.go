package cli

import (
	"github.com/spf13/cobra"
)

type commandGroup struct {
	id, title string
	commands  []*cobra.Command
}

// commandGroups is every command, in the order of the help page.
func commandGroups(a *app) []commandGroup {
	return []commandGroup{
		{"todos", "todos", []*cobra.Command{
			newAddCmd(a), newListCmd(a), newShowCmd(a), newDoneCmd(a), newReopenCmd(a),
			newEditCmd(a), newRemoveCmd(a), newUndoCmd(a), newRedoCmd(a), newImportCmd(a), newExportCmd(a),
		}},
		{"server", "the server", []*cobra.Command{newSyncCmd(a), newStatusCmd(a), newConflictsCmd(a), newParkedCmd(a)}},
		{"accounts", "accounts", []*cobra.Command{
			newLoginCmd(a), newLogoutCmd(a), newAccountsCmd(a), newSwitchCmd(a), newWhoamiCmd(a),
		}},
		{"project", "your own project", []*cobra.Command{
			newDemoCmd(a), newSetupCmd(a), newDoctorCmd(a), newSchemaCmd(a), newCompanionCmd(a), newIsolationCmd(a), newManCmd(a),
		}},
	}
}
