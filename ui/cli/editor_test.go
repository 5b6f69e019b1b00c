package cli

import (
	"strings"
	"testing"
)

func TestAnEditorThatIsNotThere(t *testing.T) {
	for _, editor := range []string{"no-such-editor-anywhere", "/no/such/editor --wait"} {
		a := newApp(t.Context(), Process{Stdin: strings.NewReader(""), Getenv: func(name string) string {
			return map[string]string{"EDITOR": editor}[name]
		}})
		_, err := a.editText(t.Context(), "a title")
		if err == nil || !strings.HasPrefix(err.Error(), "there is no editor "+strings.Fields(editor)[0]+": set VISUAL or EDITOR") {
			t.Errorf("%s: %v", editor, err)
		}
	}
}
