package companion_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kindling/auth"
	"kindling/auth/companion"
)

// The companion's rules, and the tests that hold each:
//
//  1. Listens on loopback unless told, POST on two paths only, sizes checked before
//     anything is parsed: TestServerListens, TestServerNamesEveryProblem, TestServerSizes, TestProbes, TestTable (bodyRows, methodRows, sizeRows)
//  2. RS256, issuer, exp, skew, kid, azp, aud, and no key or rule from the token's own header:
//     TestTable (timeRows, signatureRows, headerRows, spellingRows, claimRows, audienceRows), FuzzToken
//  3. ID tokens are not access tokens: TestTable (claimRows, audienceRows), TestIDTokenOfThePretendKinde
//  4. Keys are cached and fetched in one flight: TestKeysAreFetchedOnceForAll, TestOneFetchAtATime, TestServerFetchesKeysBeforeItIsAsked;
//     from the issuer alone: TestKeysComeByTheIssuersOwnWay, TestTable (keyRows), FuzzKeys; refreshed: TestKeysAreRefreshedHourlyBesideTheRequests,
//     TestOldKeysAreNotBelievedAfterIdling, TestRefreshWhileKindeHangs; refetched once a minute: TestRotatedKeyIsFoundAtOnce,
//     TestUnknownKidsFetchOnceAMinute, TestStormWhileKindeHangs; kept through an outage: TestLastGoodKeysLiveOnWhileKindeIsDown;
//     503 where there are none: TestNoKeysIsUnavailableAndRecovers, TestRotationDuringAStormSignsNobodyOut, TestUnknownKidWhileKindeIsDown
//  5. What is signed, and with what secret: TestTable (checkMinted), TestSignedTokenIsExact, TestConfiguration, TestFunctionConfiguration
//  6. Errors by RFC 6750: TestTable (checkRefusal), TestLimitPerSub for 429, FuzzAuthorizationHeader
//  7. Limits: TestLimitPerSub, TestLimitPerAddress, FuzzForwarded, TestLimiterForgetsWhoIsWhole, TestOnlySoManyAtOnce, TestOnlySoManyWaitForKeys; time-outs: TestServerTimeOuts;
//     stop: TestServerAnswersAndStops, TestServerFinishesWhatItBegan; TLS: TestServerSpeaksTLS; probes: TestProbes; logs: TestLogsNameNobody
//
// The edge function is held to rules 2, 3, 5 and 6 by TestTableOnDeno and TestFunctionAgreesOnNoise, to what it keeps of 4 by
// TestFunctionKeepsKeysWhereTheRuntimeDoes. The dev signer follows the same rules: TestSignerAppliesTheTable, TestSignerStopsWithItsContext.

