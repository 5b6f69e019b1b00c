package ui

import (
	"strconv"

	"kindling/auth"
)

func (s *accounts) view(w, h int) picture {
	p := newSheet(s.shared.styles, w)
	note := ""
	if s.loaded {
		note = count(len(s.known), "signed in", "signed in")
	}
	p.title("Accounts", note)
	p.gap()
	if s.loaded && len(s.known) == 0 {
		p.para(p.st.Text, "Nobody is signed in. Press "+s.shared.keys.key(verbSignInOther)+" to sign in.")
	}
	names := s.nameWidth()
	for i, a := range s.known {
		s.drawAccount(p, i, a, names)
	}
	p.gap()
	s.drawHints(p)
	s.drawVault(p)
	s.drawFarewell(p)
	return p.menuPicture(&s.menu, h)
}

// drawHints names the keys for the account under the cursor; the footer has no room for them on every screen.
func (s *accounts) drawHints(p *sheet) {
	if len(s.known) > 0 && s.leaving == nil {
		p.hints(s.shared.keys, hint{verb: verbSignInOther}, hint{verb: verbRenew}, hint{verb: verbSignOut})
		p.gap()
	}
}

// nameWidth is the widest name or address, so that the columns are straight.
func (s *accounts) nameWidth() int {
	n := 0
	for _, a := range s.known {
		n = max(n, width(who(a)))
	}
	return n
}

// who names an account for a person.
func who(a auth.Account) string {
	if a.Email != "" {
		return oneLine(a.Email)
	}
	return oneLine(a.Name)
}

func (s *accounts) drawAccount(p *sheet, i int, a auth.Account, names int) {
	pen := p.pens(i == s.at)
	dot, state := "  ", ""
	if s.open(a) {
		dot, state = "● ", "open now"
		if n := s.shared.status.Unsent(); n > 0 {
			state += ", " + count(n, "change", "changes") + " not sent"
		}
	}
	b := brush{left: max(0, p.w-2), pens: pen}
	b.put(strconv.Itoa(i+1)+"  ", pen.Faint)
	b.put(dot, pen.Good)
	b.put(pad(who(a), min(names, b.left)), pen.Strong)
	if a.Name != a.Email {
		b.put("  kept as "+oneLine(a.Name), pen.Faint)
	}
	if state != "" {
		b.put("  "+state, pen.Good)
	}
	p.row(i, s.at, b.b.String())
}

// drawVault says where the sign-ins are kept.
func (s *accounts) drawVault(p *sheet) {
	switch s.shared.facts.Vault {
	case "os":
		p.para(p.st.Faint, "Sign-ins are kept in this machine's keyring.")
	case "file":
		p.para(p.st.Faint, "Sign-ins are kept in a file, encrypted with your passphrase.")
	case "demo":
		p.para(p.st.Faint, "The demo keeps its pretend sign-ins as plain files: they open nothing else.")
	case "memory":
		p.para(p.st.Warn, "Sign-ins are kept in memory only: they end when this program does.")
	}
}

// drawFarewell offers the address that ends the browser's own session.
func (s *accounts) drawFarewell(p *sheet) {
	if s.goodbye == "" {
		return
	}
	p.para(p.st.Text, "The browser may still know you. To end that too, open:")
	for _, line := range s.shared.addressLines(s.goodbye, p.w) {
		p.add(p.st.Accent.Render(line))
	}
}
