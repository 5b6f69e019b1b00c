package todotxt_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"kindling/store"
)

var vocabulary = strings.Fields(`buy call write fix review plan book clean pay send read ask check update prepare order
	milk Mum report window slides trip flat kitchen rent letter mail invoice dentist garden bike kernel release notes café
	for the with about before after at in on to from and new old last next big small weekly monthly`)

// list returns todos with titles as people write them, the same in every run.
func list(n int) []store.Item {
	r := rand.New(rand.NewPCG(1, 2))
	items := make([]store.Item, n)
	for i := range items {
		words := make([]string, 3+r.IntN(6))
		for j := range words {
			words[j] = vocabulary[r.IntN(len(vocabulary))]
		}
		title := strings.Join(words, " ")
		if r.IntN(3) == 0 {
			title += " +" + vocabulary[r.IntN(40)]
		}
		if r.IntN(3) == 0 {
			title += fmt.Sprintf(" due:2026-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28))
		}
		items[i] = store.Item{Todo: store.Todo{Title: title, Done: store.BoolOf(r.IntN(2) == 0)}}
	}
	return items
}

func BenchmarkFilter(b *testing.B) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		items := list(n)
		for _, query := range []string{"m", "mi", "milk", "kgn", "zzz", "garden release", "Mum", `"fix the"`, "is:open", "due:<2026-06-01", "+milk", "-milk"} {
			q := mustQuery(b, query)
			b.Run(fmt.Sprintf("todos=%d/q=%s", n, strings.ReplaceAll(query, " ", "_")), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for i := range items {
						q.Match(&items[i], nil)
					}
				}
			})
		}
	}
}

func BenchmarkMatchPositions(b *testing.B) {
	q, it := mustQuery(b, "mlk wind"), item("Buy milk for the window")
	pos := make([]int, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		pos = pos[:0]
		q.Match(it, &pos)
	}
}

func BenchmarkParseQuery(b *testing.B) {
	for b.Loop() {
		mustQuery(b, "milk +home due:<fri")
	}
}
