package cli

import (
	"bufio"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindling/store"
)

// decodeAll reads text in a format, or in the one that it looks like.
func decodeAll(t testing.TB, text, path, format string) ([]record, []string, error) {
	t.Helper()
	var r remarks
	records, err := decode(strings.NewReader(text), path, format, time.UTC, func(int) {}, &r)
	return records, slices.Collect(r.all()), err
}

// titles writes records as "x title", with the day of creation and the id behind it.
func titlesOf(records []record) []string {
	var all []string
	for _, rec := range records {
		line := rec.title
		if rec.done {
			line = "x " + line
		}
		if at := rec.created.String(); at != "" {
			line += " | " + strings.TrimSuffix(at, "T00:00:00+00:00")
		}
		if rec.source != "" {
			line += " | " + rec.source
		}
		all = append(all, line)
	}
	return all
}

func encode(t testing.TB, format string, o writeOptions, items ...store.Item) (string, []string) {
	t.Helper()
	f, ok := formatNamed(format)
	if !ok {
		t.Fatal(format)
	}
	var b strings.Builder
	var r remarks
	out := bufio.NewWriter(&b)
	if err := f.write(out, seq(items), o, &r); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String(), slices.Collect(r.all())
}

func seq(items []store.Item) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for _, it := range items {
			if !yield(it, nil) {
				return
			}
		}
	}
}

var someID = uuid.MustParse("11111111-2222-4333-8444-555555555555")

func todo(title string, done bool, created string) store.Item {
	at, err := store.ParseInstant(created)
	if err != nil {
		panic(err)
	}
	return store.Item{Todo: store.Todo{ID: someID, Title: title, Done: store.BoolOf(done), Created: at}}
}

func TestImportFormats(t *testing.T) {
	for _, c := range []struct {
		name, path, text string
		want, remarks    []string
	}{
		{"todo.txt", "a.txt", "\ufeff(A) 2026-01-02 call +x\r\n\n  \nx 2026-01-03 2026-01-02 paid due:2026-01-01\nx 2026-01-04 rest\nX not done\n  two  spaces \nxylophone\nx \n", []string{
			"(A) 2026-01-02 call +x | 2026-01-02", "x 2026-01-03 2026-01-02 paid due:2026-01-01 | 2026-01-02", "x 2026-01-04 rest | 2026-01-04",
			"X not done", "  two  spaces ", "xylophone",
		}, nil},
		{"todo.txt without a newline at the end", "-", "milk", []string{"milk"}, nil},
		{"nothing", "-", "", nil, nil},
		{"our JSON", "-", `[{"id":"a","title":"milk\nnotes","is_complete":true,"created_at":"2026-01-02T00:00:00+00:00","priority":null},
			{"id":7,"title":"tea","is_complete":null,"created_at":null}, {"title":" "}]`,
			[]string{"x milk\nnotes | 2026-01-02 | a", "tea | 7"}, []string{"1 todo left out: no title"}},
		{"JSON a line each", "a.ndjson", "{\"title\":\"a\"}\n{\"title\":\"b\"}\n", []string{"a", "b"}, nil},
		{"empty JSON", "-", "[]", nil, nil},
		{"Taskwarrior", "-", `[
			{"id":1,"uuid":"u1","description":"Call Mum","status":"pending","entry":"20260102T000000Z","due":"20261224T120000Z","priority":"H","project":"Home.Big plan","tags":["phone","x"],"annotations":[{"entry":"20260102T000000Z","description":"see https://a.b"}]},
			{"uuid":"u2","description":"rent","status":"completed","recur":"monthly","due":"20260201T000000Z","wait":"20260125T000000Z","scheduled":"20260128T000000Z","until":"20270101T000000Z","end":"20260103T000000Z","depends":["u1"]},
			{"uuid":"u3","description":"rent","status":"recurring","recur":"monthly"},
			{"uuid":"u4","description":"gone","status":"deleted"},
			{"uuid":"u5","description":"odd","status":"waiting","recur":"P1DT3H"},
			{"uuid":"u6","description":"","status":"pending"}]`, []string{
			"(A) Call Mum +Home.Big_plan @phone @x due:2026-12-24\nsee https://a.b | 2026-01-02 | u1",
			"x rent due:2026-02-01 t:2026-01-25 rec:+1m | u2", "odd | u5",
		}, []string{
			"1 todo without its dependencies: Kindling has none", "1 todo without the date until which it holds: Kindling has none",
			"1 todo without its scheduled date: t: holds the one until which it waits", "1 todo without the time of its completion: the table has none",
			"1 todo left out: a template of Taskwarrior's for recurring ones",
			"1 todo left out: deleted in Taskwarrior", "1 todo without its recurrence: rec: cannot say it", "1 todo left out: no description",
		}},
		{"our CSV", "-", "id,title,is_complete,created_at,state,priority,projects,contexts,due\na,\"(A) milk, tea +x\nmore\",true,2026-01-02T00:00:00+00:00,synced,A,x,,\n", []string{
			"x (A) milk, tea +x\nmore | 2026-01-02 | a",
		}, nil},
		{"another's CSV", "b.csv", "Task;Due Date;Labels;Priority;Project;Owner;Done\nmilk;2026-12-24;a, b;b;home;me;no\n;;;;;;\nrent;soon;;;;;yes\n", []string{
			"(B) milk +home @a @b due:2026-12-24", "x rent",
		}, []string{"columns not taken: Owner", "1 todo left out: no title", "1 todo without its due date: it is no date"}},
		{"tabs", "b.tsv", "title\tdue\nmilk\t2026-12-24\n", []string{"milk due:2026-12-24"}, nil},
		{"Markdown", "-", "# List\n\ntext\n- [ ] milk\n      more\n\n      and more\n\n  * [x] tea\n1. [X] **bold** \n- plain\n- [ ]\n- [x]y\n```\n- [ ] code\n```\n\t2) [ ] x last\n", []string{
			"milk\nmore\n\nand more", "x tea", "x **bold**", "x last",
		}, []string{"left out, no tasks: 7 lines"}},
	} {
		records, remarks, err := decodeAll(t, c.text, c.path, "")
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := titlesOf(records); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		if !slices.Equal(remarks, c.remarks) {
			t.Errorf("%s:\n said %q\nwant %q", c.name, remarks, c.remarks)
		}
	}
}

