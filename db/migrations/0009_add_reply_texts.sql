-- Up Migration

-- What servers answer, each text once, and operators' rules for judging it.

create table reply_texts (
  id bigint generated always as identity primary key,
  -- SHA-256 of the normalised text, base64: texts can be longer than a key of an index
  key text not null unique,
  text text not null,
  first_text text not null,
  code smallint,
  enhanced text,
  count bigint not null,
  -- at most 20 of each; whose it was first, for the bound of new texts of a provider a day
  providers text[] not null,
  stages text[] not null,
  first_provider text not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  state text not null check (state in ('to-qualify', 'keep', 'ignore')),
  -- as the rules judged it last, or as a person said
  type text not null,
  reason text not null,
  rule text not null,
  qualified_at timestamptz,
  qualified_by text,
  version int not null default 1
);
create index reply_texts_intake on reply_texts (first_provider, first_seen);
create index reply_texts_unqualified on reply_texts (id) where qualified_at is null;

-- How often a text was given: changes of rules are tried on the last days.
create table reply_text_days (
  text_id bigint not null references reply_texts on delete cascade,
  day date not null,
  provider text not null,
  stage text not null,
  -- one of those that gave it
  mx text,
  count bigint not null,
  primary key (text_id, day, provider, stage)
);
create index reply_text_days_day on reply_text_days (day);

-- The operator's rules: before all that come from files, in order of position.
create table bounce_rules (
  id bigint generated always as identity primary key,
  position int not null,
  name text not null unique,
  enabled boolean not null default true,
  -- as the API takes it (contract/reply-texts.ts), without name and enabled
  rule jsonb not null,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

-- Past messages judged again: a job of the worker that goes through parts in their order.
create table requalifications (
  id bigint generated always as identity primary key,
  state text not null check (state in ('running', 'completed', 'undoing', 'undone')),
  days int not null,
  -- null: all texts
  text_ids bigint[],
  actor text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  -- parts up to this one are done
  cursor bigint not null default 0,
  parts_total int not null default 0,
  parts_done int not null default 0,
  looked bigint not null default 0,
  changed bigint not null default 0,
  quarantined int not null default 0,
  released int not null default 0
);

-- Attempts that a requalification changed, as they were before.
create table requalified_attempts (
  requalification_id bigint not null references requalifications on delete cascade,
  part_id bigint not null,
  seq int not null,
  attempt smallint not null,
  type text,
  reason text,
  rule text,
  new_type text not null,
  new_reason text not null,
  new_rule text not null,
  -- the message's own type and reason followed
  is_last boolean not null,
  primary key (requalification_id, part_id, seq, attempt)
);

-- Addresses whose quarantine a requalification changed: the row before, null when there was none.
create table requalified_addresses (
  requalification_id bigint not null references requalifications on delete cascade,
  match_key text not null,
  before jsonb,
  primary key (requalification_id, match_key)
);

-- Down Migration
