package store

import (
	"context"
	"time"
)

const (
	betweenDoubts = 20 * time.Second // before an empty list is asked for again
	emptyPulls    = 3                // that must find nothing before nothing is believed
	shrinkPulls   = 2
	shrinkRows    = 20 // up to which a shrink is believed at once
	keptVanished  = 100
	keptGone      = 10000 // removals that Changes can tell of
)

// What of a pull is not believed yet.
const (
	believed = iota
	doubtEmpty
	doubtShrink
)

// conclude ends a complete and verified pull: what it no longer had goes, once
// that can be believed.
func (p *puller) conclude(ctx context.Context, r *Report) error {
	quiet, err := p.nothingNew(ctx)
	if err != nil || quiet {
		return err
	}
	return p.change(ctx, func(l *ledger) error {
		gone, err := l.believe(p)
		if err != nil || !gone {
			return err
		}
		r.Gone, err = l.vanishAll(p)
		return err
	})
}

// nothingNew reports whether the pull found all as it was.
func (p *puller) nothingNew(ctx context.Context) (quiet bool, err error) {
	err = p.db.read(ctx, func(c *conn) error {
		doubted, err := c.meta("doubted")
		quiet = len(p.missing) == 0 && doubted == believed
		return err
	})
	return quiet, err
}

// believe reports whether what is missing may go. An empty first page over a
// list that is not empty, and a list that shrank by more than half, must be
// found again by further pulls, well apart.
func (l *ledger) believe(p *puller) (bool, error) {
	kind, need := believed, 0
	switch {
	case p.empty && p.plain > 0:
		kind, need = doubtEmpty, emptyPulls
	case len(p.missing) > shrinkRows && 2*len(p.missing) > p.held:
		kind, need = doubtShrink, shrinkPulls
	}
	if kind == believed {
		return true, l.setMeta("doubted", believed)
	}
	before, err := l.meta("doubted")
	if err != nil {
		return false, err
	}
	n, at := int64(0), int64(0)
	if before == int64(kind) {
		if n, err = l.meta("doubts"); err != nil {
			return false, err
		}
		if at, err = l.meta("doubted_at"); err != nil {
			return false, err
		}
	}
	return l.doubtAgain(kind, int64(need), n, moment(at))
}

// doubtAgain counts one more pull of a kind, if it came long enough after the last.
func (l *ledger) doubtAgain(kind int, need, n int64, at time.Time) (bool, error) {
	if since := l.now.Sub(at); n > 0 && since >= 0 && since < betweenDoubts {
		return false, nil
	}
	n++
	if n >= need {
		return true, l.setMeta("doubted", believed)
	}
	for name, value := range map[string]any{"doubted": kind, "doubts": n, "doubted_at": l.now} {
		if err := l.setMeta(name, value); err != nil {
			return false, err
		}
	}
	return false, nil
}

// vanishAll takes off the list what the pull no longer had.
func (l *ledger) vanishAll(p *puller) (gone int, err error) {
	for _, t := range p.missing {
		did, err := l.vanish(t, p.began)
		if err != nil {
			return gone, err
		}
		gone += b2i(did)
	}
	if gone == 0 {
		return 0, nil
	}
	if err := l.exec("DELETE FROM vanished WHERE n <= (SELECT max(n) FROM vanished) - ?", keptVanished); err != nil {
		return gone, err
	}
	return gone, l.forgetGone(keptGone)
}

// forgetGone keeps the last removals alone. Who asks for changes since before
// those is given everything.
func (l *ledger) forgetGone(keep int) error {
	err := l.exec("INSERT OR REPLACE INTO meta SELECT 'gone_floor', rev FROM gone ORDER BY rev DESC LIMIT 1 OFFSET ?", keep)
	if err != nil {
		return err
	}
	return l.exec("DELETE FROM gone WHERE rev <= coalesce((SELECT value FROM meta WHERE name = 'gone_floor'), 0)")
}

// vanish takes one todo off the list, unless there is anything of the person's
// with it, or it changed since the pull began.
func (l *ledger) vanish(t Todo, began int64) (bool, error) {
	e, err := l.load(t.ID)
	if err != nil || e.tracked || e.was == nil {
		return false, err
	}
	mine, err := l.integer(`SELECT (SELECT count(*) FROM drafts WHERE id = ?1)
		+ (SELECT count(*) FROM todos WHERE id = ?1 AND rev > ?2)`, t.ID, began)
	if err != nil || mine > 0 {
		return false, err
	}
	e.row = nil
	if err := l.exec("INSERT OR REPLACE INTO vanished (id, row, at) VALUES (?, ?, ?)", t.ID, t.pack(), l.now); err != nil {
		return false, err
	}
	return true, l.save(e)
}
