package assets_test

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"kindling/assets"
)

var pages = []assets.Page{assets.PageSuccess, assets.PageRefused, assets.PageExpired, assets.PageWrong, assets.PageAlready}

// TestPagesStandAlone: a page that a browser sees after a sign-in loads nothing,
// runs nothing, links nowhere, and looks right on light and dark screens.
func TestPagesStandAlone(t *testing.T) {
	for _, p := range pages {
		text := string(p.HTML())
		for _, need := range []string{"<!doctype html>", `lang="en"`, "prefers-color-scheme: dark", "color-scheme: light dark", `name="viewport"`, "<h1>", "terminal", "</html>"} {
			if !strings.Contains(text, need) {
				t.Errorf("%s: no %s", p, need)
			}
		}
		if stray := regexp.MustCompile(`%[A-Z]+%|<script|<link|<img|<form|href=|src=|url\(|@import|https?:|style="| on[a-z]+=`).FindString(text); stray != "" {
			t.Errorf("%s: has %q", p, stray)
		}
	}
}

func TestPolicyAllowsThePagesOwnStyleAlone(t *testing.T) {
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	for _, p := range pages {
		found := style.FindAllSubmatch(p.HTML(), -1)
		if len(found) != 1 {
			t.Fatalf("%s: %d styles", p, len(found))
		}
		sum := sha256.Sum256(found[0][1])
		want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if got := p.Policy(); !strings.Contains(got, want) || !strings.HasPrefix(got, "default-src 'none'; ") || strings.Contains(got, "unsafe") {
			t.Errorf("%s: %s", p, got)
		}
	}
}

func TestPagesSayWhatHappened(t *testing.T) {
	for p, want := range map[assets.Page]string{
		assets.PageSuccess: "You are signed in", assets.PageRefused: "You are not signed in", assets.PageExpired: "The link expired",
		assets.PageWrong: "not part of a sign-in", assets.PageAlready: "already has its answer",
	} {
		if !strings.Contains(string(p.HTML()), want) {
			t.Errorf("%s does not say %q", p, want)
		}
	}
}
