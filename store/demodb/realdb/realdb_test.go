package realdb_test

import (
	"os"
	"testing"

	"kindling/store/demodb/realdb"
)

func TestMain(m *testing.M) { os.Exit(realdb.Main(m)) }

func TestAProjectHasInsForgesRolesAndRights(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, "create table public.things (id int)")
	got := s.PSQL(t, `select grantee || ' ' || string_agg(privilege_type, ',' order by privilege_type) from information_schema.role_table_grants
		where table_name = 'things' and grantee in ('anon', 'authenticated') group by grantee order by grantee`)
	if got != "anon DELETE,INSERT,SELECT,UPDATE\nauthenticated DELETE,INSERT,SELECT,UPDATE" {
		t.Fatal(got)
	}
}
