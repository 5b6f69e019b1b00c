package ui

import "slices"

// The screens beyond the list are registered here: their bindings, and which verb opens which.

// The verbs of those screens.
const (
	verbCopyShown    verb = "copy-address"
	verbPasteAddress verb = "paste-address"
	verbByCode       verb = "sign-in-by-code"
	verbCreate       verb = "create-account"
	verbOther        verb = "other-account"

	verbSignInOther verb = "sign-in-another"
	verbRenew       verb = "sign-in-again"
	verbSignOut     verb = "sign-out"

	verbMine        verb = "mine"
	verbTheirs      verb = "theirs"
	verbBoth        verb = "both"
	verbNextOne     verb = "next"
	verbPreviousOne verb = "previous"

	verbRetry   verb = "retry"
	verbDiscard verb = "discard"
	verbRestore verb = "restore"

	verbSwap        verb = "swap"
	verbOtherPerson verb = "other-person"
	verbRunAll      verb = "run-all"

	verbNextValue     verb = "next-value"
	verbPreviousValue verb = "previous-value"
)

// screenBindings are the keys of the screens beyond list, add and edit.
func screenBindings() []binding {
	return slices.Concat(accountBindings(), conflictBindings(), detailBindings(), settingBindings(), isolationBindings(), pickBindings())
}

func accountBindings() []binding {
	return []binding{
		bind(verbCopyShown, []string{"y"}, "copy the address or the command", inSignIn|inWelcome, false),
		bind(verbPasteAddress, []string{"p"}, "paste the browser's address", inSignIn, false),
		bind(verbByCode, []string{"d"}, "sign in with a code", inSignIn, false),
		bind(verbCreate, []string{"n"}, "create an account", inSignIn, false),
		bind(verbOther, []string{"o"}, "use another account", inSignIn, false),
		bind(verbSignInOther, []string{"n", "a"}, "sign in another", inAccounts, false),
		bind(verbRenew, []string{"l"}, "sign in again", inAccounts, false),
		bind(verbSignOut, []string{"x", "delete"}, "sign out", inAccounts, false),
	}
}

func conflictBindings() []binding {
	return []binding{
		bind(verbMine, []string{"m"}, "mine", inConflicts, false),
		bind(verbTheirs, []string{"t"}, "theirs", inConflicts, false),
		bind(verbBoth, []string{"b"}, "both", inConflicts, false),
		bind(verbNextOne, []string{"n", "tab", "right"}, "next", inConflicts, false),
		bind(verbPreviousOne, []string{"p", "shift+tab", "left"}, "previous", inConflicts, true),
	}
}

func detailBindings() []binding {
	return []binding{
		bind(verbRetry, []string{"r"}, "send it again", inDetails, false),
		bind(verbDiscard, []string{"x", "delete"}, "give the change up", inDetails, true),
		bind(verbRestore, []string{"b"}, "bring it back", inDetails, false),
	}
}

func settingBindings() []binding {
	return []binding{
		bind(verbNextValue, []string{"right", "space"}, "next value", inSettings, false),
		bind(verbPreviousValue, []string{"left"}, "previous value", inSettings, true),
	}
}

func isolationBindings() []binding {
	return []binding{
		bind(verbRunAll, []string{"r"}, "run every attack", inIsolation, true),
		bind(verbSwap, []string{"tab"}, "swap who attacks", inIsolation, true),
		bind(verbOtherPerson, []string{"n"}, "another account", inIsolation, false),
	}
}

// pickBindings are the number keys of short menus.
func pickBindings() []binding {
	all := make([]binding, 9)
	for i := range all {
		n := string(rune('1' + i))
		all[i] = bind(verb("pick-"+n), []string{n}, "take number "+n, inSignIn|inAccounts|inWelcome, false)
	}
	return all
}

// pickedBy is the place in a menu that a number key means, from 0.
func pickedBy(v verb) (n int, ok bool) {
	if len(v) != len("pick-1") || v[:5] != "pick-" {
		return 0, false
	}
	return int(v[5] - '1'), true
}

// screenFor makes the screen that a global verb opens; nil when the verb opens none.
func screenFor(sh *shared, v verb) screen {
	switch v {
	case verbAccounts:
		return newAccounts(sh)
	case verbConflicts:
		return newConflicts(sh)
	case verbDetails:
		return newDetails(sh)
	case verbSettings:
		return newSettings(sh)
	case verbIsolation:
		return newIsolation(sh)
	}
	return nil
}
