package auth_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kindling/auth"
	"kindling/auth/demoidp"
)

// kept is a world with Alice signed in and a session of hers.
type keptWorld struct {
	*world
	vault    *brittleVault
	accounts *auth.Accounts
	account  auth.Account
	mint     *mint
	session  *auth.Session
}

func newKeptWorld(t *testing.T, bend func(*demoidp.Config, *auth.Config)) *keptWorld {
	t.Helper()
	k := &keptWorld{world: newWorld(t, bend), vault: &brittleVault{Vault: auth.NewMemoryVault()}}
	k.accounts = k.newAccounts(k.vault)
	k.account = k.keep(k.accounts, "alice")
	k.mint = &mint{}
	k.session = k.open()
	return k
}

// open is a session as another process has one, by the clock of its accounts.
func (k *keptWorld) open() *auth.Session {
	client := auth.NewClient(k.config)
	client.SetClock(k.accounts.Clock())
	return k.accounts.Session(k.account, client, project, k.mint)
}

func (k *keptWorld) token(s *auth.Session, rejected string) string {
	k.Helper()
	token, err := s.Token(ctx, rejected)
	if err != nil {
		k.Fatal(err)
	}
	return token
}

func (k *keptWorld) kindeToken(s *auth.Session) string {
	k.Helper()
	token, err := s.KindeToken(ctx)
	if err != nil {
		k.Fatal(err)
	}
	return token.Reveal()
}

func (k *keptWorld) exchanges() int { return k.idp.Exchanges("refresh_token") }

// brittleVault fails on request: where it was just tried and worked, or also there.
type brittleVault struct {
	auth.Vault
	mu           sync.Mutex
	noGet, noSet error
	full         error
	noDelete     error
	onSet        func(name string)
}

func (v *brittleVault) failDelete(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.noDelete = err
}

func (v *brittleVault) Delete(ctx context.Context, name string) error {
	v.mu.Lock()
	err := v.noDelete
	v.mu.Unlock()
	if err != nil {
		return err
	}
	return v.Vault.Delete(ctx, name)
}

func (v *brittleVault) fail(get, set error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.noGet, v.noSet = get, set
}

// fill makes it take nothing, nil makes room.
func (v *brittleVault) fill(full error) {
	v.fail(nil, full)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.full = full
}

func (v *brittleVault) Get(ctx context.Context, name string) ([]byte, error) {
	v.mu.Lock()
	err := v.noGet
	v.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return v.Vault.Get(ctx, name)
}

func (v *brittleVault) Set(ctx context.Context, name string, value []byte) error {
	v.mu.Lock()
	err, onSet := v.noSet, v.onSet
	if strings.HasPrefix(name, "probe-") {
		err = v.full
	}
	v.mu.Unlock()
	if onSet != nil {
		onSet(name)
	}
	if err != nil {
		return err
	}
	return v.Vault.Set(ctx, name, value)
}

func signInRequired(err error) bool {
	var dead interface{ SignInRequired() bool }
	return errors.As(err, &dead) && dead.SignInRequired()
}

func TestASessionGivesTokens(t *testing.T) {
	k := newKeptWorld(t, nil)
	first := k.token(k.session, "")
	if again := k.token(k.session, ""); again != first || k.mint.Made() != 1 {
		t.Errorf("a second call minted again: %d made", k.mint.Made())
	}
	if other := k.token(k.open(), ""); other != first || k.mint.Made() != 1 {
		t.Errorf("the next command minted again: %d made", k.mint.Made())
	}
	k.clock.Advance(13 * time.Minute)
	if later := k.token(k.session, ""); later == first || k.mint.Made() != 2 || k.exchanges() != 0 {
		t.Errorf("an old one: %d made, %d exchanges", k.mint.Made(), k.exchanges())
	}
}

func TestManyCallersShareOneExchange(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.RevokeFamily = true })
	k.clock.Advance(20 * time.Hour)
	sessions := []*auth.Session{k.session, k.open(), k.open()}
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if _, err := sessions[i%3].Token(ctx, ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if k.exchanges() != 1 || k.mint.Made() != 1 {
		t.Errorf("%d exchanges, %d minted", k.exchanges(), k.mint.Made())
	}
}

func TestRenewalUsesTheClientIDOfTheSignIn(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.config.ClientID = "another-client"
	s := k.open()
	k.clock.Advance(20 * time.Hour)
	k.kindeToken(s)
	sent := k.to(demoidp.TokenPath)
	if got := sent[len(sent)-1].form.Get("client_id"); got != browserClient {
		t.Errorf("renewed with %q", got)
	}
}

// The secret is the browser application's: another client id does not carry it along.
func TestASecretGoesWithItsOwnClientIDAlone(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, c *auth.Config) {
		i.ClientSecret, c.ClientSecret = "hush", auth.NewSecret("hush")
	})
	g := k.signIn("alice")
	for _, clientID := range []string{browserClient, deviceClient} {
		g.ClientID = clientID
		if _, err := k.accounts.Keep(ctx, "", g); err != nil {
			t.Fatal(err)
		}
		k.clock.Advance(25 * time.Hour)
		_, _ = k.open().KindeToken(ctx) // the issuer knows these tokens as the browser's
		sent := k.to(demoidp.TokenPath)
		form := sent[len(sent)-1].form
		if form.Get("client_id") != clientID || form.Has("client_secret") != (clientID == browserClient) {
			t.Errorf("client id %q was sent with the secret %q", form.Get("client_id"), form.Get("client_secret"))
		}
	}
}

