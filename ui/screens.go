package ui

// The screens beyond the list are registered here: their bindings, and which verb opens which.

// screenBindings are the keys of the screens beyond list, add and edit.
func screenBindings() []binding { return nil }

// screenFor makes the screen that a global verb opens; nil when the verb opens none.
func screenFor(_ *host, _ verb) screen { return nil }

// welcomeScreen is shown instead of an account where nothing is configured.
func welcomeScreen(_ *host) screen { return nil }

// signInScreen is shown where no account is signed in, or where the session of
// the open one is dead: name is then its name, and the list stays usable below.
func signInScreen(_ *host, _ string) screen { return nil }
