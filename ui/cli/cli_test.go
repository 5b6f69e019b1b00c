package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"kindling/auth"
	"kindling/store"
	"kindling/ui/cli/config"
)

// deadSession is an error as a session gives it.
type deadSession struct{ error }

func (deadSession) SignInRequired() bool { return true }

func TestExitCodes(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("sync: %w", err) }
	for _, x := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{wrap(store.ErrOffline), 1},
		{wrap(store.ErrRefused), 1},
		{usagef("x"), 2},
		{wrap(store.ErrSignIn), 3},
		{wrap(auth.ErrLocked), 3},
		{wrap(auth.ErrNoKeyring), 3},
		{wrap(deadSession{errors.New("expired")}), 3},
		{signInf("x"), 3},
		{wrap(store.ErrNotFound), 4},
		{notFoundf("x"), 4},
		{outcome([]store.Item{{State: store.Synced}, {State: store.Conflicted}}), 5},
		{outcome([]store.Item{{State: store.Parked}}), 1},
		{outcome([]store.Item{{State: store.Waiting}}), 0},
		{syncOutcome(store.Report{Conflicts: 1, Parked: 1}), 5},
		{syncOutcome(store.Report{Waiting: 1}), 1},
		{syncOutcome(store.Report{Sent: 1}), 0},
	} {
		if got := exitCode(x.err); got != x.want {
			t.Errorf("%v: %d, want %d", x.err, got, x.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain ü 漢 👩‍👩‍👧":    "plain ü 漢 👩‍👩‍👧",
		"a\x1b[31mred":       "a\ufffd[31mred",
		"two\nlines\tof":     "two lines of",
		"\u202eabc\u2069":    "\ufffdabc\ufffd",
		"bad \xff\xfe utf":   "bad \ufffd\ufffd utf",
		"\u0085\u2028\x7f":   "\ufffd\ufffd\ufffd",
		"\u200e\u200f\u061c": "\ufffd\ufffd\ufffd",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// What a terminal obeys goes out as JSON's own escape, and comes back as it was.
func TestJSONIsSafeOnATerminal(t *testing.T) {
	for _, text := range []string{"plain", "\x1b]0;t\x07 \u009b31m \u202e \x7f \u200f ü 漢 👩‍👩‍👧", "\ue0a0"} {
		var out bytes.Buffer
		if err := writeJSON(&out, text); err != nil {
			t.Fatal(err)
		}
		if line := strings.TrimSuffix(out.String(), "\n"); strings.ContainsFunc(line, unprintable) {
			t.Errorf("%q", line)
		}
		var back string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back != text {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
	}
}

func TestAFileOnATerminalIsOnlyShown(t *testing.T) {
	var out bytes.Buffer
	const text = "x\t1\r\nback\r \x1b[31mred \u009b \u202e\x07 \xff ü\n"
	if n, err := (harmless{&out}).Write([]byte(text)); n != len(text) || err != nil {
		t.Error(n, err)
	}
	if want := "x\t1\nback\ufffd \ufffd[31mred \ufffd \ufffd\ufffd \ufffd ü\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 61 * time.Second: "1 min", 3 * time.Hour: "3 h", 50 * time.Hour: "2 days",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v: %q", d, got)
		}
	}
}

// Every id of a list is told apart by its first characters, and by no fewer.
func TestPrefixLengths(t *testing.T) {
	id := func(s string) uuid.UUID { return uuid.MustParse(s) }
	for _, x := range []struct {
		ids  []uuid.UUID
		want []int
	}{
		{nil, nil},
		{[]uuid.UUID{id("11111111-0000-4000-8000-000000000000")}, []int{3}},
		{[]uuid.UUID{id("12345678-0000-4000-8000-000000000000"), id("f2346678-0000-4000-8000-000000000000"), id("12346678-0000-4000-8000-000000000000")}, []int{5, 3, 5}},
		{[]uuid.UUID{id("12345678-1000-4000-8000-000000000000"), id("12345678-2000-4000-8000-000000000000")}, []int{10, 10}},
		{[]uuid.UUID{id("12345678-1000-4000-8000-000000000000"), id("12345678-1000-4000-8000-000000000001")}, []int{36, 36}},
	} {
		got := prefixLengths(x.ids)
		for i, id := range x.ids {
			if got[id] != x.want[i] {
				t.Errorf("%v: %d, want %d", id, got[id], x.want[i])
			}
		}
	}
	many := make([]uuid.UUID, 3000)
	for i := range many {
		many[i] = uuid.New()
	}
	lengths, seen := prefixLengths(many), map[string]bool{}
	for _, id := range many {
		seen[id.String()[:lengths[id]]] = true
	}
	if len(seen) != len(many) {
		t.Errorf("only %d of %d are told apart", len(seen), len(many))
	}
}

func TestJSONOfATodo(t *testing.T) {
	var out bytes.Buffer
	it := store.Item{Todo: store.Todo{ID: uuid.MustParse("11111111-2222-4333-8444-555555555555"), Title: "<a> & b", Created: store.NoInstant}}
	if err := writeJSON(&out, jsonOf(it)); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"11111111-2222-4333-8444-555555555555","title":"<a> & b","is_complete":false,"created_at":null,` +
		`"state":"synced","priority":null,"projects":[],"contexts":[],"due":null}` + "\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
}

func TestJUnit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.xml")
	err := writeJUnit(path, []store.Attack{
		{Name: "read-all", Verdict: "safe"},
		{Name: "update-theirs", Sent: "PATCH /todos", Answer: "200 <rows>", Verdict: "leak"},
		{Name: "anon-read", Verdict: "untested", Why: "no anon key"},
	}, errors.New("offline"))
	if err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(path)
	for _, want := range []string{`tests="4" failures="1" errors="1" skipped="1"`, `<error message="offline">`, `<failure message="PATCH /todos → 200 &lt;rows&gt;">`, `<skipped message="no anon key">`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s is missing in:\n%s", want, data)
		}
	}
}

// Whoever stops the probe knows that, and nothing is said of it; what could not be
// removed is said.
func TestInterruptedIsolationTellsWhatIsLeft(t *testing.T) {
	left := errors.New("delete them by hand")
	a := newApp(t.Context(), Process{Stdout: io.Discard, Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }})
	for want, errs := range map[error][]error{context.Canceled: {context.Canceled}, left: {context.Canceled, left}} {
		failed := a.attack(func(yield func(store.Attack, error) bool) {
			for _, err := range errs {
				yield(store.Attack{}, err)
			}
		}, new(isolationJSON))
		if !errors.Is(failed, want) || errors.Is(failed, context.Canceled) != (want == context.Canceled) {
			t.Errorf("%v ended with %v", errs, failed)
		}
	}
}

// The tokens of made-up people are those of a real companion: nothing more.
func TestMintedToken(t *testing.T) {
	secret := []byte("a secret of at least thirty-two bytes")
	m := minted{mintWith(secret, time.Now), "kp_x", time.Now}
	text, err := m.Token(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	if _, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return secret, nil }, jwt.WithValidMethods([]string{"HS256"})); err != nil {
		t.Fatal(err)
	}
	if claims["sub"] != "kp_x" || claims["role"] != "authenticated" || claims["aud"] != "insforge-api" {
		t.Errorf("claims are %v", claims)
	}
}

func TestPlainVault(t *testing.T) {
	v := plainVault{filepath.Join(t.TempDir(), "new")}
	ctx := context.Background()
	if _, err := v.Get(ctx, "tokens/a"); !errors.Is(err, auth.ErrNoEntry) {
		t.Errorf("an absent entry: %v", err)
	}
	if err := auth.Probe(ctx, v); err != nil {
		t.Fatal(err)
	}
	if said := (&demo{}).configure(config.Config{}, "").Keyring; said != v.Kind() {
		t.Errorf("the demo says that secrets live in %s, and keeps them in %s", said, v.Kind())
	}
	if err := v.Set(ctx, "../../a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir(v.dir)
	if len(files) != 1 || strings.ContainsAny(files[0].Name(), "./") {
		t.Errorf("a name left its directory: %v", files)
	}
}

// The log tells what kind of error it was, and never its text.
func TestErrorKindHasNoText(t *testing.T) {
	api := &store.APIError{Status: 400, Code: "22P02", Message: "my title"}
	for _, err := range []error{fmt.Errorf("save my title: %w", store.ErrOffline), errors.New("my title"), fmt.Errorf("x: %w", api)} {
		if kind := errorKind(err); strings.Contains(kind, "my title") || kind == "" {
			t.Errorf("%v is logged as %q", err, kind)
		}
	}
}

// On a terminal a title has an end; elsewhere it is whole.
func TestALongTitleIsCutOnATerminalOnly(t *testing.T) {
	for most, want := range map[int]string{0: "abc - äöüß\n", 3: "abc - äöü…\n", 4: "abc - äöüß\n"} {
		var out bytes.Buffer
		p := &listPrinter{bufio.NewWriter(&out), func(uuid.UUID) string { return "abc" }, 0, palette{}, most}
		if err := errors.Join(p.line(store.Item{Todo: store.Todo{Title: "äöüß"}}), p.flush()); err != nil || out.String() != want {
			t.Errorf("%d: %q, %v", most, out.String(), err)
		}
	}
}