// TestRulesNameRealTests holds the list above to the tests that there are.
func TestRulesNameRealTests(t *testing.T) {
	files, _ := filepath.Glob("*_test.go")
	there, list := map[string]bool{}, ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)`).FindAllStringSubmatch(string(text), -1) {
			there[f[1]] = true
		}
		if file == "both_test.go" {
			_, list, _ = strings.Cut(string(text), "\n// The companion's rules")
			list, _, _ = strings.Cut(list, "\n\n")
		}
	}
	named := regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`).FindAllString(list, -1)
	if lines := regexp.MustCompile(`(?m)^//  \d\. `).FindAllString(list, -1); len(lines) != 7 || len(named) < len(lines) {
		t.Errorf("%d rules name %d tests", len(lines), len(named))
	}
	for _, name := range named {
		if !there[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// reply is an answer of either implementation.
type reply struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// companionHeaders are those of an answer that both implementations set.
var companionHeaders = []string{"content-type", "cache-control", "x-content-type-options", "www-authenticate", "allow", "retry-after"}

func env(k *kinde, r row) map[string]string {
	e := baseEnv(k)
	maps.Copy(e, r.env)
	return e
}

// configure reads the environment as the command line does.
func configure(e map[string]string) companion.Config {
	clients := []string{e["KINDE_CLIENT_ID"], e["KINDE_DEVICE_CLIENT_ID"]}
	clients = append(clients, strings.FieldsFunc(e["KINDLING_ALLOWED_CLIENTS"], func(c rune) bool { return c == ',' || c == ' ' })...)
	return companion.Config{Issuer: e["KINDE_ISSUER_URL"], Clients: clients, Audience: e["KINDE_AUDIENCE"],
		Secret: auth.NewSecret(e["INSFORGE_JWT_SECRET"]), Now: func() time.Time { return start }}
}

// askServer has the Go handler answer.
func askServer(t *testing.T, k *kinde, r row) reply {
	t.Helper()
	h, err := companion.New(configure(env(k, r)))
	if err != nil {
		t.Fatal(err)
	}
	return serve(h, r)
}

func serve(h http.Handler, r row) reply {
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	var body io.Reader
	if text, there := r.bodyText(); there {
		body = strings.NewReader(text)
	}
	req := httptest.NewRequest(method, "/functions/kindling-token", body)
	for _, header := range r.headers {
		req.Header.Add(header[0], strings.Trim(header[1], " \t"))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	out := reply{Status: w.Code, Headers: map[string]string{}, Body: w.Body.String()}
	for name, values := range w.Header() {
		out.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return out
}

func (r row) bodyText() (string, bool) {
	if r.body == "" {
		return "{}", true
	}
	return r.body, r.body != "none"
}

func TestTable(t *testing.T) {
	k := startKinde(t)
	all := rows(k)
	if len(all) < 400 {
		t.Errorf("the table has only %d rows", len(all))
	}
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) { check(t, r, askServer(t, k, r)) })
	}
}

// TestTableOnDeno asks the edge function the same, in the runtime it is for.
func TestTableOnDeno(t *testing.T) {
	d := startDeno(t)
	k := startKinde(t)
	for _, r := range rows(k) {
		t.Run(r.name, func(t *testing.T) {
			got := d.ask(t, env(k, r), r, start, true)
			check(t, r, got)
			want := askServer(t, k, r)
			if got.Status != want.Status || got.Body != want.Body {
				t.Errorf("function: %d %s\nserver:   %d %s", got.Status, got.Body, want.Status, want.Body)
			}
			for _, name := range companionHeaders {
				if got.Headers[name] != want.Headers[name] {
					t.Errorf("%s: function %q, server %q", name, got.Headers[name], want.Headers[name])
				}
			}
		})
	}
}

// check holds a reply to its row.
func check(t *testing.T, r row, got reply) {
	t.Helper()
	if got.Status != r.want {
		t.Fatalf("answered %d %s, want %d %s", got.Status, got.Body, r.want, r.says)
	}
	if got.Headers["cache-control"] != "no-store" || got.Headers["content-type"] != "application/json" {
		t.Errorf("headers %v", got.Headers)
	}
	if r.want == http.StatusOK {
		checkMinted(t, r, got)
	} else {
		checkRefusal(t, r, got)
	}
}

// checkMinted reads the InsForge token with a library that had no part in making it.
func checkMinted(t *testing.T, r row, got reply) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(got.Body), &body); err != nil || len(body) != 3 || body["token_type"] != "Bearer" {
		t.Fatalf("body %s", got.Body)
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(body["access_token"].(string), claims, func(*jwt.Token) (any, error) { return []byte(secret), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(func() time.Time { return start }), jwt.WithStrictDecoding())
	if err != nil {
		t.Fatalf("minted token: %v", err)
	}
	asked := jwt.MapClaims{}
	words := strings.Fields(r.headers[0][1])
	if _, _, err := jwt.NewParser().ParseUnverified(words[len(words)-1], asked); err != nil {
		t.Fatalf("Kinde token: %v", err)
	}
	want := map[string]any{"sub": asked["sub"], "role": "authenticated", "aud": "insforge-api", "iat": float64(start.Unix())}
	if email, _ := asked["email"].(string); email != "" {
		want["email"] = email
	}
	want["exp"] = min(float64(start.Unix()+900), float64(int64(min(asked["exp"].(float64), 1e15))))
	if !maps.Equal(map[string]any(claims), want) {
		t.Errorf("signed %v, want %v", claims, want)
	}
	if body["expires_in"] != want["exp"].(float64)-float64(start.Unix()) {
		t.Errorf("expires_in %v, exp %v", body["expires_in"], want["exp"])
	}
}

func checkRefusal(t *testing.T, r row, got reply) {
	t.Helper()
	codes := map[int]string{400: "invalid_request", 401: "invalid_token", 405: "invalid_request", 413: "invalid_request",
		431: "invalid_request", 503: "temporarily_unavailable"}
	code := codes[r.want]
	want := `{"error":"` + code + `","error_description":"` + r.says + `"}`
	challenge := `Bearer realm="kindling", error="` + code + `", error_description="` + r.says + `"`
	if r.says == saysAnonymous {
		want, challenge = `{"error_description":"`+r.says+`"}`, `Bearer realm="kindling"`
	}
	if got.Body != want {
		t.Errorf("body %s, want %s", got.Body, want)
	}
	if r.want != 400 && r.want != 401 {
		challenge = ""
	}
	if got.Headers["www-authenticate"] != challenge {
		t.Errorf("WWW-Authenticate %q, want %q", got.Headers["www-authenticate"], challenge)
	}
	if (r.want == 503) != (got.Headers["retry-after"] != "") || (r.want == 405) != (got.Headers["allow"] == "POST") {
		t.Errorf("Retry-After %q, Allow %q", got.Headers["retry-after"], got.Headers["allow"])
	}
}

// deno is the edge function in a runtime like InsForge's.
type deno struct {
	in  io.Writer
	out *bufio.Reader
}

// startDeno runs the harness in testdata, or skips, loudly.
func startDeno(t *testing.T) *deno {
	t.Helper()
	path := findDeno(t)
	harness, _ := filepath.Abs(filepath.Join("testdata", "harness.js"))
	function, _ := filepath.Abs(filepath.Join("..", "..", "assets", "companion.js"))
	cmd := exec.CommandContext(t.Context(), path, "run", "--no-prompt", "--no-remote", "--no-npm", "--no-config", "--unstable-worker-options",
		"--allow-net", "--allow-read", harness, function)
	cmd.Env = append(os.Environ(), "DENO_DIR="+t.TempDir(), "DENO_NO_UPDATE_CHECK=1", "NO_COLOR=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	return &deno{in, bufio.NewReader(out)}
}

func findDeno(t *testing.T) string {
	t.Helper()
	found := os.Getenv("KINDLING_DENO")
	if found == "" {
		found, _ = exec.LookPath("deno")
	}
	if found == "" {
		local, _ := filepath.Abs(filepath.Join("..", "..", "node_modules", ".bin", "deno"))
		if _, err := os.Stat(local); err == nil {
			found = local
		}
	}
	if found != "" {
		return found
	}
	const how = "the edge function was NOT tested: no deno found. Get it with `npm install deno`, then set KINDLING_DENO to node_modules/deno/deno"
	if os.Getenv("KINDLING_REQUIRE_REAL") == "1" {
		t.Fatal(how)
	}
	t.Skip(how)
	return ""
}

// ask has the function answer; fresh makes it forget what it kept, as a new worker would.
func (d *deno) ask(t *testing.T, env map[string]string, r row, now time.Time, fresh bool) reply {
	t.Helper()
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	request := map[string]any{"env": env, "now": now.UnixMilli(), "fresh": fresh, "method": method, "headers": r.headers, "body": nil}
	if r.headers == nil {
		request["headers"] = [][2]string{}
	}
	if text, there := r.bodyText(); there {
		request["body"] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	answer, err := d.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("deno said nothing: %v", err)
	}
	var got reply
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatalf("deno said %s: %v", answer, err)
	}
	if strings.HasPrefix(got.Body, "the function threw") {
		t.Fatal(strconv.Quote(got.Body))
	}
	return got
}
