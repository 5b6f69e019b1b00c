package ui

import "slices"

// The verbs. Screens that are made elsewhere name theirs beside their bindings.
const (
	verbDown      verb = "down"
	verbUp        verb = "up"
	verbPageDown  verb = "page-down"
	verbPageUp    verb = "page-up"
	verbFoundDown verb = "found-page-down"
	verbFoundUp   verb = "found-page-up"
	verbTop       verb = "top"
	verbBottom    verb = "bottom"
	verbBack      verb = "back"
	verbAccept    verb = "accept"

	verbToggle     verb = "toggle"
	verbAdd        verb = "add"
	verbEdit       verb = "edit"
	verbEditor     verb = "editor"
	verbDelete     verb = "delete"
	verbClear      verb = "clear-completed"
	verbCopy       verb = "copy"
	verbFilter     verb = "filter"
	verbSelect     verb = "select"
	verbSelectDown verb = "select-down"
	verbSelectUp   verb = "select-up"
	verbSelectAll  verb = "select-all"
	verbSort       verb = "sort"
	verbGroup      verb = "group"
	verbShow       verb = "show"
	verbSaveFilter verb = "save-filter"

	verbComplete verb = "complete"
	verbLiteral  verb = "as-typed"
	verbSave     verb = "save"
	verbNewline  verb = "new-line"
	verbNext     verb = "next-field"
	verbPrevious verb = "previous-field"
	verbExternal verb = "external-editor"
	verbFlip     verb = "flip-done"
	verbAnother  verb = "add-another"

	verbUndo      verb = "undo"
	verbRedo      verb = "redo"
	verbSync      verb = "sync"
	verbAccounts  verb = "accounts"
	verbConflicts verb = "conflicts"
	verbIsolation verb = "isolation"
	verbDetails   verb = "sync-details"
	verbSettings  verb = "settings"
	verbTheme     verb = "theme"
	verbMouse     verb = "mouse"
	verbPalette   verb = "palette"
	verbHelp      verb = "help"
	verbSuspend   verb = "suspend"
	verbQuit      verb = "quit"
)

// defaultBindings is the whole map, in the order of help and palette.
func defaultBindings() []binding {
	return slices.Concat(listBindings(), moveBindings(), addBindings(), editBindings(), screenBindings(), globalBindings())
}

func listBindings() []binding {
	return []binding{
		bind(verbToggle, []string{"space", "x"}, "toggle done", inList, true),
		bind(verbAdd, []string{"a", "n"}, "add", inList, true),
		bind(verbEdit, []string{"enter", "e"}, "edit", inList, true),
		bind(verbEditor, []string{"E"}, "edit in $EDITOR", inList, false),
		bind(verbDelete, []string{"d", "delete"}, "delete", inList, true),
		bind(verbClear, []string{"D"}, "delete all completed", inList, false),
		bind(verbFilter, []string{"/"}, "filter", inList, true),
		bind(verbSelect, []string{"v"}, "select", inList, false),
		bind(verbSelectDown, []string{"shift+down", "J"}, "select downwards", inList, false),
		bind(verbSelectUp, []string{"shift+up", "K"}, "select upwards", inList, false),
		bind(verbSelectAll, []string{"ctrl+a"}, "select all", inList, false),
		bind(verbCopy, []string{"y"}, "copy the text", inList, false),
		bind(verbSort, []string{"s"}, "sort by the next order", inList, false),
		bind(verbGroup, []string{"o"}, "group by the next part", inList, false),
		bind(verbShow, []string{"f"}, "show open, all or done", inList, false),
		bind(verbSaveFilter, []string{"F"}, "keep this filter on a number key", inList, false),
		bind(filterVerb(1), []string{"1"}, "saved filter 1", inList, false),
		bind(filterVerb(2), []string{"2"}, "saved filter 2", inList, false),
		bind(filterVerb(3), []string{"3"}, "saved filter 3", inList, false),
		bind(filterVerb(4), []string{"4"}, "saved filter 4", inList, false),
		bind(filterVerb(5), []string{"5"}, "saved filter 5", inList, false),
		bind(filterVerb(6), []string{"6"}, "saved filter 6", inList, false),
		bind(filterVerb(7), []string{"7"}, "saved filter 7", inList, false),
		bind(filterVerb(8), []string{"8"}, "saved filter 8", inList, false),
		bind(filterVerb(9), []string{"9"}, "saved filter 9", inList, false),
	}
}

