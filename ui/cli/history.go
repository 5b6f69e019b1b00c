package cli

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"kindling/store"
)

func newUndoCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "undo",
		Short: "Take the last change back, also after a restart",
		Args:  noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.travel(cmd.Context(), "undo", "undid", (*store.Store).Undo)
		},
	}
}

func newRedoCmd(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "redo",
		Short: "Do the last undone change again",
		Args:  noWords,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.travel(cmd.Context(), "redo", "redid", (*store.Store).Redo)
		},
	}
}

// stepJSON is an undone or redone step.
type stepJSON struct {
	Step string      `json:"step"`
	IDs  []uuid.UUID `json:"ids"`
}

func (a *app) travel(ctx context.Context, verb, past string, move func(*store.Store, context.Context) (store.Step, error)) error {
	todos, err := a.openTodos(ctx)
	if err != nil {
		return err
	}
	defer todos.Close()
	s, err := todos.Status(ctx)
	if err != nil {
		return err
	}
	name := map[string]string{"undo": s.CanUndo, "redo": s.CanRedo}[verb]
	step, err := move(todos, ctx)
	a.wipeProgress()
	if errors.Is(err, store.ErrNothing) {
		return errors.New("nothing to " + verb)
	}
	if err != nil {
		return err
	}
	a.send(ctx, todos)
	out := stepJSON{Step: name, IDs: []uuid.UUID{}}
	for _, op := range step.Ops {
		out.IDs = append(out.IDs, op.ID)
	}
	if a.forPeople() {
		a.note("%s: %s", past, name)
	} else if err := a.printValue(out); err != nil {
		return err
	}
	return taken(ctx, todos, out.IDs)
}
