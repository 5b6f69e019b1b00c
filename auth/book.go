package auth

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

const bookVersion = 1

// accountBook is accounts.json.
type accountBook struct {
	Version  int         `json:"version"`
	Current  string      `json:"current"`
	Accounts []bookEntry `json:"accounts"`
}

type bookEntry struct {
	Account
	Projects []string `json:"projects,omitempty"` // those with secrets in the vault
	Former   []string `json:"former,omitempty"`   // client ids of earlier sign-ins, whose tokens lie there too
}

// signIns is the account once for each client id it signed in with, the present one first.
func (e bookEntry) signIns() []Account {
	all := []Account{e.Account}
	for _, id := range e.Former {
		former := e.Account
		former.ClientID = id
		all = append(all, former)
	}
	return all
}

func (b *accountBook) named(name string) *bookEntry {
	return b.find(func(e bookEntry) bool { return e.Name == name })
}

func (b *accountBook) person(acc Account) *bookEntry {
	return b.find(func(e bookEntry) bool { return e.is(acc) })
}

func (b *accountBook) find(match func(bookEntry) bool) *bookEntry {
	if i := slices.IndexFunc(b.Accounts, match); i >= 0 {
		return &b.Accounts[i]
	}
	return nil
}

// admit settles an account's name, and refuses to mix up two people.
func (b *accountBook) admit(acc *Account) error {
	same := b.person(*acc)
	if same != nil {
		acc.Name, acc.Email = cmp.Or(acc.Name, same.Name), cmp.Or(acc.Email, same.Email)
	}
	acc.Name = cmp.Or(acc.Name, acc.Email, acc.Sub)
	if other := b.named(acc.Name); other != nil && !other.is(*acc) {
		return problemf(ErrOther, "another account is kept as %q: choose a name with --account, or log that one out first", acc.Name)
	}
	if same != nil && same.Name != acc.Name {
		return problemf(ErrOther, "this person is already kept as %q: use that name, or log it out first", same.Name)
	}
	return nil
}

func (b *accountBook) put(acc Account) {
	if e := b.person(acc); e != nil {
		if e.ClientID != acc.ClientID {
			e.Former = append(slices.DeleteFunc(e.Former, func(id string) bool { return id == acc.ClientID }), e.ClientID)
		}
		e.Account = acc
		return
	}
	b.Accounts = append(b.Accounts, bookEntry{Account: acc})
}

// drop forgets an account; the first of the others becomes current.
func (b *accountBook) drop(acc Account) {
	b.Accounts = slices.DeleteFunc(b.Accounts, func(e bookEntry) bool { return e.is(acc) })
	if b.named(b.Current) != nil {
		return
	}
	b.Current = ""
	if len(b.Accounts) > 0 {
		b.Current = b.Accounts[0].Name
	}
}

func (a *Accounts) bookPath() string { return filepath.Join(a.dir, "accounts.json") }

func (a *Accounts) read() (*accountBook, error) {
	text, err := os.ReadFile(a.bookPath())
	if errors.Is(err, fs.ErrNotExist) {
		return &accountBook{Version: bookVersion}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	var book accountBook
	if err := json.Unmarshal(text, &book); err != nil {
		return nil, fmt.Errorf("the list of accounts %s is damaged: move it away and sign in again, the todos stay", a.bookPath())
	}
	if book.Version > bookVersion {
		return nil, fmt.Errorf("the list of accounts was written by a newer Kindling: update this one")
	}
	return &book, nil
}

// change edits the list under its lock. An error of edit leaves it as it was.
func (a *Accounts) change(ctx context.Context, edit func(*accountBook) error) error {
	unlock, err := a.lock(ctx, "accounts")
	if err != nil {
		return err
	}
	defer unlock()
	book, err := a.read()
	if err != nil {
		return err
	}
	before := book.text()
	if err := edit(book); err != nil {
		return err
	}
	after := book.text()
	if bytes.Equal(before, after) {
		return nil
	}
	return writeFile(a.bookPath(), after)
}

func (b *accountBook) text() []byte {
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		panic(err) // strings and a number: there is nothing to fail
	}
	return append(text, '\n')
}
