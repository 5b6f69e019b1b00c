package demoidp

import (
	"net/mail"
	"strings"
)

// Person is somebody who can sign in.
type Person struct {
	Sub    string `json:"sub"`
	Email  string `json:"email"`
	Given  string `json:"given_name"`
	Family string `json:"family_name"`
}

// Alice and Bob are always there, always with these subs.
var (
	Alice = Person{"kp_a11ce0000000000000000000000000a1", "alice@example.com", "Alice", "Example"}
	Bob   = Person{"kp_b0b000000000000000000000000000b2", "bob@example.com", "Bob", "Example"}
)

// Name is the person's full name, or the e-mail of somebody without one.
func (p Person) Name() string {
	if name := strings.TrimSpace(p.Given + " " + p.Family); name != "" {
		return name
	}
	return p.Email
}

// Initial is what stands in the person's avatar.
func (p Person) Initial() string { return strings.ToUpper(p.Name()[:1]) }

// person finds somebody by sub.
func (s *state) person(sub string) (Person, bool) {
	for _, p := range s.People {
		if p.Sub == sub {
			return p, true
		}
	}
	return Person{}, false
}

// find takes an e-mail or what stands before its @, as a button or a script sends it.
func (s *state) find(who string) (Person, bool) {
	who = strings.ToLower(strings.TrimSpace(who))
	for _, p := range s.People {
		local, _, _ := strings.Cut(p.Email, "@")
		if who == p.Email || who == local {
			return p, true
		}
	}
	return Person{}, false
}

// signUp makes a person with that e-mail, or with a made-up one when it is
// empty. An e-mail that is already somebody's signs that one in.
func (s *state) signUp(email string) (Person, bool) {
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" {
		email = "guest-" + randomHex(3) + "@example.com"
	}
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || len(email) > 254 {
		return Person{}, false
	}
	if p, ok := s.find(email); ok {
		return p, true
	}
	p := Person{Sub: "kp_" + randomHex(16), Email: email}
	s.People = append(s.People, p)
	return p, true
}
