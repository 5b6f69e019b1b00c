package store_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"kindling/assets"
	"kindling/store/demodb/realdb"
)

// guideSchema is the table as InsForge's Kinde guide makes it.
const guideSchema = `
create or replace function public.requesting_user_id() returns text as $$
  select nullif(current_setting('request.jwt.claims', true)::json->>'sub', '')::text
$$ language sql stable;

create table public.todos (
  id uuid primary key default gen_random_uuid(),
  user_id text not null default requesting_user_id(),
  title text not null,
  is_complete boolean default false,
  created_at timestamptz default now()
);
alter table public.todos enable row level security;
create policy "Users can manage own todos" on public.todos for all to authenticated
  using (user_id = requesting_user_id()) with check (user_id = requesting_user_id());
`

// shape is all that a schema decides: columns, policies, indexes, the function, rights.
const shape = `
select attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) from pg_attribute
  left join pg_attrdef on adrelid = attrelid and adnum = attnum where attrelid = 'public.todos'::regclass and attnum > 0 order by attnum;
select policyname, permissive, roles, cmd, qual, with_check from pg_policies where tablename = 'todos' order by 1;
select indexdef from pg_indexes where tablename = 'todos' order by 1;
select provolatile, proparallel, prosecdef, prosrc from pg_proc where proname = 'requesting_user_id';
select relrowsecurity, relforcerowsecurity, relacl from pg_class where oid = 'public.todos'::regclass;`

func TestTheSchemaMayBeAppliedAgain(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	once := s.PSQL(t, shape)
	s.Upgrade(t, assets.Schema)
	if twice := s.PSQL(t, shape); twice != once {
		t.Fatalf("applied once\n%s\napplied twice\n%s", once, twice)
	}
}

// Over the guide's table no row is rewritten, and the result is that of an empty project.
func TestTheSchemaUpgradesTheGuidesTable(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	fresh := s.PSQL(t, shape)
	s.Apply(t, guideSchema)
	b := real(t, s)
	rows := settle(t, b)
	const file = `select pg_relation_filenode('public.todos'), (select min(xmin::text) || max(xmin::text) from public.todos)`
	before := s.PSQL(t, file)
	s.Upgrade(t, assets.Schema)
	if after := s.PSQL(t, file); after != before {
		t.Errorf("rewritten: %s became %s", before, after)
	}
	if b.table() != rows {
		t.Errorf("the rows are now %s", b.table())
	}
	if got := s.PSQL(t, shape); got != fresh {
		t.Errorf("upgraded\n%s\nfresh\n%s", got, fresh)
	}
}

// What the schema's own comment says takes it back to the guide's form.
func TestTheSchemaCanBeTakenBack(t *testing.T) {
	s := realdb.Get(t)
	all := func() string { return strings.Join(strings.Fields(s.PSQL(t, shape)), " ") } // the comment is indented
	s.Apply(t, guideSchema)
	guides := all()
	s.Upgrade(t, assets.Schema)
	if all() == guides {
		t.Fatal("the schema changes nothing")
	}
	_, back, _ := strings.Cut(assets.Schema, "-- To go back to the guide's own form:\n")
	back, _, _ = strings.Cut(back, "\n\n")
	s.Upgrade(t, strings.ReplaceAll(back, "--", ""))
	if got := all(); got != guides {
		t.Fatalf("taken back\n%s\nthe guide's\n%s", got, guides)
	}
}

// InsForge refuses a source with these words in it, wherever they stand.
func TestTheSchemaHasNoWordThatInsForgeRefuses(t *testing.T) {
	if found := regexp.MustCompile(`(?i)\b(set_config|begin|commit|rollback)\b`).FindString(assets.Schema); found != "" {
		t.Fatal(found)
	}
}

// The claims are ” in a session that had some before: nobody, not an error.
func TestNobodyIsNobody(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	for _, claims := range []string{``, `{}`, `{"sub":""}`, `{"sub":null}`} {
		if got := s.PSQL(t, `set local "request.jwt.claims" = '`+claims+`'; select public.requesting_user_id()`); got != "∅" {
			t.Errorf("%q is %q", claims, got)
		}
	}
}

// statements are what Kindling sends, as PostgREST turns them into SQL.
var statements = []struct{ name, sql string }{
	{"first page", `select id, user_id, title, is_complete, created_at from public.todos where id >= '00000000-0000-0000-0000-000000000000' order by id limit 1000`},
	{"keyset page", `select id, user_id, title, is_complete, created_at from public.todos where id >= '80000000-0000-4000-8000-000000000000' order by id limit 1000`},
	{"look", `select id, user_id, title, is_complete, created_at from public.todos where id in ('80000000-0000-4000-8000-000000000000', '90000000-0000-4000-8000-000000000000')`},
	{"create", `insert into public.todos (id, title, is_complete, created_at) values ('80000000-0000-4000-8000-000000000000', 'x', false, now()) on conflict (id) do nothing returning id`},
	{"guarded update", `update public.todos set title = 'new' where id = '80000000-0000-4000-8000-000000000000' and title = 'old' returning id`},
	{"guarded delete", `delete from public.todos where id = '80000000-0000-4000-8000-000000000000' and title = 'old' and is_complete is false returning id`},
}

// TestPlans keeps what PostgreSQL does for each request: an index, no sequential
// scan, and the user asked for once, not once a row.
func TestPlans(t *testing.T) {
	s := realdb.Get(t)
	s.Apply(t, assets.Schema)
	s.PSQL(t, `insert into public.todos select md5(n::text)::uuid, 'user' || n % 200, 'todo ' || n, n % 5 < 3, now() from generate_series(1, 20000) n`)
	s.PSQL(t, `analyze public.todos`)
	var plans strings.Builder
	for _, st := range statements {
		plan := s.PSQL(t, `set local role authenticated; set local "request.jwt.claims" = '{"sub":"user7"}'; explain (costs off) `+st.sql)
		fmt.Fprintf(&plans, "== %s\n%s\n", st.name, plan)
		if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "requesting_user_id") || !strings.Contains(plan, "InitPlan") {
			t.Errorf("%s\n%s", st.name, plan)
		}
		if st.name != "create" && !strings.Contains(plan, "Index") {
			t.Errorf("%s uses no index\n%s", st.name, plan)
		}
	}
	golden := "testdata/plans.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(plans.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if plans.String() != string(want) {
		t.Errorf("the plans are now\n%s", plans.String())
	}
}
