package store_test

import (
	"net/http"
	"strings"
	"testing"

	"kindling/assets"
	"kindling/store/demodb/realdb"
)

// Without a minted third one, an account that owns no rows looks for an UPDATE that is
// open behind a closed SELECT; where both own some, nothing is sent without a marker.
func TestIsolationLooksBlindOnlyAsOneWithoutRows(t *testing.T) {
	s := realdb.Get(t)
	for owners, want := range map[string]string{"kp_bob kp_carol": "leak", "kp_alice kp_carol": "leak", "kp_alice kp_bob kp_carol": "untested"} {
		t.Run(owners, func(t *testing.T) {
			s.Apply(t, assets.Schema)
			s.Alter(t, policy+`alter policy changes on public.todos using (true)`)
			b := real(t, s)
			for owner := range strings.FieldsSeq(owners) {
				b.do(t, "admin", "POST", "/api/database/records/todos", nil, `{"user_id":"`+owner+`","title":"theirs"}`)
			}
			before, unmarked := b.table(), 0
			p := b.probe(t, true)
			p.Mint = nil
			p.HTTP = &http.Client{Transport: watch(func(r *http.Request) {
				if r.Method == http.MethodPatch && r.URL.RawQuery == "" {
					unmarked++
				}
			})}
			if a := run(t, p)["update-blind"]; a.Verdict != want || (want == "leak") != (unmarked == 1) {
				t.Errorf("%d requests without a marker, and %+v", unmarked, a)
			}
			if after := b.table(); after != before {
				t.Errorf("the table was\n%s\nand is\n%s", before, after)
			}
		})
	}
}
