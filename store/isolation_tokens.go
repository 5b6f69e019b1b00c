package store

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

// tokenForgeries come with no token, or with one that must not count.
func (a *attacker) tokenForgeries() []attempt {
	all := []attempt{
		a.forged("read-no-token", func(context.Context) (string, error) { return "", nil }),
		a.forged("read-token-alg-none", a.unsigned),
		a.forged("read-token-wrong-secret", a.wronglySigned),
		a.forged("read-token-other-sub", a.retouched("sub", a.other.sub)),
		a.forged("read-token-role-admin", a.retouched("role", "project_admin")),
		a.forged("read-token-expired", a.expired),
		a.forged("read-kinde-token", func(context.Context) (string, error) { return a.KindeToken, nil }),
		a.withJunkKey(),
	}
	for i := range all {
		switch {
		case all[i].name == "read-token-expired" && a.Mint == nil:
			all[i].needs = "no token that has ended is at hand, and only --mint can make one"
		case all[i].name == "read-kinde-token" && a.KindeToken == "":
			all[i].needs = "no Kinde token is at hand"
		}
	}
	return all
}

// forged reads with a made-up token, and asks whom it is taken for: it must be nobody.
func (a *attacker) forged(name string, make func(context.Context) (string, error)) attempt {
	return attempt{name: name, try: func(ctx context.Context) finding {
		s := a.get("select=id,user_id&limit=1000")
		var err error
		if s.token, err = make(ctx); err != nil {
			return finding{sent: s, verdict: untested, why: plain(err.Error(), longestMessage)}
		}
		f := a.judgeForged(s, a.send(ctx, s))
		if f.verdict == safe && f.got.status/100 == 2 {
			who := a.send(ctx, request{method: http.MethodGet, path: "rpc/requesting_user_id", token: s.token})
			if who.status == http.StatusOK && who.body != "null" || strings.Contains(f.got.body, "user_id") {
				f.verdict, f.why = leak, "the project took this for a valid token"
			} else {
				f.why = "treated as nobody"
			}
		}
		return f
	}}
}

// withJunkKey puts a made-up api key beside the attacker's own token: a real one
// would count for more than the token.
func (a *attacker) withJunkKey() attempt {
	return attempt{name: "read-api-key-junk", try: func(ctx context.Context) finding {
		s := withHeader(a.get("select=id,user_id&limit=1000"), "X-Api-Key", "ik_"+randomHex())
		var err error
		if s.token, err = a.as.tokens.Token(ctx, ""); err != nil {
			return finding{sent: s, verdict: untested, why: plain(err.Error(), longestMessage)}
		}
		return a.judgeForged(s, a.send(ctx, s))
	}}
}

func (a *attacker) claims() jwt.MapClaims {
	now := time.Now()
	return jwt.MapClaims{"sub": a.other.sub, "role": "authenticated", "aud": "insforge-api", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()}
}

func (a *attacker) unsigned(context.Context) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodNone, a.claims()).SignedString(jwt.UnsafeAllowNoneSignatureType)
}

func (a *attacker) wronglySigned(context.Context) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, a.claims()).SignedString([]byte(randomHex()))
}

// retouched changes one claim in the attacker's own token and keeps its signature.
func (a *attacker) retouched(claim, value string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		token, err := a.as.tokens.Token(ctx, "")
		if err != nil {
			return "", errors.New("the attacker has no token")
		}
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			return "", errors.New("the attacker's token is not a JWT")
		}
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		claims := map[string]any{}
		if err != nil || json.Unmarshal(payload, &claims) != nil {
			return "", errors.New("the attacker's token is not a JWT")
		}
		claims[claim] = value
		parts[1] = base64.RawURLEncoding.EncodeToString([]byte(jsonText(claims)))
		return strings.Join(parts, "."), nil
	}
}

// expired is a token that the project signed and that has ended.
func (a *attacker) expired(context.Context) (string, error) {
	return a.Mint(a.as.sub, time.Now().Add(-time.Minute))
}

// asAnon are the attacks under the project's public key.
func (a *attacker) asAnon() []attempt {
	anon := func(s request) request { s.token = a.AnonKey; return s }
	plainly := func(name string, s request, judge func(request, response) finding) attempt {
		return attempt{name: name, try: func(ctx context.Context) finding { return judge(s, a.send(ctx, anon(s))) }}
	}
	counted := withHeader(a.get("select=id&limit=0"), "Prefer", "count=exact") // no HEAD: why it is refused stands in the body
	all := []attempt{
		plainly("anon-read", a.get("select=id,user_id,title&limit=5"), a.judgeAnon),
		plainly("anon-count", counted, a.judgeCount),
		a.write("anon-insert", func(_, _ planted) request {
			_, body := a.newRow(a.other.sub)
			return anon(minimal(http.MethodPost, todosPath, body))
		}, accepted("anon may add a row in another's name")),
		a.write("anon-update", func(v, _ planted) request {
			return anon(minimal(http.MethodPatch, todosPath+"id=eq."+v.ID+"&"+a.marked(), jsonText(map[string]bool{"is_complete": true})))
		}, nil),
		a.write("anon-delete", func(v, _ planted) request {
			return anon(minimal(http.MethodDelete, todosPath+"id=eq."+v.ID+"&"+a.marked(), ""))
		}, nil),
		{name: "anon-write-blind", needs: "an anon write that is open behind a closed SELECT cannot be tried without touching rows"},
	}
	if a.AnonKey == "" {
		for i := range all {
			all[i].needs = "no anon key is configured: set NEXT_PUBLIC_INSFORGE_ANON_KEY"
		}
	}
	return all
}

// judgeAnon: any row at all is too much.
func (a *attacker) judgeAnon(s request, r response) finding {
	f := a.judge(s, r)
	if f.verdict == safe && r.status/100 == 2 && strings.Contains(r.body, "{") {
		f.verdict, f.why = leak, "anon may read rows"
	}
	return f
}
