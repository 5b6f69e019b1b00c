package store_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

var update = flag.Bool("update", false, "write what the real backend answers into testdata/contract.txt")

// exchange is one case of testdata/contract.txt: a request over the fixture,
// the answer, and what of the table it changed.
type exchange struct {
	name, request, answer string
}

// TestContract holds both backends to one text: the pretend one answers as the
// real one does, byte for byte but for the wording of parse errors.
func TestContract(t *testing.T) {
	file, cases := readContract(t)
	eachBackend(t, func(t *testing.T, b *backend) {
		var again strings.Builder
		again.WriteString(file)
		for _, c := range cases {
			got := strings.TrimSpace(c.run(t, b))
			fmt.Fprintf(&again, "\n== %s\n%s\n--\n%s\n", c.name, c.request, got)
			if !*update && got != c.answer {
				t.Errorf("%s\n%s\n--- got\n%s\n--- want\n%s", c.name, c.request, got, c.answer)
			}
		}
		if *update && strings.HasSuffix(t.Name(), "/real") {
			if err := os.WriteFile("testdata/contract.txt", []byte(again.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// readContract returns what stands above the first case, and the cases.
func readContract(t *testing.T) (head string, cases []exchange) {
	t.Helper()
	text, err := os.ReadFile("testdata/contract.txt")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "\n== ")
	for part := range strings.SplitSeq(rest, "\n== ") {
		name, body, _ := strings.Cut(part, "\n")
		request, answer, _ := strings.Cut(body, "\n--\n")
		cases = append(cases, exchange{name, strings.TrimSuffix(request, "\n--"), strings.TrimSpace(answer)})
	}
	if len(cases) < 50 {
		t.Fatalf("%d cases", len(cases))
	}
	return head, cases
}

// run plays the case on a fresh fixture.
func (c exchange) run(t *testing.T, b *backend) string {
	t.Helper()
	before := b.planted(t)
	lines := strings.Split(names.Replace(c.request), "\n")
	words := strings.Fields(lines[0]) // who, method, path
	headers, body := map[string]string{}, ""
	for _, line := range lines[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok && body == "" && !strings.ContainsAny(name, `{["`) {
			headers[name] = value
		} else {
			body += line
		}
	}
	res, text := b.do(t, words[0], words[1], "/api/database/"+words[2], headers, body)
	got := readable(answerText(res, text))
	if words[1] == "GET" || words[1] == "HEAD" {
		return got
	}
	return got + sortedLines(readable(changes(before, b.seen())))
}

func answerText(res *http.Response, body string) string {
	line := fmt.Sprint(res.StatusCode)
	for _, name := range []string{"Content-Range", "Preference-Applied", "Location"} {
		if v := res.Header.Get(name); v != "" {
			line += " | " + name + ": " + v
		}
	}
	return line + "\n" + untold(body)
}

// untold cuts a parse error to its code: PostgREST's words are its parser's own.
func untold(body string) string {
	code, _, _ := strings.Cut(body, ",")
	if slices.Contains([]string{`{"code":"PGRST100"`, `{"code":"2201B"`, `{"error":"INVALID_INPUT"`}, code) {
		return code + ",…}"
	}
	return body
}

// changes lists the rows that are only before (-) or only after (+).
func changes(before, after string) string {
	var out strings.Builder
	was, is := rowTexts(before), rowTexts(after)
	for row := range was {
		if !is[row] {
			fmt.Fprintf(&out, "\n- %s", row)
		}
	}
	for row := range is {
		if !was[row] {
			fmt.Fprintf(&out, "\n+ %s", row)
		}
	}
	return out.String()
}

// rowTexts splits a JSON array of rows into compact texts.
func rowTexts(array string) map[string]bool {
	rows := map[string]bool{}
	dec := jsontext.NewDecoder(strings.NewReader(array))
	if _, err := dec.ReadToken(); err != nil {
		return rows
	}
	for dec.PeekKind() == jsontext.KindBeginObject {
		v, err := dec.ReadValue()
		if err != nil || v.Compact() != nil {
			break
		}
		rows[string(v)] = true
	}
	return rows
}

func sortedLines(s string) string {
	lines := strings.Split(s, "\n")
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}
