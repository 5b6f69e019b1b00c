// The floor: the least Bubble Tea program that draws the same rows from memory.
// Usage: minimal FILE, one row a line.
package main

import (
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

type model struct {
	rows         []string
	cursor, w, h int
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "j":
			m.cursor = min(m.cursor+1, len(m.rows)-1)
		case "k":
			m.cursor = max(m.cursor-1, 0)
		case "q":
			return m, tea.Quit
		}
	}
	return m, nil
}

func (m model) View() tea.View {
	var b strings.Builder
	top := max(0, m.cursor-m.h+1)
	for i := top; i < min(top+m.h, len(m.rows)); i++ {
		mark := "  "
		if i == m.cursor {
			mark = "> "
		}
		b.WriteString(ansi.Truncate(mark+m.rows[i], m.w, "…"))
		b.WriteByte('\n')
	}
	v := tea.NewView(strings.TrimSuffix(b.String(), "\n"))
	v.AltScreen = true
	v.ReportFocus = true
	return v
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err == nil {
		m := model{rows: strings.Split(strings.TrimSpace(string(data)), "\n")}
		_, err = tea.NewProgram(m, tea.WithFPS(120)).Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
