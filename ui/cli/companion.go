package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"kindling/assets"
	"kindling/auth/companion"
)

func newCompanionCmd(a *app) *cobra.Command {
	var s companion.Server
	var behindProxy, js bool
	c := &cobra.Command{
		Use:   "companion",
		Short: "Serve the token endpoint, where no edge function does",
		Long: "Serve the endpoint that turns Kinde access tokens into InsForge ones. It needs\n" +
			"KINDE_ISSUER_URL, KINDE_CLIENT_ID and INSFORGE_JWT_SECRET, keeps nothing, and may run any\n" +
			"number of times. It says what it does on stderr.",
		Annotations: map[string]string{ownOutput: "it serves, or prints a program"},
		Args:        noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if js {
				_, err := fmt.Fprint(a.Stdout, assets.Companion)
				return err
			}
			return a.serveCompanion(cmd.Context(), s, behindProxy)
		},
	}
	c.Flags().StringVar(&s.Addr, "addr", companion.DefaultAddr, "listen on this host and port")
	c.Flags().StringVar(&s.CertFile, "tls-cert", "", "serve https with this certificate file")
	c.Flags().StringVar(&s.KeyFile, "tls-key", "", "and this key file")
	c.Flags().BoolVar(&behindProxy, "behind-proxy", false, "something else ends TLS, and forwards addresses")
	c.Flags().BoolVar(&js, "js", false, "print the edge function that does the same, and end")
	return c
}

func (a *app) serveCompanion(ctx context.Context, s companion.Server, behindProxy bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	cc := companionConfig(c)
	cc.BehindProxy, cc.Now = behindProxy, a.Now
	cc.Log = slog.New(slog.NewTextHandler(a.Stderr, nil))
	s.Listening = func(url string) { a.note("the companion listens on %s", url) }
	return companion.Serve(ctx, s, cc)
}