// TestSameAccessTokenDoesNotLoop: an early renewal gives the same access token; the
// next waits for its end, and in its last seconds the session waits with it.
func TestSameAccessTokenDoesNotLoop(t *testing.T) {
	k := newKeptWorld(t, func(i *demoidp.Config, _ *auth.Config) { i.SameAccess = 24*time.Hour - time.Second })
	k.instead(k.alwaysADay)
	first := k.kindeToken(k.session)
	k.clock.Advance(20 * time.Hour)
	for range 5 {
		if k.kindeToken(k.session) != first || k.kindeToken(k.open()) != first {
			t.Error("it moved")
		}
	}
	k.clock.Advance(3*time.Hour + 50*time.Minute)
	if k.kindeToken(k.session) != first || k.exchanges() != 1 {
		t.Errorf("%d exchanges for a token that does not move", k.exchanges())
	}
	k.clock.Advance(10*time.Minute - 4*time.Second)
	if k.kindeToken(k.session) == first {
		t.Error("a dying token was given out")
	}
	if k.exchanges() != 3 {
		t.Errorf("%d exchanges at the end", k.exchanges())
	}
}

// alwaysADay makes the issuer say expires_in=86400, however old the token is.
func (k *keptWorld) alwaysADay(rw http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != demoidp.TokenPath {
		return false
	}
	rec := httptest.NewRecorder()
	k.idp.ServeHTTP(rec, r)
	var body map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &body)
	body["expires_in"] = 86400
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(rec.Code)
	_ = json.NewEncoder(rw).Encode(body)
	return true
}

func TestDeadSessionAsksForASignInAndKeepsEverythingElse(t *testing.T) {
	k := newKeptWorld(t, nil)
	key, err := k.accounts.CacheKey(ctx, k.account, project, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.idp.RevokeAll(""); err != nil {
		t.Fatal(err)
	}
	k.clock.Advance(25 * time.Hour)
	for range 2 {
		if _, err := k.session.Token(ctx, ""); !signInRequired(err) || !strings.Contains(err.Error(), "kindling login") {
			t.Errorf("token: %v", err)
		}
	}
	entry(t, k.vault, k.account) // only signing out deletes
	if again, err := k.accounts.CacheKey(ctx, k.account, project, false); err != nil || string(again) != string(key) {
		t.Errorf("the cache's key: %v", err)
	}
	if all, current, err := k.accounts.List(); err != nil || len(all) != 1 || current != k.account.Name {
		t.Errorf("the account: %v %q %v", all, current, err)
	}
	k.keep(k.accounts, "alice")
	if k.token(k.session, "") == "" {
		t.Error("the session did not live again")
	}
}

// TestInvalidGrantReadsOnceMore: a process that does not know our lock was faster.
func TestInvalidGrantReadsOnceMore(t *testing.T) {
	k := newKeptWorld(t, nil)
	k.clock.Advance(20 * time.Hour)
	faster := k.signIn("alice")
	k.instead(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != demoidp.TokenPath {
			return false
		}
		rw.Header().Set("Content-Type", "application/json")
		k.vault.replace(t, k.account, faster.Tokens)
		rw.WriteHeader(400)
		_, _ = rw.Write([]byte(`{"error":"invalid_grant"}`))
		return true
	})
	if got := k.kindeToken(k.session); got != faster.Tokens.Access.Reveal() {
		t.Error("the newer sign-in was not adopted")
	}
}

func TestNoRefreshTokenEndsWithTheAccessToken(t *testing.T) {
	k := newKeptWorld(t, nil)
	g := k.signIn("alice")
	g.Tokens.Refresh = auth.Secret{}
	if _, err := k.accounts.Keep(ctx, "", g); err != nil {
		t.Fatal(err)
	}
	k.token(k.session, "")
	k.clock.Advance(25 * time.Hour)
	if _, err := k.session.Token(ctx, ""); !signInRequired(err) || !strings.Contains(err.Error(), "offline") {
		t.Errorf("token: %v", err)
	}
}

// entry is what a vault holds of an account's tokens.
func entry(t *testing.T, v auth.Vault, acc auth.Account) (string, []byte) {
	t.Helper()
	return read(t, v, auth.TokensName(acc))
}

func read(t *testing.T, v auth.Vault, name string) (string, []byte) {
	t.Helper()
	value, err := v.Get(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return name, value
}

// replace puts newer tokens into Alice's entry, as a process without our lock does.
func (v *brittleVault) replace(t *testing.T, acc auth.Account, newer auth.Tokens) {
	t.Helper()
	if err := v.Vault.Set(ctx, auth.TokensName(acc), auth.EncodeTokens(acc, newer)); err != nil {
		t.Error(err)
	}
}
