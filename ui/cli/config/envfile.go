package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// readEnvFile reads the variables of a file, and says the file's full name.
func readEnvFile(path string) (vars map[string]string, name string, err error) {
	if path == "" {
		return nil, "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", fmt.Errorf("read env file: %w", err)
	}
	vars, err = ParseEnv(string(data))
	if err != nil {
		return nil, "", fmt.Errorf("read env file %s: %w", path, err)
	}
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	return vars, path, nil
}

// ParseEnv reads the lines of a .env file as Next.js reads them: NAME=value with
// an optional "export", quotes of three kinds (which may span lines), and
// comments. It does not expand $NAME: a secret with a dollar sign stays whole.
func ParseEnv(text string) (map[string]string, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("it is not UTF-8 text")
	}
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	vars := map[string]string{}
	for line := 1; text != ""; {
		name, value, rest, err := nextVar(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if name != "" {
			vars[name] = value
		}
		line += strings.Count(text[:len(text)-len(rest)], "\n")
		text = rest
	}
	return vars, nil
}

// nextVar reads one statement; a comment or an empty line has no name.
func nextVar(text string) (name, value, rest string, err error) {
	line, after, _ := strings.Cut(text, "\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		return "", "", after, nil
	}
	name, _, found := strings.Cut(line, "=")
	if !found {
		return "", "", "", errors.New("expected NAME=value")
	}
	valueAt := len(name) + 1
	name = strings.TrimSpace(name)
	if cut, ok := strings.CutPrefix(name, "export"); ok && strings.TrimLeft(cut, " \t") != cut {
		name = strings.TrimSpace(cut)
	}
	if !validName(name) {
		return "", "", "", errors.New("expected NAME=value, with a name of letters, digits, _ . or -")
	}
	value, rest, err = readValue(text[valueAt:])
	return name, value, rest, err
}

func validName(name string) bool {
	for _, r := range name {
		if !(r == '_' || r == '.' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			return false
		}
	}
	return name != ""
}

// readValue reads a quoted value up to its closing quote, or the rest of the line.
func readValue(text string) (value, rest string, err error) {
	start := strings.TrimLeft(text, " \t")
	if start == "" || !strings.ContainsRune("\"'`", rune(start[0])) {
		line, after, _ := strings.Cut(text, "\n")
		return plainValue(line), after, nil
	}
	quote := start[0]
	end := closingQuote(start, quote)
	if end < 0 {
		return "", "", fmt.Errorf("the quote %c is never closed", quote)
	}
	value = start[1:end]
	if quote == '"' {
		value = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\"`, `"`, `\\`, `\`, `\$`, "$").Replace(value)
	}
	tail, after, _ := strings.Cut(start[end+1:], "\n")
	if tail = strings.TrimSpace(tail); tail != "" && tail[0] != '#' {
		return "", "", fmt.Errorf("there is text after the closing quote %c", quote)
	}
	return value, after, nil
}

func closingQuote(text string, quote byte) int {
	for i := 1; i < len(text); i++ {
		switch {
		case quote == '"' && text[i] == '\\':
			i++
		case text[i] == quote:
			return i
		}
	}
	return -1
}

// plainValue ends at a # that follows a space, as in "abc # why".
func plainValue(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	return strings.ReplaceAll(strings.TrimSpace(line), `\$`, "$")
}
