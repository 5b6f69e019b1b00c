package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// verb is the name of something a person can do; the configuration rebinds it by this name.
type verb string

// scope is a set of places where a binding works.
type scope uint32

// The scopes. A global binding works everywhere, unless the key types text where text is typed.
const (
	inList scope = 1 << iota
	inAdd
	inPaste
	inEdit
	inFilter
	inPalette
	inHelp
	inConfirm
	inSignIn
	inAccounts
	inConflicts
	inIsolation
	inDetails
	inSettings
	inWelcome
	inField // a text field that a screen opened
	global

	everywhere = global - 1
	// menus are the screens with a cursor that moves over rows.
	menus = inList | inPalette | inHelp | inAccounts | inConflicts | inIsolation | inDetails | inSettings | inWelcome | inSignIn
	// dialogs are all screens above the list: esc leaves them.
	dialogs = everywhere
)

// binding is one row of the KeyMap: keys and help, with the verb they mean and where.
type binding struct {
	key.Binding
	verb verb
	in   scope
	tip  bool // shown in the footer
}

func bind(v verb, keys []string, does string, in scope, tip bool) binding {
	return binding{key.NewBinding(key.WithKeys(keys...), key.WithHelp(keyNames(keys), does)), v, in, tip}
}

// rebind gives a binding other keys.
func (b *binding) rebind(keys []string) {
	b.SetKeys(slices.Clone(keys)...)
	b.SetHelp(keyNames(keys), b.Help().Desc)
}

// KeyMap says which key means which verb, where. It is never changed once made.
type KeyMap struct{ bindings []binding }

// newKeyMap makes the default map with the person's own keys in it. A name it
// does not know, a key twice in one place, or a verb without a key is an error.
func newKeyMap(own map[string][]string) (*KeyMap, error) {
	k := &KeyMap{bindings: defaultBindings()}
	for name, keys := range own {
		i := slices.IndexFunc(k.bindings, func(b binding) bool { return string(b.verb) == name })
		if i < 0 {
			return nil, fmt.Errorf("config.toml, [ui.keys]: %q is not an action: kindling setup --example lists all", name)
		}
		k.bindings[i].rebind(keys)
	}
	return k, k.check()
}

func (k *KeyMap) check() error {
	for i := range k.bindings {
		a := &k.bindings[i]
		if len(a.Keys()) == 0 {
			return fmt.Errorf("config.toml, [ui.keys]: %q has no key; give it at least one", a.verb)
		}
		for j := range i {
			b := &k.bindings[j]
			if name := clash(a, b); name != "" {
				return fmt.Errorf("config.toml, [ui.keys]: %q means both %q and %q; change one of them", name, b.verb, a.verb)
			}
		}
	}
	return nil
}

// clash returns the key that two bindings share in one place, or "".
func clash(a, b *binding) string {
	if a.in&b.in == 0 && a.in&global == 0 && b.in&global == 0 {
		return ""
	}
	typing := a.in&^capturingScopes == 0 || b.in&^capturingScopes == 0
	for _, name := range a.Keys() {
		if key.Matches(stroke(name), b.Binding) && !(typing && typesText(name)) {
			return name
		}
	}
	return ""
}

// capturingScopes are where typed keys are text.
const capturingScopes = inAdd | inEdit | inFilter | inPalette | inField

// typesText reports whether the named key puts a character into a text.
func typesText(name string) bool { return name == "space" || len([]rune(name)) == 1 }

// stroke is a key by its name, as bindings match it.
type stroke string

func (s stroke) String() string { return string(s) }

// find returns the verb that a key means in a scope. With typing set, keys that
// type text mean none. A key of a non-Latin layout that means nothing itself is
// looked up by its place on a US keyboard.
func (k *KeyMap) find(s scope, msg tea.KeyPressMsg, typing bool) (verb, bool) {
	if typing && msg.Text != "" {
		return "", false
	}
	if v, ok := k.lookup(s, stroke(msg.String())); ok {
		return v, true
	}
	if v, ok := k.lookup(s, keystroke(msg)); ok {
		return v, true
	}
	return k.lookup(s, capital(msg))
}

// lastLatin is the last letter of Latin alphabets.
const lastLatin = 0x24f

// keystroke names a key with its modifiers. A key of a non-Latin layout goes by its
// place on a US keyboard, where the terminal tells that; a Latin one never does.
func keystroke(msg tea.KeyPressMsg) stroke {
	if msg.Code <= lastLatin {
		msg.BaseCode = 0
	}
	return stroke(msg.Keystroke())
}

// capital is the capital letter that shift makes of a non-Latin key's place.
func capital(msg tea.KeyPressMsg) stroke {
	if msg.Code <= lastLatin || msg.BaseCode == 0 || msg.Mod != tea.ModShift {
		return ""
	}
	return stroke(strings.ToUpper(string(msg.BaseCode)))
}

func (k *KeyMap) lookup(s scope, pressed stroke) (verb, bool) {
	for _, b := range k.bindings {
		if b.in&(s|global) != 0 && key.Matches(pressed, b.Binding) {
			return b.verb, true
		}
	}
	return "", false
}

// of returns the bindings that work in a scope, its own before the global ones.
func (k *KeyMap) of(s scope) []binding {
	var own, shared []binding
	for _, b := range k.bindings {
		switch {
		case b.in&global != 0:
			shared = append(shared, b)
		case b.in&s != 0:
			own = append(own, b)
		}
	}
	return append(own, shared...)
}

// get returns the binding of a verb.
func (k *KeyMap) get(v verb) binding {
	i := slices.IndexFunc(k.bindings, func(b binding) bool { return b.verb == v })
	if i < 0 {
		return binding{verb: v}
	}
	return k.bindings[i]
}

// key is the verb's first key as a person reads it.
func (k *KeyMap) key(v verb) string {
	if keys := k.get(v).Keys(); len(keys) > 0 {
		return keyName(keys[0])
	}
	return ""
}

// keyNames are keys as a person reads them.
func keyNames(keys []string) string { return arrows.Replace(strings.Join(keys, " ")) }

var arrows = strings.NewReplacer("up", "↑", "down", "↓", "left", "←", "right", "→", "pgup", "pgup", "pgdown", "pgdn")

// keyName writes a key as keyboards do.
func keyName(name string) string { return arrows.Replace(name) }