func TestImportErrors(t *testing.T) {
	for _, c := range []struct{ path, format, text, want string }{
		{"-", "", "milk\nb\xe4r\n", "line 2: the title cannot be stored: it is not UTF-8"},
		{"-", "", "a\x00b", "line 1"},
		{"-", "", "\xff\xfem\x00", "UTF-16"},
		{"-", "xml", "", "--format xml: use one of todo.txt, json, csv, md"},
		{"a.ics", "", "", "iCalendar can be exported, not imported"},
		{"-", "", "BEGIN:VCALENDAR\r\n", "iCalendar"},
		{"a.json", "", `[{"title":"a"},{"name":"b"}]`, "todo 2 of the JSON file: it has no title"},
		{"a.json", "", `[{"title":"a"}`, "read JSON"},
		{"a.json", "", `[["a"]]`, "todos are objects"},
		{"a.json", "", `["a"]`, "todos are objects"},
		{"a.json", "", `[{"title":7}]`, "todo 1"},
		{"a.json", "", `[{"title":"a","created_at":"yesterday"}]`, "todo 1 of the JSON file: parse time"},
		{"a.json", "", `[{"description":"a","due":"tomorrow"}]`, `due "tomorrow" is no time of Taskwarrior's`},
		{"a.csv", "", "a,b\n1,2\n", "the first line must name the columns, one of them title"},
		{"a.csv", "", "title,done\nmilk,maybe\n", `line 2: "maybe" says neither done nor open`},
		{"a.csv", "", "title,created\nmilk,once\n", `line 2: "once" is no time`},
		{"a.csv", "", "title,done\nmilk\n", "record on line 2"},
	} {
		_, _, err := decodeAll(t, c.text, c.path, c.format)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.path, c.text, err, c.want)
		}
	}
}

func TestFormatOfContent(t *testing.T) {
	for text, want := range map[string]string{
		"": "todo.txt", "milk": "todo.txt", "[ ] milk": "todo.txt", "{milk}": "todo.txt", "[]": "json", "[\n {": "json", ` {"title"`: "json",
		"title,done\n": "csv", "Task;Due date": "csv", "buy milk, name, tea": "todo.txt", "title": "todo.txt",
		"# a\n- [ ] b": "md", "- b": "todo.txt", "1. [x] b": "md", "BEGIN:VCALENDAR": "ics", `a "quoted`: "todo.txt",
	} {
		if got := formatOfContent([]byte(text)).name; got != want {
			t.Errorf("%q looks like %s, want %s", text, got, want)
		}
	}
}

