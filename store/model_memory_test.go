package store

import (
	"fmt"
	"maps"
	"strings"

	"github.com/google/uuid"
)

// memory is what people did, as far as they know that it was saved.
type memory struct {
	born    map[string]bool            // todos, by the name that every text of them begins with
	deleted map[string]bool            // by anyone, ever
	copied  map[string]bool            // made twice on purpose
	typed   map[string]typing          // by text
	removed map[uuid.UUID]string       // who meant a row to be deleted, last
	turned  map[string]bool            // names that an undo or a redo was about
	apart   map[string]bool            // names that two windows of one device changed unseen by each other
	touched map[string]map[string]bool // by name, who ever meant to change a todo
	acted   map[string]bool            // names that the present act is about
	last    uuid.UUID                  // that was acted on
}

// typing is one text that a person typed, and whether its author replaced it.
type typing struct {
	who, name string
	replaced  bool
	apart     bool // it meets another text of its author: beside a third side's there is no place for both
}

func newMemory() memory {
	return memory{
		born: map[string]bool{}, deleted: map[string]bool{}, copied: map[string]bool{}, typed: map[string]typing{},
		removed: map[uuid.UUID]string{}, turned: map[string]bool{}, apart: map[string]bool{}, touched: map[string]map[string]bool{}, acted: map[string]bool{},
	}
}

func (m memory) clone() memory {
	m.born, m.deleted, m.copied = maps.Clone(m.born), maps.Clone(m.deleted), maps.Clone(m.copied)
	m.typed, m.removed = maps.Clone(m.typed), maps.Clone(m.removed)
	m.turned, m.acted, m.apart = maps.Clone(m.turned), maps.Clone(m.acted), maps.Clone(m.apart)
	touched := m.touched
	m.touched = map[string]map[string]bool{}
	for name, by := range touched {
		m.touched[name] = maps.Clone(by)
	}
	return m
}

// text makes a new text for a todo.
func (w *world) text(who, name string) string {
	w.n++
	w.touch(who, name)
	text := fmt.Sprintf("%s:%s%d", name, who, w.n)
	for old, t := range w.typed {
		if t.who == who && t.name == name {
			t.replaced = true
			w.typed[old] = t
		}
	}
	if who != "web" {
		w.typed[text] = typing{who: who, name: name}
	}
	return text
}

// touch remembers who changes a todo.
func (w *world) touch(who, name string) {
	if w.touched[name] == nil {
		w.touched[name] = map[string]bool{}
	}
	w.touched[name][who] = true
	w.acted[name] = true
}

// mean remembers what an act left on its author's screen.
func (w *world) mean(m *machine) error {
	shown, err := m.Window(w.ctx, 1000)
	for name := range w.acted {
		w.meant[name] = ""
		for _, it := range shown {
			if nameOf(it.Title) == name {
				w.meant[name] += fmt.Sprintf("%s %t;", it.Title, it.Done.Bool())
			}
		}
	}
	return err
}

func nameOf(title string) string {
	name, _, _ := strings.Cut(title, ":")
	return name
}

// gone remembers that somebody deleted a todo, and with it what he typed.
func (w *world) gone(who, title string) {
	w.deleted[nameOf(title)] = true
	w.text(who, nameOf(title))
	delete(w.typed, fmt.Sprintf("%s:%s%d", nameOf(title), who, w.n))
}

// supersede lets a text that a person brings back replace what he typed since.
func (w *world) supersede(who, title string) {
	back, known := w.typed[title]
	w.text(who, nameOf(title))
	delete(w.typed, fmt.Sprintf("%s:%s%d", nameOf(title), who, w.n))
	if known && back.who == who {
		w.typed[title] = typing{who: who, name: nameOf(title)}
	}
}