// filterVerb is the verb of the nth saved filter, from 1.
func filterVerb(n int) verb { return verb("filter-" + string(rune('0'+n))) }

func moveBindings() []binding {
	return []binding{
		bind(verbDown, []string{"j", "down"}, "down", menus|inFilter|inEdit|inPaste, false),
		bind(verbUp, []string{"k", "up"}, "up", menus|inFilter|inEdit|inPaste, false),
		bind(verbPageDown, []string{"ctrl+d", "pgdown"}, "a page down", menus&^inPalette, false),
		bind(verbPageUp, []string{"ctrl+u", "pgup"}, "a page up", menus&^inPalette, false),
		bind(verbFoundDown, []string{"pgdown"}, "a page down", inFilter|inPalette, false), // ctrl+d and ctrl+u edit the line there
		bind(verbFoundUp, []string{"pgup"}, "a page up", inFilter|inPalette, false),
		bind(verbTop, []string{"g", "home"}, "to the top", menus&^inPalette, false),
		bind(verbBottom, []string{"G", "end"}, "to the end", menus&^inPalette, false),
		bind(verbAccept, []string{"enter"}, "accept", dialogs&^(inList|inEdit|inHelp), true),
		bind(verbBack, []string{"esc"}, "back", dialogs, true),
	}
}

// addBindings are the keys of the line that adds todos. Keys that type text stay text there.
func addBindings() []binding {
	return []binding{
		bind(verbComplete, []string{"tab"}, "complete", inAdd, true),
		bind(verbLiteral, []string{"ctrl+l"}, "keep the words as typed", inAdd, true),
		bind(verbAnother, []string{"ctrl+j", "shift+enter"}, "add, and go on with another", inAdd, true),
	}
}

func editBindings() []binding {
	return []binding{
		bind(verbSave, []string{"enter", "ctrl+s"}, "save", inEdit, true),
		bind(verbNext, []string{"tab"}, "next field", inEdit, true),
		bind(verbPrevious, []string{"shift+tab"}, "previous field", inEdit, false),
		bind(verbNewline, []string{"shift+enter", "ctrl+j"}, "new line", inEdit, false),
		bind(verbFlip, []string{"ctrl+t"}, "done or open again", inEdit, false),
		bind(verbExternal, []string{"ctrl+o"}, "open in $EDITOR", inEdit, true),
	}
}

func globalBindings() []binding {
	return []binding{
		bind(verbHelp, []string{"?", "f1"}, "help", global, true),
		bind(verbPalette, []string{":", "ctrl+p"}, "commands", global, true),
		bind(verbUndo, []string{"u"}, "undo", global, true),
		bind(verbRedo, []string{"U", "ctrl+r"}, "redo", global, false),
		bind(verbSync, []string{"R"}, "sync now", global, false),
		bind(verbAccounts, []string{"A"}, "accounts", global, false),
		bind(verbConflicts, []string{"c"}, "conflicts", global, false),
		bind(verbIsolation, []string{"I"}, "isolation of two accounts", global, false),
		bind(verbDetails, []string{"S"}, "sync details", global, false),
		bind(verbSettings, []string{","}, "settings", global, false),
		bind(verbTheme, []string{"T"}, "next theme", global, false),
		bind(verbMouse, []string{"M"}, "mouse on or off", global, false),
		bind(verbSuspend, []string{"ctrl+z"}, "to the shell for a while", global, false),
		bind(verbQuit, []string{"q", "ctrl+c"}, "quit", global, true),
	}
}
