package ui

import tea "charm.land/bubbletea/v2"

// list is the home screen: every todo of the account.
type list struct {
	host *host
	w, h int
}

func newList(h *host) *list { return &list{host: h} }

func (l *list) scope() scope                         { return inList }
func (l *list) capturing() bool                      { return false }
func (l *list) resize(w, h int)                      { l.w, l.h = w, h }
func (l *list) reset()                               {}
func (l *list) arrange() tea.Cmd                     { return nil }
func (l *list) settle() tea.Cmd                      { return nil }
func (l *list) turnDay() tea.Cmd                     { return nil }
func (l *list) note(changes []change)                {}
func (l *list) update(msg tea.Msg) (action, tea.Cmd) { return nil, nil }
func (l *list) view(w, h int) picture                { return picture{} }
