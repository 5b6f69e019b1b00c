package store_test

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
