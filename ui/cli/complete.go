package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kindling/store"
	"kindling/store/todotxt"
)

// completionTime is how long a tab may read the cache, which answers in a few
// milliseconds. The vault has a time-out of its own.
const completionTime = 2 * time.Second

// offered is how many todos a tab offers at most.
const offered = 200

// completeIDs offers the short ids of todos that fit, each with its title.
func (a *app) completeIDs(fits func(store.Item) bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if cmd.Name() == "edit" && len(args) > 0 {
			return a.completeTerms(cmd, args, typed)
		}
		return a.fromCache(cmd, func(ctx context.Context, todos *store.Store) (found []cobra.Completion) {
			for it, err := range todos.All(ctx) {
				if err != nil || len(found) == offered {
					break
				}
				id := it.ID.String()
				given := slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(id, strings.ToLower(arg)) })
				if given || fits != nil && !fits(it) || !strings.HasPrefix(id, strings.ToLower(typed)) {
					continue
				}
				short := max(len(shortID(ctx, todos)(it.ID)), len(typed))
				found = append(found, cobra.CompletionWithDesc(id[:short], printable(it.Title)))
			}
			return found
		})
	}
}

// completeTerms offers the projects and contexts in use, once their sign is typed.
func (a *app) completeTerms(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if typed == "" || typed[0] != '+' && typed[0] != '@' {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.fromCache(cmd, func(ctx context.Context, todos *store.Store) []cobra.Completion {
		var names []string
		for it, err := range todos.All(ctx) {
			if err != nil {
				break
			}
			t := todotxt.Parse(it.Title)
			words := t.Projects()
			if typed[0] == '@' {
				words = t.Contexts()
			}
			for _, w := range words {
				names = append(names, typed[:1]+w)
			}
		}
		slices.Sort(names)
		return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return !strings.HasPrefix(n, typed) || printable(n) != n })
	})
}

// fromCache asks offer for completions, with the cache open, and never for a file.
func (a *app) fromCache(cmd *cobra.Command, offer func(context.Context, *store.Store) []cobra.Completion) ([]cobra.Completion, cobra.ShellCompDirective) {
	todos, err := a.openForTab(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer todos.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	return offer(ctx, todos), cobra.ShellCompDirectiveNoFileComp
}

// openForTab opens the cache without a network, a token or a question.
func (a *app) openForTab(ctx context.Context) (*store.Store, error) {
	a.flags.sync, a.noQuestions = "no", true
	return a.openTodos(ctx)
}
