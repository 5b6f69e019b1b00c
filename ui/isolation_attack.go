package ui

import (
	"context"
	"iter"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"kindling/store"
)

// pace is how long each step of a trial stands before the next one shows: long
// enough to be read aloud. It is drawn in frames, in which the lane moves.
const (
	pace       = 700 * time.Millisecond
	framesEach = 14
)

// run is a series of attacks, whose answers come one by one.
type run struct {
	answers []store.Attack
	early   map[int]store.Attack // came before one that was made earlier, by number
	stop    context.CancelFunc
	ended   bool // no answer follows
	made    int  // attacks, once it ended
	failure error
}

// complete reports that every answer is here: the end may overtake them on its way.
func (r *run) complete() bool { return r.ended && len(r.answers) == r.made }

// trial is one side's attempt at one todo of the other. What the project answered
// is shown in steps: for each attack the request, the answer, the verdict.
type trial struct {
	run
	todo  store.Todo
	steps int // shown so far
	frame int // of the last step, from 0 to framesEach-1
}

// suite is a run of every attack there is.
type suite struct {
	run
	menu
}

// stepsEach is how many steps an attack is shown in.
const stepsEach = 3

func (t *trial) over() bool { return t.complete() && t.steps >= stepsEach*len(t.answers) }

// hurry shows all that is known at once.
func (t *trial) hurry() { t.steps, t.frame = stepsEach*len(t.answers), framesEach-1 }

// advance shows the next frame, and behind a step's last one the next step, if its
// answer has come.
func (t *trial) advance() {
	switch {
	case t.frame < framesEach-1:
		t.frame++
	case t.steps < stepsEach*len(t.answers):
		t.steps, t.frame = t.steps+1, 0
	}
}

// attackAnswered brings the answer to a run's nth attack, from 0. Messages may
// overtake each other on their way.
type attackAnswered struct {
	of     *run
	n      int
	attack store.Attack
}

// take adds an answer, in the order in which the attacks were made.
func (r *run) take(n int, attack store.Attack) {
	if r.early == nil {
		r.early = map[int]store.Attack{}
	}
	r.early[n] = attack
	for next, ok := r.early[len(r.answers)]; ok; next, ok = r.early[len(r.answers)] {
		delete(r.early, len(r.answers))
		r.answers = append(r.answers, next)
	}
}

// attacksEnded says that no answer follows those to the attacks that were made.
type attacksEnded struct {
	of   *run
	made int
	err  error
}

// attack makes a run's attacks in a command; each answer reaches the screen at once.
func (s *isolation) attack(of *run, begin func(context.Context) iter.Seq2[store.Attack, error]) tea.Cmd {
	ctx, stop := context.WithCancel(s.shared.ctx)
	of.stop = stop
	send, epoch := s.shared.send, s.shared.epoch
	return s.shared.ask(s, func(context.Context) tea.Msg {
		n := 0
		for attack, err := range begin(ctx) {
			if err != nil {
				return attacksEnded{of, n, err}
			}
			send(answer{epoch, s, attackAnswered{of, n, attack}})
			n++
		}
		return attacksEnded{of, n, ctx.Err()}
	})
}

// try lets the attacker try the todo under the cursor.
func (s *isolation) try() (action, tea.Cmd) {
	if s.state != pairReady || s.at >= len(s.victim().items) {
		return nil, nil
	}
	it := s.victim().items[s.at]
	if it.State == store.Waiting {
		return say{toneInfo, "the project does not hold this one yet · " + s.shared.keys.key(verbSync) + " sends it"}, nil
	}
	s.dropTrial()
	s.trial = &trial{todo: it.Todo}
	backend, as, other := s.shared.backend, s.attacker().account.Name, s.victim().account.Name
	return nil, tea.Batch(s.nextFrame(), s.attack(&s.trial.run, func(ctx context.Context) iter.Seq2[store.Attack, error] {
		return backend.TryOne(ctx, as, other, it.Todo)
	}))
}

// runAll makes every attack there is. Only the demo plants rows of its own: on
// a real project the command asks for that by name.
func (s *isolation) runAll() (action, tea.Cmd) {
	if s.state != pairReady || s.suite != nil {
		return nil, nil
	}
	s.dropTrial()
	s.suite = &suite{}
	backend, as, other, plant := s.shared.backend, s.attacker().account.Name, s.victim().account.Name, s.shared.facts.Demo
	return nil, s.attack(&s.suite.run, func(ctx context.Context) iter.Seq2[store.Attack, error] {
		return backend.Isolation(ctx, as, other, plant)
	})
}

// current finds the run that an answer belongs to, unless it was left.
func (s *isolation) current(of *run) bool {
	return s.trial != nil && of == &s.trial.run || s.suite != nil && of == &s.suite.run
}

func (s *isolation) answered(m attackAnswered) tea.Cmd {
	if !s.current(m.of) {
		return nil
	}
	was := max(len(m.of.answers)-1, 0)
	m.of.take(m.n, m.attack)
	if s.suite != nil && s.suite.at == was {
		s.suite.at = max(len(m.of.answers)-1, 0) // the cursor follows the run until it is moved
		s.suite.toLeak()
	}
	return nil
}

// toLeak goes from the last attack to the first leak when the run is complete.
func (u *suite) toLeak() {
	first := slices.IndexFunc(u.answers, func(a store.Attack) bool { return a.Verdict == "leak" })
	if u.complete() && u.at == len(u.answers)-1 && first >= 0 {
		u.at = first
	}
}

func (s *isolation) ended(m attacksEnded) (action, tea.Cmd) {
	if !s.current(m.of) {
		return nil, nil
	}
	m.of.ended, m.of.made, m.of.failure = true, m.made, m.err
	m.of.stop()
	if s.suite != nil {
		s.suite.toLeak()
	}
	if m.err != nil {
		return sayError(m.err), nil
	}
	return nil, nil
}

// trialMoved says that it is time for a trial's next frame.
type trialMoved struct{ of *trial }

// nextFrame waits for a trial's next frame.
func (s *isolation) nextFrame() tea.Cmd {
	return s.shared.afterFor(s, pace/framesEach, trialMoved{s.trial})
}

func (s *isolation) trialMoved(m trialMoved) tea.Cmd {
	t := s.trial
	if m.of != t || t.over() || t.failure != nil {
		return nil
	}
	t.advance()
	return s.nextFrame()
}
