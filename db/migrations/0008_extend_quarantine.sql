-- Up Migration

-- What decides about an address that fails, and who changed what.

alter table quarantine drop constraint quarantine_status_check;
-- held: unknown at a provider that calls far more people unknown than usual; a person confirms or drops it
alter table quarantine add constraint quarantine_status_check check (status in ('with-errors', 'held', 'quarantined'));
alter table quarantine add column provider text;
-- the last error that counted
alter table quarantine add column counted_at timestamptz;
-- since when all counted errors have had the reason of the last
alter table quarantine add column reason_since timestamptz;
-- of the message whose error was the last that counted
alter table quarantine add column part_id bigint;
alter table quarantine add column seq int;
update quarantine set counted_at = updated_at, reason_since = updated_at;
create index quarantine_provider on quarantine (provider, updated_at);
create index quarantine_held on quarantine (provider, match_key) where status = 'held';

-- why the status changed: core/quarantine/address-state.ts and what persons do
alter table quarantine_history add column cause text not null default 'error';
alter table quarantine_history add column provider text;
-- who did it; empty: Envoi itself
alter table quarantine_history add column actor text not null default '';
alter table quarantine_history add column note text not null default '';
create index quarantine_history_delivery on quarantine_history (delivery_id)
  where status = 'quarantined' and delivery_id is not null;

-- Addresses whose errors are ignored.
create table address_allowlist (
  match_key text primary key,
  address text not null,
  note text not null default '',
  actor text not null,
  at timestamptz not null
);

-- Final answers about recipients by hour (UTC), to know a provider's usual share of unknown users. Several rows an hour, so that
-- commits do not wait for each other.
create table provider_answers (
  provider text not null,
  hour timestamptz not null,
  shard smallint not null,
  answers int not null default 0,
  unknown int not null default 0,
  primary key (provider, hour, shard)
);

-- A person said that the unknown users of a provider are unknown: believed until then, however many.
create table provider_trust (
  provider text primary key,
  until timestamptz not null,
  actor text not null
);

-- Down Migration
