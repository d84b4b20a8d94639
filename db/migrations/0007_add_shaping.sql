-- Up Migration

-- Sources, pools, MX rules, and what shaping knows and does. Small tables: senders read them and keep what they read.

create table sources (
  id bigint generated always as identity primary key,
  name text not null,
  address_v4 text,
  address_v6 text,
  helo text not null,
  -- index of the sender process that it is bound to; null: by its number
  sender int,
  enabled boolean not null default true,
  warm_up text not null default 'automatic' check (warm_up in ('automatic', 'off')),
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint sources_address_check check (address_v4 is not null or address_v6 is not null)
);
create unique index sources_name on sources (lower(name));
create unique index sources_address_v4 on sources (address_v4);
create unique index sources_address_v6 on sources (address_v6);

create table pools (
  id bigint generated always as identity primary key,
  name text not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index pools_name on pools (lower(name));

create table pool_sources (
  pool_id bigint not null references pools on delete cascade,
  source_id bigint not null references sources,
  weight int not null check (weight > 0),
  primary key (pool_id, source_id)
);

-- The operator's rules: before all that come from files, in order of position.
create table mx_rules (
  id bigint generated always as identity primary key,
  position int not null,
  name text not null,
  enabled boolean not null default true,
  -- as the API takes it (contract/shaping.ts), without name and enabled
  rule jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index mx_rules_name on mx_rules (lower(name));

-- Sender processes that are there: a source whose sender is gone cannot be used.
create unlogged table senders (
  sender text primary key,
  index int not null,
  of int not null,
  seen_at timestamptz not null
);

-- What lanes know, to be restored after a restart, and what they do, to be looked at.
create table lanes (
  sender text not null,
  source text not null,
  site text not null,
  provider text not null,
  rule text not null,
  -- the controller's state (core/shaping/controller.ts)
  state jsonb not null,
  -- figures of the moment (contract/shaping.ts, LaneFigures)
  figures jsonb not null,
  updated_at timestamptz not null,
  primary key (sender, source, site)
);
create index lanes_provider on lanes (provider, source);

create table lane_pins (
  source text not null,
  site text not null,
  connections int check (connections > 0),
  messages_per_hour int check (messages_per_hour > 0),
  actor text not null,
  at timestamptz not null,
  primary key (source, site)
);

create table shaping_events (
  id text primary key,
  at timestamptz not null,
  sender text not null,
  kind text not null check (kind in ('restricted', 'adjusted', 'alert')),
  scope jsonb not null,
  provider text not null,
  cause text not null,
  rule text not null,
  evidence text not null,
  effect jsonb,
  until timestamptz,
  ended_at timestamptz,
  ended_by text,
  delivery_id bigint,
  message_key text
);
create index shaping_events_at on shaping_events (at, id);
create index shaping_events_standing on shaping_events (until) where kind = 'restricted' and ended_at is null;

-- One row for each date on which a source in warm-up sent to a provider.
create table warm_up_days (
  source_id bigint not null,
  provider text not null,
  -- UTC
  date date not null,
  -- sending day, from 1; stays when a step is held; one past the end of the curve when done
  day int not null,
  -- 0: done by then, without limit
  allowance int not null,
  -- taken by the sender in blocks before use, so that a crash never exceeds the allowance; by hour (UTC), so that a clock that
  -- goes back gets none twice
  reserved int[] not null default array_fill(0, array[24]) check (cardinality(reserved) = 24),
  accepted int not null default 0,
  deferred int not null default 0,
  refused int not null default 0,
  complaints int not null default 0,
  -- the step is had again, or went back, because of how the sending day before went
  held boolean not null default false,
  primary key (source_id, provider, date)
);

-- Where a source began at a provider, or an operator's word on it: done, held, or set to a day.
create table warm_ups (
  source_id bigint not null references sources on delete cascade,
  provider text not null,
  state text not null check (state in ('warming', 'held', 'done')),
  next_day int not null default 1 check (next_day > 0),
  -- rows of warm_up_days before this date count no more
  since date not null,
  updated_at timestamptz not null,
  primary key (source_id, provider)
);

-- Where recipient domains went last: for plans, and for what is said about providers.
create table domain_sites (
  domain text primary key,
  site text not null,
  provider text not null,
  mx text[] not null,
  seen_at timestamptz not null
);
create index domain_sites_provider on domain_sites (provider);

create table delivery_plans (
  delivery_id bigint primary key,
  at timestamptz not null,
  plan jsonb not null,
  -- what it became, by provider; written when the delivery is over
  actual jsonb
);

-- A relay has it and promised nothing yet: taken into account until its last word or the end of the validity period.
alter table messages add column relayed boolean not null default false;

-- Down Migration
