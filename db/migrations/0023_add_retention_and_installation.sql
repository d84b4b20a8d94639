-- Up Migration

-- What the nightly job did, and whether this database may send: a copy that was restored may not until a person says so.

create table retention_runs (
  id bigint primary key generated always as identity,
  started_at timestamptz not null,
  finished_at timestamptz,
  -- `worker`, or who asked for it.
  actor text not null,
  dry_run boolean not null default false,
  -- One object a step: {step, status, rows, partitions, bytes, waiting, durationMs, error}.
  steps jsonb not null default '[]',
  failed integer not null default 0
);
create index retention_runs_started on retention_runs (started_at);

-- Of a block of parts first the log goes, and later what readers did: from then on only reactions are left.
alter table message_partitions add log_dropped_at timestamptz;

create table installation (
  id integer primary key default 1 check (id = 1),
  -- Of the server and of the database in it, as they were when Envoi first worked here: a copy has others. Null: not known so far.
  server text,
  database_oid bigint,
  -- Nothing leaves as long as it is held.
  held_at timestamptz,
  held_by text,
  held_reason text,
  -- Of the backup that this database was restored from.
  backup_at timestamptz,
  -- Deliveries that were under way then, and so were paused.
  paused bigint[] not null default '{}',
  released_at timestamptz,
  released_by text,
  check ((held_at is null) = (held_reason is null))
);
insert into installation default values;
