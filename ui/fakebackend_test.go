package ui

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"kindling/auth"
	"kindling/store"
)

// fakeBackend is a machine with accounts in memory.
type fakeBackend struct {
	t        testing.TB
	drawing  *atomic.Bool
	mu       sync.Mutex
	calls    map[string]int
	accounts []auth.Account
	current  string
	todos    map[string]*fakeTodos // by account name
	openErr  error
	settings Settings // as last saved
	login    Login    // what BeginLogin gives
	device   Device   // what BeginDevice gives
	loginErr error
	codeErr  error    // what BeginDevice answers
	keepErr  error    // what Keep answers
	opened   []string // URLs given to the browser
	browser  error    // what OpenBrowser answers
	attacks  []store.Attack
	tryOne   func(as, other string, t store.Todo) iter.Seq2[store.Attack, error]
	logOut   error
	people   []string
	pretend  func(ctx context.Context, loginURL, user string) error
}

// newFakeBackend has one account, alice, with these todos.
func newFakeBackend(t testing.TB, titles ...string) *fakeBackend {
	b := &fakeBackend{t: t, drawing: &atomic.Bool{}, calls: map[string]int{}, current: "alice", todos: map[string]*fakeTodos{}}
	b.tryOne = func(string, string, store.Todo) iter.Seq2[store.Attack, error] {
		return b.yieldAttacks
	}
	b.add("alice", titles...)
	return b
}

// add puts another account beside the ones that are there.
func (b *fakeBackend) add(name string, titles ...string) *fakeTodos {
	f := newFakeTodos(b.t, titles...)
	f.drawing = b.drawing
	b.todos[name] = f
	b.accounts = append(b.accounts, auth.Account{Name: name, Email: name + "@example.com", Sub: "kp_" + name, Issuer: "https://example.kinde.com"})
	return f
}

// alice are the first account's todos.
func (b *fakeBackend) alice() *fakeTodos { return b.todos["alice"] }

func (b *fakeBackend) enter(name string) func() {
	if b.drawing.Load() && insideProgram() {
		b.t.Errorf("%s was called inside Update or View", name)
	}
	b.mu.Lock()
	b.calls[name]++
	return b.mu.Unlock
}

func (b *fakeBackend) Accounts(context.Context) ([]auth.Account, string, error) {
	defer b.enter("Accounts")()
	return slices.Clone(b.accounts), b.current, nil
}

func (b *fakeBackend) Open(_ context.Context, name string) (Todos, error) {
	defer b.enter("Open")()
	if b.openErr != nil {
		return nil, b.openErr
	}
	f, ok := b.todos[cmp.Or(name, b.current)]
	if !ok {
		return nil, auth.ErrNoAccount
	}
	return f, nil
}

func (b *fakeBackend) Switch(_ context.Context, name string) error {
	defer b.enter("Switch")()
	b.current = name
	return nil
}

func (b *fakeBackend) BeginLogin(context.Context, auth.LoginOptions) (Login, error) {
	defer b.enter("BeginLogin")()
	return b.login, b.loginErr
}

func (b *fakeBackend) BeginDevice(context.Context) (Device, error) {
	defer b.enter("BeginDevice")()
	return b.device, b.codeErr
}

func (b *fakeBackend) OpenBrowser(url string) error {
	defer b.enter("OpenBrowser")()
	b.opened = append(b.opened, url)
	return b.browser
}

func (b *fakeBackend) Keep(_ context.Context, name string, g auth.Grant) (auth.Account, error) {
	defer b.enter("Keep")()
	if b.keepErr != nil {
		return auth.Account{}, b.keepErr
	}
	a := auth.Account{Name: cmp.Or(name, g.Email, g.Sub), Email: g.Email, Sub: g.Sub, Issuer: g.Issuer}
	if _, ok := b.todos[a.Name]; !ok {
		b.add(a.Name).now = b.alice().now
		b.accounts[len(b.accounts)-1].Email = a.Email
	}
	b.current = a.Name
	return a, nil
}

func (b *fakeBackend) LogOut(_ context.Context, name string, force bool) error {
	defer b.enter("LogOut")()
	if b.logOut != nil && !force {
		return b.logOut
	}
	b.accounts = slices.DeleteFunc(b.accounts, func(a auth.Account) bool { return a.Name == name })
	delete(b.todos, name)
	return nil
}

func (b *fakeBackend) SaveSettings(_ context.Context, s Settings) error {
	defer b.enter("SaveSettings")()
	b.settings = s
	return nil
}

func (b *fakeBackend) Isolation(context.Context, string, string, bool) iter.Seq2[store.Attack, error] {
	defer b.enter("Isolation")()
	return b.yieldAttacks
}

func (b *fakeBackend) yieldAttacks(yield func(store.Attack, error) bool) {
	for _, a := range b.attacks {
		if !yield(a, nil) {
			return
		}
	}
}

func (b *fakeBackend) TryOne(_ context.Context, as, other string, t store.Todo) iter.Seq2[store.Attack, error] {
	b.enter("TryOne")()
	return b.tryOne(as, other, t)
}

func (b *fakeBackend) PretendUsers() []string { return b.people } // no I/O: it may be asked anywhere

func (b *fakeBackend) Pretend(ctx context.Context, loginURL, user string) error {
	b.enter("Pretend")()
	return b.pretend(ctx, loginURL, user)
}