func TestExportFormats(t *testing.T) {
	items := []store.Item{
		todo("(A) Call, \"Mum\" +fam @phone due:2026-12-24 t:2026-12-01", false, "2026-01-02T03:04:05.6+00:00"),
		todo("x marks\r\nthe; spot", true, ""),
	}
	for _, c := range []struct {
		format  string
		want    string
		remarks []string
	}{
		{"todo.txt", "(A) Call, \"Mum\" +fam @phone due:2026-12-24 t:2026-12-01\nx x marks the; spot\n", []string{"1 todo with line breaks, which became spaces"}},
		{"json", `[
{"id":"11111111-2222-4333-8444-555555555555","title":"(A) Call, \"Mum\" +fam @phone due:2026-12-24 t:2026-12-01","is_complete":false,"created_at":"2026-01-02T03:04:05.6+00:00","state":"synced","priority":"A","projects":["fam"],"contexts":["phone"],"due":"2026-12-24"},
{"id":"11111111-2222-4333-8444-555555555555","title":"x marks\r\nthe; spot","is_complete":true,"created_at":null,"state":"synced","priority":null,"projects":[],"contexts":[],"due":null}
]
`, nil},
		{"csv", `id,title,is_complete,created_at,state,priority,projects,contexts,due
11111111-2222-4333-8444-555555555555,"(A) Call, ""Mum"" +fam @phone due:2026-12-24 t:2026-12-01",false,2026-01-02T03:04:05.6+00:00,synced,A,fam,phone,2026-12-24
11111111-2222-4333-8444-555555555555,"x marks` + "\r\n" + `the; spot",true,,synced,,,,
`, nil},
		{"md", "- [ ] (A) Call, \"Mum\" +fam @phone due:2026-12-24 t:2026-12-01\n- [x] x marks\n      the; spot\n", nil},
		{"ics", strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Kindling//Kindling//EN
BEGIN:VTODO
UID:11111111-2222-4333-8444-555555555555
DTSTAMP:20261123T170000Z
CREATED:20260102T030405Z
SUMMARY:Call\, "Mum" +fam @phone
DTSTART;VALUE=DATE:20261201
DUE;VALUE=DATE:20261224
PRIORITY:1
CATEGORIES:fam,phone
STATUS:NEEDS-ACTION
END:VTODO
BEGIN:VTODO
UID:11111111-2222-4333-8444-555555555555
DTSTAMP:20261123T170000Z
SUMMARY:x marks
DESCRIPTION:the\; spot
STATUS:COMPLETED
PERCENT-COMPLETE:100
END:VTODO
END:VCALENDAR
`, "\n", "\r\n"), nil},
	} {
		got, remarks := encode(t, c.format, writeOptions{now: time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)}, items...)
		if got != c.want || !slices.Equal(remarks, c.remarks) {
			t.Errorf("%s:\n%s\nwant\n%s\nsaid %q", c.format, got, c.want, remarks)
		}
	}
	for format, want := range map[string]string{"todo.txt": "", "json": "[]\n", "md": ""} {
		if got, _ := encode(t, format, writeOptions{}); got != want {
			t.Errorf("nothing as %s is %q", format, got)
		}
	}
}

func TestExportTodoTxtDates(t *testing.T) {
	const at = "2026-01-02T23:30:00+00:00"
	for _, c := range []struct {
		item store.Item
		want string
	}{
		{todo("milk", false, at), "2026-01-02 milk"},
		{todo("(A) milk", false, at), "(A) 2026-01-02 milk"},
		{todo("milk", true, at), "x 2026-01-02 2026-01-02 milk"},
		{todo("2025-01-01 milk", false, at), "2025-01-01 milk"},
		{todo("2025-01-01 milk", true, at), "x 2025-01-01 milk"},
		{todo("milk", false, ""), "milk"},
		{todo("milk", false, "infinity"), "milk"},
	} {
		if got, _ := encode(t, "todo.txt", writeOptions{dates: true}, c.item); got != c.want+"\n" {
			t.Errorf("%q is exported as %q, want %q", c.item.Title, got, c.want)
		}
	}
	if _, said := encode(t, "todo.txt", writeOptions{}, todo("x ray", false, "")); len(said) != 1 {
		t.Errorf("an open title that begins with x is exported without a word: %q", said)
	}
}

func TestNamer(t *testing.T) {
	ids := func(sub string, records ...record) (all []uuid.UUID) {
		n := namer{sub: sub, lines: map[string]int{}}
		for _, rec := range records {
			_, id := n.ids(rec)
			all = append(all, id)
		}
		return all
	}
	a := ids("alice", record{title: "milk"}, record{title: "milk"}, record{title: "milk", source: "1"}, record{title: "tea", source: "1"})
	if a[0] == a[1] || a[1] == a[2] || a[2] != a[3] {
		t.Errorf("ids %v", a)
	}
	if again := ids("alice", record{title: "tea"}, record{title: "milk", done: true}); again[1] != a[0] {
		t.Error("the same line has another id the second time")
	}
	if bob := ids("bob", record{title: "milk"}); bob[0] == a[0] {
		t.Error("two people's todos share an id")
	}
	if want := "bee20bcb-4a3b-541a-ab4b-d3b72c9658b2"; a[0].String() != want {
		t.Errorf("the id of the first milk is %s, want %s: it must never change", a[0], want)
	}
	own, _ := (&namer{lines: map[string]int{}}).ids(record{source: someID.String()})
	if own != someID {
		t.Errorf("own id %s", own)
	}
}
