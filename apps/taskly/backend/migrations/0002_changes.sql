-- gantry: expand
create table changes (
  account_id uuid not null references accounts on delete cascade,
  seq bigint not null,
  op text not null check (op in ('put', 'delete', 'reload', 'signed-out')),
  task_id uuid,
  session_id uuid,
  at timestamptz not null default now(),
  primary key (account_id, seq)
);
create index changes_by_age on changes (at);
