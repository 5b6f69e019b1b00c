package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

// forPeople reports that no format for programs was asked for.
func (a *app) forPeople() bool { return !a.flags.json && !a.flags.ndjson && !a.flags.plain }

// ownOutput marks a command whose output is a file or a program of its own, and
// says what to do instead of asking it for a format.
const ownOutput = "output"

// checkFormat refuses a format where there is none to choose.
func (a *app) checkFormat(c *cobra.Command, _ []string) error {
	var asked []string
	for name, on := range map[string]bool{"--json": a.flags.json, "--ndjson": a.flags.ndjson, "--plain": a.flags.plain} {
		if on {
			asked = append(asked, name)
		}
	}
	switch instead, own := c.Annotations[ownOutput]; {
	case len(asked) > 1:
		return usagef("--json, --ndjson and --plain are three formats: choose one")
	case len(asked) == 0:
	case own:
		return usagef("%s is not for %s: %s", asked[0], c.CommandPath(), instead)
	case c.HasParent() && c.Parent().Name() == "completion":
		return usagef("%s is not for %s", asked[0], c.CommandPath())
	}
	return nil
}

// printValue prints an answer for programs: as one value of JSON; as a line of JSON
// for each of a list; or plain. Plain, a list has a line for each, with tabs between
// the fields, and one answer has a line for each field, with its name before it.
func (a *app) printValue(v any) error {
	if a.flags.json {
		return a.printJSON(v)
	}
	text, err := jsonText(v)
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	elements, list := []jsontext.Value{text}, text[0] == '['
	if list {
		err = json.Unmarshal(text, &elements, jsontext.AllowInvalidUTF8(true))
	}
	out := bufio.NewWriter(a.Stdout)
	for _, e := range elements {
		line := string(e)
		if err == nil && a.flags.plain {
			line, err = plainText(e, list)
		}
		_, _ = fmt.Fprintln(out, line) // Flush tells
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// plainText is an object on one line, or on a line for each field.
func plainText(object jsontext.Value, oneLine bool) (string, error) {
	var parts []string
	d := jsontext.NewDecoder(bytes.NewReader(object), jsontext.AllowInvalidUTF8(true))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' {
		var name, value jsontext.Value
		if name, err = d.ReadValue(); err != nil {
			break
		}
		label := plainField(name)
		if value, err = d.ReadValue(); oneLine {
			parts = append(parts, plainField(value))
		} else {
			parts = append(parts, label+"\t"+plainField(value))
		}
	}
	if oneLine {
		return strings.Join(parts, "\t"), err
	}
	return strings.Join(parts, "\n"), err
}

// plainField is a value without quotes; null is nothing, and a list stays JSON.
func plainField(value jsontext.Value) string {
	switch value.Kind() {
	case 'n':
		return ""
	case '"':
		if text, err := jsontext.AppendUnquote(nil, value); err == nil {
			return printable(string(text))
		}
	}
	return string(value)
}
