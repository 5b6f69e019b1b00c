package todotxt_test

import (
	"slices"
	"strings"
	"testing"

	"kindling/store/todotxt"
)

func TestLines(t *testing.T) {
	type p = todotxt.Pasted
	for _, c := range []struct {
		text string
		want []p
	}{
		{"", nil},
		{"\n \t\r\n", nil},
		{"milk", []p{{"milk", false}}},
		{"milk\r\n\r\nbread\rtea", []p{{"milk", false}, {"bread", false}, {"tea", false}}},
		{"- milk\n* bread\n  • tea\n+ jam", []p{{"milk", false}, {"bread", false}, {"tea", false}, {"jam", false}}},
		{"1. milk\n2) bread\n10.  tea", []p{{"milk", false}, {"bread", false}, {"tea", false}}},
		{"- [ ] milk\n- [x] bread\n* [X] tea\n1. [x] jam\n[x] ham", []p{{"milk", false}, {"bread", true}, {"tea", true}, {"jam", true}, {"ham", true}}},
		{"☐ milk\n☑ bread\n- ✅ tea\n[] ham", []p{{"milk", false}, {"bread", true}, {"tea", true}, {"ham", false}}},
		{"x milk\nX marks\nx-ray", []p{{"milk", true}, {"X marks", false}, {"x-ray", false}}},
		{"-5 degrees\n1.5 litres\n+home paint\n**bold**\n[link](a)\n2026 plans\n[x]y", []p{
			{"-5 degrees", false}, {"1.5 litres", false}, {"+home paint", false}, {"**bold**", false}, {"[link](a)", false}, {"2026 plans", false}, {"[x]y", false},
		}},
		{"-\n- [ ]\n- [x]  \n*", nil},
		{"- - milk", []p{{"- milk", false}}},
		{"(A) call  due:2026-01-01 ", []p{{"(A) call  due:2026-01-01", false}}},
	} {
		if got := todotxt.Lines(c.text); !slices.Equal(got, c.want) {
			t.Errorf("Lines(%q) = %v, want %v", c.text, got, c.want)
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("- [x] a\n1. b\n\u2028☐ c\r\nx d")
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range todotxt.Lines(text) {
			if p.Title == "" || strings.TrimSpace(p.Title) != p.Title || strings.ContainsAny(p.Title, "\r\n") || !strings.Contains(text, p.Title) {
				t.Fatalf("%q gives %q", text, p.Title)
			}
		}
	})
}
