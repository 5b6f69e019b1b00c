package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"kindling/assets"
	"kindling/ui/cli/config"
)

func newSchemaCmd(a *app) *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the SQL that a project needs",
		Long: "Print the SQL that makes the todos table and its policy; it can be applied again, and\n" +
			"over the table of InsForge's guide. --check compares a live project, through its API alone.",
		Example: "kindling schema > schema.sql && npx @insforge/cli db import schema.sql",
		Args:    noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if check {
				return a.checkSchema(cmd.Context())
			}
			if !a.forPeople() {
				return usagef("--json, --ndjson and --plain are for schema --check: without it, it prints SQL")
			}
			_, err := fmt.Fprint(a.Stdout, assets.Schema)
			return err
		},
	}
	c.Flags().BoolVar(&check, "check", false, "compare a live project with it")
	return c
}

func (a *app) checkSchema(ctx context.Context) error {
	c, err := a.project()
	if err != nil {
		return err
	}
	w, err := a.witnessOrStandIn(ctx, c)
	if err != nil {
		return err
	}
	return a.report(a.checkTodos(ctx, c, w))
}

func (a *app) witnessOrStandIn(ctx context.Context, c config.Config) (witness, error) {
	acc, err := a.account()
	if err == nil {
		return a.witness(ctx, acc)
	}
	if w, ok := a.standIn(c); ok {
		return w, nil
	}
	return witness{}, err
}
