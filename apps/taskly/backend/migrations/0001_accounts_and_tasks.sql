-- gantry: expand
create table accounts (
  id uuid primary key default gen_random_uuid(),
  email text not null unique,
  name text,
  password_hash text not null,
  created_at timestamptz not null default now()
);

-- One row per account; whoever changes the account's tasks locks it first, so its changes are numbered
-- in the order in which they are committed.
create table account_state (
  account_id uuid primary key references accounts on delete cascade,
  seq bigint not null default 0,
  tasks integer not null default 0
) with (fillfactor = 50);

create table sessions (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  account_id uuid not null references accounts on delete cascade,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_by_account on sessions (account_id, created_at);
create index sessions_by_expiry on sessions (expires_at);

create table tasks (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references accounts on delete cascade,
  title text not null,
  notes text not null default '',
  due date,
  done_at timestamptz,
  position text collate "C" not null,
  version integer not null default 1,
  search text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, position) deferrable initially immediate
);
create index tasks_due on tasks (account_id, due, position) where done_at is null and due is not null;
