package auth_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"testing"

	"kindling/auth"
)

// TestSecretIsPrintedByNothing tries every verb, encoder and logger.
func TestSecretIsPrintedByNothing(t *testing.T) {
	const text = "s3cr3t"
	s := auth.NewSecret(text)
	g := auth.Grant{Tokens: auth.Tokens{Access: s, Refresh: s, ID: s}}
	var out bytes.Buffer
	for _, verb := range strings.Split("v +v #v s q x X d t T p c U e g 10v -10s 1.3s .2x w", " ") {
		for _, value := range []any{s, &s, g, &g, []auth.Secret{s}, map[string]auth.Secret{"k": s}, map[auth.Secret]int{s: 1}, struct{ S any }{s}, auth.Config{ClientSecret: s}} {
			fmt.Fprintf(&out, "%"+verb+"\n", value)
		}
	}
	fmt.Fprintln(&out, s, errors.New(fmt.Sprint(s)), fmt.Errorf("%w", fmt.Errorf("%v", s)))
	for _, value := range []any{s, &s, g, map[string]any{"k": s}} {
		j, _ := json.Marshal(value)
		x, _ := xml.Marshal(value)
		out.Write(j)
		out.Write(x)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s, "grant", g)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s, "grant", g)
	log.New(&out, "", 0).Println(s, g)
	if hex := fmt.Sprintf("%x", text); strings.Contains(out.String(), text) || strings.Contains(strings.ToLower(out.String()), hex) || strings.Contains(out.String(), "115 51") {
		t.Errorf("it leaks: %s", out.String())
	}
	if s.Reveal() != text || s.IsZero() || !(auth.Secret{}).IsZero() || !auth.NewSecret("").IsZero() || auth.NewSecret(text) != s || auth.NewSecret("").Reveal() != "" {
		t.Error("it does not keep what it was given")
	}
}
