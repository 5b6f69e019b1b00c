package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/ncruces/go-sqlite3"
)

const (
	pageRows   = 1000
	mostAtOnce = 16 * pageRows // rows in one transaction
	restarts   = 3             // of a pull whose list changed under it
)

var errMoved = errors.New("the list changed while it was read")

// puller is one pull: pages by id that overlap by one row, each written down as
// it comes in. What a page does not have any more is only counted as missing;
// nothing is taken off the list before the pull was complete and verified.
type puller struct {
	*Store
	tell    func(Progress)
	began   int64 // rev: rows that changed since are not missing
	held    int   // rows known to be at the server when it began
	plain   int   // of those, the ones with nothing of the person's own, which may vanish
	missing []Todo
	empty   bool // the first page had no row
	rows    int
	total   int       // of rows, as far as is known
	pulled  int       // rows that were new or different
	read    []stretch // read, but not yet written down
}

// stretch is a page and the ids it covers, ends included.
type stretch struct {
	page
	first, last uuid.UUID
}

// pull reads the whole list of the project and takes it over.
func (s *Store) pull(ctx context.Context, o SyncOptions, r *Report) error {
	var p *puller
	err := errMoved
	for n := 0; n < restarts && errors.Is(err, errMoved); n++ {
		if p, err = s.newPuller(ctx, o); err == nil {
			err = p.run(ctx)
		}
		r.Pulled += p.pulled
	}
	if errors.Is(err, errMoved) {
		return fmt.Errorf("%w: %w; nothing was taken off, try again", ErrOffline, err)
	}
	if err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	return p.conclude(ctx, r)
}

func (s *Store) newPuller(ctx context.Context, o SyncOptions) (*puller, error) {
	p := &puller{Store: s, tell: o.Progress}
	err := s.db.read(ctx, func(c *conn) (err error) {
		if p.began, err = c.meta("rev"); err != nil {
			return err
		}
		plain, err := c.integer("SELECT (SELECT count(*) FROM todos) - (SELECT count(*) FROM base WHERE id IN (SELECT id FROM todos))")
		if err != nil {
			return err
		}
		tracked, err := c.integer("SELECT count(*) FROM base WHERE row IS NOT NULL")
		if err != nil {
			return err
		}
		p.plain, p.held = int(plain), int(plain+tracked)
		last, err := c.meta("last_sync")
		if last > 0 {
			p.total = p.held
		}
		return err
	})
	return p, err
}

// run reads every page. What was read is written down in ever larger
// transactions: the first page can be seen at once, and a long list takes few of
// them, each of which touches most of the file.
func (p *puller) run(ctx context.Context) error {
	from, written := uuid.Nil, 0
	for first := true; ; first = false {
		last, more, err := p.one(ctx, from, first)
		if err != nil || !more {
			return errors.Join(err, p.take(ctx))
		}
		if from = last; first && p.total == 0 {
			p.total = p.api.count(ctx) // before the first pull nobody here knows
		}
		if p.rows >= min(2*written, written+mostAtOnce) {
			if written, err = p.rows, p.take(ctx); err != nil {
				return err
			}
		}
	}
}

// kept is what is remembered of a page, so that it can be answered by 304.
type kept struct {
	last uuid.UUID
	rows int
	etag string
}

// one reads the page that begins at from. Every page but the first must begin
// with the row that ended the one before: else that row went, or the request
// landed as somebody else.
func (p *puller) one(ctx context.Context, from uuid.UUID, first bool) (last uuid.UUID, more bool, err error) {
	old, err := p.kept(ctx, from)
	if err != nil {
		return last, false, err
	}
	pg, err := p.api.page(ctx, from, p.pageRows, old.etag)
	if err != nil {
		return last, false, err
	}
	if pg.notModified {
		p.saw(old.rows, first)
		return old.last, old.last != uuid.Max, nil
	}
	if !first && (len(pg.rows) == 0 || pg.rows[0].ID != from) {
		return last, false, errMoved
	}
	p.empty = first && len(pg.rows) == 0
	if last, more, err = p.end(ctx, pg.rows); err != nil {
		return last, false, err
	}
	p.read = append(p.read, stretch{pg, from, last})
	p.saw(len(pg.rows), first)
	return last, more, nil
}

// end tells up to where a page reaches, and whether there is more behind it. A page with
// fewer rows than were asked for is the last one, unless the project sends no more at a
// time: what is then behind it would seem to be gone.
func (p *puller) end(ctx context.Context, rows []Todo) (last uuid.UUID, more bool, err error) {
	if len(rows) == 0 {
		return uuid.Max, false, nil
	}
	last = rows[len(rows)-1].ID
	if len(rows) >= p.pageRows {
		return last, true, nil
	}
	next, err := p.api.page(ctx, last, 2, "")
	switch {
	case err != nil:
		return last, false, err
	case len(next.rows) == 0 || next.rows[0].ID != last:
		return last, false, errMoved
	case len(next.rows) > 1:
		return last, true, nil
	}
	return uuid.Max, false, nil
}

func (p *puller) saw(rows int, first bool) {
	p.rows += rows
	if !first {
		p.rows-- // the one that overlaps
	}
	if p.rows > p.total {
		p.total = 0 // there are more than was known
	}
	p.tell(Progress{Phase: "fetching", Done: p.rows, Total: p.total})
}

func (p *puller) kept(ctx context.Context, from uuid.UUID) (k kept, err error) {
	err = p.db.read(ctx, func(c *conn) error {
		return c.each("SELECT last, rows, etag FROM pages WHERE first = ?", []any{from}, func(s *sqlite3.Stmt) error {
			k = kept{columnID(s, 0), s.ColumnInt(1), s.ColumnText(2)}
			return nil
		})
	})
	return k, err
}

