package store

import "context"

// Rev returns the present point in the cache's history, for a later Changes:
// read it before All, and what is missed in between comes with the changes.
func (s *Store) Rev(ctx context.Context) (rev Rev, err error) {
	err = s.db.read(ctx, func(c *conn) error {
		n, err := c.meta("rev")
		rev = Rev(n)
		return err
	})
	return rev, wrap("read revision", err)
}
