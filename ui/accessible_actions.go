package ui

import "strings"

// spokenAs says, for an action of the KeyMap, with which phrase the linear prompt
// offers it. Every action stands here or in unspoken; a test holds that.
var spokenAs = map[verb]string{
	verbToggle: "done", verbFlip: "reopen", verbAdd: "add", verbAnother: "add many", verbLiteral: "add as typed",
	verbEdit: "edit", verbDelete: "delete", verbClear: "clear completed", verbCopy: "copy",
	verbFilter: "filter", verbSaveFilter: "save filter", verbComplete: "names",
	filterVerb(1): "saved", filterVerb(2): "saved", filterVerb(3): "saved", filterVerb(4): "saved", filterVerb(5): "saved",
	filterVerb(6): "saved", filterVerb(7): "saved", filterVerb(8): "saved", filterVerb(9): "saved",
	verbSelect: "select", verbSelectAll: "select",
	verbSort: "sort", verbGroup: "group", verbShow: "show", verbPageDown: "more",
	verbUndo: "undo", verbRedo: "redo", verbSync: "sync",
	verbAccounts: "accounts", verbSignInOther: "sign in another", verbOther: "sign in another", verbRenew: "sign in",
	verbCreate: "create an account", verbSignOut: "sign out", verbByCode: "sign in by code", verbPasteAddress: "sign in",
	verbConflicts: "conflicts", verbMine: "mine", verbTheirs: "theirs", verbBoth: "both",
	verbDetails: "details", verbRetry: "retry", verbDiscard: "give up", verbRestore: "restore",
	verbIsolation: "try", verbRunAll: "isolation", verbOtherPerson: "isolation", verbSwap: "switch",
	verbSettings: "settings", verbTheme: "theme", verbMouse: "set", verbNextValue: "set", verbPreviousValue: "set",
	verbHelp: "help", verbPalette: "help", verbQuit: "quit",
}

// The reasons why an action has no meaning in a conversation of lines.
const (
	noCursor  = "no cursor moves: a todo is named by its number"
	noScreen  = "no screen is open that could be accepted or left: each line is done at once"
	noFields  = "the parts of a todo are said by their names: priority, due, projects and contexts"
	noEditor  = "an editor draws a screen, and would read the lines that are for the prompt"
	noBreaks  = "enter ends what is said"
	ownSignal = "the terminal does it itself"
	isSaid    = "the address is said, and can be copied as any text"
)

// unspoken are the actions that the linear prompt does not offer, and why.
var unspoken = map[verb]string{
	verbDown: noCursor, verbUp: noCursor, verbPageUp: noCursor, verbFoundDown: noCursor, verbFoundUp: noCursor, verbTop: noCursor, verbBottom: noCursor,
	verbSelectDown: noCursor, verbSelectUp: noCursor, verbNextOne: noCursor, verbPreviousOne: noCursor,
	"pick-1": noCursor, "pick-2": noCursor, "pick-3": noCursor, "pick-4": noCursor, "pick-5": noCursor,
	"pick-6": noCursor, "pick-7": noCursor, "pick-8": noCursor, "pick-9": noCursor,
	verbNext: noFields, verbPrevious: noFields,
	verbAccept: noScreen, verbBack: noScreen, verbSave: noScreen,
	verbEditor: noEditor, verbExternal: noEditor,
	verbNewline: noBreaks, verbSuspend: ownSignal, verbCopyShown: isSaid,
}

// instead tells what to say for the name or the key of an action.
func instead(line string) string {
	v := verb(strings.ToLower(line))
	if k, err := newKeyMap(nil); err == nil {
		if pressed, ok := k.lookup(inList, stroke(line)); ok {
			v = pressed
		}
	}
	if words := spokenAs[v]; words != "" {
		return "Say: " + words + "."
	}
	if why := unspoken[v]; why != "" {
		return "Here " + why + "."
	}
	return "Say help for what can be said."
}