// take writes down what was read.
func (p *puller) take(ctx context.Context) error {
	if len(p.read) == 0 {
		return nil
	}
	err := p.change(ctx, func(l *ledger) error {
		for _, st := range p.read {
			held, err := l.heldIn(st.first, st.last)
			if err != nil {
				return err
			}
			missing, pulled, err := l.compare(held, st.rows)
			if err != nil {
				return err
			}
			p.missing = append(p.missing, missing...)
			p.pulled += pulled
			if err := l.keepPage(st, len(missing) == 0); err != nil {
				return err
			}
		}
		return nil
	})
	p.read = nil
	return err
}

// keepPage remembers a page's etag, if what is held is exactly what the page
// says: only then can "not modified" stand for it.
func (l *ledger) keepPage(st stretch, exact bool) error {
	if err := l.exec("DELETE FROM pages WHERE first < ? AND last > ?", st.last, st.first); err != nil {
		return err
	}
	if !exact || st.etag == "" {
		return nil
	}
	return l.exec("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", st.first, st.last, len(st.rows), st.etag)
}

// holding is one row held of the server's, and whether it is tracked in base. One that
// is tracked may be new: the server has none of it yet, and it cannot be missing there.
type holding struct {
	Todo
	tracked, fresh bool
}

// heldIn lists by id the rows held of the server's between two ids, ends included.
func (l *ledger) heldIn(first, last uuid.UUID) ([]holding, error) {
	tracked := map[uuid.UUID]*Todo{}
	err := l.each("SELECT id, row FROM base WHERE id BETWEEN ? AND ?", []any{first, last}, func(s *sqlite3.Stmt) error {
		id := columnID(s, 0)
		row, err := columnTodo(s, 1, id)
		tracked[id] = row
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []holding
	err = l.each(selectItem+" WHERE id BETWEEN ? AND ?", []any{first, last}, func(s *sqlite3.Stmt) error {
		it := scanItem(s)
		if _, ok := tracked[it.ID]; !ok {
			all = append(all, holding{Todo: it.Todo})
		}
		return nil
	})
	for id, row := range tracked {
		fresh := row == nil
		if fresh {
			row = &Todo{ID: id}
		}
		all = append(all, holding{*row, true, fresh})
	}
	slices.SortFunc(all, func(a, b holding) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return all, err
}

// compare walks what is held and what was sent side by side.
func (l *ledger) compare(held []holding, sent []Todo) (missing []Todo, pulled int, err error) {
	miss := func(h holding) {
		if !h.fresh {
			missing = append(missing, h.Todo)
		}
	}
	for _, t := range sent {
		for len(held) > 0 && bytes.Compare(held[0].ID[:], t.ID[:]) < 0 {
			miss(held[0])
			held = held[1:]
		}
		var now *holding
		if len(held) > 0 && held[0].ID == t.ID {
			now, held = &held[0], held[1:]
		}
		did, err := l.receive(t, now)
		if err != nil {
			return nil, 0, err
		}
		pulled += b2i(did)
	}
	for _, h := range held {
		miss(h)
	}
	return missing, pulled, nil
}

// receive takes one row of a page, and reports whether it was news.
func (l *ledger) receive(t Todo, now *holding) (bool, error) {
	switch {
	case now == nil:
		return true, l.arrive(t)
	case now.Todo == t && !now.tracked:
		return false, nil
	}
	e, err := l.load(t.ID)
	if err != nil || e.row != nil && *e.row == t {
		return false, err
	}
	if err := l.comeBack(e, t); err != nil {
		return false, err
	}
	if !e.tracked {
		e.note = ""
	}
	if err := l.recognise(e); err != nil {
		return false, err
	}
	return true, l.save(e)
}

// comeBack takes a row. Where the todo was thought deleted elsewhere, and in conflict over
// that, it is in conflict over what differs instead.
func (l *ledger) comeBack(e *entry, t Todo) error {
	_, gone := e.letGo()
	e.row = &t
	if !gone {
		return nil
	}
	was := e.conflicts
	if err := l.dropConflicts(e); err != nil {
		return err
	}
	for _, c := range e.open(was) {
		if err := l.addConflict(e, c); err != nil {
			return err
		}
	}
	return nil
}

// recognise finishes an op of unknown outcome whose result is plainly there, so
// that it is not repeated after somebody took it back. One that was refused when it was
// repeated is no refused one then.
func (l *ledger) recognise(e *entry) error {
	if len(e.ops) == 0 || e.ops[0].state != unknown && (e.ops[0].state != parked || e.ops[0].doubt.IsZero()) {
		return nil
	}
	o := e.ops[0]
	landed := o.Kind == Add
	if o.Kind == SetTitle || o.Kind == SetDone {
		landed = e.row.with(o.Base, o.Want) == *e.row
	}
	if !landed {
		return nil
	}
	return l.finish(e, o)
}

// arrive shows a row that was not held, and says so where it was deleted here before.
func (l *ledger) arrive(t Todo) error {
	e := &entry{id: t.ID, row: &t}
	n, err := l.integer("SELECT count(*) FROM tombstones WHERE id = ?", t.ID)
	if err != nil {
		return err
	}
	if n > 0 {
		e.note = saidBack
	}
	if err := l.exec("DELETE FROM vanished WHERE id = ?", t.ID); err != nil {
		return err
	}
	return l.save(e)
}
