-- Kindling's table for an InsForge project: the table, the function and the
-- policy of InsForge's Kinde guide, with an index and a plan that hold at ten
-- million rows. Apply it as often as you like, also over the guide's own table:
-- no row is rewritten, and the guide's web demo goes on working.
--
-- On a table that is already large and in use, make the index first, on its own:
-- it then takes no lock that writers would wait for, and the line below finds it.
--   create index concurrently if not exists todos_user_id_id on public.todos (user_id, id);
--
-- To go back to the guide's own form:
--   drop index if exists public.todos_user_id_id;
--   alter policy "Users can manage own todos" on public.todos
--     using (user_id = requesting_user_id()) with check (user_id = requesting_user_id());
--   create or replace function public.requesting_user_id() returns text as $$
--     select nullif(current_setting('request.jwt.claims', true)::json->>'sub', '')::text
--   $$ language sql stable;

-- Who asks: the subject of the token that InsForge has checked; NULL is nobody.
create or replace function public.requesting_user_id() returns text as $$
  select nullif(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub', '')
$$ language sql stable parallel safe;

create table if not exists public.todos (
  id uuid primary key default gen_random_uuid(),
  user_id text not null default public.requesting_user_id(),
  title text not null,
  is_complete boolean default false,
  created_at timestamptz default now()
);

-- One person's rows in the order of id: a page is one walk along this index,
-- however many rows other people have.
create index if not exists todos_user_id_id on public.todos (user_id, id);

alter table public.todos enable row level security;

-- (select …) makes PostgreSQL ask once per statement, not once per row, and
-- only then can it use the index.
drop policy if exists "Users can manage own todos" on public.todos;
create policy "Users can manage own todos" on public.todos for all to authenticated
  using (user_id = (select public.requesting_user_id()))
  with check (user_id = (select public.requesting_user_id()));
